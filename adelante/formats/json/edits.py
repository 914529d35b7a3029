"""Edits of a network in a document: {"add": …, "after": K}, {"move": K, "after": J}, {"remove": K} and
{"change": K, "to": …}.

Layers are counted as they stand once the edits before were made, −1 is before the first. What is added is a layer as
in a network's document, with sizes (out_features, out_channels, kernel_size, …) in place of parameters; what is left
out is proposed by the shape that it takes. Where not all who take what the layer at `after` gives are to take the new
or moved one's, `into` lists those who are; `input` names the input that it takes, where there are several.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from adelante.formats.json.activation import activation_from
from adelante.formats.json.fields import MOST_FAULTS, Fields, whole
from adelante.formats.json.options import operation_from, options_of, written_options
from adelante.formats.json.references import MAX_NAME_LENGTH
from adelante.network.activations import ACTIVATIONS
from adelante.network.edits import KEPT, Add, Change, Edit, Ground, Move, Remove
from adelante.network.edits.heads import HEADS, SOFTMAXES
from adelante.network.edits.proposals import ELEMENTWISE, PROPOSED, partners, proposed
from adelante.network.errors import NetworkError
from adelante.network.network import Network
from adelante.network.operations import OPERATIONS, Operation
from adelante.network.operations.operation import Shape
from adelante.network.random import OPTIONAL_SIZES, SIZES

EDITS = ("add", "move", "remove", "change")
# What the shape of the inputs says.
_FOLLOWS = {"in_features", "in_channels", "num_features", "num_channels", "normalized_shape"}
_IDENTITY = ACTIVATIONS["identity"].operation


class Addition(NamedTuple):
    """A layer that may be added: its kind, what else is said of it, and the shape that it gives one input.

    `others`: of a layer that takes two tensors, those that may be the second.
    """

    kind: str
    fields: dict[str, Any]
    shape: Shape
    others: list[str]


def additions(network: Network, after: int, into: Sequence[int] = (), input: str | None = None) -> list[Addition]:
    """The proposals for a new layer at a place that leave a network whose layers all fit; the place is as in `Add`.

    Raises NetworkError where there is no such place.
    """
    found, ground = [], Ground(network)
    taken = ground.taken(after, into, input)
    place = {"after": after, **({"into": list(into)} if into else {}), **({"input": input} if input else {})}
    alike: list[Shape | None] = []
    for kind in PROPOSED:
        fields = proposed(kind, ground, after, taken)
        if fields is None:
            continue
        if kind not in ELEMENTWISE:
            shape = _shape_with(ground, kind, fields, place)
        else:
            # Where one of them fits, all do.
            alike = alike or [_shape_with(ground, kind, fields, place)]
            shape = alike[0]
        if shape is not None:
            found.append(Addition(kind, fields, shape, partners(kind, ground, after, taken)))
    return found


def _shape_with(ground: Ground, kind: str, fields: Mapping[str, Any], place: Mapping[str, Any]) -> Shape | None:
    """What a new layer gives one input, as it is proposed there; None where it does not fit."""
    try:
        edits = edits_from(ground.network, {"": {"add": {"kind": kind, **fields}, **place}}, ground)
        return ground.shape_of(edits, place["after"] + 1)
    except NetworkError:
        return None


def edits_from(network: Network, given: Mapping[str, Mapping[str, Any]], ground: Ground | None = None) -> list[Edit]:
    """The edits that documents tell of, by their pointers; `ground` is the network's, where it is known already.

    Raises NetworkError with every fault, each with its own pointer.
    """
    reader = _Reader(ground or Ground(network))
    edits = []
    for pointer, each in given.items():
        edits.append(reader.read(each, pointer))
        if len(reader.fields.faults) >= MOST_FAULTS:
            break
    if reader.fields.faults:
        raise NetworkError(reader.fields.faults)
    return [each for each in edits if each is not None]


class _Reader:
    def __init__(self, ground: Ground) -> None:
        self.fields = Fields()
        self.ground = ground
        network = ground.network
        self.layers = [network.by_name[each.nodes[0]].operation for each in network.layers]
        self.untouched = True

    def read(self, given: Mapping[str, Any], pointer: str) -> Edit | None:
        if "add" in given:
            return self._add(given, pointer)
        if "move" in given:
            return self._move(given, pointer)
        return self._remove(given, pointer) if "remove" in given else self._change(given, pointer)

    def _place(self, value: Any, pointer: str, least: int = 0) -> int | None:
        """A layer's place among those that there are."""
        last, place, name = len(self.layers) - 1, whole(value), pointer.rsplit("/", 1)[-1]
        if value is None:
            self.fields.refuse("missing-field", "missing-field", pointer, name=name)
        elif place is None:
            self.fields.refuse("invalid-value", "whole-number-expected", pointer, name=name)
        elif least <= place <= last:
            return place
        else:
            got = str(place)[:MAX_NAME_LENGTH]
            self.fields.refuse("out-of-range", "edited-layer", pointer, got=got, count=len(self.layers), last=last)
        return None

    def _remove(self, given: Mapping[str, Any], pointer: str) -> Edit | None:
        self.fields.only(given, ("remove",), pointer)
        place = self._place(given["remove"], f"{pointer}/remove")
        if place is None:
            return None
        del self.layers[place]
        self.untouched = False
        return Remove(place)

    def _add(self, given: Mapping[str, Any], pointer: str) -> Edit | None:
        self.fields.only(given, ("add", "after", "into", "input"), pointer)
        after = self._place(given.get("after", len(self.layers) - 1), f"{pointer}/after", -1)
        into, input = self._into(given, pointer), self.fields.text(given, "input", pointer)
        layer, at = given["add"], f"{pointer}/add"
        if not isinstance(layer, Mapping):
            self.fields.refuse("invalid-value", "object-expected", at, name="add")
            return None
        kind = layer.get("kind", "dense")
        if not isinstance(kind, str) or kind not in OPERATIONS:
            known = list(OPERATIONS)
            name = str(kind)[:MAX_NAME_LENGTH]
            self.fields.refuse("unknown-kind", "unknown-kind", f"{at}/kind", name=name, known=known)
            return None
        if after is None or into is None:
            return None
        own = {name: value for name, value in layer.items() if value is not None and name != "kind"}
        # After other edits it is not known yet what it would take.
        own = {**((self.untouched and self._proposed(kind, after, into, input)) or {}), **own}
        self.untouched = False
        parts = self._parts(kind, own, at, ("name", "activation", "inputs", "bias", "affine"))
        for name in SIZES.get(kind, ()):
            if name not in _FOLLOWS and name not in parts.sizes:
                self.fields.refuse("missing-field", "missing-field", f"{at}/{name}", name=name)
        activation = activation_from(own.get("activation"), f"{at}/activation", self.fields)
        others = own.get("inputs", [])
        if not isinstance(others, list) or not all(isinstance(each, str) for each in others):
            self.fields.refuse("invalid-value", "array-expected", f"{at}/inputs", name="inputs")
            return None
        if parts.operation is None:
            return None
        self.layers.insert(after + 1, parts.operation)
        return Add(
            after,
            parts.operation,
            parts.sizes,
            self._truth(own, "bias", at),
            self._truth(own, "affine", at),
            None if activation == _IDENTITY else activation,
            self.fields.text(own, "name", at),
            tuple(others),
            into,
            input,
        )

    def _proposed(self, kind: str, after: int, into: Sequence[int], input: str | None) -> dict[str, Any] | None:
        try:
            return proposed(kind, self.ground, after, self.ground.taken(after, into, input))
        except NetworkError:
            # What is wrong with the place is said when the edit is made.
            return None

    def _move(self, given: Mapping[str, Any], pointer: str) -> Edit | None:
        self.fields.only(given, ("move", "after", "into", "input"), pointer)
        place = self._place(given["move"], f"{pointer}/move")
        after = self._place(given.get("after"), f"{pointer}/after", -1)
        into, input = self._into(given, pointer), self.fields.text(given, "input", pointer)
        if place is None or after is None or into is None:
            return None
        self.layers.insert(after + (after < place), self.layers.pop(place))
        self.untouched = False
        return Move(place, after, into, input)

    def _into(self, given: Mapping[str, Any], pointer: str) -> tuple[int, ...] | None:
        """The places of the layers that take what is put before them; none: of all."""
        value, at = given.get("into", []), f"{pointer}/into"
        if not isinstance(value, list):
            self.fields.refuse("invalid-value", "array-expected", at, name="into")
            return None
        places: dict[int, None] = {}
        for each in value:
            # A long list of places that are none is not read to its end.
            if (place := self._place(each, at)) is None:
                return None
            places[place] = None
        return tuple(places)

    def _change(self, given: Mapping[str, Any], pointer: str) -> Edit | None:
        self.fields.only(given, ("change", "to"), pointer)
        place = self._place(given.get("change"), f"{pointer}/change")
        to, at = given.get("to"), f"{pointer}/to"
        if not isinstance(to, Mapping):
            self.fields.refuse("invalid-value", "object-expected", at, name="to")
            return None
        if place is None:
            return None
        before = self.layers[place]
        own = {name: value for name, value in to.items() if value is not None}
        heads = (HEADS,) if before.kind in SOFTMAXES else ()
        parts = self._parts(before.kind, {**written_options(before), **own}, at, ("name", "activation", "bias", *heads))
        if heads and HEADS in own and isinstance(count := self._size(own[HEADS], f"{at}/{HEADS}", HEADS), int):
            parts.sizes[HEADS] = count
        activation = activation_from(own.get("activation"), f"{at}/activation", self.fields)
        if parts.operation is None:
            return None
        self.layers[place] = parts.operation
        self.untouched = False
        changed = parts.operation if parts.operation != before else None
        return Change(
            place,
            changed,
            parts.sizes,
            self._truth(own, "bias", at),
            (None if activation == _IDENTITY else activation) if "activation" in own else KEPT,
            self.fields.text(own, "name", at) or None if "name" in own else KEPT,
        )

    def _parts(self, kind: str, own: Mapping[str, Any], pointer: str, more: Sequence[str]) -> "_Parts":
        """The operation of these options, and what else is said of its parameters."""
        options = options_of(kind)
        sizes = [each for each in (*SIZES.get(kind, ()), *OPTIONAL_SIZES.get(kind, ())) if each not in _FOLLOWS]
        sizes = [each for each in sizes if each not in options]
        self.fields.only(own, (*options, *sizes, *more), pointer)
        operation, faults = operation_from(kind, own, pointer)
        self.fields.faults += faults
        found = {name: self._size(own[name], f"{pointer}/{name}", name) for name in sizes if name in own}
        return _Parts(operation, {name: size for name, size in found.items() if size is not None})

    def _size(self, value: Any, pointer: str, name: str) -> Any:
        """A size as `Drawing` takes it; whether it is large enough, that says."""
        several = value if isinstance(value, list) else [value]
        sizes = [size for each in several if (size := whole(each)) is not None]
        if len(sizes) < len(several) or not several:
            self.fields.refuse("invalid-value", "whole-number-expected", pointer, name=name)
            return None
        return tuple(sizes) if isinstance(value, list) else sizes[0]

    def _truth(self, own: Mapping[str, Any], name: str, pointer: str) -> bool | None:
        value = own.get(name)
        if value is not None and type(value) is not bool:
            self.fields.refuse("invalid-value", "boolean-expected", f"{pointer}/{name}", name=name)
            return None
        return value


class _Parts(NamedTuple):
    operation: Operation | None
    sizes: dict[str, Any]
