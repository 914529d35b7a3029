"""What a preset is: a network that comes with the product, and what people have to know to use it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

from torch import Tensor

from adelante.network.dense.network import DenseNetwork
from adelante.network.network import Network

Group = Literal["notebook", "points", "tables", "pictures", "sequences"]


@dataclass(frozen=True)
class Sample:
    """Inputs worth trying, of the shape of one input, under a name."""

    name: str
    inputs: Tensor


N = TypeVar("N", bound=Network, covariant=True)


@dataclass(frozen=True)
class Preset(Generic[N]):
    """A network with inputs to start from and the names that its inputs and outputs carry.

    `input_names`, `input_ranges` (a slider's ends) and `input_units` (None for a bare number) have one entry for each
    number of an input of one dimension. Of pictures and sequences they have one, which holds for all their numbers.
    `seed` is the generator's seed where the numbers are drawn or learnt, None where they are not. `group` is what kind
    of thing it knows; `data_set` names what it learnt from; `known` is how well, on rows that it was
    not shown: what was measured, and on what.
    """

    name: str
    network: N
    inputs: Tensor
    input_names: tuple[str, ...]
    input_ranges: tuple[tuple[float, float], ...]
    input_units: tuple[str | None, ...]
    output_names: tuple[str, ...]
    class_names: tuple[str, ...] = ()
    samples: tuple[Sample, ...] = ()
    seed: int | None = None
    group: Group = "notebook"
    data_set: str | None = None
    known: dict[str, Any] = field(default_factory=dict)


Chain = Preset[DenseNetwork]
Maker = Callable[[], Preset[Network]]
