"""What is wrong, in sentences of one language."""

from typing import Any, NamedTuple

from adelante.locale import catalog, filled, translate
from adelante.locale.numbers import in_words
from adelante.network.errors import Fault


class FaultWords(NamedTuple):
    """What is wrong; what torch itself says, and the way out, where there are such."""

    sentence: str
    torch_says: str | None
    hint: str | None

    @property
    def all(self) -> str:
        """One after another."""
        return " ".join(each for each in self if each is not None)


def words_of(language: str, fault: Fault) -> FaultWords:
    """The words for a fault. Raises KeyError for a key that the catalogs lack."""
    told = {name: writable(value) for name, value in fault.values.items()}
    values = {
        name: ", ".join(map(str, value)) if isinstance(value, list) else in_words(language, value)
        for name, value in told.items()
    }
    # A sentence of another family of the catalogs is named whole: unread.two-ways.
    key = fault.key if "." in fault.key else f"fault.{fault.key}"
    torch_says = fault.torch_words and translate(language, "fault.torch-says", words=fault.torch_words)
    hint = catalog(language).get(f"hint.{fault.hint or fault.key}")
    return FaultWords(filled(translate(language, key), values), torch_says, hint and filled(hint, values))


def writable(value: Any) -> Any:
    """A text as UTF-8 can write it: the half of a surrogate pair, which JSON's escapes let through, becomes "?"."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
