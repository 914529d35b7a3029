"""A request to POST /api/v1/forward as the forward pass wants it: a network, its inputs, where, and what to tell."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple, Protocol

from pydantic import Field, PrivateAttr

from adelante.formats.json.arrays import tensor
from adelante.network.cells import shape_of
from adelante.network.dense.network import DenseNetwork
from adelante.network.errors import Fault, NetworkError
from adelante.network.names import layer_of, own_name
from adelante.network.network import Network
from app.api.read.cells import Return
from app.api.read.documents import NetworkDocument, network_from
from app.api.read.inputs import AnyInputs, Inputs, cost_of, inputs_for
from app.compute.service import Gone
from app.store.networks import Networks


class ForwardDocument(NetworkDocument):
    inputs: AnyInputs = Field(
        description="one input, or a batch of them, which has one rank more; of several inputs an object, by name"
    )
    return_: Return = Field("trace", alias="return", description="trace, outputs, or names of tensors")

    _inputs: Inputs | None = PrivateAttr(None)

    def prepare(self) -> None:
        """Makes the network of the layers, and the numbers of its inputs, if that is all right with `request_of`."""
        super().prepare()
        if self._made is None or isinstance(self._made, Exception | DenseNetwork):
            return
        # What is wrong with them is told after what is wrong with the rest.
        with suppress(NetworkError):
            self._inputs = inputs_for(self._made, self.inputs)

    @property
    def inputs_made(self) -> Inputs | None:
        """The inputs, where they were made ahead."""
        return self._inputs


class ForwardRequest(NamedTuple):
    """`inputs` are one input or a batch, of the network's dtypes; several come by name.

    `told` says whether to tell of every layer (True), of the outputs alone (False), or of the tensors of these names.
    `resident` networks were named, not sent: they outlive the request.
    """

    network: Network
    inputs: Inputs
    device: str
    told: bool | tuple[str, ...]
    resident: bool


class Run(Protocol):
    """Does a work where it is best done: here, or in the pool where it costs much."""

    def __call__(
        self, work: Callable[[], Any], *, cost: int, memory: int = ..., gone: Gone | None = ...
    ) -> Awaitable[Any]: ...


async def request_of(document: ForwardDocument, networks: Networks, run: Run, gone: Gone | None) -> ForwardRequest:
    """The request that a document makes. Raises NetworkError with a pointer to each fault."""
    network = await network_from(document, networks)
    told = told_of(network, document.return_)
    inputs = document.inputs_made
    if inputs is None:
        inputs = await inputs_of(network, document.inputs, run, gone)
    return ForwardRequest(network, inputs, document.device, told, not document.carries)


async def inputs_of(network: Network, given: Any, run: Run, gone: Gone | None) -> Inputs:
    """What `read_inputs` gives, read where that is best done."""
    found: Inputs = await run(partial(read_inputs, network, given), cost=cost_of(given), gone=gone)
    return found


def read_inputs(network: Network, given: Any) -> Inputs:
    """A document's inputs as a network takes them. Raises NetworkError with a pointer to each fault."""
    if isinstance(network, DenseNetwork):
        return tensor(given, "/inputs", (1, 2), network.dtype)
    return inputs_for(network, given)


def told_of(network: Network, told: str | Sequence[str]) -> bool | tuple[str, ...]:
    """What to tell of. Raises NetworkError where a name is not that of a layer's tensor."""
    if isinstance(told, str):
        return told == "trace"
    for k, name in enumerate(told):
        tensor_name = own_name(network, name)
        shape_of(network.shapes, tensor_name, f"/return/{k}")
        if layer_of(tensor_name) is None:
            raise NetworkError(Fault("out-of-range", "tensor-given", f"/return/{k}", {"tensor": name}))
    return tuple(told)
