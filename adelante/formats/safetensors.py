"""A network as one safetensors file: its parameters, and its graph in the metadata. Nothing in it can run.

A chain of dense layers is written as the server has always read it (version 1: `layers.K.weights`, `layers.K.biases`,
and each layer's activation in the metadata). Any other network has its graph in the metadata, under `adelante`.
"""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from adelante.formats import dense_safetensors
from adelante.formats.choices import check_unchosen
from adelante.formats.description import description_of, network_from
from adelante.formats.json.writing import check_names, check_ranks
from adelante.formats.kinds import Bytes
from adelante.formats.opened import Opened
from adelante.formats.tensors import DESCRIPTION, safetensors_parts, tensors_from_safetensors
from adelante.formats.told import told
from adelante.network.dense.chain import dense_chain
from adelante.network.errors import NetworkError
from adelante.network.network import Network, NetworkFault


def network_to_safetensors(network: Network) -> bytes:
    """The network as a file's bytes."""
    return b"".join(network_to_parts(network))


def network_to_parts(network: Network) -> list[bytes | memoryview]:
    """The same in parts, whose numbers are the network's own memory where they lie in order (`safetensors_parts`)."""
    chain = dense_chain(network)
    if chain is not None:
        return safetensors_parts(*dense_safetensors.network_to_tensors(chain))
    return safetensors_parts(network.parameters, {DESCRIPTION: description_of(network)})


def tells(data: Bytes) -> bool:
    """Whether it is a safetensors file: a length, whose last bytes are zeros, and a brace."""
    return data[8:9] == b"{" and 0 in data[4:8]


def opened_from_safetensors(data: Bytes, choices: Mapping[str, Any] | None = None) -> Opened:
    """The network that a file holds, of any kind, and what had to be decided to read it; for who serves others.

    `choices` decide what a file leaves open that says no more than its tensors' names (see `modules`). Its tensors
    share the memory of `data`. Raises NetworkError with a pointer to what is wrong: unsupported-file, out-of-range,
    unknown-activation, shape-mismatch, empty.
    """
    return opened_from_tensors(*tensors_from_safetensors(data), choices)


def opened_from_tensors(
    tensors: Mapping[str, Tensor], metadata: Mapping[str, str], choices: Mapping[str, Any] | None = None
) -> Opened:
    """The network of a file's tensors and metadata. Raises NetworkError as `opened_from_safetensors` does."""
    if DESCRIPTION not in metadata:
        return dense_safetensors.opened_from_tensors(tensors, metadata, choices)
    try:
        network = network_from(metadata[DESCRIPTION], tensors)
    except NetworkFault as fault:
        raise NetworkError(fault.fault) from None
    check_names(network)
    check_ranks(network)
    check_unchosen(choices or {})
    return Opened(dense_chain(network) or network, ())


def network_from_safetensors(data: bytes) -> Network:
    """The network that a file's bytes hold. Raises NetworkFault."""
    try:
        tensors, metadata = tensors_from_safetensors(data, finite=False)
    except NetworkError as error:
        raise told(error, "it is no safetensors file.") from None
    if DESCRIPTION in metadata:
        return network_from(metadata[DESCRIPTION], tensors)
    if "format" in metadata or any(name.startswith("layers.") for name in tensors):
        return _chain(tensors, metadata)
    raise NetworkFault(
        "file",
        "it holds tensors, but does not say what network they belong to.",
        "adelante.save(module, example, path) writes a file that does.",
    )


def _chain(tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> Network:
    try:
        return dense_safetensors.network_from_tensors(tensors, metadata)
    except NetworkError as error:
        raise told(error, "it holds no chain of dense layers.") from None
