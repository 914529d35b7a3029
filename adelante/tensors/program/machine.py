"""Does one function of the tables at a time: what it may cost, then the call, then the memory of what came out."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from adelante.tensors.call import Call, Hint, Limits, Operation
from adelante.tensors.extents import none
from adelante.tensors.hints import look
from adelante.tensors.memory import Memories, Value
from adelante.tensors.program.devices import on_the_cpu
from adelante.tensors.program.faults import Hinted, Lacks
from adelante.tensors.program.marking import marks_of, place_marks
from adelante.tensors.program.numpys import DTYPE_TEXTS
from adelante.tensors.program.printing import Printing
from adelante.tensors.program.values import (
    EMPTY,
    PLACED,
    VIEWED,
    Arguments,
    Function,
    Keywords,
    as_argument,
    is_data,
    names,
)
from adelante.tensors.reading import MOST_DIMENSIONS, check_elements, refuse

# What torch and NumPy raise at arguments that they refuse.
REFUSALS = (
    RuntimeError,
    TypeError,
    ValueError,
    LookupError,
    ArithmeticError,
    AttributeError,
    AssertionError,
    BufferError,
)
# Places in the program's trees that may be visited, and items of lists that may be made.
MOST_VISITED = 50_000
MOST_PRINTED = 100_000
# What one operation may cut a tensor into.
MOST_PIECES = 256
_NUMBERS = frozenset("biuf")
_NUMPYS = ("np.", "ndarray.", "generic.", "Generator.")
# They exist, and would make tensors that are not the lab's: elsewhere, in another layout.
_KEYWORDS_OF_OTHERS = frozenset(
    names(
        "layout pin_memory memory_format names generator like order casting subok signature "
        "non_blocking buffer offset strides where initial"
    )
)


class Machine:
    """One run: its memory, its generators, and what it has spent of its limits."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.memories = Memories()
        self.printed: list[str] = []
        self.printing = Printing()
        self.generator = torch.Generator()
        self.generator.seed()  # without manual_seed every run draws other numbers, as in a notebook
        self.random = np.random.RandomState()
        self._steps = self._elements = self._visited = self._printed = 0
        self._unknown_numbers: list[Any] = []

    def visit(self, count: int = 1) -> None:
        """Counts what the program makes Python itself do. Raises NetworkError (too-large)."""
        self._visited += count
        if self._visited > MOST_VISITED:
            refuse("too-large", "lab-too-long", "/program", limit=MOST_VISITED)

    def step(self, size: int) -> None:
        """Counts a step whose result has so many cells. Raises NetworkError (too-large)."""
        self._steps += 1
        if self._steps > self.limits.steps:
            values = {"size": self._steps, "limit": self.limits.steps, "setting": "ADELANTE_MAX_LAB_STEPS"}
            refuse("too-large", "lab-too-many-steps", "/program", **values)
        self.hold(size)

    def hold(self, size: int) -> None:
        """Counts cells that the answer will list. Raises NetworkError (too-large)."""
        check_elements(size, self._elements + size, self.limits, "/program")
        self._elements += size

    def call(self, function: Function, args: Sequence[Any], keywords: Keywords, names: Sequence[str] = ()) -> Any:
        """What a function gives. Raises whatever torch and NumPy raise, NetworkError (too-large), Lacks."""
        _check_keywords(function, keywords)
        given = tuple(_as_argument(function, each) for each in args)
        named = {name: _as_keyword(function, name, value) for name, value in keywords.items()}
        self.step(function.size(given, named))
        drawing: dict[str, Any] = {"generator": self.generator} if function.draws else {}
        first = (self.random,) if function.numpys_draws else ()
        try:
            with np.errstate(all="ignore"):  # an overflow is an answer, not a line in the log
                result = function.call(*first, *given, **named, **drawing)
        except REFUSALS as error:
            if isinstance(error, Hinted):
                raise
            raise Hinted(
                _as_written(error, function, given, named), self._hint(function, given, named, names)
            ) from error
        return self._kept(function, given, named, result)

    def value(self, data: Any) -> Value:
        """A tensor, an array or one of NumPy's numbers over its memory."""
        if not isinstance(data, np.generic):
            return self.memories.value(data)[0]
        value, _ = Memories().value(np.array(data))
        if any(each is data for each in self._unknown_numbers):
            value.memory.unknown.fill_(True)
        return value

    def text(self, value: Any, write: Callable[[Any], str]) -> str:
        """What print writes. Raises NetworkError (too-large) where a program prints too much."""
        self._print(weight(value, MOST_PRINTED, _worth))
        with self.printing.applied():
            text = write(value)
        self._print(len(text))
        return text

    def _print(self, count: int) -> None:
        self._printed += count
        if self._printed > MOST_PRINTED:
            refuse("too-large", "lab-prints-too-much", "/program", limit=MOST_PRINTED)

    def write(self, text: str) -> None:
        """Puts it under the line that is being done."""
        self.printed.append(text)

    def _kept(self, function: Function, args: Arguments, keywords: Keywords, result: Any) -> Any:
        """The result, once every tensor in it is found in its memory and marked."""
        target = keywords.get("out") if isinstance(keywords.get("out"), Tensor | np.ndarray) else None
        if function.writes:
            target = args[0]
        if isinstance(target, Tensor):
            value = self.value(target)
            if function.marks == VIEWED:
                value.memory.grow(target)
            else:
                value.memory.widen(target)
        new: list[Value] = []
        found = list(_tensors_in(result))
        if len(found) > MOST_PIECES:
            refuse("too-large", "lab-too-many-pieces", "/program", limit=MOST_PIECES)
        for data in found:
            _check_kind(data)
            if not isinstance(data, np.generic):
                value, is_new = self.memories.value(data)
                new += [value] if is_new else []
        # A setitem gives nothing, and writes all the same.
        # An argument that comes back was written into: NumPy's functions take where to write by place too.
        changed = [] if target is None else [target]
        changed += [each for each in args if each is result and each is not target and _is_shown(each)]
        # Where only the view has changed, its marks lie where its cells do.
        written = [] if function.marks == VIEWED else [self.value(each) for each in changed]
        if function.marks == EMPTY or self.memories.any_unknown:
            self._mark(function, args, keywords, [*new, *written])
            for data in found:
                if isinstance(data, np.generic) and marks_of(function, args, keywords, (), self.memories).any():
                    self._unknown_numbers.append(data)
        return result

    def _mark(self, function: Function, args: Arguments, keywords: Keywords, values: list[Value]) -> None:
        for value in values:
            if function.marks == EMPTY:
                value.memory.fill()
            elif function.marks == PLACED:
                place_marks(value, args[1], args[2], self.memories)
            else:
                value.marks[...] = marks_of(function, args, keywords, value.shape, self.memories)

    def _hint(self, function: Function, args: Arguments, keywords: Keywords, names: Sequence[str]) -> Hint:
        """The way out, as the same operation's is found where it is a step by itself."""
        find = function.hint or look
        shown = [(each, name) for each, name in zip(args, [*names, *[""] * len(args)], strict=False)]
        arguments = tuple(self.value(each) if _is_shown(each) else each for each in args)
        called = tuple(name or type(each).__name__ for each, name in shown if _is_shown(each))
        operation = Operation(function.name.rpartition(".")[2], (), function.call, none, find, numpy=function.call)
        call = Call(operation, _in_order(arguments), dict(keywords), called, self.generator)
        try:
            return find(call)
        except Exception:
            return look(call)


