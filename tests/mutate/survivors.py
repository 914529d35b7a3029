"""What went unnoticed: read from mutmut's own files, with the line that was changed, and set against equivalent.txt."""

import ast
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

EQUIVALENT = Path(__file__).with_name("equivalent.txt")
# mutmut's exit codes: the tests passed; no test comes by.
UNNOTICED = {0: "survived", 5: "no test", 33: "no test"}


@dataclass(frozen=True)
class Key:
    """A change, wherever its line has moved to since."""

    path: str
    function: str
    removed: tuple[str, ...]
    added: tuple[str, ...]


@dataclass(frozen=True)
class Survivor:
    """A change that no test noticed."""

    line: int
    how: str
    key: Key

    def __str__(self) -> str:
        changes = [f"- {line}" for line in self.key.removed] + [f"+ {line}" for line in self.key.added]
        where = f"{self.key.path}:{self.line}" if self.line else self.key.path
        return "\n".join([f"{where} {self.key.function} ({self.how})", *changes])


def survivors_of(modules: Iterable[str]) -> tuple[list[Survivor], int, int]:
    """What went unnoticed in these modules of the copy in the current folder; how much was tried, how much was not."""
    found: list[Survivor] = []
    tried = pending = 0
    for module in modules:
        codes = changes_of([module])
        tried += sum(code is not None for code in codes.values())
        pending += sum(code is None for code in codes.values())
        found += [_survivor(module, name, UNNOTICED[code]) for name, code in codes.items() if code in UNNOTICED]
    return sorted(found, key=lambda each: (each.key.path, each.line)), tried, pending


def changes_of(modules: Iterable[str]) -> dict[str, int | None]:
    """mutmut's names of the changes of these modules, and what came of each; None where it was not tried."""
    found: dict[str, int | None] = {}
    for module in modules:
        meta = Path("mutants", f"{module}.meta")
        found |= json.loads(meta.read_text())["exit_code_by_key"] if meta.exists() else {}
    return found


def forget_survivors(tree: Path) -> None:
    """What went unnoticed is tried again: the tests may know it by now."""
    for meta in tree.glob("mutants/*/**/*.meta"):
        document = json.loads(meta.read_text())
        codes = document["exit_code_by_key"]
        document["exit_code_by_key"] = {name: None if code in UNNOTICED else code for name, code in codes.items()}
        meta.write_text(json.dumps(document, indent=4))


def believed_equivalent() -> dict[Key, str]:
    """The changes that can't be noticed, with their reasons: blocks of `path function`, `- line`, `+ line`, reason."""
    known: dict[Key, str] = {}
    for block in EQUIVALENT.read_text().split("\n\n"):
        lines = [line for line in block.splitlines() if not line.startswith("#")]
        if not lines:
            continue
        path, function = lines[0].split(" ", 1)
        removed = tuple(line[2:] for line in lines if line.startswith("- "))
        added = tuple(line[2:] for line in lines if line.startswith("+ "))
        reason = " ".join(line for line in lines[1:] if line[:2] not in ("- ", "+ "))
        if not reason:
            raise ValueError(f"equivalent.txt gives no reason: {block}")
        known[Key(path, function, removed, added)] = reason
    return known


def _survivor(module: str, name: str, how: str) -> Survivor:
    from mutmut.mutation.diff_apply import get_diff_for_mutant

    hunks = [line for line in get_diff_for_mutant(name, path=module).splitlines()[2:] if not line.startswith("@@")]
    removed = tuple(line[1:].strip() for line in hunks if line.startswith("-"))
    added = tuple(line[1:].strip() for line in hunks if line.startswith("+"))
    function = (
        name.rpartition("__mutmut_")[0].rpartition(".")[2].removeprefix("x_").removeprefix("xǁ").replace("ǁ", ".")
    )
    before = [line[1:].strip() for line in hunks if not line.startswith("+")]
    changed = next(k for k, line in enumerate(hunks) if line[0] in "-+")
    line = _line(Path(module).read_text(), function, before) + changed
    return Survivor(line, how, Key(module, function, removed, added))


def _line(source: str, function: str, lines: list[str]) -> int:
    """Where in the function these lines stand."""
    node: ast.AST = ast.parse(source)
    for name in function.split("."):
        node = next(each for each in ast.walk(node) if getattr(each, "name", None) == name)
    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    stripped = [line.strip() for line in source.splitlines()]
    for first in range(max(0, node.lineno - 20), node.end_lineno or len(stripped)):
        if stripped[first : first + len(lines)] == lines:
            return first + 1
    return node.lineno
