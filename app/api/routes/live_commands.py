"""The live socket's commands: text to checked data, and what each does to a session."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import torch
from pydantic import Field, PrivateAttr

from adelante.network.checks import check_size
from adelante.network.dense.network import DenseNetwork
from adelante.network.dense.responses import Axis
from adelante.network.errors import Fault, NetworkError
from app.api.http.problems import Problem
from app.api.read.decode import decode_json
from app.api.read.documents import (
    Document,
    Index,
    Inputs,
    Integer,
    LayerDocument,
    Name,
    NetworkDocument,
    check_layer_count,
    network_from,
    numpy_dtype,
    tensor,
    validated,
)
from app.api.read.number_arrays import LongArray
from app.api.read.places import AxisDocument, TargetDocument, vary_from
from app.api.routes.live_reshape import network_after
from app.compute.service import ComputeService
from app.live.budget import Budget
from app.live.session import Change, Session
from app.live.watches import (
    Watch,
    WatchBatch,
    WatchDifferences,
    WatchExplain,
    WatchGradients,
    WatchGrid,
    WatchShares,
    WatchSweep,
    frame_bytes,
    memory_of,
    numbers_of,
)
from app.settings import Settings
from app.store.networks import Networks

LAST_SEQUENCE = 2**32 - 1
SequenceNumber = Annotated[Integer, Field(ge=0, le=LAST_SEQUENCE)]
# What a watch's arrays are called by in a frame; without it, by the watch's place in the list.
ArrayName = Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]{1,64}$")]
Number = Annotated[float, Field(allow_inf_nan=False)]


class _Command(Document):
    long_arrays = True


class Open(_Command):
    """A network, in layers or by name, and inputs to start from; opening again replaces both."""

    op: Literal["open"]
    seq: SequenceNumber
    layers: list[LayerDocument] | None = None
    network: Name | None = None
    inputs: Inputs
    _named: NetworkDocument = PrivateAttr()

    def prepare(self) -> None:
        """Makes the network of the layers, and the inputs' numbers."""
        self._named = NetworkDocument(layers=self.layers, network=self.network)
        self._named.prepare()
        _prepare_numbers(self.inputs)

    @property
    def named(self) -> NetworkDocument:
        """The network, as all operations name one."""
        return self._named


class Set(_Command):
    """Changes of numbers and activations that leave every shape as it is."""

    op: Literal["set"]
    seq: SequenceNumber
    changes: list[dict[str, Any]] = Field(min_length=1)

    def prepare(self) -> None:
        """Makes the numbers of whole matrices."""
        for change in self.changes:
            _prepare_numbers(*change.values())


class Reshape(_Command):
    """Another shape, said by what is new in it. What was watched is watched no more, as after open."""

    op: Literal["reshape"]
    seq: SequenceNumber
    layers: list[dict[str, Any]] = Field(min_length=1)
    inputs: Inputs
    changes: list[dict[str, Any]] = Field(default_factory=list)


class WatchCommand(_Command):
    """What to tell beside the trace, from now on."""

    op: Literal["watch"]
    seq: SequenceNumber
    watch: list[dict[str, Any]]


Command = Open | Set | Reshape | WatchCommand


def _prepare_numbers(*values: Any) -> None:
    for value in values:
        if isinstance(value, LongArray):
            value.take(numpy_dtype(torch.float32))


class Input(Document):
    input: Index
    value: Number


class Weight(Document):
    layer: Index
    weight: list[Index] = Field(min_length=2, max_length=2)
    value: Number


class Bias(Document):
    layer: Index
    bias: Index
    value: Number


class ActivationChange(Document):
    layer: Index
    activation: str


class InputsChange(Document):
    inputs: Any


class Weights(Document):
    layer: Index
    weights: Any


class Biases(Document):
    layer: Index
    biases: Any


class Explain(TargetDocument):
    kind: Literal["explain"]


class SharesWatch(Document):
    kind: Literal["shares"]
    layer: Index


class DifferencesWatch(Document):
    kind: Literal["differences"]
    values: list[Any]


