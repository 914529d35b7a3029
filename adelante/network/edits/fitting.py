"""The sizes of parameters by the shapes that their layers are given: resized, what was set of them stays."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any

from torch import Tensor

from adelante.network.edits.draft import Draft, DraftLayer
from adelante.network.errors import Fault, NetworkError, NetworkFault
from adelante.network.metas import CHECKED, meta_of
from adelante.network.network import Node
from adelante.network.operations.operation import Shape
from adelante.network.random import Drawing, draw_parameters, parameter_shapes
from adelante.network.shapes import Meta
from adelante.network.words import cpu_words

_NORMS = {"batch_norm": "num_features", "instance_norm": "num_features", "group_norm": "num_channels"}
_OVER_SHAPE = ("layer_norm", "rms_norm")
# A tensor's in a pass of one input, and, where there may be several, in one of two.
Metas = tuple[Meta, ...]


@dataclass(frozen=True)
class Wish:
    """What someone asks of a layer's parameters; what is not said stays as it is, or is torch.nn's default."""

    sizes: Mapping[str, Any]
    bias: bool | None = None
    affine: bool | None = None


@dataclass(frozen=True)
class _Resized:
    place: int
    drawing: Drawing
    shapes: Mapping[str, Shape]
    # The shape of the picture that a flattened row was, before and after.
    before: Shape | None
    after: Shape | None


@dataclass(frozen=True)
class Fit:
    """How a draft's layers fit each other: the shapes of all its tensors, and the parameters that are to be drawn."""

    metas: Mapping[str, Metas]
    resized: Sequence[_Resized]

    def parameters(self, draft: Draft) -> int:
        """How many numbers the parameters will hold."""
        new = {name for each in self.resized for name in draft.layers[each.place].operands}
        return sum(prod(self.metas[name][0].shape) for name in new | set(draft.parameters) if name in self.metas)


def fitted(
    draft: Draft,
    old: Mapping[str, Shape],
    wishes: Mapping[int, Wish],
    before: Mapping[str, DraftLayer],
    known: Mapping[str, Metas],
) -> Fit:
    """Gives every layer parameters of the sizes that its inputs' shapes ask for; their numbers are still to be drawn.

    `old` has the shape of what each layer took first before, with the batch, by its result's name; `wishes` what was
    asked for, by the layer's place. `before` are the layers as they were, by their results, and `known` all tensors
    then: an untouched layer that takes the same as then gives the same. Raises NetworkError with torch's words where a
    layer does not fit what it takes.
    """
    metas = dict(known)
    batches = CHECKED[draft.batch]
    moved: set[str] = set()
    resized: list[_Resized] = []
    for place, layer in enumerate(draft.layers):
        if layer is before.get(layer.result) and place not in wishes and moved.isdisjoint(layer.operands):
            continue
        layer = draft.layers[place] = _reshaped(layer, old, metas)
        drawing = _drawing(draft, layer, metas, wishes.get(place), before.get(layer.result))
        if drawing is not None:
            shapes = _shapes(drawing, place, metas[layer.operands[0]][0].shape)
            _check_own(draft, layer, place, shapes)
            if {role: tuple(metas[name][0].shape) for role, name in draft.own(layer).items()} != shapes:
                layer = draft.layers[place] = _with_roles(draft, layer, shapes)
                resized.append(_Resized(place, drawing, shapes, *_pictures(draft, place, old, metas)))
                known_as = _names(layer, shapes).items()
                sizes = {name: (Meta(shapes[role], draft.dtype),) * len(batches) for role, name in known_as}
                metas |= sizes
                moved.update(sizes)
        _check_operands(layer, place)
        _compute(layer, place, metas, batches)
        moved.update(name for name in (layer.before, layer.result) if name and metas[name] != known.get(name))
    return Fit(metas, resized)


