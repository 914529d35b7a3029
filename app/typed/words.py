"""What a reader says: why it cannot read a text, and what it left out or decided."""

from collections.abc import Iterable
from dataclasses import dataclass, field

Values = dict[str, str | int]


class Unread(ValueError):
    """A text that cannot be read; `code` names the sentence that says why, `values` fill its places."""

    def __init__(self, code: str, **values: str | int) -> None:
        super().__init__(code, values)
        self.code = code
        self.values: Values = values
        # What the text was taken apart at when this was found.
        self.separator: str | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """Something that was left out, or chosen between two readings, and is told."""

    code: str
    values: Values = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rule:
    """How marks are read where nothing in the text decides.

    `mark`: the language's decimal mark. The other mark, in "1,234" where this is a point, is asked about; `groups` says
    that it was, and that it groups thousands.
    """

    mark: str = "."
    groups: bool = False
    largest: float = 3.4028234663852886e38


MOST_SHOWN = 20
MOST_LISTED = 8


def shown(text: str) -> str:
    """The beginning of a text, for a sentence."""
    return text if len(text) <= MOST_SHOWN else text[:MOST_SHOWN] + "…"


def listed(names: Iterable[str]) -> str:
    """Names one after another, the first few of many."""
    all_of_them = list(names)
    return ", ".join(map(shown, all_of_them[:MOST_LISTED])) + (", …" if len(all_of_them) > MOST_LISTED else "")
