"""What a request costs the server: CPU time of its process for each, beside another checkout's.

    BESIDE=/path/to/another/checkout python -m tests.bench cost
    BESIDE=… COST="sent" COST_ROUNDS=7 python -m tests.bench cost     only the work whose name holds this word

Rounds alternate between the two. CPU time counts what the server did and not what it waited for, so that other work on
the machine shows less than it does in `throughput`.
"""

import asyncio
import json
import os
import statistics
from collections.abc import Callable
from pathlib import Path

import websockets

from tests.bench.memory import listener
from tests.bench.servers import load
from tests.bench.throughput import CONNECTIONS, WORK
from tests.server import Server

ROUNDS = int(os.environ.get("COST_ROUNDS", "7"))
SECONDS = float(os.environ.get("COST_SECONDS", "1"))
MOVES = 400
# What the page watches of the network that it opens with, its second neuron selected.
WATCHED = [
    {"kind": "explain", "layer": 0, "neuron": 1},
    {"kind": "gradients"},
    {"kind": "sweep", "vary": {"input": 0}, "from": -3, "to": 3, "steps": 97, "as": "input", "later": True},
    {"kind": "grid", "x": {"input": 0, "from": -3, "to": 3}, "y": {"input": 1, "from": -3, "to": 3}, "steps": 24}
    | {"later": True},
]
Measure = Callable[[int, int], float]


def main() -> None:
    """A row for each kind of work: µs of CPU for each request here and beside, and the median of the rounds' ratios."""
    beside, wanted = os.environ.get("BESIDE"), os.environ.get("COST", "")
    if beside is None:
        print("BESIDE=folder names the checkout to measure beside")
        return
    print(f"{CONNECTIONS} connections, {ROUNDS} rounds of {SECONDS:g} s each in turn; µs of the server's CPU a request")
    print(f"{'work':42s} {'beside':>9s} {'here':>9s} {'ratio':>7s} {'least':>7s} {'most':>7s}")
    servers = [Server(folder=folder) for folder in (beside, str(Path(__file__).parents[2]))]
    try:
        for server in servers:
            server.start()
        for name, measured in measures().items():
            if wanted in name:
                _row(name, measured, servers)
    finally:
        for server in servers:
            server.stop()


def measures() -> dict[str, Callable[[int], Callable[[], int]]]:
    """For each kind of work, what prepares a server for it and gives what does some of it, and says how much it did."""

    def requests(make: Callable[[int], bytes], seconds: float) -> Callable[[int], Callable[[], int]]:
        def prepared(port: int) -> Callable[[], int]:
            request = make(port)

            def work() -> int:
                found = load(port, request, CONNECTIONS, seconds)
                assert found["bad"] == 0, "answers other than 200"
                return round(found["rate"] * seconds)

            return work

        return prepared

    found = {name: requests(mine, SECONDS) for name, mine, _, _ in WORK}
    found["a live frame of multilayer"] = lambda port: lambda: asyncio.run(_moved(port))
    return found


def _row(name: str, measured: Callable[[int], Callable[[], int]], servers: list[Server]) -> None:
    works = [measured(server.port) for server in servers]
    processes = [listener(server.port) for server in servers]
    costs: list[list[float]] = [[], []]
    for k in range(ROUNDS + 1):
        for each in (0, 1) if k % 2 else (1, 0):
            before = cpu_seconds(processes[each])
            done = works[each]()
            cost = 1e6 * (cpu_seconds(processes[each]) - before) / done
            if k:  # the first round warms up
                costs[each].append(cost)
    ratios = [here / there for there, here in zip(*costs, strict=True)]
    there, here, ratio = (statistics.median(some) for some in (*costs, ratios))
    print(f"{name:42s} {there:9.1f} {here:9.1f} {ratio:7.2f} {min(ratios):7.2f} {max(ratios):7.2f}", flush=True)


def cpu_seconds(process: int) -> float:
    """CPU time of all of a process's threads so far."""
    threads = Path(f"/proc/{process}/task").iterdir()
    return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads) / 1e9


async def _moved(port: int) -> int:
    """Moves one input of the page's first network, each move once the frame of the one before is here."""
    async with websockets.connect(f"ws://127.0.0.1:{port}/api/v1/live", max_size=None) as socket:

        async def answered(seq: int, command: dict[str, object]) -> None:
            await socket.send(json.dumps({"seq": seq} | command))
            while True:
                message = await socket.recv()
                if isinstance(message, str):
                    assert "problem" not in message, message
                elif int.from_bytes(message[:4], "little") == seq:
                    return

        await answered(1, {"op": "open", "network": "multilayer", "inputs": [0.5, -0.5, 1.0]})
        await answered(2, {"op": "watch", "watch": WATCHED})
        for k in range(MOVES):
            await answered(k + 3, {"op": "set", "changes": [{"input": 0, "value": k % 7 / 10}]})
    return MOVES
