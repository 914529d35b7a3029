"""One learner's network: changes go in, the arrays of its newest pass come out."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple, NoReturn

import torch
from torch import Tensor

from adelante.network.activations import activation_named
from adelante.network.cells import Cell
from adelante.network.checks import check_held, check_index, single_inputs
from adelante.network.dense.explain import explain_layer, gradients, running_sums, running_terms, shares
from adelante.network.dense.network import DenseLayer, DenseNetwork, DenseTrace
from adelante.network.dense.responses import Sweep, curve, grid, spread, sweeps
from adelante.network.errors import Fault, NetworkError, shape_text
from adelante.network.explain import FEW_CELLS
from adelante.network.forward import forward
from app.compute.loading import cost_of_batched_slopes
from app.compute.steps import CALL_COST
from app.live.budget import Budget
from app.live.cell_watches import Cells, WatchCell, WatchTensor
from app.live.watches import (
    Watch,
    WatchBatch,
    WatchDifferences,
    WatchExplain,
    WatchGradients,
    WatchGrid,
    WatchShares,
    WatchSweep,
    check_watch,
    cost_of,
    frame_bytes,
    inputs_that_count,
    is_later,
    kept_bytes,
    memory_of,
    numbers_of,
)
from app.store.networks import around_bytes, ready_bytes

Named = list[tuple[str, Tensor]]
# What a watch's arrays were computed from: how often the network had been changed, and the inputs that count, as bytes.
Version = tuple[int, bytes]


class Stale(NamedTuple):
    """Of what is watched for later, the watches whose arrays have changed since they were sent, by number."""

    watches: Sequence[tuple[int, Watch]]
    # The versions of all that is watched for later, once these are sent too.
    versions: dict[int, Version]
    # Multiply-adds, roughly.
    cost: int
    due: bool


class Change(NamedTuple):
    """A change that was found to be good: what makes it, and the layer whose numbers it writes, if it does.

    In a network of other kinds `tensor` is what it writes, and `kept` how many bytes its old value takes.
    """

    layer: int | None
    make: Callable[[], None]
    tensor: str | None = None
    kept: int = 0


class Price(NamedTuple):
    """What watching costs: numbers told, bytes of a frame and of making it, multiply-adds, the pass's included."""

    numbers: int
    frame: int
    memory: int
    cost: int


