"""Changes of what a network is made of: a layer added, moved, removed, or made another.

>>> from adelante.network.presets import preset_named
>>> from adelante.network.operations import operation_named
>>> digits = preset_named("digits-conv").network
>>> taller = edited(digits, [Change(0, sizes={"out_channels": 6})], seed=7)
>>> taller.parameters["layers.0.weights"].shape[0]
6
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from itertools import takewhile
from typing import Any

from adelante.network.edits.draft import Draft, DraftLayer, draft_of, layer_at, named_input, named_tensor
from adelante.network.edits.fitting import Fit, Metas, Wish, draw, fitted
from adelante.network.edits.heads import HEADS, give_heads
from adelante.network.errors import Fault, NetworkError
from adelante.network.metas import CHECKED, has_batch, metas_by_batch
from adelante.network.network import Network
from adelante.network.operations import Operation
from adelante.network.operations.operation import Shape

__all__ = ["KEPT", "Add", "Change", "Edit", "Ground", "Move", "Remove", "edited"]


class Kept(Enum):
    """What an edit leaves as it is."""

    KEPT = "kept"


KEPT = Kept.KEPT


@dataclass(frozen=True)
class Add:
    """A new layer after the one at this place, −1 for the input: whoever took that one's result takes the new one's.

    `sizes` are those of `Drawing` that the inputs' shape does not say: out_features, out_channels, kernel_size,
    num_embeddings, embedding_dim, num_parameters. `others` names what it takes
    beside: of an addition, the other tensor. `into` are the places of those who take the new one's result, where not
    all do: of a fork, one branch. `input` names the input that it takes, where there are several.
    """

    after: int
    operation: Operation
    sizes: Mapping[str, Any] = field(default_factory=dict)
    bias: bool | None = None
    affine: bool | None = None
    activation: Operation | None = None
    name: str | None = None
    others: tuple[str, ...] = ()
    into: tuple[int, ...] = ()
    input: str | None = None


@dataclass(frozen=True)
class Move:
    """The layer at this place comes after another one, −1 for the input; what was set of it stays.

    Whoever took its result takes what it took first; whoever takes the result of the one at `after`, or of these those
    at the places `into`, takes its result. All places are counted as they are before the move. `input` is as in `Add`.
    """

    layer: int
    after: int
    into: tuple[int, ...] = ()
    input: str | None = None


@dataclass(frozen=True)
class Remove:
    """Without the layer at this place: whoever took its result takes what it took first."""

    layer: int


@dataclass(frozen=True)
class Change:
    """Another layer of the same kind at this place. What is left out stays.

    Of an attention's softmax `sizes` may say how many `heads` it has: its other layers change with it.
    """

    layer: int
    operation: Operation | None = None
    sizes: Mapping[str, Any] = field(default_factory=dict)
    bias: bool | None = None
    activation: Operation | Kept | None = KEPT
    name: str | Kept | None = KEPT


Edit = Add | Move | Remove | Change


def edited(
    network: Network,
    edits: Sequence[Edit],
    seed: int = 0,
    *,
    pointers: Sequence[str] | None = None,
    most: int | None = None,
) -> Network:
    """The network with these changes, made in their order; it is checked once, after the last.

    Parameters that get another size keep every number that has a place in it. New ones are those of torch.nn's modules,
    made in the layers' order after torch.manual_seed(seed). `pointers` say where each edit stands, for whom it is told;
    `most` is how many numbers the parameters may hold.
    Raises NetworkError: out-of-range for a layer that is not there, and shape-mismatch with torch's words where a layer
    does not fit what it would be given; too-large for more numbers than `most`.
    """
    draft, fit = Ground(network).fitted(edits, pointers)
    if most is not None and (size := fit.parameters(draft)) > most:
        values = {"size": size, "limit": most, "setting": "ADELANTE_MAX_PARAMETERS"}
        raise NetworkError(Fault("too-large", "too-many-parameters", "/layers", values))
    draw(draft, fit.resized, seed)
    return draft.network()


class Ground:
    """A network taken apart once, on which any number of edits can be tried: what they leave as it is costs little."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self._draft = draft_of(network)
        self._shapes = network.whole_shapes
        self.metas = metas_by_batch(network.inputs, network.parameters, network.nodes, CHECKED[network.batch])
        """Every tensor's shape and dtype, by each of the batches."""
        self._old = {
            each.result: self._shapes[each.operands[0]]
            for each in self._draft.layers
            if each.operands and each.operands[0] in self._shapes
        }
        self._layers = {each.result: each for each in self._draft.layers}

    def shape_of(self, edits: Sequence[Edit], layer: int) -> Shape | None:
        """The shape that this layer would have after the edits, as `Network.shapes` tells it; nothing is drawn.

        None where another output would have another shape than before, or this one would mix the inputs of a batch.
        Raises NetworkError as `edited` does.
        """
        draft, fit = self.fitted(edits, None)
        own = draft.layers[layer].result
        for before, after in zip(self.network.outputs, draft.outputs, strict=True):
            was, now = self.metas[before], fit.metas[after]
            if was != now if after != own else self._batched(was) and not self._batched(now):
                return None
        return self.one_input(fit.metas[own])

    def taken(self, after: int, into: Sequence[int] = (), input: str | None = None) -> str:
        """The tensor that a new layer takes at the place that `Add` says. Raises NetworkError where there is none."""
        return _given_at(self._draft, after, into, input, "")

    def one_input(self, metas: Metas) -> Shape:
        """A tensor's shape in a pass of one input, without the batch where that is its first dimension."""
        return metas[0].shape[self._batched(metas) :]

    def _batched(self, metas: Metas) -> bool:
        return self.network.batch == "any" and has_batch(metas)

    def fitted(self, edits: Sequence[Edit], pointers: Sequence[str] | None) -> tuple[Draft, Fit]:
        """The layers after the edits, and how they fit each other."""
        draft = self._draft.copy()
        wishes = _wishes(draft, edits, self._shapes, pointers)
        places = {place: wishes[layer.result] for place, layer in enumerate(draft.layers) if layer.result in wishes}
        return draft, fitted(draft, self._old, places, self._layers, self.metas)


