"""Which numbers the arrays of a watched cell stand for: told once, and again whenever that changes."""

from collections.abc import Mapping
from typing import Any

import orjson

from app.api.write.explanation import arising_members, reach_members
from app.live.cell_watches import ToldCell


class Explained:
    """What a live client knows of the cells that it watches."""

    def __init__(self) -> None:
        self._known: dict[str, ToldCell] = {}

    def forget(self) -> None:
        """Other cells are watched now."""
        self._known = {}

    def text(self, seq: int, found: Mapping[str, ToldCell]) -> str | None:
        """The message that says what the arrays of these cells are; None where the client knows it."""
        new = {name: each for name, each in found.items() if not self._knows(name, each)}
        if not new:
            return None
        self._known |= new
        cells = [{"name": name, **_described(each)} for name, each in new.items()]
        return orjson.dumps({"op": "explained", "seq": seq, "cells": cells}).decode()

    def _knows(self, name: str, found: ToldCell) -> bool:
        known = self._known.get(name)
        return known is not None and known.same(found)


def _described(told_cell: ToldCell) -> dict[str, Any]:
    """An explanation without its numbers: what it is of, which cells its parts and parameters are, where it goes."""
    found, parts = told_cell.explanation, []
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
    if told_cell.leads is not None:
        described["largest"] = list(told_cell.largest)
        described["leads"] = [
            {"tensor": name} if mask is None else reach_members({name: mask})[0]
            for name, mask in told_cell.leads.items()
            if mask is None or bool(mask.any())
        ]
    if told_cell.arose is not None:
        described["arises"] = arising_members(told_cell.arose)
    return described
