"""Whatever a test brings about that is wrong can be said: its sentence is there, and a value for each of its places."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from adelante.locale import catalog
from adelante.network.errors import Fault

_PLACES = re.compile(r"\{(\w+)(?::[^{}]*)?\}")


@contextmanager
def only_what_can_be_said() -> Iterator[None]:
    """Within it, to make a Fault that no face could tell is an AssertionError."""
    made = Fault.__init__

    def make(self: Fault, *given: Any, **named: Any) -> None:
        made(self, *given, **named)
        _check(self)

    Fault.__init__ = make  # type: ignore[method-assign]
    try:
        yield
    finally:
        Fault.__init__ = made  # type: ignore[method-assign]


def _check(fault: Fault) -> None:
    # The type of a problem whose own type says enough may be left out.
    assert not fault.type or f"problem.{fault.type}.title" in catalog("en"), fault
    assert fault.pointer == "" or fault.pointer.startswith("/"), fault
    assert fault.hint in (None, fault.key) or f"hint.{fault.hint}" in catalog("en"), fault
    assert _places(fault.key, fault.hint or fault.key) <= fault.values.keys(), fault


@cache
def _places(key: str, hint: str) -> set[str]:
    texts = catalog("en")
    sentence = texts[key if "." in key else f"fault.{key}"]
    return {*_PLACES.findall(sentence + texts.get(f"hint.{hint}", ""))}