def _wishes(
    draft: Draft, edits: Sequence[Edit], shapes: Mapping[str, Shape], pointers: Sequence[str] | None
) -> dict[str, Wish]:
    """Makes the edits; gives what they ask of parameters, by the layers' results."""
    wishes: dict[str, Wish] = {}
    parted: set[str] = set()
    for k, edit in enumerate(edits):
        pointer = f"/changes/{k}" if pointers is None else pointers[k]
        if isinstance(edit, Change) and HEADS in edit.sizes:
            softmax = layer_at(draft, edit.layer, f"{pointer}/change").result
            if softmax in parted:
                # All that an attention depends on is looked through each time.
                raise NetworkError(Fault("invalid-value", "edited-heads-twice", f"{pointer}/to/{HEADS}"))
            parted.add(softmax)
            give_heads(draft, edit.layer, edit.sizes[HEADS], shapes, f"{pointer}/to/{HEADS}")
            edit = replace(edit, sizes={name: size for name, size in edit.sizes.items() if name != HEADS})
        _make(draft, edit, wishes, pointer)
    return wishes


def _make(draft: Draft, edit: Edit, wishes: dict[str, Wish], pointer: str) -> None:
    if isinstance(edit, Add):
        layer = _add(draft, edit, pointer)
        wishes[layer.result] = Wish(edit.sizes, edit.bias, edit.affine)
    elif isinstance(edit, Move):
        _move(draft, edit, pointer)
    elif isinstance(edit, Remove):
        _remove(draft, edit, pointer)
    else:
        layer = _change(draft, edit, pointer)
        if edit.sizes or edit.bias is not None or edit.operation is not None:
            known = wishes.get(layer.result, Wish({}))
            bias = known.bias if edit.bias is None else edit.bias
            wishes[layer.result] = Wish({**known.sizes, **edit.sizes}, bias, known.affine)


def _add(draft: Draft, edit: Add, pointer: str) -> DraftLayer:
    taken = _given_at(draft, edit.after, edit.into, edit.input, pointer)
    others: tuple[str, ...] = ()
    if edit.others:
        known = [each.name for each in draft.inputs] + [each.result for each in draft.layers[: edit.after + 1]]
        given = enumerate(edit.others)
        others = tuple(named_tensor(draft, name, known, f"{pointer}/add/inputs/{i}") for i, name in given)
    module = _module_at(draft, edit.after)
    # Without a name it would be called as its module is.
    name = edit.name or (None if module is None else edit.operation.kind)
    result = draft.new_name()
    before_activation = draft.new_name() if edit.activation is not None else None
    layer = DraftLayer(edit.operation, (taken, *others), result, before_activation, edit.activation, name, module)
    _put(draft, layer, taken, edit.after, edit.into)
    return layer


def _given_at(draft: Draft, after: int, into: Sequence[int], input: str | None, pointer: str) -> str:
    """The tensor that a layer takes which comes after the one at `after`, before those at `into`."""
    names = [each.name for each in draft.inputs]
    if after >= 0:
        taken = layer_at(draft, after, f"{pointer}/after").result
    elif input is not None:
        taken = named_input(input, names, f"{pointer}/input")
    else:
        takers = [layer_at(draft, place, f"{pointer}/into").operands for place in into]
        found = [name for name in names if all(name in operands for operands in takers)]
        if len(found) > 1:
            raise NetworkError(Fault("out-of-range", "edited-after-inputs", f"{pointer}/after", {}))
        taken = (found or names)[0]
    for place in into:
        if taken not in layer_at(draft, place, f"{pointer}/into").operands:
            raise NetworkError(Fault("out-of-range", "edited-into", f"{pointer}/into", {"got": place}))
    return taken


