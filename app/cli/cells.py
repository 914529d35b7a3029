"""A cell as a person types it: layers.3.activations[7,12,5]."""

import re
from dataclasses import replace

from adelante.network.cells import Cell, check_cell
from adelante.network.errors import Fault, NetworkError
from adelante.network.network import Network
from app.api.write.called import Called

_CELL = re.compile(r"\s*(?P<tensor>[^\[\]\s]+)\s*(?:\[(?P<at>[0-9,\s]*)\]\s*)?")
_LONGEST = 300


def cell_named(text: str) -> tuple[str, tuple[int, ...]]:
    """The tensor's name and the index, which does not count the batch; a tensor of one number needs none.

    Raises NetworkError (invalid-value) for a text that names no cell.
    """
    found = _CELL.fullmatch(text) if len(text) <= _LONGEST else None
    parts = [part.strip() for part in (found["at"] or "").split(",")] if found else []
    if parts and not parts[-1]:
        parts.pop()  # [3,] as Python writes it, and [] of a tensor of one number
    if found is None or not all(re.fullmatch(r"[0-9]{1,9}", part) for part in parts):
        raise NetworkError(Fault("invalid-value", "cell-text", "", {"text": text[:_LONGEST]}, "cell-text"))
    return found["tensor"], tuple(map(int, parts))


def check_typed(network: Network, cell: tuple[str, tuple[int, ...]]) -> None:
    """Raises NetworkError where the network has no such number."""
    try:
        check_cell(network.shapes, Cell(*cell), "")
    except NetworkError as error:
        raise unplaced(error) from None


def unplaced(error: NetworkError) -> NetworkError:
    """The same faults without their places: the cell was typed in one piece, there is nothing to point into."""
    return NetworkError([replace(fault, pointer="") for fault in error.faults])


def cell_text(tensor: str, at: tuple[int, ...] | list[int]) -> str:
    """The same the other way: layers.3.activations[7,12,5]."""
    return f"{tensor}[{','.join(map(str, at))}]"


def cell_called(network: Network, called: Called | None, tensor: str, at: tuple[int, ...] | list[int]) -> str:
    """The same, with the number's own name where it has one: inputs[0] humidity (%)."""
    name = called.cell(network, tensor, tuple(at)) if called else None
    return f"{cell_text(tensor, at)} {name}" if name else cell_text(tensor, at)
