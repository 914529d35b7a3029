"""What opens a live session, and what changes its numbers: from one of them to all of a tensor."""

from functools import partial
from math import prod
from typing import Any

import numpy as np
import torch

from adelante.datasets.handwriting import picture_of
from adelante.formats.json.arrays import tensor, tensor_of_any_rank
from adelante.network.checks import check_index, held
from adelante.network.dense.network import DenseNetwork
from adelante.network.errors import Fault, NetworkError, shape_text
from adelante.network.network import Network
from app.api.read.cells import (
    Place,
    check_given,
    check_varied,
    form_of,
    one_input,
)
from app.api.read.checked import validated
from app.api.read.documents import network_from
from app.api.read.handwriting import drawing_cost, ink_in
from app.api.read.inputs import cost_of
from app.api.read.live_documents import (
    ActivationChange,
    Biases,
    BiasValue,
    CellValue,
    CharacterChange,
    InputsChange,
    InputValue,
    Open,
    Reshape,
    Set,
    SetBinary,
    TensorChange,
    Weights,
    WeightValue,
)
from app.api.routes.live_reshape import network_after
from app.compute.service import JSON_NUMBER_COST, ComputeService
from app.live.budget import Budget
from app.live.general import AnySession, GeneralSession
from app.live.session import Change, Session
from app.live.watches import frame_bytes
from app.store.networks import Networks


async def open_session(command: Open, compute: ComputeService, networks: Networks, budget: Budget) -> AnySession:
    """A session on the command's network. Raises NetworkError."""
    network = await network_from(command.named, networks)
    shared = not command.named.carries
    opened = partial(_session_on, network, command.inputs, compute, budget, shared=shared)
    # Its numbers are read, and those of the inputs copied.
    cost = cost_of(command.inputs) + JSON_NUMBER_COST * sum(prod(each.shape) for each in network.inputs)
    found: AnySession = await compute.run(opened, cost=cost)
    return found


def reshape_session(session: AnySession, command: Reshape, compute: ComputeService, budget: Budget) -> AnySession:
    """Another session, on what the command makes of this one's network. Raises NetworkError."""
    if isinstance(session, GeneralSession):
        raise NetworkError(Fault("invalid-value", "reshape-dense-only", "/op"))
    network = network_after(session.network, command.layers)
    after = _session_on(network, command.inputs, compute, budget, shared=False)
    try:
        apply_changes(after, command)
    except NetworkError:
        after.close()
        raise
    return after


def _session_on(network: Network, inputs: Any, compute: ComputeService, budget: Budget, *, shared: bool) -> AnySession:
    compute.check_limits(network, 1)
    if not isinstance(network, DenseNetwork):
        compute.check_cost(network.cost, network.dtype)
        return GeneralSession(network, one_input(network, inputs), budget, shared=shared)
    compute.check_cost(network.cost, network.dtype)
    compute.limits.answer(frame_bytes(network, ()))
    return Session(network, tensor(inputs, "/inputs", (1, 2), torch.float32), budget, shared=shared)


def apply_changes(session: AnySession, command: Set | SetBinary | Reshape) -> None:
    """Makes all of the command's changes, or raises NetworkError and makes none."""
    if isinstance(command, SetBinary):
        session.make([_binary_change(session, command)], "/values")
        return
    session.make([_change(session, change, f"/changes/{k}") for k, change in enumerate(command.changes)], "/changes")


def drawn_cost(command: Set | SetBinary) -> int:
    """Multiply-adds that take as long as making pictures of what a command's changes drew."""
    changes = command.changes if isinstance(command, Set) else ()
    return sum(drawing_cost(change["strokes"]) for change in changes if "strokes" in change)


_VALUES: dict[str, type[InputValue | WeightValue | BiasValue]] = {
    "input": InputValue,
    "weight": WeightValue,
    "bias": BiasValue,
}


