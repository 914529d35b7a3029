"""One learner's network: changes go in, the arrays of its newest pass come out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from app.network.activations import activation_named
from app.network.checks import check_index
from app.network.errors import Fault, NetworkError, shape_text
from app.network.explain import explain_layer, gradients, running_sums, running_terms, shares
from app.network.forward import Trace, forward
from app.network.network import Layer, Network, check_inputs
from app.network.responses import Axis, Sweep, Vary, VaryInput, check_vary, curve, grid, spread, sweeps


@dataclass(frozen=True, slots=True)
class WatchExplain:
    """One neuron's sum: contributions, running sums (bias first, and bias last), derivative and activation curve."""

    layer: int
    neuron: int


@dataclass(frozen=True, slots=True)
class WatchShares:
    """The exponentials of a layer's z, their sum, and each one's share of it: what softmax is made of."""

    layer: int


@dataclass(frozen=True, slots=True)
class WatchDifferences:
    """How far the inputs and each layer's activations are from these values, one vector for each."""

    values: Sequence[Tensor]


@dataclass(frozen=True, slots=True)
class WatchSweep:
    """The outputs that every position of one slider would give; with `layers`, every layer's activations too.

    `later`: told after the pass, in a frame of its own.
    """

    vary: Vary
    low: float
    high: float
    steps: int
    name: str | None = None
    layers: bool = False
    later: bool = False


@dataclass(frozen=True, slots=True)
class WatchGrid:
    """Every neuron's response over a plane of two inputs; `later` as in WatchSweep."""

    x: Axis
    y: Axis
    steps: int
    name: str | None = None
    later: bool = False


@dataclass(frozen=True, slots=True)
class WatchBatch:
    """The outputs of other inputs than the session's own: `inputs` (batch, n_in), in the network's dtype."""

    inputs: Tensor
    name: str | None = None


@dataclass(frozen=True, slots=True)
class WatchGradients:
    """d output / d input."""


Watch = WatchExplain | WatchShares | WatchDifferences | WatchSweep | WatchGrid | WatchBatch | WatchGradients
Named = list[tuple[str, Tensor]]
# What a watch's arrays rest on: how often the network had been changed, and the bytes of the inputs that count.
Basis = tuple[int, bytes]


@dataclass(frozen=True, slots=True)
class Due:
    """Of what is watched for later, that which is no longer as it was told: some watches by number."""

    watches: Sequence[tuple[int, Watch]]
    # What all that is watched for later rests on, once these were told too.
    bases: dict[int, Basis]
    # Multiply-adds, roughly.
    cost: int


