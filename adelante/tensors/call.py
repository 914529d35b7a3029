"""One operation on its arguments: what is asked for, what came of it, and what is to be said when nothing did."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from adelante.tensors.memory import Data, Value

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """An earlier result, by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class Hint:
    """A sentence that helps after a refusal: its key in the catalogs and what fills its places."""

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """An operation with its arguments, checked and found: Values, numbers, shapes (tuples), nested lists of numbers.

    `names` are those of the Values, in order; `generator` is the request's own.
    """

    operation: "Operation"
    arguments: tuple[Any, ...]
    keywords: Mapping[str, Any]
    names: tuple[str, ...]
    generator: torch.Generator

    @property
    def values(self) -> tuple[Value, ...]:
        """The arguments that are tensors or arrays."""
        return tuple(argument for argument in self.arguments if isinstance(argument, Value))

    @property
    def is_numpys(self) -> bool:
        """Whether NumPy's form of the operation is meant: there is one, and all values are arrays."""
        numpys = all(value.kind == "numpy" for value in self.values)
        return self.operation.numpy is not None and bool(self.values) and numpys

    def do(self) -> Data:
        """What torch or NumPy makes of it. Raises whatever they raise."""
        function = self.operation.numpy if self.is_numpys else self.operation.torch
        assert function is not None
        keywords = {**self.keywords, "generator": self.generator} if self.operation.draws else self.keywords
        data = (argument.data if isinstance(argument, Value) else argument for argument in self.arguments)
        with np.errstate(all="ignore"):  # an overflow is an answer, not a line in the log
            result: Data = function(*data, **keywords)
        return result

    def marks(self) -> Tensor | None:
        """The result's marks of uninitialised cells, or None where they are in its memory already."""
        if self.operation.marks is None:
            return None
        if not any(value.unknown.any() for value in self.values):
            return torch.tensor(False)  # no rule makes a mark of none
        return self.operation.marks(*map(_unknown, self.arguments), **self.keywords)


def _unknown(argument: Any) -> Any:
    """The argument, but a value's marks in place of a value."""
    return argument.unknown if isinstance(argument, Value) else argument


@dataclass(frozen=True, slots=True)
class Operation:
    """One entry of the closed set.

    `torch` and `numpy` do it (numpy is None where only tensors have it); both take the arguments in order, then the
    keywords. `parameters` and `keywords` say what may be written. `extent` tells the shape that the result will have,
    or a larger one, before any memory is spent; it never refuses. `marks` is the rule for the result's uninitialised
    cells; None where the result lies in memory that has its marks already. `hint` finds the sentence for a refusal.
    `in_place`: the result is the first argument itself. `draws`: it takes the generator.
    """

    name: str
    parameters: tuple["Parameter", ...]
    torch: Callable[..., Any]
    extent: Callable[[Call], Shape]
    hint: Callable[[Call], Hint]
    numpy: Callable[..., Any] | None = None
    marks: Callable[..., Tensor] | None = None
    keywords: Mapping[str, "Parameter"] = field(default_factory=dict)
    in_place: bool = False
    draws: bool = False


@dataclass(frozen=True, slots=True)
class Parameter:
    """One place among the arguments. `read` makes the argument of what is written there, or raises NetworkError.

    `rest`: it takes all that follows, either as one list or written out: view(x, [5, 1]) or view(x, 5, 1).
    """

    read: Callable[[Any, str, "Reading"], Any]
    required: bool = True
    rest: bool = False


@dataclass(slots=True)
class Reading:
    """What reading a step depends on: limits, the names that earlier steps give, how many numbers were read so far."""

    limits: "Limits"
    names: set[str] = field(default_factory=set)
    literals: int = 0
    dtype: torch.dtype | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """`steps` of one request; `tensor_elements` of one result; `elements` of all steps' results together."""

    steps: int
    tensor_elements: int
    elements: int
