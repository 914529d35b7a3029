"""Steps, one after the other. Each that fails says why; only those that need what it was to give fail with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from adelante.network.errors import said
from adelante.tensors.call import Call, Hint, Limits, Reference
from adelante.tensors.extents import cells_of
from adelante.tensors.memory import Data, Value, over_memory
from adelante.tensors.operations import SEED
from adelante.tensors.reading import check_elements
from adelante.tensors.steps import Step

# What torch and NumPy raise at arguments that they refuse.
_REFUSALS = (RuntimeError, TypeError, ValueError, IndexError, OverflowError, AttributeError)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a step gave nothing: what torch (NumPy, Python) raises and says, in its own words, and the way out.

    Or, where the step was not tried: `needs` is the name it lacks and the index of the step that was to give it.
    """

    words: str | None
    hint: Hint
    raised: str | None = None
    needs: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The named results as they are after the last step, and for each step None or why it failed."""

    values: Mapping[str, Value]
    steps: Sequence[Failure | None]


class _Lab:
    """One run: names, the numbers spent, and a generator of its own, so that runs in other threads draw undisturbed."""

    def __init__(self, limits: Limits) -> None:
        self.values: dict[str, Value] = {}
        self._limits = limits
        self._spent = 0
        self._missing: dict[str, int] = {}
        self._generator = torch.Generator()
        self._generator.seed()  # without manual_seed every run draws other numbers, as in a notebook

    def step(self, k: int, step: Step) -> Failure | None:
        """Does the k-th step. Raises NetworkError (too-large)."""
        references = [argument.name for argument in step.arguments if isinstance(argument, Reference)]
        lacking = next((name for name in references if name in self._missing), None)
        if lacking is None:
            failure = self._try(step, references)
        else:
            needs = (lacking, self._missing[lacking])
            failure = Failure(None, Hint("lab.hint.needs", {"name": lacking}), needs=needs)
        if failure is not None and step.name is not None:
            # An older result of this name is not what later steps mean.
            self.values.pop(step.name, None)
            self._missing[step.name] = k
        return failure

    def _try(self, step: Step, references: list[str]) -> Failure | None:
        arguments = tuple(
            self.values[argument.name] if isinstance(argument, Reference) else argument for argument in step.arguments
        )
        call = Call(step.operation, arguments, step.keywords, tuple(references), self._generator)
        size = cells_of(step.operation.extent(call))
        check_elements(size, self._spent + size, self._limits, step.pointer)
        self._spent += size
        try:
            result = call.do()
        except _REFUSALS as error:
            return Failure(said(error), step.operation.hint(call), _name_of(error))
        if step.operation is not SEED:
            value = _value_of(call, result)
            if step.name is not None:
                self.values[step.name] = value
                self._missing.pop(step.name, None)
        return None


def _name_of(error: Exception) -> str:
    """Python's name of the error. NumPy's own, which are derived from Python's and say no more, go by those."""
    return next(kind.__name__ for kind in type(error).__mro__ if kind.__module__ == "builtins")


def _value_of(call: Call, result: Data) -> Value:
    """The result over its memory, its uninitialised cells marked."""
    if call.operation.in_place:
        value, written = call.values[0], True
        if isinstance(result, Tensor):
            value.memory.grow(result)
    else:
        value, written = over_memory(result, call.values)
    marks = call.marks() if written else None
    if marks is not None:
        value.unknown.copy_(marks)
    return value


def run(steps: Sequence[Step], limits: Limits) -> Outcome:
    """Runs checked steps on a fresh lab. Raises NetworkError (too-large) with the pointer of the step that asks for it.

    Every number is torch's or NumPy's own. Nothing global is touched: torch's default generator stays as it is.
    """
    lab = _Lab(limits)
    failures = [lab.step(k, step) for k, step in enumerate(steps)]
    return Outcome(lab.values, failures)
