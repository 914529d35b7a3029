"""GET /api/v1/operations: every kind of layer that there is, what it takes and how its numbers are explained."""

import re
from typing import Any, get_args, get_origin

from adelante.formats.json.activation import AFTER_LAYERS
from adelante.formats.json.options import CHOICES, REQUIRED, Option, kinds_in, operation_class, options_of, written
from adelante.locale import catalog, translate
from adelante.network.operations import OPERATIONS, PerBatch
from adelante.network.operations.arithmetic import PAIRED
from adelante.network.operations.functions import FUNCTIONS
from adelante.network.operations.shapes import ANY, BROADCASTS, WHOLE, shape_rule

# A convolution does the same along one dimension and along three.
_DIMENSIONS = re.compile("[123]d$")
_TYPES: dict[Any, dict[str, Any]] = {
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    str: {"type": "string"},
    type(None): {"type": "null"},
    PerBatch: {
        "type": "object",
        "properties": {"batch": {"type": "integer"}, "plus": {"type": "integer"}},
        "required": ["batch"],
    },
}


def operation_list(language: str) -> list[dict[str, Any]]:
    """All kinds, in the registry's order."""
    return [_operation(kind, language) for kind in OPERATIONS]


def _operation(kind: str, language: str) -> dict[str, Any]:
    made = operation_class(kind)
    formula = FUNCTIONS[kind].formula if kind in FUNCTIONS else PAIRED[kind][1] if kind in PAIRED else None
    required = len(made.OPERANDS) - made.OPTIONAL
    says = catalog(language).get(f"kind.{_DIMENSIONS.sub('', kind)}")
    return {
        "kind": kind,
        "form": made.FORM,
        "operands": [
            {
                "name": name,
                "shape": _shape(shape_rule(kind, made, name), language),
                "required": position < required,
                **({"instead": made.REPLACED[name]} if name in made.REPLACED else {}),
            }
            for position, name in enumerate(made.OPERANDS)
        ],
        "repeats": made.MANY,
        "options": [_option(each) for each in options_of(kind).values()],
        "activation": kind in AFTER_LAYERS,
        **({} if formula is None else {"formula": formula}),
        **({} if says is None else {"says": says}),
    }


def _shape(rule: str, language: str) -> str:
    return translate(language, f"shape.{rule}") if rule in (ANY, BROADCASTS, WHOLE) else rule


def _option(option: Option) -> dict[str, Any]:
    required = option.default is REQUIRED
    default = {} if required else {"default": written(option.default)}
    return {"name": option.name, "required": required, "schema": {**_schema(option), **default}}


def _schema(option: Option) -> dict[str, Any]:
    """The values that an option takes, as JSON Schema."""
    each = [_kind_schema(kind, option.name) for kind in kinds_in(option.type)]
    if {"type": "number"} in each:
        each = [schema for schema in each if schema != {"type": "integer"}]
    return each[0] if len(each) == 1 else {"anyOf": each}


def _kind_schema(kind: Any, name: str) -> dict[str, Any]:
    if get_origin(kind) is not tuple:
        return {"type": "string", "enum": list(CHOICES[name])} if kind is str and name in CHOICES else _TYPES[kind]
    inner = get_args(kind)
    members = [_kind_schema(each, name) for each in kinds_in(inner[0])]
    schema: dict[str, Any] = {"type": "array", "items": members[0] if len(members) == 1 else {"anyOf": members}}
    if inner[-1] is not Ellipsis:
        schema |= {"minItems": len(inner), "maxItems": len(inner)}
    return schema