def _shapes(drawing: Drawing, place: int, given: Shape) -> dict[str, Shape]:
    """The shapes of what is drawn for a layer that takes this shape."""
    try:
        shapes = parameter_shapes([drawing])[0]
        if drawing.kind == "prelu" and shapes["other"] != (1,):
            # A slope for each channel: of the dimension after the batch, as torch.nn.PReLU has them.
            shapes["other"] += (1,) * (len(given) - 2)
        return shapes
    except NetworkError as error:
        faults = [
            replace(fault, pointer=fault.pointer.replace("/layers/0", f"/layers/{place}", 1)) for fault in error.faults
        ]
        raise NetworkError(faults) from None


def _check_operands(layer: DraftLayer, place: int) -> None:
    """Raises NetworkError where a layer lacks a tensor that it takes."""
    operation, count = layer.operation, len(layer.operands)
    if count < len(operation.operands) - operation.OPTIONAL:
        known = ", ".join(operation.operands)
        values = {"kind": operation.kind, "name": operation.operand(count), "operands": known}
        raise NetworkError(Fault("missing-field", "edited-operand", f"/layers/{place}", values))


def _compute(layer: DraftLayer, place: int, metas: dict[str, Metas], batches: Sequence[int | None]) -> None:
    """The shapes of what a layer gives. Raises NetworkError with torch's words where it does not fit."""
    computed = []
    for k, batch in enumerate(batches):
        given = [metas[name][k] for name in layer.operands]
        computed.append(_computed(layer, place, batch, given))
    if layer.before is not None:
        metas[layer.before] = tuple(before for before, _ in computed)
    metas[layer.result] = tuple(result for _, result in computed)


def _computed(layer: DraftLayer, place: int, batch: int | None, given: Sequence[Meta]) -> tuple[Meta, Meta]:
    """What a layer gives in a pass of so many inputs, before its activation and after."""
    operation = layer.operation.at_batch(batch or 1)
    try:
        node = Node(f"layers.{place}.activations", operation, layer.operands)
        before = result = meta_of(node, operation, given)
        if layer.activation is not None:
            node = Node(node.name, layer.activation, (node.name,))
            result = meta_of(node, layer.activation.at_batch(batch or 1), [before])
    except NetworkFault as fault:
        found = fault.fault
        words = cpu_words(operation, [(each.shape, each.dtype) for each in given]) or found.torch_words
        values = {**found.values, "given": _shapes_of(layer, given)}
        hint = found.hint
        if found.key == "layer-shapes":
            # What fits one input and not two takes one of them for a part of the other.
            hint = "edited-batch" if batch == 2 else "edited-shapes"
        raise NetworkError(replace(found, values=values, hint=hint, torch_words=words)) from None
    return before, result


def _shapes_of(layer: DraftLayer, given: Sequence[Meta]) -> str:
    named = (layer.operation.operand(k) for k in range(len(given)))
    return ", ".join(f"{role} {tuple(meta.shape)}" for role, meta in zip(named, given, strict=True))[:600]


def _reshaped(layer: DraftLayer, old: Mapping[str, Shape], metas: Mapping[str, Metas]) -> DraftLayer:
    """The layer where an option is a size of its inputs: a norm over the whole of their last dimensions, and a row of
    all that was in a picture, go on to be that."""
    kind, options = layer.operation.kind, layer.operation.options
    if kind in _OVER_SHAPE:
        shape = options["normalized_shape"]
        now = tuple(metas[layer.operands[0]][0].shape[-len(shape) :])
        return layer if now == tuple(shape) else _with_option(layer, normalized_shape=now)
    if kind == "reshape" and len(options["shape"]) == 2:
        batch, count = options["shape"]
        before, after = old.get(layer.result, ()), metas[layer.operands[0]][0].shape
        if prod(before[1:]) == count != prod(after[1:]):
            return _with_option(layer, shape=(batch, prod(after[1:])))
    return layer


def _with_option(layer: DraftLayer, **options: Any) -> DraftLayer:
    return replace(layer, operation=replace(layer.operation, **options))