def _change(session: AnySession, document: dict[str, Any], pointer: str) -> Change:
    if "cell" in document:
        one = validated(CellValue, document, pointer)
        return _number(session, one.cell.place(f"{pointer}/cell"), one.value, pointer)
    if "input" in document or "weight" in document or "bias" in document:
        form = "input" if "input" in document else form_of(document)
        old = validated(_VALUES[form], document, pointer)
        return _number(session, old.place(pointer), old.value, pointer)
    if "inputs" in document:
        return _whole(session, "inputs", validated(InputsChange, document, pointer).inputs, f"{pointer}/inputs")
    if "weights" in document:
        weights = validated(Weights, document, pointer)
        return _layers(session, weights.layer, "weights", weights.weights, pointer)
    if "biases" in document:
        biases = validated(Biases, document, pointer)
        return _layers(session, biases.layer, "biases", biases.biases, pointer)
    if "strokes" in document:
        drawn = validated(CharacterChange, document, pointer)
        return _character(session, drawn.tensor, drawn.strokes, pointer)
    if "tensor" in document:
        named = validated(TensorChange, document, pointer)
        check_given(session.network, named.tensor, f"{pointer}/tensor")
        return _whole(session, named.tensor, named.values, f"{pointer}/values")
    activation = validated(ActivationChange, document, pointer)
    return session.set_activation(activation.layer, activation.activation, pointer)


def _number(session: AnySession, place: Place, value: float, pointer: str) -> Change:
    check_varied(session.network, place)
    return session.set_cell(place.cell, value, pointer)


def _layers(session: AnySession, layer: int, name: str, given: Any, pointer: str) -> Change:
    values = tensor(given, f"{pointer}/{name}", (2 if name == "weights" else 1,), torch.float32)
    check_index(layer, len(session.network.layers), "no-such-layer", f"{pointer}/layer")
    check_given(session.network, f"layers.{layer}.{name}", f"{pointer}/{name}")
    return session.set_tensor(f"layers.{layer}.{name}", values, f"{pointer}/{name}")


def _whole(session: AnySession, name: str, given: Any, pointer: str) -> Change:
    dtype = check_given(session.network, name, pointer)
    rank = len(session.network.shapes[name])
    if rank in (1, 2) and dtype.is_floating_point:
        return session.set_tensor(name, tensor(given, pointer, (rank,), dtype), pointer)
    return session.set_tensor(name, tensor_of_any_rank(given, pointer, dtype), pointer)


def _character(session: AnySession, name: str, strokes: Any, pointer: str) -> Change:
    """What a pen drew, as the picture that networks for handwritten digits take."""
    dtype = check_given(session.network, name, f"{pointer}/tensor")
    shape = session.network.shapes[name]
    picture = picture_of(ink_in(strokes, None, pointer), shape)
    if picture is None:
        values = {"tensor": name, "shape": shape_text(shape)}
        raise NetworkError(Fault("shape-mismatch", "no-digits-picture", f"{pointer}/tensor", values))
    return session.set_tensor(name, picture.to(dtype), f"{pointer}/strokes")


def _binary_change(session: AnySession, command: SetBinary) -> Change:
    """A whole tensor's values without text. Raises NetworkError."""
    dtype = check_given(session.network, command.tensor, "/tensor")
    shape = session.network.shapes[command.tensor]
    kind = np.dtype("<f4" if dtype.is_floating_point else "<i8")
    wanted = int(np.prod(shape, dtype=np.int64)) * kind.itemsize
    if len(command.values) != wanted:
        values = {"tensor": command.tensor, "expected": wanted, "got": len(command.values), "shape": shape_text(shape)}
        raise NetworkError(Fault("shape-mismatch", "frame-values", "/values", values))
    given = np.frombuffer(command.values, kind).reshape(shape)
    if kind.kind == "f" and not np.isfinite(given).all():
        place = "".join(f"/{index}" for index in np.argwhere(~np.isfinite(given))[0])
        fault = Fault("out-of-range", "frame-not-finite", f"/values{place}", {"tensor": command.tensor})
        raise NetworkError(fault)
    own = held(torch.from_numpy(given.astype(kind.newbyteorder("="))), dtype, "/values")
    return session.set_tensor(command.tensor, own, "/values")