def _as_argument(function: Function, value: Any) -> Any:
    """A value as the function takes it. Raises Lacks, and RuntimeError for text that names no device."""
    if function.text is not None and isinstance(value, str):
        return function.text(value)
    if isinstance(value, str) and function.name.startswith(_NUMPYS) and value in DTYPE_TEXTS:
        return DTYPE_TEXTS[value]
    return as_argument(value)


def _as_keyword(function: Function, name: str, value: Any) -> Any:
    if name == "device":
        return on_the_cpu(value)
    if name == "rounding_mode" and isinstance(value, str):
        return value
    return _as_argument(function, value)


def _as_written(error: Exception, function: Function, args: Arguments, keywords: Keywords) -> Exception:
    """Torch's message without the generator: it lists what it was given, and the program gave no generator."""
    if isinstance(error, TypeError) and "torch._C.Generator" in str(error):
        try:
            function.call(*args, **keywords)
        except TypeError as plain:
            return plain
    return error


def weight(value: Any, limit: int, worth: Callable[[Any], int] = lambda _: 1) -> int:
    """How many things a value holds, itself counted; counting stops past the limit, however often lists hold lists."""
    total, waiting = 0, [value]
    while waiting and total <= limit:
        each = waiting.pop()
        total += worth(each)
        if isinstance(each, list | tuple):
            waiting += each[: limit + 1]
    return total


def _worth(value: Any) -> int:
    """What writing a value costs at least, in characters."""
    return 20 + int(np.prod(value.shape)) if isinstance(value, Tensor | np.ndarray) else 1


def _is_shown(value: Any) -> bool:
    return isinstance(value, Tensor | np.ndarray)


def _in_order(arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    """A shape written out as several numbers, as one: what hints look at."""
    rest = arguments[1:] if arguments and isinstance(arguments[0], Value) else arguments
    if len(rest) > 1 and all(isinstance(each, int) for each in rest):
        return (*arguments[: len(arguments) - len(rest)], tuple(rest))
    return arguments


def _tensors_in(value: Any) -> Iterator[Any]:
    if is_data(value):
        yield value
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _tensors_in(each)


def _check_keywords(function: Function, keywords: Keywords) -> None:
    for name in keywords:
        unwritten = name == "out" and function.marks == EMPTY
        numpys_place = name == "device" and function.name.startswith(_NUMPYS)
        if name in _KEYWORDS_OF_OTHERS or unwritten or numpys_place:
            raise Lacks("lab-lacks-keyword", operation=function.name, name=name)


def _check_kind(data: Any) -> None:
    """Raises Lacks for what is not made of plain numbers, or has more dimensions than are drawn."""
    if isinstance(data, Tensor):
        if data.requires_grad:
            raise Lacks("lab-lacks-gradients")
        strange = (
            data.device.type != "cpu" or data.is_complex() or data.layout is not torch.strided or data.is_quantized
        )
    else:
        strange = data.dtype.kind not in _NUMBERS or data.dtype.itemsize > 8
    if strange:
        raise Lacks("lab-lacks-numbers", dtype=str(data.dtype).removeprefix("torch."))
    if data.ndim > MOST_DIMENSIONS:
        refuse("invalid-value", "lab-too-many-dimensions", "/program", limit=MOST_DIMENSIONS)
