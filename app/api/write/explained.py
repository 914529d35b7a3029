"""Which numbers the arrays of a watched cell stand for: told once, and again whenever that changes."""

from collections.abc import Mapping
from typing import Any

import orjson

from adelante.network.explanation import Explanation
from app.live.cell_watches import same_cells


class Explained:
    """What a live client knows of the cells that it watches."""

    def __init__(self) -> None:
        self._known: dict[str, Explanation] = {}

    def forget(self) -> None:
        """Other cells are watched now."""
        self._known = {}

    def text(self, seq: int, found: Mapping[str, Explanation]) -> str | None:
        """The message that says what the arrays of these cells are; None where the client knows it."""
        new = {name: each for name, each in found.items() if not self._knows(name, each)}
        if not new:
            return None
        self._known |= new
        cells = [{"name": name, **_described(each)} for name, each in new.items()]
        return orjson.dumps({"op": "explained", "seq": seq, "cells": cells}).decode()

    def _knows(self, name: str, found: Explanation) -> bool:
        known = self._known.get(name)
        return known is not None and same_cells(known, found)


def _described(found: Explanation) -> dict[str, Any]:
    """An explanation without its numbers: what it is of, and which cells its parts and parameters are."""
    parts = []
    for part in found.parts:
        told: dict[str, Any] = {"tensor": part.tensor, "at": part.at.tolist()}
        if part.role:
            told["role"] = part.role
        if part.factors is not None:
            factors_at = None if part.factor_at is None else part.factor_at.tolist()
            told["parameter"] = {"tensor": part.factor, "at": factors_at}
        parts.append(told)
    described: dict[str, Any] = {"tensor": found.tensor, "at": list(found.at), "form": found.form, "parts": parts}
    described["constants"] = list(found.constants)
    if found.form == "choice":
        described["chosen"] = found.chosen
    if found.form == "function":
        described["formula"] = found.formula
    return described
