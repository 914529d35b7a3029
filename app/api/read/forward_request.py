"""A request to POST /api/v1/forward as the forward pass wants it: a network, its inputs, where, and what to tell."""

from typing import NamedTuple

from torch import Tensor

from adelante.network.dense.network import DenseNetwork
from app.api.read.documents import ForwardDocument, dense_network_from, inputs_from
from app.store.networks import Networks


class ForwardRequest(NamedTuple):
    """`inputs` are (n_in,) or (batch, n_in), of the network's dtype; `layers` says whether to tell more than outputs.

    `resident` networks were named, not sent: they outlive the request.
    """

    network: DenseNetwork
    inputs: Tensor
    device: str
    layers: bool
    resident: bool


async def request_of(document: ForwardDocument, networks: Networks) -> ForwardRequest:
    """The request that a document makes. Raises Problem or NetworkError with a pointer to each fault."""
    network = await dense_network_from(document, networks)
    layers = document.return_ == "trace"
    return ForwardRequest(network, inputs_from(document), document.device, layers, not document.carries)
