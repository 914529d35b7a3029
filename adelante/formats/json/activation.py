"""A layer's activation in a document: a name, or an object with its options."""

from collections.abc import Mapping
from typing import Any

from adelante.formats.json.fields import Fields
from adelante.formats.json.options import operation_from, options_of
from adelante.formats.json.references import MAX_NAME_LENGTH
from adelante.network.activations import ACTIVATIONS
from adelante.network.operations import Operation
from adelante.network.operations.functions import ACTIVATIONS as FUNCTIONS_AFTER_LAYERS
from adelante.network.operations.functions import Function

AFTER_LAYERS = (*ACTIVATIONS, *sorted(FUNCTIONS_AFTER_LAYERS - set(ACTIVATIONS)))
"""What may stand as a layer's activation."""


def activation_from(given: Any, pointer: str, fields: Fields) -> Operation | None:
    """The operation after a layer's own; None where there is none, or where `fields` notes what is wrong with it."""
    if given is None:
        return None
    options: Mapping[str, Any] = {}
    name = given
    if isinstance(given, Mapping):
        name, pointer = given.get("kind"), f"{pointer}/kind"
        options = {key: value for key, value in given.items() if key != "kind" and value is not None}
    if not isinstance(name, str):
        fields.refuse("invalid-value", "text-expected", pointer, name=pointer.rpartition("/")[2])
        return None
    if name not in AFTER_LAYERS:
        known = list(AFTER_LAYERS)
        fields.refuse("unknown-activation", "unknown-activation", pointer, name=name[:MAX_NAME_LENGTH], known=known)
        return None
    if name == "gelu_tanh":
        return Function.named("gelu", approximate="tanh")
    pointer = pointer.removesuffix("/kind")
    fields.only(options, tuple(options_of(name)), pointer)
    operation, faults = operation_from(name, options, pointer)
    fields.faults += faults
    return operation