class SweepWatch(Document):
    kind: Literal["sweep"]
    vary: dict[str, Any]
    from_: Number = Field(alias="from")
    to: Number
    steps: Integer = Field(ge=2)
    as_: ArrayName | None = Field(None, alias="as")
    layers: bool = False
    later: bool = False


class GridWatch(Document):
    kind: Literal["grid"]
    x: AxisDocument
    y: AxisDocument
    steps: Integer = Field(ge=2)
    as_: ArrayName | None = Field(None, alias="as")
    later: bool = False


class BatchWatch(Document):
    kind: Literal["batch"]
    inputs: Any
    as_: ArrayName | None = Field(None, alias="as")


class Gradients(Document):
    kind: Literal["gradients"]


_COMMANDS: dict[str, type[Command]] = {"open": Open, "set": Set, "reshape": Reshape, "watch": WatchCommand}
_WATCHES: dict[str, type[Document]] = {
    "explain": Explain,
    "shares": SharesWatch,
    "differences": DifferencesWatch,
    "sweep": SweepWatch,
    "grid": GridWatch,
    "batch": BatchWatch,
    "gradients": Gradients,
}


def parse(text: str, settings: Settings) -> tuple[int | None, Command | Problem | NetworkError]:
    """A frame's command with its sequence number, or what is wrong with it; a thread's work where the frame is long."""
    seq = None
    try:
        found = decode_json(text, settings.max_depth, max_values=settings.max_json_values, long_arrays=True)
        seq = _sequence(found.get("seq"))
        model = _COMMANDS.get(str(found.get("op")))
        if model is None:
            values = {"name": "op", "expected": ", ".join(_COMMANDS)}
            raise Problem("invalid-value", Fault("invalid-value", "not-one-of", "/op", values))
        check_layer_count(found.get("layers"), settings.max_layers)
        command = validated(model, found)
        command.prepare()
    except (Problem, NetworkError) as problem:
        return seq, problem
    return seq, command


def _sequence(given: Any) -> int | None:
    """A sequence number that an answer may name, even where the rest of the command is wrong."""
    whole = type(given) is int or (type(given) is float and given.is_integer())
    return int(given) if whole and 0 <= given <= LAST_SEQUENCE else None


async def open_session(command: Open, compute: ComputeService, networks: Networks, budget: Budget) -> Session:
    """A session on the command's network. Raises Problem or NetworkError."""
    network = await network_from(command.named, networks)
    return _session_on(network, command.inputs, compute, budget, shared=command.named.layers is None)


def reshape_session(session: Session, command: Reshape, compute: ComputeService, budget: Budget) -> Session:
    """Another session, on what the command makes of this one's network. Raises Problem or NetworkError."""
    network = network_after(session.network, command.layers)
    after = _session_on(network, command.inputs, compute, budget, shared=False)
    try:
        apply_changes(after, command)
    except (Problem, NetworkError):
        after.close()
        raise
    return after


def _session_on(
    network: DenseNetwork, inputs: Any, compute: ComputeService, budget: Budget, *, shared: bool
) -> Session:
    compute.check_limits(network, 1)
    compute.check_cost(network.parameters, network.dtype)
    compute.limits.answer(frame_bytes(network, ()))
    return Session(network, tensor(inputs, "/inputs", (1, 2), torch.float32), budget, shared=shared)


def apply_changes(session: Session, command: Set | Reshape) -> None:
    """Makes all of the command's changes, or raises Problem or NetworkError and makes none."""
    session.make([_change(session, change, f"/changes/{k}") for k, change in enumerate(command.changes)], "/changes")


