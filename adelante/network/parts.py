"""What a network is made of: its inputs, its nodes, and the layers that people name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Literal, NamedTuple

import torch
from torch import Tensor

from adelante.network.operations import Operation

Batch = Literal["any", "one", "none"]


@dataclass(frozen=True)
class Input:
    """What a pass begins with. `shape` is that of one input, without the batch where there is one."""

    name: str
    shape: tuple[int, ...]
    dtype: torch.dtype = torch.float32


class Step(NamedTuple):
    """One call of a pass: what its result is called, what computes it, and what picks its operands out of the trace.

    `take` gives them as a tuple, or, where `one` says so, the only one by itself.
    """

    name: str
    run: Callable[..., Tensor]
    take: Callable[[Mapping[str, Tensor]], Any]
    one: bool


def step_of(name: str, run: Callable[..., Tensor], operands: tuple[str, ...]) -> Step:
    """The call that computes `name` from the tensors of these names."""
    return Step(name, run, itemgetter(*operands) if operands else _nothing, len(operands) == 1)


def _nothing(_: Mapping[str, Tensor]) -> tuple[()]:
    return ()


@dataclass(frozen=True)
class Node:
    """One operation: its result's name, and the names of what it takes, which stand before it."""

    name: str
    operation: Operation
    inputs: tuple[str, ...]


@dataclass(frozen=True)
class Layer:
    """What people name: an operation with its parameters, and the activation after it.

    `nodes` are the names of its results, the last one its activations. `module` is the path in its author's code,
    `source` the line there.
    """

    kind: str
    nodes: tuple[str, ...]
    name: str | None = None
    module: str | None = None
    source: str | None = None
