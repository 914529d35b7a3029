"""What was measured: a line of JSON for each row, and the tables of docs/scale.md from them."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Row = dict[str, Any]

_COLUMNS: dict[str, list[tuple[str, Callable[[Row], str]]]] = {
    "learners": [
        ("processes", lambda row: str(row["processes"])),
        ("learners", lambda row: str(row["learners"])),
        ("changes a second", lambda row: f"{row['changes'] / row['seconds']:,.0f}"),
        ("p50, ms", lambda row: f"{row['p50']:.1f}"),
        ("p95", lambda row: f"{row['p95']:.1f}"),
        ("p99", lambda row: f"{row['p99']:.1f}"),
        ("later than a second", lambda row: str(row["late"])),
        ("cores", lambda row: f"{row['cores']:.2f}"),
        ("busiest process", lambda row: f"{row['busiest']:.2f}"),
        ("busiest client", lambda row: f"{row['client']:.2f}"),
        ("MiB", lambda row: f"{row['memory']:.0f}"),
    ],
    "curve": [
        ("processes", lambda row: str(row["processes"])),
        ("connections", lambda row: f"{row['connections']:,}"),
        ("answers a second", lambda row: f"{row['rate']:,.0f}"),
        ("p50, ms", lambda row: f"{row['p50']:.2f}"),
        ("p99", lambda row: f"{row['p99']:.1f}"),
        ("refused", lambda row: f"{row['bad']:.0f}"),
        ("cores", lambda row: f"{row['cores']:.2f}"),
        ("client", lambda row: f"{row['share']:.2f}"),
    ],
    "idle": [
        ("look on", lambda row: f"{row['looking']:,}"),
        ("drag", lambda row: f"{row['learners']:,}"),
        ("changes a second", lambda row: f"{row['changes'] / row['seconds']:,.0f}"),
        ("p50, ms", lambda row: f"{row['p50']:.0f}"),
        ("p95", lambda row: f"{row['p95']:.0f}"),
        ("later than a second", lambda row: str(row["late"])),
        ("cores", lambda row: f"{row['cores']:.2f}"),
        ("busiest client", lambda row: f"{row['client']:.2f}"),
        ("MiB before", lambda row: f"{row['before']:.0f}"),
        ("all open", lambda row: f"{row['open']:.0f}"),
        ("at the end", lambda row: f"{row['memory']:.0f}"),
        ("KiB a socket", lambda row: f"{1024 * (row['open'] - row['before']) / row['opened']:.0f}"),
    ],
    "soak": [
        ("learners", lambda row: str(row["learners"])),
        ("seconds", lambda row: f"{row['seconds']:,.0f}"),
        ("changes", lambda row: f"{row['changes']:,}"),
        ("sockets opened", lambda row: f"{row['opened']:,}"),
        ("ended by the server", lambda row: str(row["ended"])),
        ("p50, ms", lambda row: f"{row['p50']:.1f}"),
        ("p95", lambda row: f"{row['p95']:.1f}"),
        ("later than a second", lambda row: str(row["late"])),
        ("cores", lambda row: f"{row['cores']:.2f}"),
        ("MiB by minute", lambda row: ", ".join(f"{at / 60:.0f}: {mib:.0f}" for at, mib in row["memories"])),
    ],
}


class Results:
    """Rows in the file at `path`, which is made where it is missing. Each has the load average before the run."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        self._run = {"run": time.time(), "load": os.getloadavg()[0], "machine_cores": os.cpu_count()}

    def add(self, part: str, **row: Any) -> None:
        """Keeps a row, and prints it."""
        whole = {"part": part, **self._run, **row}
        with self._path.open("a") as file:
            file.write(json.dumps(whole) + "\n")
        print(f"{part}: " + ", ".join(f"{title} {value(whole)}" for title, value in _COLUMNS[part]), flush=True)

    def last(self, part: str) -> list[Row]:
        """The rows of the part's newest run."""
        lines = self._path.read_text().splitlines() if self._path.exists() else []
        rows = [row for row in map(json.loads, lines) if row["part"] == part]
        return [row for row in rows if row["run"] == rows[-1]["run"]]

    def most_learners(self, processes: int) -> int:
        """The most that held, 0 where that was not measured."""
        held = [row["learners"] for row in self.last("learners") if row["processes"] == processes and row["holds"]]
        return max(held, default=0)

    def tables(self) -> str:
        """In Markdown."""
        return "\n\n".join(_table(part, rows) for part in _COLUMNS if (rows := self.last(part)))


def _table(part: str, rows: list[Row]) -> str:
    titles = [title for title, _ in _COLUMNS[part]]
    lines = [titles, ["---"] * len(titles)]
    lines += [[value(row) for _, value in _COLUMNS[part]] for row in rows]
    first = rows[0]
    cores, each, load = first["machine_cores"], first["seconds"], first["load"]
    head = f"{part}: {cores} cores, {each:.0f} s a row, load average {load:.1f} before"
    return head + "\n\n" + "\n".join("| " + " | ".join(line) + " |" for line in lines)