def _drawing(
    draft: Draft, layer: DraftLayer, metas: Mapping[str, Metas], wish: Wish | None, before: DraftLayer | None
) -> Drawing | None:
    """What torch.nn would be asked for a layer with these inputs, which was `before`; None where nothing is drawn."""
    operation, shape = layer.operation, metas[layer.operands[0]][0].shape if layer.operands else ()
    own = {role: metas[name][0].shape for role, name in draft.own(layer).items()}
    if wish is None and not own:
        return None
    asked = dict(wish.sizes) if wish is not None else {}
    bias, affine = _parts(operation.kind, own, wish)
    groups = (before or layer).operation.options.get("groups", 1)
    sizes = _sizes(operation.kind, operation.options, shape, own, asked, groups)
    # Weights that another layer computes, or some that no module of torch.nn has, are as they are.
    if sizes is None or (wish is None and not set(own) & {"weights", "mean", "scale", "shift", "other"}):
        return None
    return Drawing(operation.kind, sizes, bias, affine)


def _parts(kind: str, own: Mapping[str, Shape], wish: Wish | None) -> tuple[bool, bool]:
    """Whether it has biases, or shifts, and whether a normalisation has scales."""
    has_bias = "biases" in own or "shift" in own or not own
    has_scale = "scale" in own or not own
    if kind in ("batch_norm", *_OVER_SHAPE) and "mean" in own and "scale" not in own:
        has_scale = has_bias = False
    bias = has_bias if wish is None or wish.bias is None else wish.bias
    return bias, has_scale if wish is None or wish.affine is None else wish.affine


def _sizes(
    kind: str,
    options: Mapping[str, Any],
    shape: Shape,
    own: Mapping[str, Shape],
    asked: Mapping[str, Any],
    groups: int,
) -> dict[str, Any] | None:
    """Sizes as `Drawing` has them; `groups` are those that a convolution had."""
    weights = own.get("weights")
    if kind in ("dense", "linear"):
        n_out = None if weights is None else weights[1 if kind == "dense" else 0]
        return _known(in_features=shape[-1] if shape else None, out_features=asked.get("out_features", n_out))
    if kind.startswith("conv"):
        dims, transposed = int(kind[-2]), "transpose" in kind
        outs = None if weights is None else (weights[1] * groups if transposed else weights[0])
        channels = shape[-dims - 1] if len(shape) > dims else 1
        kernel = asked.get("kernel_size", None if weights is None else tuple(weights[2:]))
        found = _known(in_channels=channels, out_channels=asked.get("out_channels", outs), kernel_size=kernel)
        return found and {**found, "groups": options["groups"]}
    if kind in _NORMS:
        return {_NORMS[kind]: shape[1] if len(shape) > 1 else 1}
    if kind in _OVER_SHAPE:
        return {"normalized_shape": tuple(options["normalized_shape"])}
    if kind == "embedding":
        rows, columns = weights or (None, None)
        return _known(
            num_embeddings=asked.get("num_embeddings", rows), embedding_dim=asked.get("embedding_dim", columns)
        )
    if kind == "prelu":
        count = prod(own.get("other", (1,)))
        return {"num_parameters": asked.get("num_parameters", 1 if count == 1 else shape[1])}
    return None


def _known(**sizes: Any) -> dict[str, Any] | None:
    return None if None in sizes.values() else sizes


def _check_own(draft: Draft, layer: DraftLayer, place: int, shapes: Mapping[str, Shape]) -> None:
    """Raises NetworkError where other layers compute what would be drawn."""
    given = {layer.operation.operand(k) for k, name in enumerate(layer.operands) if name not in draft.parameters}
    if given & set(shapes):
        kind = {"kind": layer.operation.kind}
        raise NetworkError(Fault("invalid-value", "edited-computed", f"/layers/{place}", kind))


