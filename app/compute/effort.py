"""How long operations take, in what this machine's speed was measured in: multiply-adds of a dense layer."""

from weakref import WeakKeyDictionary

from adelante.network.dense.network import DenseNetwork
from adelante.network.network import Network
from adelante.network.operations import Operation

# Multiply-adds of a matrix product that take as long as one step of the operation: products are what processors are
# made for, and a window's, a function's or a move's numbers come one by one. Seen on two machines, and rounded up.
_PRODUCTS = ("dense", "linear", "matmul", "addmm")
_CONVOLUTION = 2
_GROUPED_CONVOLUTION = 8
_OTHER = 16

_efforts: WeakKeyDictionary[Network, int] = WeakKeyDictionary()


def effort(network: Network) -> int:
    """What a pass of one input costs, in multiply-adds of dense layers."""
    if isinstance(network, DenseNetwork):
        return network.cost
    found = _efforts.get(network)
    if found is None:
        found = sum(_weight(node.operation) * network.costs[node.name] for node in network.nodes)
        _efforts[network] = found
    return found


def counted(network: Network) -> Network:
    """The network, once what is asked of its size on the event loop is counted: thousands of nodes take a while."""
    effort(network)
    return network.counted()


def _weight(operation: Operation) -> int:
    if operation.kind in _PRODUCTS:
        return 1
    if operation.kind.startswith("conv"):
        return _CONVOLUTION if operation.options.get("groups", 1) == 1 else _GROUPED_CONVOLUTION
    return _OTHER