class Session:
    """A network and one input vector (n_in,), both owned by the session and changed in place between passes.

    A change that cannot be made raises NetworkError and changes nothing: `prepare` checks all of a command first and
    gives back what would make it.
    """

    def __init__(self, network: Network, inputs: Tensor) -> None:
        check_inputs(network, inputs)
        if inputs.dim() != 1:
            values = {"expected": shape_text((network.n_in,)), "got": shape_text(inputs.shape), "n_in": network.n_in}
            raise NetworkError(Fault("shape-mismatch", "one-input-vector", "/inputs", values, hint="one-input-vector"))
        self._layers = [
            Layer(layer.weights.clone(), layer.biases.clone(), layer.activation, layer.name) for layer in network.layers
        ]
        self._network = Network(self._layers)
        self._inputs = inputs.clone()
        self._watches: tuple[Watch, ...] = ()
        # Counts the changes of weights, biases and activations.
        self._edits = 0

    @property
    def network(self) -> Network:
        """The network as it stands; its tensors change with the next change."""
        return self._network

    @property
    def device(self) -> str:
        return str(self._network.device)

    @property
    def cost(self) -> int:
        """Multiply-adds of one pass with everything that is told with it, roughly."""
        return (
            1 + sum(self._rows(watch) for watch in self._watches if not _is_later(watch))
        ) * self._network.parameters

    def _rows(self, watch: Watch) -> int:
        """How many input vectors a watch runs through the network."""
        match watch:
            case WatchGrid(steps=steps):
                return steps * steps
            case WatchSweep(steps=steps):
                return steps
            case WatchBatch(inputs):
                return inputs.shape[0]
            case WatchGradients():
                return 3 * self._network.n_out
            case _:
                return 0

    # ---- changes: each checks, and gives back what makes it ----

    def set_input(self, index: int, value: float, pointer: str) -> Callable[[], None]:
        check_index(index, self._network.n_in, "no-such-input", f"{pointer}/input")
        self._check_held(value, f"{pointer}/value")
        return lambda: self._inputs.__setitem__(index, value)

    def set_inputs(self, values: Tensor, pointer: str) -> Callable[[], None]:
        _check_shape(values, self._inputs, f"{pointer}/inputs")
        return lambda: void(self._inputs.copy_(values))

    def set_weight(self, layer: int, source: int, target: int, value: float, pointer: str) -> Callable[[], None]:
        weights = self._layer(layer, pointer).weights
        check_index(source, weights.shape[0], "no-such-weight-row", f"{pointer}/weight/0")
        check_index(target, weights.shape[1], "no-such-weight-column", f"{pointer}/weight/1")
        self._check_held(value, f"{pointer}/value")
        return self._edit(lambda: weights.__setitem__((source, target), value))

    def set_weights(self, layer: int, values: Tensor, pointer: str) -> Callable[[], None]:
        weights = self._layer(layer, pointer).weights
        _check_shape(values, weights, f"{pointer}/weights")
        return self._edit(lambda: void(weights.copy_(values)))

    def set_bias(self, layer: int, neuron: int, value: float, pointer: str) -> Callable[[], None]:
        biases = self._layer(layer, pointer).biases
        check_index(neuron, biases.shape[0], "no-such-neuron", f"{pointer}/bias")
        self._check_held(value, f"{pointer}/value")
        return self._edit(lambda: biases.__setitem__(neuron, value))

    def set_biases(self, layer: int, values: Tensor, pointer: str) -> Callable[[], None]:
        biases = self._layer(layer, pointer).biases
        _check_shape(values, biases, f"{pointer}/biases")
        return self._edit(lambda: void(biases.copy_(values)))

    def set_activation(self, layer: int, name: str, pointer: str) -> Callable[[], None]:
        self._layer(layer, pointer)
        activation = activation_named(name, f"{pointer}/activation")

        def change() -> None:
            old = self._layers[layer]
            self._layers[layer] = Layer(old.weights, old.biases, activation, old.name)
            self._network = Network(self._layers)

        return self._edit(change)

    def _edit(self, change: Callable[[], None]) -> Callable[[], None]:
        def edit() -> None:
            self._edits += 1
            change()

        return edit

    def watch(self, watches: Sequence[Watch]) -> None:
        """Replaces what is watched. Raises NetworkError, its pointers counted from /watch."""
        for k, watch in enumerate(watches):
            pointer = f"/watch/{k}"
            match watch:
                case WatchExplain(layer, neuron):
                    self._layer(layer, pointer)
                    check_index(neuron, self._layers[layer].n_out, "no-such-neuron", f"{pointer}/neuron")
                case WatchShares(layer):
                    self._layer(layer, pointer)
                case WatchDifferences(values):
                    self._check_values(values, f"{pointer}/values")
                case WatchSweep(vary):
                    check_vary(self._network, vary, f"{pointer}/vary")
                case WatchBatch(inputs):
                    check_inputs(self._network, inputs, f"{pointer}/inputs")
                case WatchGrid(x, y):
                    check_index(x.input, self._network.n_in, "no-such-input", f"{pointer}/x/input")
                    check_index(y.input, self._network.n_in, "no-such-input", f"{pointer}/y/input")
                    if x.input == y.input:
                        fault = Fault("out-of-range", "same-input-twice", f"{pointer}/y/input", {"input": x.input})
                        raise NetworkError(fault)
        self._watches = tuple(watches)

    # ---- the pass ----

    def arrays(self) -> Named:
        """Every array of one pass by name, in the order that a frame carries them."""
        with torch.inference_mode():
            trace = forward(self._network, self._inputs)
            named: Named = [("inputs", self._inputs)]
            for k, (z, a) in enumerate(zip(trace.pre_activations, trace.activations, strict=True)):
                named += [(f"layers.{k}.pre_activations", z), (f"layers.{k}.activations", a)]
            beside = [(k, watch) for k, watch in enumerate(self._watches) if not _is_later(watch)]
            return named + self._told(beside, trace)

    def due(self, told: Mapping[int, Basis]) -> Due:
        """What is to be told later, of the network and the inputs as they stand, where `told` was told since `watch`.

        A plane of two inputs stays what it was while only these two move, a sweep while only its own input does.
        """
        inputs = self._inputs.numpy(force=True).tobytes()
        later = [(k, watch) for k, watch in enumerate(self._watches) if _is_later(watch)]
        bases = {k: (self._edits, _without(inputs, _varied(watch), self._inputs.itemsize)) for k, watch in later}
        due = [(k, watch) for k, watch in later if told.get(k) != bases[k]]
        return Due(due, bases, sum(self._rows(watch) for _, watch in due) * self._network.parameters)

    def later_arrays(self, due: Due) -> Named:
        """The arrays of what is due."""
        with torch.inference_mode():
            return self._told(due.watches, None)

    def _told(self, watches: Sequence[tuple[int, Watch]], trace: Trace | None) -> Named:
        """What these watches tell; those of the pass itself need its trace."""
        swept = iter(self._swept([watch for _, watch in watches if isinstance(watch, WatchSweep)]))
        named: Named = []
        for k, watch in watches:
            if isinstance(watch, WatchSweep):
                named += _sweep_arrays(watch.name or str(k), next(swept), layers=watch.layers)
            elif isinstance(watch, WatchExplain | WatchShares | WatchDifferences):
                assert trace is not None
                named += self._of_pass(watch, trace)
            else:
                named += self._watched(k, watch)
        return named

    def _swept(self, watched: Sequence[WatchSweep]) -> list[Sweep]:
        """These sweeps, in their order, computed together."""
        wanted = [(each.vary, spread(each.low, each.high, each.steps, self._inputs)) for each in watched]
        return sweeps(self._network, self._inputs, wanted)

    def _of_pass(self, watch: WatchExplain | WatchShares | WatchDifferences, trace: Trace) -> Named:
        match watch:
            case WatchExplain():
                return self._explained(watch, trace)
            case WatchShares(layer):
                found = shares(trace.pre_activations[layer])
                parts = ("exponentials", "total", "shares", "log_total", "subtracted")
                return [(f"shares.{layer}.{part}", getattr(found, part).reshape(-1)) for part in parts]
            case WatchDifferences(values):
                now = (trace.inputs, *trace.activations)
                return [(f"differences.{k}", a - b) for k, (a, b) in enumerate(zip(now, values, strict=True))]

    def _explained(self, watch: WatchExplain, trace: Trace) -> Named:
        layer, neuron = watch.layer, watch.neuron
        part = explain_layer(self._network, trace, layer, neuron)
        name = f"explain.{layer}.{neuron}"
        z = trace.pre_activations[layer]
        return [
            (f"{name}.contributions", part.contributions[:, 0]),
            (f"{name}.sums", running_sums(part)[:, 0]),
            (f"{name}.running", running_terms(part)[:, 0]),
            (f"{name}.derivative", part.derivatives),
            (f"{name}.curve", curve(self._network.layers[layer].activation, z, neuron)),
        ]

    def _watched(self, k: int, watch: WatchGrid | WatchBatch | WatchGradients) -> Named:
        match watch:
            case WatchGrid(x, y, steps):
                plane = grid(self._network, self._inputs, x, y, steps)
                name = f"grid.{watch.name or k}"
                return [(f"{name}.layers.{j}.activations", a) for j, a in enumerate(plane.activations)]
            case WatchBatch(inputs):
                return [(f"batch.{watch.name or k}.outputs", forward(self._network, inputs).activations[-1])]
            case WatchGradients():
                found = gradients(self._network, self._inputs, parameters=False)
                return [("gradients.inputs", found.inputs)]

    def _layer(self, layer: int, pointer: str) -> Layer:
        check_index(layer, len(self._layers), "no-such-layer", f"{pointer}/layer")
        return self._layers[layer]

    def _check_values(self, values: Sequence[Tensor], pointer: str) -> None:
        """One vector for the inputs and one for each layer, as long as these."""
        sizes = self._network.sizes
        for k, (vector, size) in enumerate(zip(values, sizes, strict=False)):
            _check_shape(vector, vector.new_empty(size), f"{pointer}/{k}")
        if len(values) != len(sizes):
            shapes = {"expected": str(len(sizes)), "got": str(len(values))}
            raise NetworkError(Fault("shape-mismatch", "same-shape", pointer, shapes))

    def _check_held(self, value: float, pointer: str) -> None:
        largest = torch.finfo(self._network.dtype).max
        if not abs(value) <= largest:
            values = {"dtype": "float32", "largest": largest}
            raise NetworkError(Fault("out-of-range", "not-held", pointer, values))


