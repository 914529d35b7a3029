"""An ONNX file looked at before it is parsed: how many parts it has, and how deep they lie in one another.

Protobuf makes an object of each part, so that two bytes of a file can become hundreds in memory. This walks over the
bytes, knowing which fields of ONNX hold messages, and gives up as soon as there are too many.
"""

from adelante.formats.onnx.refusals import fault_of
from adelante.formats.opened import Limits

_MOST_FIELDS = 1_500_000
# Message by message, the fields that hold messages, and of what kind. What is not here is not looked into.
_ENTRY: dict[int, str] = {}
_MESSAGES: dict[str, dict[int, str]] = {
    "model": {7: "graph", 8: "entry", 14: "entry", 20: "training", 25: "function", 26: "other"},
    "training": {1: "graph", 2: "graph", 3: "entry", 4: "entry"},
    "graph": {
        1: "node",
        5: "tensor",
        11: "value",
        12: "value",
        13: "value",
        14: "other",
        15: "sparse",
        16: "entry",
    },
    "function": {7: "node", 9: "entry", 11: "attribute", 12: "value", 14: "entry"},
    "node": {5: "attribute", 9: "entry", 10: "other"},
    "attribute": {
        5: "tensor",
        6: "graph",
        10: "tensor",
        11: "graph",
        14: "type",
        15: "type",
        22: "sparse",
        23: "sparse",
    },
    "tensor": {13: "entry", 16: "entry"},
    "sparse": {1: "tensor", 2: "tensor"},
    "value": {2: "type", 4: "entry"},
    "type": {1: "tensor_type", 4: "element", 5: "element", 8: "tensor_type", 9: "element"},
    "tensor_type": {2: "shape"},
    "element": {1: "type", 2: "type"},
    "shape": {1: "dim"},
    "dim": _ENTRY,
    "entry": _ENTRY,
    "other": _ENTRY,
}
# Texts, which have to be UTF-8: protobuf would hand out anything else as bytes.
_TEXTS: dict[str, set[int]] = {
    "model": {2, 3, 4, 6},
    "graph": {2, 10},
    "function": {1, 4, 5, 6, 8, 10, 13},
    "node": {1, 2, 3, 4, 6, 7, 8},
    "attribute": {1, 13, 21},
    "tensor": {8, 12},
    "value": {1, 3},
    "type": {6},
    "dim": {2, 3},
    "entry": {1, 2},
}
# Whole numbers that protobuf may pack into one field, a byte each at best: they become 4 or 8.
_PACKED = {"tensor": {1, 5, 7, 11}, "attribute": {8}, "sparse": {3}}
_MOST_PACKED = 16 << 20


def check_parts(data: bytes, limits: Limits) -> None:
    """Raises NetworkFault where the file has more parts than are read, or is cut short."""
    _Walk(limits).message(memoryview(data), 0, len(data), "model", 0)


class _Walk:
    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._fields = self._nodes = self._packed = 0

    def message(self, data: memoryview, at: int, end: int, kind: str, depth: int) -> None:
        """The fields from `at` to `end`, which are those of a message of this kind."""
        if depth > self._limits.depth:
            raise fault_of("onnx-too-deep", limit=self._limits.depth)
        inner, packed, texts = _MESSAGES[kind], _PACKED.get(kind, ()), _TEXTS.get(kind, ())
        while at < end:
            self._fields += 1
            if self._fields > _MOST_FIELDS:
                raise fault_of("onnx-too-many-parts", limit=_MOST_FIELDS)
            tag, at = _varint(data, at, end)
            wire, field = tag & 7, tag >> 3
            if wire == 2:
                size, at = _varint(data, at, end)
                if size > end - at:
                    raise fault_of("onnx-broken")
                within = inner.get(field)
                if within is not None:
                    self._count(within)
                    self.message(data, at, at + size, within, depth + 1)
                elif field in texts:
                    _check_text(data[at : at + size])
                elif field in packed:
                    self._packed += size
                    if self._packed > _MOST_PACKED:
                        raise fault_of("onnx-too-many-parts", limit=_MOST_PACKED)
                at += size
            elif wire == 0:
                _, at = _varint(data, at, end)
            elif wire in (1, 5):
                at += 8 if wire == 1 else 4
            else:
                raise fault_of("onnx-broken")
        if at != end:
            raise fault_of("onnx-broken")

    def _count(self, kind: str) -> None:
        if kind != "node":
            return
        self._nodes += 1
        if self._nodes > self._limits.nodes:
            raise fault_of("onnx-too-many-nodes", limit=self._limits.nodes)


def _check_text(text: memoryview) -> None:
    try:
        str(text, "utf-8")
    except UnicodeDecodeError:
        raise fault_of("onnx-broken") from None


def _varint(data: memoryview, at: int, end: int) -> tuple[int, int]:
    """The number that begins at `at`, and where it ends."""
    value = shift = 0
    while at < end and shift < 70:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7
    raise fault_of("onnx-broken")
