"""Operations whose places are numbers of the pass: what may go wrong there, told before a GPU is asked.

On a CPU torch says that a place is not there. On a GPU it ends the process's use of that GPU.
"""

from collections.abc import Callable
from functools import partial

from torch import Tensor

from adelante.network.network import Network
from adelante.network.operations import Operation
from adelante.network.parts import Step

_KINDS = ("embedding", "gather", "index_select", "index", "scatter", "scatter_add", "index_put", "index_add")
# Of these a place may be counted from the end.
_FROM_THE_END = ("index", "index_put", "index_add")


def looks_up(network: Network) -> bool:
    """Whether any operation takes places from a tensor."""
    return any(node.operation.kind in _KINDS for node in network.nodes)


def guarded(network: Network, step: Step) -> Step:
    """The same step, which raises IndexError before it is run where a place is not there."""
    operation = network.by_name[step.name].operation
    if operation.kind not in _KINDS:
        return step
    return step._replace(run=partial(_guarded, operation, step.run))


def _guarded(operation: Operation, run: Callable[..., Tensor], *operands: Tensor) -> Tensor:
    for places, size in _places(operation, operands):
        low, high = int(places.min()), int(places.max())
        if not -size <= low <= high < size or (low < 0 and operation.kind not in _FROM_THE_END):
            raise IndexError(f"index {low if low < 0 else high} is out of bounds for dimension with size {size}")
    return run(*operands)


def _places(operation: Operation, operands: tuple[Tensor, ...]) -> list[tuple[Tensor, int]]:
    if operation.kind == "embedding":
        return [(operands[1], operands[0].shape[0])]
    if operation.kind in _FROM_THE_END:
        given = operation.options["given"]
        dims = [dim for dim, each in enumerate(given) if each]
        pairs = zip(operands[-len(dims) :], dims, strict=True)
        return [(places, operands[0].shape[dim]) for places, dim in pairs if places.dtype.is_signed and places.numel()]
    return [(operands[1], operands[0].shape[operation.options["dim"]])] if operands[1].numel() else []