def _sweep_arrays(name: str, swept: Sweep, *, layers: bool) -> Named:
    named = [(f"sweep.{name}.values", swept.values), (f"sweep.{name}.outputs", swept.outputs)]
    if layers:
        named += [(f"sweep.{name}.layers.{j}.activations", a) for j, a in enumerate(swept.activations)]
    return named


def _is_later(watch: Watch) -> bool:
    return isinstance(watch, WatchSweep | WatchGrid) and watch.later


def _varied(watch: Watch) -> Sequence[int]:
    """The inputs that a watch sets itself, whatever the session's are."""
    match watch:
        case WatchGrid(x, y):
            return x.input, y.input
        case WatchSweep(VaryInput(index)):
            return (index,)
        case _:
            return ()


def _without(values: bytes, indices: Sequence[int], size: int) -> bytes:
    """The bytes of an array without some of its elements, each of `size` bytes."""
    for index in sorted(indices, reverse=True):
        values = values[: index * size] + values[(index + 1) * size :]
    return values


def _check_shape(values: Tensor, place: Tensor, pointer: str) -> None:
    if values.shape != place.shape:
        shapes = {"expected": shape_text(place.shape), "got": shape_text(values.shape)}
        raise NetworkError(Fault("shape-mismatch", "same-shape", pointer, shapes))


def void(_: object) -> None:
    """Drops a result where only the doing counts."""
