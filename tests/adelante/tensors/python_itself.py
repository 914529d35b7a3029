"""A program run by Python itself, with the real torch and NumPy, told in the same words as the lab's outcome.

Only programs that tests write or generate come here: this is the test's oracle, and no part of the product.
"""

import ast
import contextlib
import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor


@dataclass
class Ran:
    """What each line printed, the error's name and words where it failed, and the names as they are at the end."""

    printed: list[str] = field(default_factory=list)
    errors: list[tuple[str, str] | None] = field(default_factory=list)
    names: dict[str, Any] = field(default_factory=dict)


def run_for_real(lines: list[str]) -> Ran:
    """Runs lines one after the other; one that fails leaves its targets without a value, as the lab does."""
    ran = Ran(names={"torch": torch, "np": np})
    with torch.random.fork_rng(), np.errstate(all="ignore"), warnings.catch_warnings(), _own_print_options():
        warnings.simplefilter("ignore")
        for line in lines:
            shown = io.StringIO()
            error = None
            try:
                with contextlib.redirect_stdout(shown):
                    _line(line, ran.names)
            except Exception as raised:
                name = next(kind.__name__ for kind in type(raised).__mro__ if kind.__module__ == "builtins")
                error = (name, raised.msg if isinstance(raised, SyntaxError) else str(raised))
                for target in _targets(line):
                    ran.names.pop(target, None)
            ran.printed.append(shown.getvalue())
            ran.errors.append(error)
    return ran


@contextlib.contextmanager
def _own_print_options() -> Iterator[None]:
    try:
        with np.printoptions():
            yield
    finally:
        torch.set_printoptions(profile="default")  # type: ignore[no-untyped-call]


def _line(line: str, names: dict[str, Any]) -> None:
    for statement in ast.parse(line).body:
        if isinstance(statement, ast.Expr):
            value = eval(compile(ast.Expression(statement.value), "<test>", "eval"), names)
            changes = isinstance(statement.value, ast.Call) and ast.unparse(statement.value.func).endswith("_")
            if value is not None and not changes and not isinstance(value, torch.Generator):
                print(repr(value))
        else:
            exec(compile(ast.Module([statement], []), "<test>", "exec"), names)


def _targets(line: str) -> list[str]:
    try:
        tree = ast.parse(line)
    except SyntaxError:
        return []
    stored = (node for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
    augmented = {node.target for node in ast.walk(tree) if isinstance(node, ast.AugAssign)}
    return [node.id for node in stored if node not in augmented]


def tensors_of(ran: Ran) -> dict[str, Any]:
    """The names that mean tensors, arrays or NumPy's numbers."""
    return {name: value for name, value in ran.names.items() if isinstance(value, Tensor | np.ndarray | np.generic)}


def share(one: Any, other: Any) -> bool:
    """Whether two lie in one piece of memory: by the storages' addresses, not by what the lab says."""
    first, second = _span(one), _span(other)
    return first[0] < second[1] and second[0] < first[1]


def _span(value: Any) -> tuple[int, int]:
    if isinstance(value, Tensor):
        storage = value.untyped_storage()
        return storage.data_ptr(), storage.data_ptr() + storage.nbytes()
    if isinstance(value, np.generic):
        return 0, 0
    while isinstance(value.base, np.ndarray):
        value = value.base
    start = value.__array_interface__["data"][0]
    return start, start + value.nbytes
