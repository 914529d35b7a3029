"""Short words for tests of the lab: steps, runs, and what came of them."""

from typing import Any

import torch

from adelante.tensors.call import Limits
from adelante.tensors.memory import Value
from adelante.tensors.run import Failure, Outcome, run
from adelante.tensors.steps import Written, read_steps

LIMITS = Limits(steps=256, tensor_elements=16_384, elements=131_072)


def step(operation: str, *arguments: Any, name: str | None = None, **keywords: Any) -> Written:
    """One step: step("view", "$x", [5, 1], name="column")."""
    return Written(operation, arguments, keywords, name)


def lab(*steps: Written, limits: Limits = LIMITS) -> Outcome:
    """What the steps come to."""
    return run(read_steps(steps, limits), limits)


def done(*steps: Written) -> dict[str, Value]:
    """The values of steps that all succeed."""
    outcome = lab(*steps)
    assert outcome.steps == [None] * len(steps)
    return dict(outcome.values)


def refused(*steps: Written) -> Failure:
    """Why the last step failed; the ones before it succeed."""
    outcome = lab(*steps)
    *before, last = outcome.steps
    assert before == [None] * len(before)
    assert last is not None
    return last


def numbers(value: Value) -> Any:
    """Its numbers as nested lists."""
    return value.cells.tolist()


def marked(value: Value) -> Any:
    """The indices of its uninitialised cells."""
    return value.unknown.nonzero().tolist()


def rounded(value: Value, digits: int = 4) -> list[float]:
    """All its numbers in one list, as the notebook prints them."""
    return [round(number, digits) for number in value.cells.to(torch.float64).flatten().tolist()]