class Session:
    """A network and one input vector (n_in,), or (1, n_in), changed in place between passes.

    A network that others use too is shared until it is changed: the first change of a layer copies that layer. Each
    `set_…` checks a change and gives back what makes it; where it raises NetworkError, nothing was changed. `budget`
    counts the bytes that the session has for itself.
    """

    def __init__(self, network: DenseNetwork, inputs: Tensor, budget: Budget, *, shared: bool = True) -> None:
        self._layers = list(network.layers)
        self._network = network
        self._inputs = single_inputs(network, inputs).clone()
        self._budget = budget
        # Which layers only this session has.
        self._own: set[int] = set() if shared else set(range(len(self._layers)))
        # The first change puts the layers together anew, shared ones too.
        self._bytes = self._inputs.nbytes + (around_bytes(network) if shared else ready_bytes(network))
        self._watched_bytes = 0
        self._take(self._bytes, "/layers")
        self._shared = network if shared else None
        if shared and not budget.hold(network, ready_bytes(network)):
            budget.take(-self._bytes)
            self._refuse(ready_bytes(network), "/network", budget.topmost)
        self._watches: tuple[Watch, ...] = ()
        # Each with its number: those that a pass is told with, and those that are told later.
        self._at_once: list[tuple[int, Watch]] = []
        self._later: list[tuple[int, Watch]] = []
        self.cells = Cells()
        self._estimate()
        # Counts the changes of weights, biases and activations.
        self._edits = 0

    @property
    def network(self) -> DenseNetwork:
        """The network as it stands; its tensors change with the next change."""
        return self._network

    @property
    def device(self) -> str:
        return str(self._network.device)

    def _estimate(self) -> None:
        """What a pass and the watches that are told with it cost, which changes with both, is found once."""
        at_once = self.cost_of(watch for _, watch in self._at_once)
        self.cost = self._network.cost + CALL_COST * self._network.calls + at_once
        """Multiply-adds of one pass with everything that is told with it, roughly."""
        self.memory = memory_of(self._network, self._watches)
        """Bytes that a pass with all that is watched takes, roughly."""

    def cost_of(self, watches: Iterable[Watch]) -> int:
        """Multiply-adds of what these watches tell, roughly."""
        return sum(cost_of(self._network, watch) for watch in watches)

    def price(self, watches: Sequence[Watch]) -> Price:
        """What telling all of these at each change costs, those told later too."""
        network = self._network
        return Price(
            sum(numbers_of(network, watch) for watch in watches),
            frame_bytes(network, watches),
            memory_of(network, watches),
            network.cost + self.cost_of(watches),
        )

    # ---- memory ----

    def close(self) -> None:
        """Gives back what the session has for itself."""
        self._budget.take(-(self._bytes + self._watched_bytes))
        self._bytes = self._watched_bytes = 0
        shared, self._shared = self._shared, None
        if shared is not None:
            self._budget.release(shared, ready_bytes(shared))

    def own(self, layers: Iterable[int], pointer: str = "") -> None:
        """Copies these layers, where they are shared, before they are changed. Raises NetworkError (too-large)."""
        shared = [k for k in dict.fromkeys(layers) if k not in self._own]
        if not shared:
            return
        needed = sum(_bytes_of(self._layers[k]) for k in shared)
        self._take(needed, pointer)
        self._bytes += needed
        for k in shared:
            old = self._layers[k]
            self._layers[k] = old.with_numbers(old.weights.clone(), old.biases.clone())
            self._own.add(k)
        self._network = DenseNetwork(self._layers)

    def _take(self, size: int, pointer: str) -> None:
        if not self._budget.take(size):
            self._refuse(size, pointer, self._budget.lacking(size) or self._budget)

    @staticmethod
    def _refuse(size: int, pointer: str, lacking: Budget) -> NoReturn:
        values = {"size": size, "limit": lacking.limit, "setting": lacking.setting}
        raise NetworkError(Fault("too-large", "session-too-large", pointer, values, hint="session-too-large"))

    # ---- changes: each is checked, and given back as what makes it ----

    def set_cell(self, cell: Cell, value: float, pointer: str) -> Change:
        """Another value for a cell of the inputs or of a parameter, which has to be there (`check_varied`)."""
        check_held(value, self._network.dtype, f"{pointer}/value")
        if cell.tensor == "inputs":
            return Change(None, lambda: self._inputs.__setitem__(cell.at, value))
        layer, name = layer_and_name(cell.tensor)
        return self._edit(layer, lambda own: getattr(own, name).__setitem__(cell.at, value))

    def set_tensor(self, tensor: str, values: Tensor, pointer: str) -> Change:
        """Other values for the inputs or for a whole parameter. Raises NetworkError (shape-mismatch)."""
        if tensor == "inputs":
            _check_shape(values, self._inputs, pointer)
            return Change(None, lambda: void(self._inputs.copy_(values)))
        layer, name = layer_and_name(tensor)
        _check_shape(values, getattr(self._layers[layer], name), pointer)
        return self._edit(layer, lambda own: void(getattr(own, name).copy_(values)))

    def set_activation(self, layer: int, name: str, pointer: str) -> Change:
        check_index(layer, len(self._layers), "no-such-layer", f"{pointer}/layer")
        activation = activation_named(name, f"{pointer}/activation")

        def change() -> None:
            old = self._layers[layer]
            self._layers[layer] = old.with_activation(activation)
            self._network = DenseNetwork(self._layers)
            self._edits += 1
            self._estimate()

        return Change(None, change)

    def make(self, changes: Sequence[Change], pointer: str = "") -> None:
        """Makes the changes in their order. Raises NetworkError (too-large), and makes none."""
        self.own((change.layer for change in changes if change.layer is not None), pointer)
        for change in changes:
            change.make()

    def _edit(self, layer: int, edit: Callable[[DenseLayer], None]) -> Change:
        def change() -> None:
            edit(self._layers[layer])
            self._edits += 1

        return Change(layer, change)

    def watch(self, watches: Sequence[Watch], check: Callable[[], None] = lambda: None) -> None:
        """Replaces what is watched, once it is there to be watched and `check` finds it within limits.

        Raises NetworkError, its pointers counted from /watch, and what `check` raises; then all stays as it was.
        """
        for k, watch in enumerate(watches):
            check_watch(self._network, watch, f"/watch/{k}")
        check()
        kept = sum(map(kept_bytes, watches))
        self._take(kept - self._watched_bytes, "/watch")
        self._watched_bytes = kept
        self._watches = tuple(watches)
        self._at_once = [(k, watch) for k, watch in enumerate(watches) if not is_later(watch)]
        self._later = [(k, watch) for k, watch in enumerate(watches) if is_later(watch)]
        self.cells.watch(watches)
        self._estimate()

    # ---- the pass ----

    def arrays(self) -> Named:
        """Every array of one pass by name, in the order that a frame carries them."""
        with torch.inference_mode():
            trace = forward(self._network, self._inputs)
            named: Named = [("inputs", self._inputs)]
            for k, (z, a) in enumerate(zip(trace.pre_activations, trace.activations, strict=True)):
                named += [(f"layers.{k}.pre_activations", z), (f"layers.{k}.activations", a)]
            named += self._told(self._at_once, trace)
            if self.cells.watched:
                named += self.cells.told(trace)
            return named

    @property
    def loading(self) -> int:
        """What the next pass costs beyond `cost` because torch has yet to load what it needs, in multiply-adds."""
        batched = self._network.n_out > FEW_CELLS and any(isinstance(each, WatchGradients) for each in self._watches)
        return cost_of_batched_slopes() if batched else 0

    def told(self, speed: float) -> Named:
        """The same: `speed` counts where a pass is computed step by step."""
        return self.arrays()

    def stale(self, sent: Mapping[int, Version]) -> Stale:
        """What has to be sent later, of the network and the inputs as they stand, where `sent` was sent since `watch`.

        A plane of two inputs stays what it was while only these two move, a sweep while only its own input does.
        """
        inputs = self._inputs.numpy(force=True).tobytes() if self._later else b""
        size = self._inputs.itemsize
        versions = {k: (self._edits, inputs_that_count(inputs, watch, size)) for k, watch in self._later}
        changed = [(k, watch) for k, watch in self._later if sent.get(k) != versions[k]]
        cost = self.cost_of(watch for _, watch in changed) + CALL_COST * self._network.calls
        return Stale(changed, versions, cost, bool(changed))

    def later_arrays(self, stale: Stale) -> Named:
        """The arrays of what is stale."""
        with torch.inference_mode():
            return self._told(stale.watches, None)

    def told_later(self, stale: Stale, speed: float) -> Named:
        """The same, as `told` is of `arrays`."""
        return self.later_arrays(stale)

    def _told(self, watches: Sequence[tuple[int, Watch]], trace: DenseTrace | None) -> Named:
        """What these watches tell; those of the pass itself need its trace."""
        sweeping = [watch for _, watch in watches if isinstance(watch, WatchSweep)]
        swept = iter(self._swept(sweeping) if sweeping else ())
        named: Named = []
        for k, watch in watches:
            if isinstance(watch, WatchSweep):
                named += _sweep_arrays(watch.name or str(k), next(swept), layers=watch.layers)
            elif isinstance(watch, WatchTensor | WatchCell):
                continue  # told after all others
            elif isinstance(watch, WatchExplain | WatchShares | WatchDifferences):
                assert trace is not None
                named += self._of_pass(watch, trace)
            else:
                named += self._watched(k, watch)
        return named

    def _swept(self, watched: Sequence[WatchSweep]) -> list[Sweep]:
        """These sweeps, in their order, computed together."""
        like = self._inputs
        wanted = [(each.vary, _along(each.low, each.high, each.steps, like.dtype, like.device)) for each in watched]
        return sweeps(self._network, self._inputs, wanted)

    def _of_pass(self, watch: WatchExplain | WatchShares | WatchDifferences, trace: DenseTrace) -> Named:
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

    def _explained(self, watch: WatchExplain, trace: DenseTrace) -> Named:
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
            case WatchBatch(inputs, layers=layers):
                return _batch_arrays(watch.name or str(k), forward(self._network, inputs), layers=layers)
            case WatchGradients():
                found = gradients(self._network, self._inputs, parameters=False)
                return [("gradients.inputs", found.inputs)]