def _with_roles(draft: Draft, layer: DraftLayer, shapes: Mapping[str, Shape]) -> DraftLayer:
    """The layer with a tensor for each of these parameters, those that it has where it has them.

    Raises NetworkError where another layer uses one of them too.
    """
    own = draft.own(layer)
    for name in own.values():
        if draft.read[name] > 1:
            place = draft.layers.index(layer)
            raise NetworkError(
                Fault("invalid-value", "edited-shared", f"/layers/{place}", {"kind": layer.operation.kind})
            )
    given = [name for name in layer.operands if name not in own.values()]
    roles = [own.get(role) or draft.new_name() for role in layer.operation.operands if role in shapes]
    # Of an operation that takes its weights first, as an embedding does, the inputs come after.
    first = layer.operation.operands[0] in shapes
    return replace(layer, operands=(*roles, *given) if first else (*given, *roles))


def _names(layer: DraftLayer, drawn: Collection[str]) -> dict[str, str]:
    """The tensors of the parameters that are drawn, by what the operation calls them."""
    roles = [role for role in layer.operation.operands if role in drawn]
    first = layer.operation.operands[0] in drawn
    names = layer.operands[: len(roles)] if first else layer.operands[len(layer.operands) - len(roles) :]
    return dict(zip(roles, names, strict=True))


def _pictures(
    draft: Draft, place: int, old: Mapping[str, Shape], metas: Mapping[str, Metas]
) -> tuple[Shape | None, Shape | None]:
    """Of a dense layer after a flattening: the shape of what was flattened, before and now."""
    layer = draft.layers[place]
    if layer.operation.kind not in ("dense", "linear"):
        return None, None
    earlier = (draft.layers[k] for k in reversed(range(place)))
    giver = next((each for each in earlier if each.result == layer.operands[0]), None)
    if giver is None or giver.operation.kind not in ("flatten", "reshape") or giver.result not in old:
        return None, None
    before, after = old[giver.result][1:], metas[giver.operands[0]][0].shape[1:]
    return (before, after) if len(before) == len(after) > 1 else (None, None)


def draw(draft: Draft, resized: Sequence[_Resized], seed: int) -> None:
    """Draws what is to be drawn, as torch.nn's modules do that are made in the layers' order after a seed.

    Where a parameter had a number, that stays.
    """
    drawn = draw_parameters([each.drawing for each in resized], seed)
    for change, tensors in zip(resized, drawn, strict=True):
        layer = draft.layers[change.place]
        for role, name in _names(layer, tensors).items():
            new = tensors[role].to(draft.dtype).reshape(change.shapes[role]).contiguous()
            old = draft.parameters.get(name)
            draft.parameters[name] = new if old is None else _kept(old, new, role, layer.operation.kind, change)


def _kept(old: Tensor, new: Tensor, role: str, kind: str, change: _Resized) -> Tensor:
    """The new numbers, with the old ones wherever there is a place for them."""
    old_sides, new_sides = tuple(old.shape), tuple(new.shape)
    if role == "weights" and kind in ("dense", "linear") and change.before is not None and change.after is not None:
        inner = 0 if kind == "dense" else 1
        if prod(change.before) == old.shape[inner] and prod(change.after) == new.shape[inner]:
            # A picture's pixels stay with their places, not with their numbers in a row.
            old_sides = (*old.shape[:inner], *change.before, *old.shape[inner + 1 :])
            new_sides = (*new.shape[:inner], *change.after, *new.shape[inner + 1 :])
    if len(old_sides) != len(new_sides):
        return new
    result = new.clone().reshape(new_sides)
    kernel = range(2, len(new_sides)) if role == "weights" and kind.startswith("conv") else ()
    both = [_shared(a, b, centred=k in kernel) for k, (a, b) in enumerate(zip(old_sides, new_sides, strict=True))]
    there, here = tuple(new for _, new in both), tuple(old for old, _ in both)
    result[there] = old.reshape(old_sides)[here].to(result.dtype)
    return result.reshape(new.shape)


def _shared(old: int, new: int, *, centred: bool) -> tuple[slice, slice]:
    """What of a side stays, where it was and where it is: a kernel's middle stays its middle, where torch pads by
    "same"."""
    shift = (new - 1) // 2 - (old - 1) // 2 if centred else 0
    first, last = max(0, shift), min(new, old + shift)
    return slice(first - shift, last - shift), slice(first, last)
