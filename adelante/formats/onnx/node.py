"""A node of the model as translations see it: its attributes by name and kind, and where it stands."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from onnx import AttributeProto, GraphProto, NodeProto, TensorProto, defs

from adelante.formats.onnx.refusals import Refused
from adelante.network.source import author_line

_SHOWN = 100
_LONGEST = 200
_QUOTED = re.compile(r"'([^']*)'")
_WEIGHT = re.compile(r"(.+)\.(?:weight|bias)")
# What exporters call nodes that nobody named.
_INVENTED = re.compile(r"(?:node_|/).*|[nN]?_?\d*", re.DOTALL)


LAYER = "adelante."
"""What the metadata of a layer's nodes begin with, as we write it: adelante.kind, .name, .module, .source."""


class Place(NamedTuple):
    """Where a node stands: its own name, and what its author's code says of it."""

    node: str
    module: str | None
    source: str | None
    label: str | None


class OnnxNode:
    """A node's operator, version and attributes. Every attribute has to be read or named, or the node is refused."""

    def __init__(self, proto: NodeProto, version: int, given: Mapping[str, AttributeProto]) -> None:
        self.operator = proto.op_type[:_SHOWN]
        self.version = version
        self.outputs = len(proto.output)
        self.place = place_of(proto)
        self._attributes: dict[str, AttributeProto] = {}
        for each in proto.attribute:
            # In a function's body an attribute may be the function's own.
            found = given.get(each.ref_attr_name) if each.ref_attr_name else each
            if found is not None:
                self._attributes[each.name] = found
        self._unread = set(self._attributes)

    def has(self, name: str) -> bool:
        """Whether the attribute is there."""
        self._unread.discard(name)
        return name in self._attributes

    def ignore(self, *names: str) -> None:
        """Takes note of attributes that change nothing in inference."""
        self._unread -= set(names)

    def whole(self, name: str, default: int = 0) -> int:
        """A whole number."""
        found = self._of(name, AttributeProto.INT)
        return default if found is None else found.i

    def fraction(self, name: str, default: float = 0.0) -> float:
        """A number, as float32 holds it."""
        found = self._of(name, AttributeProto.FLOAT)
        return default if found is None else found.f

    def text(self, name: str, default: str = "") -> str:
        """A text."""
        found = self._of(name, AttributeProto.STRING)
        return default if found is None else found.s.decode("utf-8", "replace")[:_SHOWN]

    def wholes(self, name: str) -> list[int] | None:
        """Whole numbers, None where it is not there."""
        found = self._of(name, AttributeProto.INTS)
        return None if found is None else list(found.ints)

    def fractions(self, name: str) -> list[float]:
        """Numbers, empty where it is not there."""
        found = self._of(name, AttributeProto.FLOATS)
        return [] if found is None else list(found.floats)

    def texts(self, name: str) -> list[str]:
        """Texts, empty where it is not there."""
        found = self._of(name, AttributeProto.STRINGS)
        return [] if found is None else [each.decode("utf-8", "replace") for each in found.strings]

    def tensor(self, name: str) -> TensorProto | None:
        """A tensor."""
        found = self._of(name, AttributeProto.TENSOR)
        return None if found is None else found.t

    def _of(self, name: str, kind: int) -> AttributeProto | None:
        """The attribute, which has to be of this kind; None where it is not there. Raises Refused."""
        if not self.has(name):
            return None
        found = self._attributes[name]
        # The first models did not say the kind.
        if found.type not in (kind, AttributeProto.UNDEFINED):
            self.refuse(name)
        return found

    def graph(self, name: str) -> GraphProto:
        """A graph within the node. Raises Refused where it is not there."""
        if not self.has(name):
            self.refuse(name)
        return self._attributes[name].g

    def attributes(self) -> Mapping[str, AttributeProto]:
        """All of them, for the body of a function."""
        self._unread.clear()
        return self._attributes

    def only(self, name: str, *values: Any) -> None:
        """Raises Refused where the attribute is there and is none of the values."""
        if self.has(name) and self._value(name) not in values:
            self.refuse(name)

    def refuse(self, name: str) -> None:
        """Raises Refused for an attribute."""
        value = self._value(name) if name in self._attributes else ""
        raise Refused("onnx-attribute", attribute=name[:_SHOWN], value=str(value)[:_SHOWN])

    def check_all_read(self) -> None:
        """Raises Refused where the node has an attribute that nobody asked for."""
        for name in sorted(self._unread):
            self.refuse(name)

    def _value(self, name: str) -> Any:
        found = self._attributes[name]
        kinds = {AttributeProto.INT: found.i, AttributeProto.FLOAT: found.f, AttributeProto.STRING: found.s}
        value = kinds.get(found.type)
        if isinstance(value, bytes):
            return value.decode("utf-8", "replace")
        lists = {AttributeProto.INTS: found.ints, AttributeProto.FLOATS: found.floats}
        return list(lists[found.type][:20]) if found.type in lists else value if value is not None else "…"


def place_of(proto: NodeProto) -> Place:
    """Where the node stands, by what torch's exporters or we write of it, or by its own name."""
    said = {each.key: each.value for each in proto.metadata_props}
    name = proto.name or (proto.output[0] if proto.output else "")
    if LAYER + "kind" in said:
        module, source, label = (_name(said.get(LAYER + key)) for key in ("module", "source", "name"))
        return Place(name[:_LONGEST], module, source, label)
    scopes = _QUOTED.findall(said.get("pkg.torch.onnx.name_scopes", ""))
    module = scopes[-2] if len(scopes) > 1 else _module_of_name(proto.name) or _module_of_weights(proto.input)
    invented = _INVENTED.fullmatch(proto.name) or defs.has(proto.name.rstrip("_0123456789"))
    label = None if invented else proto.name
    source = author_line(said.get("pkg.torch.onnx.stack_trace", ""))
    return Place(name[:_LONGEST], _name(module), source, _name(label))


def _module_of_name(name: str) -> str | None:
    """/layer1/layer1.0/conv1/Conv, as torch's older exporter names nodes, stands in layer1.0.conv1."""
    if not name.startswith("/"):
        return None
    path: list[str] = []
    for part in name.split("/")[1:-1]:
        if path and part.startswith(path[-1] + "."):
            path.pop()
        path.append(part)
    return ".".join(path)


def _module_of_weights(inputs: Sequence[str]) -> str | None:
    found = next(filter(None, map(_WEIGHT.fullmatch, inputs)), None)
    return found[1] if found else None


def _name(text: str | None) -> str | None:
    return text if text and len(text) <= _LONGEST and text.isprintable() else None