@lru_cache(maxsize=64)
def _along(low: float, high: float, steps: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    """The values that a sweep takes, which stay the same from pass to pass; to be read, not written."""
    return spread(low, high, steps, torch.empty(0, dtype=dtype, device=device))


def layer_and_name(tensor: str) -> tuple[int, str]:
    """The layer, and which of its parameters it is: layers.0.weights is (0, "weights")."""
    _, layer, name = tensor.split(".")
    return int(layer), name


def _bytes_of(layer: DenseLayer) -> int:
    return layer.weights.nbytes + layer.biases.nbytes


def _sweep_arrays(name: str, swept: Sweep, *, layers: bool) -> Named:
    named = [(f"sweep.{name}.values", swept.values), (f"sweep.{name}.outputs", swept.outputs)]
    if layers:
        named += [(f"sweep.{name}.layers.{j}.activations", a) for j, a in enumerate(swept.activations)]
    return named


def _batch_arrays(name: str, trace: DenseTrace, *, layers: bool) -> Named:
    named = [(f"batch.{name}.outputs", trace.activations[-1])]
    if layers:
        for j, (z, a) in enumerate(zip(trace.pre_activations, trace.activations, strict=True)):
            named += [(f"batch.{name}.layers.{j}.pre_activations", z), (f"batch.{name}.layers.{j}.activations", a)]
    return named


def _check_shape(values: Tensor, place: Tensor, pointer: str) -> None:
    if values.shape != place.shape:
        shapes = {"expected": shape_text(place.shape), "got": shape_text(values.shape)}
        raise NetworkError(Fault("shape-mismatch", "same-shape", pointer, shapes))


def void(_: object) -> None:
    """Drops a result where only the doing counts."""