def _change(session: Session, document: dict[str, Any], pointer: str) -> Change:
    if "input" in document:
        one = validated(Input, document, pointer)
        return session.set_input(one.input, one.value, pointer)
    if "inputs" in document:
        inputs = validated(InputsChange, document, pointer).inputs
        return session.set_inputs(tensor(inputs, f"{pointer}/inputs", (1,), torch.float32), pointer)
    if "weight" in document:
        weight = validated(Weight, document, pointer)
        source, target = weight.weight
        return session.set_weight(weight.layer, source, target, weight.value, pointer)
    if "weights" in document:
        weights = validated(Weights, document, pointer)
        values = tensor(weights.weights, f"{pointer}/weights", (2,), torch.float32)
        return session.set_weights(weights.layer, values, pointer)
    if "bias" in document:
        bias = validated(Bias, document, pointer)
        return session.set_bias(bias.layer, bias.bias, bias.value, pointer)
    if "biases" in document:
        biases = validated(Biases, document, pointer)
        return session.set_biases(
            biases.layer, tensor(biases.biases, f"{pointer}/biases", (1,), torch.float32), pointer
        )
    activation = validated(ActivationChange, document, pointer)
    return session.set_activation(activation.layer, activation.activation, pointer)


def apply_watch(session: Session, command: WatchCommand, compute: ComputeService, settings: Settings) -> None:
    """Replaces what the session watches. Raises Problem or NetworkError."""
    check_size(len(command.watch), settings.live_max_watches, "too-many-watches", "live_max_watches", "/watch")
    watches = [_watch(document, f"/watch/{k}", settings) for k, document in enumerate(command.watch)]
    _check_names(watches)
    session.watch(watches, lambda: _check_cost(session, watches, compute, settings))


def _check_cost(session: Session, watches: Sequence[Watch], compute: ComputeService, settings: Settings) -> None:
    """What is watched is computed again at each change: all of it is within the limits of one request."""
    network = session.network
    numbers = sum(numbers_of(network, watch) for watch in watches)
    check_size(numbers, settings.live_max_watched_values, "watch-too-large", "live_max_watched_values", "/watch")
    compute.limits.answer(frame_bytes(network, watches))
    compute.limits.memory(memory_of(network, watches))
    compute.check_cost(network.parameters + session.cost_of(watches), network.dtype)


def _check_names(watches: Sequence[Watch]) -> None:
    """No two watches of a kind share a name: a frame's arrays are told apart by it."""
    seen: set[tuple[type, str]] = set()
    for k, watch in enumerate(watches):
        if isinstance(watch, WatchSweep | WatchGrid | WatchBatch):
            name = watch.name or str(k)
            if (type(watch), name) in seen:
                fault = Fault("invalid-value", "watch-name-twice", f"/watch/{k}/as", {"name": name})
                raise Problem("invalid-value", fault)
            seen.add((type(watch), name))


def _watch(document: dict[str, Any], pointer: str, settings: Settings) -> Watch:
    model = _WATCHES.get(str(document.get("kind")))
    if model is None:
        values = {"name": "kind", "expected": ", ".join(_WATCHES)}
        raise Problem("invalid-value", Fault("invalid-value", "not-one-of", f"{pointer}/kind", values))
    match validated(model, document, pointer):
        case Explain(layer=layer, neuron=neuron):
            return WatchExplain(layer, neuron)
        case SharesWatch(layer=layer):
            return WatchShares(layer)
        case DifferencesWatch(values=listed):
            given = [tensor(each, f"{pointer}/values/{k}", (1,), torch.float32) for k, each in enumerate(listed)]
            return WatchDifferences(given)
        case SweepWatch(vary=vary, from_=low, to=high, steps=steps, as_=name, layers=layers, later=later):
            check_size(steps, settings.max_sweep_steps, "too-many-sweep-steps", "max_sweep_steps", f"{pointer}/steps")
            return WatchSweep(vary_from(vary, f"{pointer}/vary"), low, high, steps, name, layers, later)
        case GridWatch(x=x, y=y, steps=steps, as_=name, later=later):
            check_size(steps, settings.max_grid_steps, "too-many-grid-steps", "max_grid_steps", f"{pointer}/steps")
            return WatchGrid(Axis(x.input, x.from_, x.to), Axis(y.input, y.from_, y.to), steps, name, later)
        case BatchWatch(inputs=inputs, as_=name):
            return WatchBatch(tensor(inputs, f"{pointer}/inputs", (2,), torch.float32), name)
        case _:
            return WatchGradients()
