"""The questions that a file leaves open, as answers and problem documents tell them."""

from collections.abc import Sequence
from typing import Any

from adelante.formats.choices import NAMES, SIZES, Question

Schema = dict[str, Any]
_TEXT: Schema = {"type": "string"}
_SIZE: Schema = {"type": "integer", "minimum": 0}
_LAYER: Schema = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "description": "as the file has it, without what wraps it: encoder.0"},
        "kind": _TEXT,
        "shape": {"type": "array", "items": _SIZE, "description": "[n_in, n_out]"},
        "head": {"type": ["string", "null"], "description": "the one that it belongs to; null: all of them do"},
    },
    "required": ["name", "kind", "shape", "head"],
}
_SIZES: Schema = {"type": "object", "additionalProperties": {"type": "integer", "minimum": 1}}
_OPTION: Schema = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}, _SIZES]}
QUESTIONS: Schema = {
    "type": "array",
    "description": "What the file leaves open. `name: option` in `choices` is an answer; the likely one comes first.",
    "items": {
        "type": "object",
        "properties": {
            "name": {"type": "string", "enum": [*NAMES, SIZES]},
            "options": {"type": "array", "items": _OPTION},
            "layers": {"type": "array", "items": _LAYER},
        },
        "required": ["name", "options", "layers"],
    },
}


def question_documents(questions: Sequence[Question]) -> list[dict[str, Any]]:
    """Each question with its options and the layers that it is about."""
    return [
        {
            "name": question.name,
            "options": [list(option) if isinstance(option, tuple) else option for option in question.options],
            "layers": [
                {"name": each.name, "kind": each.kind, "shape": list(each.shape), "head": each.head}
                for each in question.layers
            ],
        }
        for question in questions
    ]