def _put(draft: Draft, layer: DraftLayer, taken: str, after: int, into: Sequence[int]) -> None:
    """Puts a layer between a tensor and all who take that, or those at `into` alone."""
    if into:
        for place in into:
            draft.redirected(place, taken, layer.result)
    else:
        draft.renamed(taken, layer.result, after + 1)
    draft.insert(after + 1, layer)


def _move(draft: Draft, edit: Move, pointer: str) -> None:
    layer = layer_at(draft, edit.layer, f"{pointer}/move")
    layer_at(draft, max(0, edit.after), f"{pointer}/after")
    if edit.layer in (edit.after, *edit.into):
        raise NetworkError(Fault("out-of-range", "edited-after-itself", f"{pointer}/after", {"got": edit.layer}))
    old = _first_taken(draft, layer, f"{pointer}/move")
    draft.remove(edit.layer)
    for name in (layer.result, layer.before):
        if name is not None:
            draft.renamed(name, old, edit.layer)
    # The places after it are now one less.
    after = edit.after - (edit.after > edit.layer)
    into = [place - (place > edit.layer) for place in edit.into]
    taken = _given_at(draft, after, into, edit.input, pointer)
    operands = tuple(taken if name == old else name for name in layer.operands)
    known = {name for each in draft.layers[: after + 1] for name in (each.result, each.before)}
    known |= {each.name for each in draft.inputs} | set(draft.parameters)
    if late := [k for k, name in enumerate(operands) if name not in known]:
        values = {"kind": layer.operation.kind, "name": layer.operation.operand(late[0])}
        raise NetworkError(Fault("invalid-value", "edited-too-early", f"{pointer}/after", values))
    module, name = _module_of(draft, layer, after)
    _put(draft, replace(layer, operands=operands, module=module, name=name), taken, after, into)


def _first_taken(draft: Draft, layer: DraftLayer, pointer: str) -> str:
    """What a layer takes first that is no parameter. Raises NetworkError where it takes nothing."""
    taken = next((name for name in layer.operands if name not in draft.parameters), None)
    if taken is None:
        raise NetworkError(Fault("invalid-value", "edited-takes-nothing", pointer, {"kind": layer.operation.kind}))
    return taken


def _module_of(draft: Draft, layer: DraftLayer, after: int) -> tuple[str | None, str | None]:
    """The module in which a layer is where it is moved to, and its name.

    It stays in its own where no module would be parted by that; else it comes into the innermost one of its neighbours.
    """
    around, paths = _module_at(draft, after), [each.module or "" for each in draft.layers]
    own = (layer.module or "").split(".")
    modules = [".".join(own[: k + 1]) for k in range(len(own))] if layer.module else []
    beside = paths[max(0, after) : after + 2]
    kept = all(_any_in(each, beside) or not _any_in(each, paths) for each in modules)
    if kept and (around is None or around in modules):
        return layer.module, layer.name
    # Without a name it would be called as its module is.
    last = own[-1] if own[-1] and not own[-1].isdigit() else layer.operation.kind
    return around, layer.name or last


def _any_in(module: str, paths: Sequence[str]) -> bool:
    return any(f"{path}.".startswith(f"{module}.") for path in paths)


def _module_at(draft: Draft, after: int) -> str | None:
    """The innermost module in which both neighbours of a new layer are."""
    both = [each.module.split(".") for each in draft.layers[max(0, after) : after + 2] if each.module]
    if len(both) < 2:
        return None
    same = takewhile(lambda pair: pair[0] == pair[1], zip(*both, strict=False))
    return ".".join(part for part, _ in same) or None


def _remove(draft: Draft, edit: Remove, pointer: str) -> None:
    layer = layer_at(draft, edit.layer, f"{pointer}/remove")
    if len(draft.layers) == 1:
        raise NetworkError(Fault("empty", "edited-last-layer", f"{pointer}/remove", {}))
    taken = _first_taken(draft, layer, f"{pointer}/remove")
    draft.remove(edit.layer)
    for name in (layer.result, layer.before):
        if name is not None:
            draft.renamed(name, taken, edit.layer)
    for name in layer.operands:
        if name in draft.parameters and draft.read[name] == 0 and name not in draft.outputs:
            del draft.parameters[name]


def _change(draft: Draft, edit: Change, pointer: str) -> DraftLayer:
    layer = layer_at(draft, edit.layer, f"{pointer}/change")
    if edit.operation is not None:
        layer = replace(layer, operation=edit.operation)
    if edit.name is not KEPT:
        layer = replace(layer, name=edit.name)
    if edit.activation is not KEPT and edit.activation != layer.activation:
        before = layer.before
        if edit.activation is None and before is not None:
            draft.renamed(before, layer.result, edit.layer)
            before = None
        elif before is None:
            before = draft.new_name()
        layer = replace(layer, activation=edit.activation, before=before)
    draft.layers[edit.layer] = layer
    return layer
