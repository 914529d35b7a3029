"""Short programs that a page shows beside what they print: the text is the source of the function that runs.

A program is a function of one parameter, `print`. Its body is what a reader sees and may copy; nothing that the page
says a program prints was typed in.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any

import torch

Print = Callable[..., None]
Body = Callable[[Print], None]

_GENERATOR = Lock()


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of a program gave: the objects of every `print`, and torch's words where it failed."""

    printed: tuple[tuple[Any, ...], ...]
    error: str | None

    @property
    def text(self) -> str:
        """The lines that a terminal would show; an error's last line as Python words it."""
        lines = [" ".join(str(item) for item in items) for items in self.printed]
        return "\n".join([*lines, *([f"RuntimeError: {self.error}"] if self.error else [])])


@cache
def run(body: Body) -> Run:
    """Runs a program once per process. The process's own random generator is left as it was."""
    printed: list[tuple[Any, ...]] = []

    def show(*items: Any) -> None:
        printed.append(tuple(_kept(item) for item in items))

    error = None
    with _GENERATOR, torch.random.fork_rng(devices=[]):
        try:
            body(show)
        except RuntimeError as failure:
            error = str(failure).partition("\n")[0]
    return Run(tuple(printed), error)


@cache
def source(body: Body, lines_given: int | None = None) -> str:
    """The program as a file of its own: its imports, then the body without its function, or its first lines only."""
    lines = textwrap.dedent(inspect.getsource(body)).splitlines()
    (definition,) = ast.parse("\n".join(lines)).body
    assert isinstance(definition, ast.FunctionDef)
    first = definition.body[0].lineno - 1
    text = textwrap.dedent("\n".join(lines[first:]))
    if lines_given is not None:
        text = "\n".join(text.splitlines()[:lines_given])
    imports = [line for mark, line in (("np.", "import numpy as np"), ("torch.", "import torch")) if mark in text]
    return "\n".join([*imports, "", text])


def _kept(item: Any) -> Any:
    """A tensor as it is now: a program may change it later, after it was printed."""
    if isinstance(item, torch.Tensor):
        return item.detach().clone()
    return item.copy() if hasattr(item, "__array__") else item
