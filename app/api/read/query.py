"""What an address says after its question mark."""

from collections.abc import Mapping
from typing import TypeVar

from adelante.network.errors import Fault, NetworkError

T = TypeVar("T", bound=str)


def one_of(query: Mapping[str, str], name: str, known: tuple[T, ...]) -> T:
    """The value of a parameter, its first known one where it is left out. Raises NetworkError (invalid-value)."""
    value = query.get(name)
    found = known[0] if value is None else next((each for each in known if each == value), None)
    if found is None:
        values = {"name": name, "expected": ", ".join(known)}
        raise NetworkError(Fault("invalid-value", "not-one-of", f"/{name}", values))
    return found
