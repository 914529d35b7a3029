"""Whether a network of which a file says a fixed batch gives each input its own outputs in a batch of any size."""

from adelante.network.network import Network
from adelante.network.operations import Operation
from adelante.network.operations.arithmetic import Add, Div, Mul, Paired, Sub
from adelante.network.operations.choices import Where
from adelante.network.operations.matmul import Matmul
from adelante.network.operations.ranking import Argsort, Argtopk
from adelante.network.operations.reductions import Cumprod, Cumsum
from adelante.network.operations.slices import Flip, Roll
from adelante.network.operations.softmax import Softmax

_BROADCASTING = (Add, Sub, Mul, Div, Paired, Where, Matmul)


def keeps_inputs_apart(network: Network) -> bool:
    """Whether every result of a batched tensor has the batch first too, and no operation looks along it."""
    apart = network.per_input
    for node in network.nodes:
        batched = [name for name in node.inputs if name in apart]
        if not batched:
            continue
        rank = len(network.whole_shapes[node.name])
        if node.name not in apart or _looks_along(node.operation, rank):
            return False
        ranks = {len(network.whole_shapes[name]) for name in batched}
        if isinstance(node.operation, _BROADCASTING) and ranks != {rank}:
            return False
        others = (name for name in node.inputs if name not in apart)
        if isinstance(node.operation, _BROADCASTING) and any(
            len(shape := network.whole_shapes[name]) >= rank and rank and shape[0] != 1 for name in others
        ):
            return False
    return set(network.outputs) <= apart


def _looks_along(operation: Operation, rank: int) -> bool:
    """Whether it makes a number of numbers at other places of the first dimension."""
    if isinstance(operation, Softmax | Cumsum | Cumprod | Argsort | Argtopk):
        return operation.dim % max(rank, 1) == 0
    if isinstance(operation, Flip | Roll):
        dims = operation.dims
        return not dims or 0 in {dim % rank for dim in dims}
    return False
