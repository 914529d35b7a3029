"""A network in another precision: its floating-point numbers, and the operations that name one."""

from dataclasses import fields, replace

import torch

from adelante.network.errors import Fault, NetworkError, pointer_of_place
from adelante.network.network import Network, Node
from adelante.network.operations import Operation
from adelante.network.operations.moves import DTYPES

_NAMES = {dtype: name for name, dtype in DTYPES.items()}


def in_precision(network: Network, dtype: torch.dtype, device: torch.device | None = None) -> Network:
    """The network in another precision, or on another device; itself where nothing changes. Whole numbers stay.

    Raises NetworkError (out-of-range) for a parameter that a narrower dtype can't hold.
    """
    own = network.dtype
    there = {each.device for each in network.parameters.values()}
    if own == dtype and (device is None or there <= {device}):
        return network
    parameters = {
        name: tensor.to(device or tensor.device, dtype if tensor.dtype == own else tensor.dtype)
        for name, tensor in network.parameters.items()
    }
    if torch.finfo(dtype).max < torch.finfo(own).max:
        for name, tensor in network.parameters.items():
            _check_held(name, tensor, parameters[name])
    if own == dtype:
        return network.with_parameters(parameters)
    inputs = tuple(replace(each, dtype=dtype) if each.dtype == own else each for each in network.inputs)
    nodes = tuple(Node(node.name, _cast(node.operation, own, dtype), node.inputs) for node in network.nodes)
    return Network(
        inputs, parameters, nodes, network.outputs, network.layers, network.batch, registered=network.registered
    )


def _cast(operation: Operation, own: torch.dtype, dtype: torch.dtype) -> Operation:
    if any(field.name == "dtype" for field in fields(operation)) and operation.options["dtype"] == _NAMES[own]:
        return replace(operation, dtype=_NAMES[dtype])  # type: ignore[call-arg]
    return operation


def _check_held(name: str, tensor: torch.Tensor, narrow: torch.Tensor) -> None:
    lost = narrow.isinf() & ~tensor.isinf() if narrow.is_floating_point() else None
    if lost is None or not bool(lost.any()):
        return
    place = lost.nonzero()[0].tolist()
    values = {
        "name": name + "".join(f"[{i}]" for i in place),
        "value": tensor[tuple(place)].item(),
        "dtype": str(narrow.dtype).removeprefix("torch."),
        "largest": torch.finfo(narrow.dtype).max,
        "own": str(tensor.dtype).removeprefix("torch."),
    }
    parameter = "/" + name.rpartition(".")[2]
    pointer = pointer_of_place(name) + parameter + "".join(f"/{i}" for i in place)
    raise NetworkError(Fault("out-of-range", "network-not-held", pointer, values))


def dtypes_of(network: Network, own: torch.dtype | None = None) -> dict[str, torch.dtype]:
    """The dtype of each tensor of a pass, found without computing a number; that of a network in `own` precision."""
    network = network if own is None else in_precision(network, own)
    before = () if network.batch == "none" else (1,)
    values = {
        each.name: torch.empty((*before, *each.shape), dtype=each.dtype, device="meta") for each in network.inputs
    }
    values |= {name: tensor.to("meta") for name, tensor in network.parameters.items()}
    with torch.device("meta"), torch.no_grad():
        for node in network.nodes:
            values[node.name] = node.operation.at_batch(1).run(*(values[name] for name in node.inputs))
    return {name: value.dtype for name, value in values.items()}
