"""What was decided for the sender of a file, in words: each note with a way to choose otherwise."""

from typing import Any

from adelante.formats.opened import Note
from adelante.locale import translate
from app.api.openapi.common import Schema

NOTES: Schema = {
    "type": "array",
    "description": "what was decided where the file does not say it; empty for JSON",
    "items": {
        "type": "object",
        "properties": {
            "code": {"type": "string", "description": "activations-assumed; more may come"},
            "pointers": {
                "type": "array",
                "items": {"type": "string"},
                "minItems": 1,
                "description": "JSON pointers into the network",
            },
            "detail": {"type": "string", "description": "in the language that Accept-Language prefers"},
            "hint": {"type": "string", "description": "how to choose otherwise"},
            "choice": {"type": ["string", "null"], "description": "the question in `choices` that it answers"},
        },
        "required": ["code", "pointers", "detail", "hint", "choice"],
    },
}


def note_document(language: str, note: Note) -> dict[str, Any]:
    """The note as an answer tells it."""
    return {
        "code": note.key,
        "pointers": list(note.pointers),
        "detail": translate(language, f"note.{note.key}", **note.values),
        "hint": translate(language, f"hint.{note.key}", **note.values),
        "choice": None if note.question is None else note.question.name,
    }
