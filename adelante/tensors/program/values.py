"""What a program's names can mean, beside tensors, arrays, numbers and lists: functions, modules, types, defs."""

import ast
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from adelante.tensors.call import Call, Hint
from adelante.tensors.program import sizes
from adelante.tensors.program.faults import Lacks

Arguments = tuple[Any, ...]
Keywords = Mapping[str, Any]
# The rules for uninitialised cells, as `marking` follows them.
CELLS, MOVED, REDUCED, PRODUCT = "cells", "moved", "reduced", "product"
KNOWN, EMPTY, ALL = "known", "empty", "all"
# Of what changes its first argument: some of its cells, or how they are looked at.
PLACED, VIEWED = "placed", "viewed"


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """One entry of a closed table: what does it, how large its result will be at most, its rule for unknown cells.

    `writes`: the first argument is changed. `draws`: it takes torch's generator; `numpys_draws`: NumPy's, first.
    `text`: what text among its arguments stands for, a device or a type; elsewhere only the keyword `device` is text.
    """

    name: str
    call: Callable[..., Any]
    size: Callable[[Arguments, Keywords], int] = sizes.widest
    marks: str = CELLS
    hint: Callable[[Call], Hint] | None = None
    writes: bool = False
    draws: bool = False
    numpys_draws: bool = False
    text: Callable[[str], Any] | None = None

    def __repr__(self) -> str:
        return f"<function {self.name}>"


@dataclass(frozen=True, slots=True, eq=False)
class Builtin:
    """One of Python's own functions; it is given the machine first, then `least` to `most` arguments."""

    name: str
    call: Callable[..., Any]
    least: int = 1
    most: int = 1
    keywords: tuple[str, ...] = ()

    def check(self, given: int, named: Iterable[str]) -> None:
        """Raises TypeError in Python's words at too few or too many arguments, or at a keyword it does not take."""
        for name in named:
            if name not in self.keywords:
                raise TypeError(f"{self.name}() got an unexpected keyword argument '{name}'")
        if self.least == self.most == 1 and given != 1:
            raise TypeError(f"{self.name}() takes exactly one argument ({given} given)")
        if not self.least <= given <= self.most:
            bound, limit = ("least", self.least) if given < self.least else ("most", self.most)
            raise TypeError(f"{self.name} expected at {bound} {limit} argument{'' if limit == 1 else 's'}, got {given}")

    def __repr__(self) -> str:
        return f"<built-in function {self.name}>"


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """A type that can be named: as a dtype, or to make a number with. `call` is None where it makes none."""

    name: str
    type: Any
    call: Function | Builtin | None

    def __repr__(self) -> str:
        return repr(self.type)


@dataclass(frozen=True, slots=True, eq=False)
class Context:
    """What a with statement enters, anew each time: torch.no_grad() and its like."""

    name: str
    enter: Callable[[], AbstractContextManager[Any]]

    def __repr__(self) -> str:
        return f"<{self.name} object>"


@dataclass(frozen=True, slots=True, eq=False)
class Module:
    """torch, numpy and what lies in them: `entries` are the lab's, `others` exist and are not."""

    name: str
    entries: Mapping[str, Any]
    others: frozenset[str]
    words: Mapping[str, str]

    def __repr__(self) -> str:
        return f"<module '{self.name}'>"


@dataclass(frozen=True, slots=True, eq=False)
class Method:
    """A function of the tables with the tensor or array that it was reached through."""

    function: Function
    owner: Any

    def __repr__(self) -> str:
        return f"<method {self.function.name}>"


@dataclass(frozen=True, slots=True, eq=False)
class Defined:
    """A def or lambda of the program's own: what it takes, and the statements that it stands for.

    `contexts`: what it enters first, the outermost one in front.
    """

    name: str
    parameters: ast.arguments
    defaults: tuple[Any, ...]
    body: tuple[ast.stmt, ...]
    scope: dict[str, Any] | None
    contexts: tuple[Context, ...] = ()

    def __repr__(self) -> str:
        return f"<function {self.name}>"


def within(context: Context, function: Defined) -> Defined:
    """A def that enters a context each time it is called: what @torch.no_grad() makes of it."""
    return replace(function, contexts=(context, *function.contexts))


def names(text: str) -> list[str]:
    """The names that a table lists, as they are written in it."""
    return text.split()


def is_data(value: Any) -> bool:
    """Whether it is a tensor, an array, or one of NumPy's single numbers."""
    return isinstance(value, Tensor | np.ndarray | np.generic)


def is_own(value: Any) -> bool:
    """Whether it stands for a function, a type or a module, and is none itself."""
    return isinstance(value, Function | Builtin | Kind | Context | Module | Method | Defined)


def type_name(value: Any) -> str:
    """The type as Python's own errors name it."""
    if isinstance(value, np.generic | np.ndarray):
        return f"numpy.{type(value).__name__}"
    if isinstance(value, Function | Builtin | Method):
        return "builtin_function_or_method"
    if isinstance(value, Defined):
        return "function"
    if isinstance(value, Kind):
        return "type"
    if isinstance(value, Context):
        return value.name
    if isinstance(value, Module):
        return "module"
    if (
        isinstance(value, torch.dtype | torch.device | torch.Size | np.dtype)
        or type(value).__module__ == "torch.return_types"
    ):
        return f"{type(value).__module__}.{type(value).__name__}"
    return type(value).__name__


def as_argument(value: Any) -> Any:
    """A value as torch and NumPy take it. Raises Lacks for what is none of numbers, tensors and their lists."""
    if isinstance(value, Kind):
        return value.type
    if isinstance(value, tuple | list) and not isinstance(value, torch.Size):
        return type(value)(map(as_argument, value)) if type(value) in (tuple, list) else value
    if isinstance(value, slice):
        return slice(as_argument(value.start), as_argument(value.stop), as_argument(value.step))
    if isinstance(value, _PLAIN):
        return value
    raise Lacks("lab-lacks-argument", kind=type_name(value))


_PLAIN = (
    Tensor,
    np.ndarray,
    np.generic,
    bool,
    int,
    float,
    type(None),
    type(Ellipsis),
    range,
    torch.Size,
    torch.dtype,
    torch.device,
    np.dtype,
    np.random.Generator,
)
