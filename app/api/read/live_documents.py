"""The live socket's commands: text, or values as they are, to checked data."""

import struct
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, PrivateAttr

from adelante.formats.json.fields import whole
from adelante.network.errors import Fault, NetworkError
from app.api.read.cells import AxisDocument, CellDocument, VaryBiasDocument, VaryInputDocument, VaryWeightDocument
from app.api.read.checked import check_layer_count, validated
from app.api.read.decode import decode_json
from app.api.read.documents import Document, GraphDocument, Index, Inputs, Integer, LayerDocument, Name, NetworkDocument
from app.api.read.kinds import is_of_other_kinds, taken_from
from app.settings import Settings

LAST_SEQUENCE = 2**32 - 1
SequenceNumber = Annotated[Integer, Field(ge=0, le=LAST_SEQUENCE)]
# What a watch's arrays are called by in a frame; without it, by the watch's place in the list.
ArrayName = Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]{1,64}$")]
Number = Annotated[float, Field(allow_inf_nan=False)]


class _Command(Document):
    long_arrays = True


class Open(GraphDocument):
    """A network, in layers or by name, and inputs to start from; opening again replaces both."""

    long_arrays = True

    op: Literal["open"]
    seq: SequenceNumber
    layers: list[LayerDocument] | None = None
    network: Name | None = None
    inputs: Any
    _named: NetworkDocument = PrivateAttr()

    def prepare(self) -> None:
        """Makes the network of the layers."""
        self._named = NetworkDocument(layers=self.layers, network=self.network)
        self._named.take(self.part)
        self._named.prepare()

    @property
    def named(self) -> NetworkDocument:
        """The network, as all operations name one."""
        return self._named


class Set(_Command):
    """Changes of numbers and activations that leave every shape as it is."""

    op: Literal["set"]
    seq: SequenceNumber
    changes: list[dict[str, Any]] = Field(min_length=1)


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


@dataclass(frozen=True, slots=True)
class SetBinary:
    """A whole tensor's values as a binary frame brought them, little-endian."""

    seq: int
    tensor: str
    values: bytes


Command = Open | Set | SetBinary | Reshape | WatchCommand


class InputValue(VaryInputDocument):
    value: Number


class WeightValue(VaryWeightDocument):
    value: Number


class BiasValue(VaryBiasDocument):
    value: Number


class CellValue(Document):
    cell: CellDocument
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


class TensorChange(Document):
    tensor: Name
    values: Any


class CharacterChange(Document):
    tensor: Name
    strokes: Any


class Explain(Document):
    kind: Literal["explain"]
    layer: Index
    neuron: Index


class ExplainCell(Document):
    kind: Literal["explain"]
    cell: CellDocument
    terms: Integer | None = Field(None, ge=0, le=10_000)
    as_: ArrayName | None = Field(None, alias="as")


class Reduce(Document):
    by: list[Annotated[Integer, Field(ge=1)]] = Field(max_length=64)
    with_: Literal["mean", "largest"] = Field(alias="with")


class TensorWatch(Document):
    kind: Literal["tensor"]
    tensor: Name
    region: list[list[Index]] | None = Field(None, max_length=64)
    reduce: Reduce | None = None
    as_: ArrayName | None = Field(None, alias="as")


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
    layers: bool = False


class Gradients(Document):
    kind: Literal["gradients"]


_COMMANDS: dict[str, type[Open | Set | Reshape | WatchCommand]] = {
    "open": Open,
    "set": Set,
    "reshape": Reshape,
    "watch": WatchCommand,
}
WATCHES: dict[str, type[Document]] = {
    "explain": Explain,
    "tensor": TensorWatch,
    "shares": SharesWatch,
    "differences": DifferencesWatch,
    "sweep": SweepWatch,
    "grid": GridWatch,
    "batch": BatchWatch,
    "gradients": Gradients,
}


def watch_model(document: dict[str, Any], pointer: str) -> type[Document]:
    """The kind of document that a watch is. Raises NetworkError."""
    kind = str(document.get("kind"))
    if kind not in WATCHES:
        values = {"name": "kind", "expected": ", ".join(WATCHES)}
        raise NetworkError(Fault("invalid-value", "not-one-of", f"{pointer}/kind", values))
    return ExplainCell if kind == "explain" and "cell" in document else WATCHES[kind]


def parse(text: str | bytes, settings: Settings) -> tuple[int | None, Command | NetworkError]:
    """A frame's command with its sequence number, or what is wrong with it; a thread's work where the frame is long."""
    if isinstance(text, bytes):
        return _parse_binary(text)
    seq = None
    try:
        # Strokes are arrays of unlike lengths, which no LongArray is.
        long_arrays = '"strokes"' not in text
        found = decode_json(text, settings.max_depth, max_values=settings.max_json_values, long_arrays=long_arrays)
        seq = _sequence(found.get("seq"))
        model = _COMMANDS.get(str(found.get("op")))
        if model is None:
            values = {"name": "op", "expected": ", ".join(_COMMANDS)}
            raise NetworkError(Fault("invalid-value", "not-one-of", "/op", values))
        check_layer_count(found.get("layers"), settings.max_layers)
        part = taken_from(found) if model is Open and is_of_other_kinds(found) else None
        command = validated(model, found)
        if isinstance(command, Open):
            command.take(part)
        command.prepare()
    except NetworkError as problem:
        return seq, problem
    return seq, command


# The sequence number, and how many bytes of name follow.
_HEAD = struct.Struct("<II")
_MOST_NAME_BYTES = 200


def _parse_binary(frame: bytes) -> tuple[int | None, SetBinary | NetworkError]:
    """A binary frame's change.

    It is uint32 seq, uint32 length of the tensor's name, the name in UTF-8 with zeros up to a multiple of 4 bytes, then
    all of the tensor's values: float32, or int64 where it holds whole numbers; everything little-endian.
    """
    if len(frame) < _HEAD.size:
        return None, NetworkError(Fault("invalid-value", "frame-too-short", "", {"got": len(frame)}))
    seq, length = _HEAD.unpack_from(frame)
    start = _HEAD.size + length + -length % 4
    if length > _MOST_NAME_BYTES or start > len(frame):
        values = {"size": length, "limit": _MOST_NAME_BYTES, "got": len(frame)}
        return seq, NetworkError(Fault("invalid-value", "frame-name-length", "", values))
    try:
        name = frame[_HEAD.size : _HEAD.size + length].decode("utf-8")
    except UnicodeDecodeError:
        return seq, NetworkError(Fault("invalid-value", "frame-name", ""))
    return seq, SetBinary(seq, name, frame[start:])


def _sequence(given: Any) -> int | None:
    """A sequence number that an answer may name, even where the rest of the command is wrong."""
    number = whole(given)
    return number if number is not None and 0 <= number <= LAST_SEQUENCE else None
