"""A layer made of one that a session has already: some of its rows and columns, and numbers for what is new."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from adelante.network.checks import check_index
from adelante.network.dense.network import DenseLayer
from adelante.network.errors import Fault, NetworkError, shape_text

Places = Sequence[int | None]


@dataclass(frozen=True, slots=True)
class Reshaping:
    """Which rows and columns of the old weights stand where, None for a new one; left out, all as they were.

    `weights` are the numbers of all cells in a new row or column, row by row; `biases` those of new columns.
    """

    rows: Places | None
    columns: Places | None
    weights: Tensor
    biases: Tensor


def reshaped(layer: DenseLayer, how: Reshaping, pointer: str) -> DenseLayer:
    """The layer in its new shape, with weights and biases of its own.

    Work and memory are linear in the old layer and in the numbers that are given, since no row or column is used twice.
    Raises NetworkError: a place that the layer has not, or that is used twice; too many or too few numbers.
    """
    rows = _places(how.rows, layer.n_in, "no-such-weight-row", f"{pointer}/rows")
    columns = _places(how.columns, layer.n_out, "no-such-weight-column", f"{pointer}/columns")
    old_rows, old_columns = (rows >= 0).nonzero()[:, 0], (columns >= 0).nonzero()[:, 0]
    weights, kept = layer.weights, len(old_rows) * len(old_columns)
    _check_count(how.weights, len(rows) * len(columns) - kept, f"{pointer}/weights")
    _check_count(how.biases, len(columns) - len(old_columns), f"{pointer}/biases")
    new = torch.ones(len(rows), len(columns), dtype=torch.bool)
    new[old_rows[:, None], old_columns] = False
    made = weights.new_empty(len(rows), len(columns))
    made[old_rows[:, None], old_columns] = weights[rows[old_rows][:, None], columns[old_columns]]
    made[new] = how.weights.to(weights)
    biases = layer.biases.new_empty(len(columns))
    biases[old_columns] = layer.biases[columns[old_columns]]
    biases[columns < 0] = how.biases.to(weights)
    return layer.with_numbers(made, biases)


def _places(given: Places | None, size: int, key: str, pointer: str) -> Tensor:
    """Indices of what was there, -1 for what is new."""
    if given is None:
        return torch.arange(size)
    seen: set[int] = set()
    for k, index in enumerate(given):
        if index is None:
            continue
        check_index(index, size, key, f"{pointer}/{k}")
        if index in seen:
            raise NetworkError(Fault("invalid-value", "place-twice", f"{pointer}/{k}", {"index": index}))
        seen.add(index)
    return torch.tensor([-1 if index is None else index for index in given], dtype=torch.long)


def _check_count(given: Tensor, count: int, pointer: str) -> None:
    if given.shape != (count,):
        shapes = {"expected": shape_text((count,)), "got": shape_text(given.shape)}
        raise NetworkError(Fault("shape-mismatch", "same-shape", pointer, shapes))
