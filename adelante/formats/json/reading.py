"""A network of any kind from its JSON document: layers that name their kind, options, parameters and what they take."""

from collections.abc import Iterator, Mapping
from math import prod
from typing import Any

import torch
from torch import Tensor

from adelante.formats.json.activation import activation_from
from adelante.formats.json.fields import MOST_FAULTS, Fields, whole
from adelante.formats.json.numbers import LongArray
from adelante.formats.json.options import operation_class, operation_from, options_of
from adelante.formats.json.references import MAX_NAME_LENGTH, References
from adelante.formats.json.shapes import shape_faults
from adelante.network.errors import Fault, NetworkError, NetworkFault
from adelante.network.names import input_name, parameter_name, result_names
from adelante.network.network import Batch, Input, Layer, Network, Node
from adelante.network.operations import OPERATIONS, Operation
from adelante.network.operations.moves import DTYPES

LAYER_FIELDS = ("kind", "name", "inputs", "activation", "module", "source")
FLOATING = ("float32", "float64", "bfloat16", "float16")
_BATCHES: tuple[Batch, ...] = ("any", "one", "none")
# What an array is made of where its operand's name says it: places, and what holds or does not.
DTYPES_OF = {"index": torch.int64, "mask": torch.bool, "condition": torch.bool}
_MOST_SIZES = 64
_LARGEST_INPUT = 2**53


def network_from_document(document: Mapping[str, Any], dtype: torch.dtype | None = None) -> Network:
    """The network that a document tells of: `layers`, and where they are needed `input`, `outputs` and `batch`.

    Arrays are lists, NumPy's or LongArrays; they become tensors of `dtype`, the document's own where that is None,
    float32 where it names none. Nothing is evaluated: kinds are looked up in the closed list.
    Raises NetworkError with every fault that does not follow from another, each with its JSON pointer: unknown-kind,
    unknown-layer, unknown-field, missing-field, invalid-value, shape-mismatch, and those of arrays.
    """
    reader = _Reader(dtype or _dtype(document))
    found = reader.read(document)
    if reader.faults:
        raise NetworkError(reader.faults[:MOST_FAULTS])
    assert found is not None
    try:
        return Network(*found)
    except NetworkFault as fault:
        raise NetworkError(shape_faults(*found)[:MOST_FAULTS] or fault.fault) from None


def _dtype(document: Mapping[str, Any]) -> torch.dtype:
    name = document.get("dtype")
    if name is None:
        return torch.float32
    if name not in FLOATING:
        values = {"name": str(name)[:MAX_NAME_LENGTH], "known": list(FLOATING)}
        raise NetworkError(Fault("unsupported-dtype", "unsupported-dtype", "/dtype", values))
    return DTYPES[name]


Parts = tuple[tuple[Input, ...], dict[str, Tensor], tuple[Node, ...], tuple[str, ...], tuple[Layer, ...], Batch]


