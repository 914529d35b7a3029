"""Tensors and arrays over their memory: which of them share it, and which of its cells nobody has written yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Data = Tensor | NDArray[Any]


@dataclass(slots=True, eq=False)
class Memory:
    """One piece of memory. `cells` (size,) are all its numbers in order, those that no tensor reaches too.

    `unknown` (size,), of bool, marks the cells that were never written, and those that were computed from such.
    """

    cells: Tensor
    unknown: Tensor

    @property
    def size(self) -> int:
        """How many numbers fit in."""
        return self.cells.numel()

    def grow(self, data: Tensor) -> None:
        """Takes note where `data`, a tensor over this memory, has made it larger: the new cells are unknown.

        torch leaves in them whatever the process had there before. They are filled at once, as torch's own
        deterministic mode fills them (NaN, or the largest integer), so that no operation ever reads another's memory.
        """
        known = self.size
        self.widen(data)
        self.unknown[known:] = True
        _fill(self.cells[known:])

    def widen(self, data: Tensor) -> None:
        """As `grow`, where the operation has written the new cells itself: `out=` makes room and fills it."""
        cells = _all_cells(data)
        fresh = cells.numel() - self.size
        if fresh > 0:  # one that was made from a part of an array reaches less
            self.unknown = torch.cat((self.unknown, torch.zeros(fresh, dtype=torch.bool)))
            self.cells = cells

    def fill(self) -> None:
        """Takes note that nothing of it was written yet: torch.empty."""
        self.unknown.fill_(True)
        _fill(self.cells)


@dataclass(slots=True, eq=False)
class Value:
    """A torch tensor or NumPy array and the memory under it. In-place operations change it; two names may mean it."""

    data: Data
    memory: Memory

    @property
    def kind(self) -> Literal["torch", "numpy"]:
        return "torch" if isinstance(self.data, Tensor) else "numpy"

    @property
    def dtype(self) -> str:
        """The number type's name, without torch's prefix."""
        return str(self.data.dtype).removeprefix("torch.")

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.data.shape)

    @property
    def stride(self) -> tuple[int, ...]:
        """How many cells apart neighbours along each dimension lie; NumPy's own count is in bytes."""
        if isinstance(self.data, Tensor):
            return self.data.stride()
        return tuple(step // self.data.itemsize for step in self.data.strides)

    @property
    def offset(self) -> int:
        """The cell of the memory that the first number lies in."""
        if isinstance(self.data, Tensor) and self.data.untyped_storage() is self.memory.cells.untyped_storage():
            return int(self.data.storage_offset())
        # Torch's tensor over a part of an array counts from that part; only addresses tell where it lies.
        return (address_of(self.data) - self.memory.cells.data_ptr()) // self.data.itemsize if self.size else 0

    @property
    def size(self) -> int:
        """How many numbers it has; its memory may hold more."""
        return int(np.prod(self.shape, dtype=np.int64))

    @property
    def cells(self) -> Tensor:
        """Its numbers, whether it is torch's or NumPy's; the memory is shared."""
        if min(self.stride, default=0) < 0:  # NumPy's alone: torch has no such strides
            # One row that is read backwards counts as contiguous, and its stride stays negative but in a copy.
            return torch.from_numpy(np.array(self.data, order="C"))
        return self.memory.cells.as_strided(self.shape, self.stride, self.offset)

    @property
    def unknown(self) -> Tensor:
        """The marks of its cells, in its own shape; the memory is shared, so writing here marks for all."""
        if min(self.stride, default=0) < 0:
            return torch.from_numpy(self.marks.copy())
        return self.memory.unknown.as_strided(self.shape, self.stride, self.offset)

    @property
    def marks(self) -> NDArray[np.bool_]:
        """The same as NumPy sees them, which walks memory backwards too."""
        if self.size == 0:
            return np.zeros(self.shape, bool)
        return np.lib.stride_tricks.as_strided(self.memory.unknown.numpy()[self.offset :], self.shape, self.stride)


def over_memory(data: Data, sources: Sequence[Value]) -> tuple[Value, bool]:
    """A result as a value, and whether its memory is new: it may be that of one of the values it was made from."""
    for source in sources:
        if _share(data, source.data):
            return Value(data, source.memory), False
    cells = _all_cells(data)
    return Value(data, Memory(cells, torch.zeros(cells.numel(), dtype=torch.bool))), True


def _share(one: Data, other: Data) -> bool:
    """Whether both lie in one piece of memory. Empty memory has no address, so only torch can tell it apart."""
    if isinstance(one, Tensor) and isinstance(other, Tensor) and one.untyped_storage() is other.untyped_storage():
        return True
    (address, size), (other_address, other_size) = _place(one), _place(other)
    return size > 0 and other_size > 0 and address == other_address


def _fill(cells: Tensor) -> None:
    """What torch's own deterministic mode fills memory with that nobody has written."""
    if cells.dtype.is_floating_point:
        cells.fill_(torch.nan)
    else:
        cells.fill_(True if cells.dtype == torch.bool else torch.iinfo(cells.dtype).max)


class Memories:
    """All memory of one run, so that whatever comes out of an operation is found in the piece that it lies in."""

    def __init__(self) -> None:
        self._known: list[tuple[Memory, Any]] = []

    @property
    def any_unknown(self) -> bool:
        """Whether a cell is marked anywhere."""
        return any(bool(memory.unknown.any()) for memory, _ in self._known)

    def value(self, data: Data) -> tuple[Value, bool]:
        """A tensor or array over its memory, and whether that is new."""
        root: Any = data.untyped_storage() if isinstance(data, Tensor) else _root(data)
        address = address_of(data)
        for memory, owner in self._known:
            start = memory.cells.data_ptr()
            if owner is root or (start and start <= address < start + memory.cells.nbytes):
                return Value(data, memory), False
        cells = _all_cells(data if isinstance(data, Tensor) else _root(data))
        memory = Memory(cells, torch.zeros(cells.numel(), dtype=torch.bool))
        self._known.append((memory, root))
        return Value(data, memory), True


def address_of(data: Data) -> int:
    """Where its first number lies; 0 for none."""
    return data.data_ptr() if isinstance(data, Tensor) else int(data.__array_interface__["data"][0]) if data.size else 0


def _root(array: NDArray[Any]) -> NDArray[Any]:
    """The array that owns the memory of this one."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def _place(data: Data) -> tuple[int, int]:
    """The address of the memory and its size, in bytes."""
    if isinstance(data, Tensor):
        storage = data.untyped_storage()
        return storage.data_ptr(), storage.nbytes()
    return int(data.__array_interface__["data"][0]), data.nbytes


def _all_cells(data: Data) -> Tensor:
    """Every cell of the memory under it, (size,)."""
    if isinstance(data, Tensor):
        storage = data.untyped_storage()
        return torch.empty(0, dtype=data.dtype).set_(storage, 0, (storage.nbytes() // data.itemsize,), (1,))
    whole = np.lib.stride_tricks.as_strided(data, (data.size,), (data.itemsize,), writeable=data.flags.writeable)
    return torch.from_numpy(whole)
