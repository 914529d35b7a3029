"""One number of a network: a tensor's name and an index. Checked in one place, whoever asks."""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from adelante.network.errors import Fault, NetworkError, shape_text

# A network may have thousands of tensors: a refusal names this many of them, those of the same layer if there are any.
_MOST_NAMED = 20


class Cell(NamedTuple):
    """The number at index `at`, which does not count the batch, of the tensor of this name."""

    tensor: str
    at: tuple[int, ...]


def check_cell(shapes: Mapping[str, Sequence[int]], cell: Cell, pointer: str) -> None:
    """Raises NetworkError (unknown-layer, out-of-range, shape-mismatch) where no tensor of `shapes` has this cell."""
    shape = shape_of(shapes, cell.tensor, f"{pointer}/tensor")
    if len(cell.at) != len(shape):
        values = {"tensor": cell.tensor, "expected": shape_text(shape), "got": len(cell.at), "count": len(shape)}
        raise NetworkError(Fault("shape-mismatch", "cell-rank", f"{pointer}/at", values))
    if 0 in shape:
        values = {"tensor": cell.tensor, "expected": shape_text(shape)}
        raise NetworkError(Fault("out-of-range", "no-cells", f"{pointer}/at", values))
    for k, (index, size) in enumerate(zip(cell.at, shape, strict=True)):
        if not 0 <= index < size:
            values = {"tensor": cell.tensor, "index": index, "last": size - 1, "expected": shape_text(shape)}
            raise NetworkError(Fault("out-of-range", "no-such-cell", f"{pointer}/at/{k}", values))


def shape_of(shapes: Mapping[str, Sequence[int]], tensor: str, pointer: str) -> Sequence[int]:
    """The shape of a tensor. Raises NetworkError (unknown-layer) where there is none of this name."""
    if tensor not in shapes:
        layer = tensor[:100].rpartition(".")[0]
        near = list(islice((name for name in shapes if layer and name.startswith(f"{layer}.")), _MOST_NAMED))
        known = near or list(islice(shapes, _MOST_NAMED))
        values = {"name": tensor[:100], "known": known, "count": len(shapes)}
        raise NetworkError(Fault("unknown-layer", "tensor-not-there", pointer, values))
    return shapes[tensor]