class _Reader:
    """Reads one document. `faults` has what was found wrong."""

    def __init__(self, dtype: torch.dtype) -> None:
        self.dtype = dtype
        self.fields = Fields()
        self.faults = self.fields.faults
        self.parameters: dict[str, Tensor] = {}
        self.nodes: list[Node] = []
        self.layers: list[Layer] = []
        self.references = References(self.faults)

    def read(self, document: Mapping[str, Any]) -> Parts | None:
        """What the network is made of; None where nothing can be said of it."""
        layers = document.get("layers")
        if not isinstance(layers, list):
            self._refuse("missing-field" if layers is None else "invalid-value", "layers", "/layers")
            return None
        if not layers:
            self.faults.append(Fault("empty", "no-layers", "/layers"))
            return None
        inputs = self._inputs(document.get("input"), layers[0])
        given = document.get("batch")
        batch: Batch = "any" if given is None else given
        if batch not in _BATCHES:
            self.fields.refuse("invalid-value", "not-one-of", "/batch", name="batch", expected=", ".join(_BATCHES))
        self.references.expect(layers)
        before = inputs[0].name if len(inputs) == 1 else None
        for k, each in enumerate(layers):
            if len(self.faults) >= MOST_FAULTS:
                return None
            before = self._layer(k, each, before)
        outputs = self._outputs(document.get("outputs"), before)
        return tuple(inputs), self.parameters, tuple(self.nodes), outputs, tuple(self.layers), batch

    def _refuse(self, type: str, name: str, pointer: str) -> None:
        key = "missing-field" if type == "missing-field" else "array-expected"
        self.fields.refuse(type, key, pointer, name=name)

    # What a pass begins with.

    def _inputs(self, given: Any, first: Any) -> list[Input]:
        several = isinstance(given, list)
        if given is None:
            shape = _sizes_of_dense(first)
            if shape is None:
                self.fields.refuse("missing-field", "input-shape-needed", "/input", name="input")
            found = [Input("inputs", shape or (1,), self.dtype)]
        else:
            found = [
                self._input(each, f"/input/{k}" if several else "/input", several and len(given) > 1)
                for k, each in enumerate(given if several else [given])
            ]
        if not found:
            self.faults.append(Fault("empty", "no-input", "/input"))
            return [Input("inputs", (1,), self.dtype)]
        for k, each in enumerate(found):
            self.references.add(each.name, each.name)
            if any(each.name == other.name for other in found[:k]):
                self.fields.refuse(
                    "invalid-value", "doubled-name", f"/input/{k}/name", name=each.name.removeprefix("inputs.")
                )
            self.references.add(each.name.removeprefix("inputs."), each.name)
        return found

    def _input(self, given: Any, pointer: str, named: bool) -> Input:
        if not isinstance(given, Mapping):
            self.fields.refuse("invalid-value", "object-expected", pointer, name="input")
            return Input("inputs", (1,))
        given = {name: value for name, value in given.items() if value is not None}
        self.fields.only(given, ("shape", "dtype", "name"), pointer)
        name = self.fields.text(given, "name", pointer)
        if named and not name:
            self.faults.append(Fault("missing-field", "missing-field", f"{pointer}/name", {"name": "name"}))
        shape = given.get("shape")
        if isinstance(shape, list):
            shape = [whole(size) for size in shape]
        if not isinstance(shape, list) or not all(size is not None and size > 0 for size in shape):
            key = "missing-field" if shape is None else "sizes-expected"
            type_ = "missing-field" if shape is None else "invalid-value"
            self.faults.append(Fault(type_, key, f"{pointer}/shape", {"name": "shape"}))
            shape = []
        elif len(shape) > _MOST_SIZES:
            self.fields.refuse(
                "invalid-value", "sizes-too-many", f"{pointer}/shape", size=len(shape), limit=_MOST_SIZES
            )
            shape = []
        elif prod(shape) > _LARGEST_INPUT:
            self.fields.refuse(
                "invalid-value", "sizes-too-large", f"{pointer}/shape", size=prod(shape), limit=_LARGEST_INPUT
            )
            shape = []
        return Input(input_name(name or None), tuple(shape), self.fields.array_dtype(given, pointer, self.dtype))

    def _outputs(self, given: Any, last: str | None) -> tuple[str, ...]:
        if given is None:
            return (last,) if last is not None else ()
        names = [given] if isinstance(given, str) else given
        if not isinstance(names, list):
            self.fields.refuse("invalid-value", "array-expected", "/outputs", name="outputs")
            return ()
        if not names:
            self.fields.refuse("invalid-value", "too-few-items", "/outputs", name="outputs", expected=1)
        found = []
        for k, each in enumerate(names):
            pointer = f"/outputs/{k}"
            if isinstance(each, Mapping) and "values" in each:
                # A module may hand out a parameter as it is.
                tensor = self.fields.array(each, pointer, self.dtype)
                name: str | None = f"parameters.{len(self.parameters)}"
                if tensor is not None and name is not None:
                    self.parameters[name] = tensor
            else:
                name = self.references.find(each, pointer, self.parameters)
            found.append(name)
        return tuple(name for name in found if name is not None)

    # Layers.

    def _layer(self, k: int, given: Any, before: str | None) -> str:
        """Reads one layer; gives its last tensor's name, whether or not something is wrong with it."""
        pointer = f"/layers/{k}"
        if not isinstance(given, Mapping):
            self.fields.refuse("invalid-value", "object-expected", pointer, name=f"layers[{k}]")
            return self._known(k, None, activated=False)
        given = {name: value for name, value in given.items() if value is not None}
        texts = {name: self.fields.text(given, name, pointer) for name in ("name", "module", "source")}
        activation = activation_from(given.get("activation"), f"{pointer}/activation", self.fields)
        kind = given.get("kind", "dense")
        operation, operands = None, None
        if not isinstance(kind, str):
            self.fields.refuse("invalid-value", "text-expected", f"{pointer}/kind", name="kind")
        elif kind not in OPERATIONS:
            self.fields.refuse(
                "unknown-kind",
                "unknown-kind",
                f"{pointer}/kind",
                name=kind[:MAX_NAME_LENGTH],
                known=list(OPERATIONS),
            )
        else:
            operands, operation = self._operation(k, kind, given, before, pointer)
        names = result_names(k, activated=activation is not None)
        if operation is not None and operands is not None:
            self.nodes.append(Node(names[0], operation, tuple(operands)))
            if activation is not None:
                self.nodes.append(Node(names[1], activation, names[:1]))
            self.layers.append(Layer(kind, names, **texts))
        return self._known(k, texts["name"], activated=activation is not None, dense=kind == "dense")

    def _known(self, k: int, name: str | None, *, activated: bool, dense: bool = False) -> str:
        """Makes a layer's tensors known to those that follow; gives the last one's name."""
        names = result_names(k, activated=activated)
        for each in names:
            self.references.add(each, each)
        if dense and not activated:
            # A dense layer has both, as ever: they are the same where no activation follows.
            self.references.add(result_names(k, activated=True)[0], names[-1])
        if name is not None:
            self.references.add(name, names[-1])
        return names[-1]

    def _operation(
        self, k: int, kind: str, given: Mapping[str, Any], before: str | None, pointer: str
    ) -> tuple[list[str] | None, Operation | None]:
        own = [name for name in _operands_of(kind) if name != "inputs"]
        options = options_of(kind)
        layout = ("layout",) if kind == "dense" else ()
        self.fields.only(given, (*LAYER_FIELDS, *options, *own, *layout), pointer)
        operation, faults = operation_from(kind, given, pointer)
        self.faults += faults
        if given.get("layout", "in_out") not in ("in_out", "out_in"):
            self.fields.refuse(
                "invalid-value", "not-one-of", f"{pointer}/layout", name="layout", expected="'in_out' or 'out_in'"
            )
        if operation is None:
            return None, None
        return self._operands(k, operation, given, before, pointer), operation

    def _operands(
        self, k: int, operation: Operation, given: Mapping[str, Any], before: str | None, pointer: str
    ) -> list[str] | None:
        """The tensors that the operation takes, in its own order; None where one is missing."""
        names = operation.operands
        references = self._references(given.get("inputs"), before, any(n not in given for n in names), pointer)
        if references is None:
            return None
        found: list[str] = []
        skipped = None
        for position, name in enumerate(names):
            if name != "inputs" and name in given:
                value, place, transposed = given[name], f"{pointer}/{name}", given.get("layout") == "out_in"
                found.append(self._operand(k, operation, value, place, len(found), transposed and name == "weights"))
            elif references:
                value, place = references.pop(0)
                found.append(self._operand(k, operation, value, place, len(found)))
            elif position < len(names) - operation.OPTIONAL:
                self._missing(operation, name, pointer)
                return None
            else:
                skipped = skipped or name
                continue
            if skipped is not None:
                self._missing(operation, skipped, pointer)
                return None
        if references and not operation.MANY:
            self.fields.refuse(
                "invalid-value",
                "too-many-items",
                f"{pointer}/inputs",
                name="inputs",
                expected=len(given["inputs"]) - len(references),
            )
        for value, place in references if operation.MANY else ():
            found.append(self._operand(k, operation, value, place, len(found)))
        return found

    def _references(self, given: Any, before: str | None, wanted: bool, pointer: str) -> list[tuple[Any, str]] | None:
        """What `inputs` lists, each with its pointer; left out, the layer before. None where there is none."""
        if given is None:
            if before is None and wanted:
                self.faults.append(
                    Fault("missing-field", "layer-inputs-by-name", f"{pointer}/inputs", {"name": "inputs"})
                )
                return None
            return [({"tensor": before}, f"{pointer}/inputs")] if wanted else []
        if isinstance(given, str):
            return [(given, f"{pointer}/inputs")]
        if not isinstance(given, list):
            self._refuse("invalid-value", "inputs", f"{pointer}/inputs")
            return []
        return [(each, f"{pointer}/inputs/{i}") for i, each in enumerate(given)]

    def _missing(self, operation: Operation, name: str, pointer: str) -> None:
        self.fields.refuse(
            "missing-field",
            "missing-operand",
            f"{pointer}/{name}",
            name=name,
            kind=operation.kind,
            operands=", ".join(operation.operands),
        )

    def _operand(
        self, k: int, operation: Operation, value: Any, pointer: str, position: int, transposed: bool = False
    ) -> str:
        """The name of a tensor that is referred to, or of the parameter that an array becomes."""
        if isinstance(value, str) or (isinstance(value, Mapping) and "tensor" in value):
            return self.references.find(value, pointer, self.parameters) or ""
        name = parameter_name(k, operation, position, self.parameters)
        tensor = self.fields.array(value, pointer, DTYPES_OF.get(operation.operand(position), self.dtype))
        if tensor is not None:
            self.parameters[name] = tensor.t().contiguous() if transposed and tensor.dim() == 2 else tensor
        return name


def _operands_of(kind: str) -> tuple[str, ...]:
    return operation_class(kind).OPERANDS


def _sizes_of_dense(first: Any) -> tuple[int] | None:
    """[n_in] of a dense layer, which need not be said."""
    if not isinstance(first, Mapping) or first.get("kind") not in (None, "dense"):
        return None
    weights = first.get("weights")
    if isinstance(weights, Mapping):
        weights = weights.get("values")
    if not isinstance(weights, list | LongArray) and not hasattr(weights, "shape"):
        return None
    transposed = first.get("layout") == "out_in"
    if transposed:
        return next(_width(weights), None)
    count = len(weights)  # type: ignore[arg-type]
    return (count,) if count else None


def _width(weights: Any) -> Iterator[tuple[int]]:
    if isinstance(weights, LongArray):
        if weights.inner:
            yield (weights.inner[0],)
    elif hasattr(weights, "shape"):
        yield (weights.shape[-1],)
    elif weights and isinstance(weights[0], list | LongArray) and len(weights[0]):
        yield (len(weights[0]),)
