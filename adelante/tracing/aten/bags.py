"""torch.nn.EmbeddingBag, opened: entries are looked up, and those of a bag added up, averaged, or the largest taken."""

from typing import Any

import torch

from adelante.network.operations import (
    arithmetic,
    choices,
    functions,
    lookups,
    made,
    moves,
    reductions,
    scatters,
    slices,
)
from adelante.tracing.aten.registry import Builder, Refused, cast, dtype_name, stands_for

_SUM, _MEAN, _MAX = range(3)


@stands_for("_embedding_bag", "_embedding_bag_forward_only")
def _embedding_bag(
    b: Builder,
    weights: str,
    indices: str,
    offsets: str,
    scale_grad_by_freq: bool = False,
    mode: int = _SUM,
    sparse: bool = False,
    per_sample_weights: str | None = None,
    include_last_offset: bool = False,
    padding_idx: int = -1,
) -> Any:
    """`offsets` says where each bag begins; where all are of one size, torch has made them of that size."""
    begins = b.operation(offsets)
    if isinstance(begins, made.Arange) and begins.start == 0 and not include_last_offset:
        size = int(begins.step)
        indices = b.emit(moves.Reshape((-1, size)), indices)
        if per_sample_weights is not None:
            per_sample_weights = b.emit(moves.Reshape((-1, size)), per_sample_weights)
        bags: _Bags = _OfOneSize(b, weights)
    else:
        bags = _ByOffsets(b, weights, indices, offsets, include_last_offset)
    rows = b.emit(lookups.Embedding(), weights, indices)
    if per_sample_weights is not None:
        rows = b.emit(arithmetic.Mul(), rows, b.emit(moves.Unsqueeze(-1), per_sample_weights))
    left_out = None
    if padding_idx >= 0:
        left_out = b.emit(functions.Function.named("eq", other=padding_idx), indices)
    found = bags.largest(rows, left_out) if mode == _MAX else bags.added(rows, left_out, mode == _MEAN)
    return found, None, None, None


class _Bags:
    """What both sorts of bags do. `left_out` says of each entry whether it is padding, which counts for nothing."""

    def __init__(self, b: Builder, weights: str) -> None:
        self.b = b
        self.features, self.dtype = b.shape(weights)[1:], dtype_name(b.dtype(weights))

    def sums(self, rows: str) -> str:
        """(bags, features): what each bag's rows add up to."""
        raise NotImplementedError

    def counts(self, left_out: str | None) -> str:
        """(bags, 1): how many entries each bag has, 1 where it has none."""
        raise NotImplementedError

    def largest(self, rows: str, left_out: str | None) -> str:
        """(bags, features): the largest of each bag's rows, 0 where it has none."""
        raise NotImplementedError

    def added(self, rows: str, left_out: str | None, mean: bool) -> str:
        """(bags, features): the sum of each bag's rows, or their mean."""
        b = self.b
        if left_out is not None:
            rows = b.emit(choices.MaskedFill(0.0), rows, b.emit(moves.Unsqueeze(-1), left_out))
        sums = self.sums(rows)
        if not mean:
            return sums
        counts = b.emit(moves.Cast(self.dtype), self.counts(left_out))
        return b.emit(arithmetic.Div(), sums, b.emit(functions.Function.named("clamp", min=1.0), counts))

    def _largest(self, rows: str, missing: str, dim: int) -> str:
        """The largest of `rows` along a dimension but for what is missing; 0 where all is."""
        b = self.b
        found = b.emit(choices.Amax((dim,)), b.emit(choices.MaskedFill(float("-inf")), rows, missing))
        return b.emit(choices.MaskedFill(0.0), found, b.emit(choices.Amin((dim,)), missing))

    def _entries(self, left_out: str) -> str:
        """1 for each entry that counts."""
        return self.b.emit(moves.Cast("int64"), self.b.emit(functions.Function.named("logical_not"), left_out))


class _OfOneSize(_Bags):
    """(bags, entries)."""

    def sums(self, rows: str) -> str:
        return self.b.emit(reductions.Sum((1,)), rows)

    def counts(self, left_out: str | None) -> str:
        assert left_out is not None
        return self.b.emit(reductions.Sum((1,), True), self._entries(left_out))

    def added(self, rows: str, left_out: str | None, mean: bool) -> str:
        if mean and left_out is None:
            return self.b.emit(reductions.Mean((1,)), rows)
        return super().added(rows, left_out, mean)

    def largest(self, rows: str, left_out: str | None) -> str:
        if left_out is None:
            return self.b.emit(choices.Amax((1,)), rows)
        return self._largest(rows, self.b.emit(moves.Unsqueeze(-1), left_out), 1)


class _ByOffsets(_Bags):
    """Entries one bag after the other, (entries,); `offsets` (bags,) has the first one's place of each.

    With `closed` the last offset is where the last bag ends.
    """

    def __init__(self, b: Builder, weights: str, indices: str, offsets: str, closed: bool) -> None:
        super().__init__(b, weights)
        (entries,), (count,) = b.shape(indices), b.shape(offsets)
        if b.batch != "none" or not isinstance(entries, int) or not isinstance(count, int):
            raise Refused("embedding_bag by offsets, of a batch whose bags depend on one another,")
        self.entries, self.count, self.closed = entries, count, closed
        place = b.emit(moves.Unsqueeze(1), b.emit(made.Arange(0, entries)))
        begun = b.emit(arithmetic.Paired("ge_than"), place, b.emit(moves.Unsqueeze(0), cast(b, offsets, torch.int64)))
        bag = b.emit(reductions.Sum((1,)), b.emit(moves.Cast("int64"), begun))
        # (entries,): which bag each is in.
        self.bag = b.emit(arithmetic.Add(scalar=-1), bag)

    def sums(self, rows: str) -> str:
        return self._summed(rows, (self.count, *self.features), self.dtype)

    def counts(self, left_out: str | None) -> str:
        b = self.b
        ones = b.emit(made.Full((self.entries,), 1, "int64")) if left_out is None else self._entries(left_out)
        return b.emit(moves.Unsqueeze(-1), self._summed(ones, (self.count,), "int64"))

    def largest(self, rows: str, left_out: str | None) -> str:
        b = self.b
        numbered = b.emit(moves.Unsqueeze(1), b.emit(made.Arange(0, self.count - self.closed)))
        missing = b.emit(arithmetic.Paired("ne_to"), numbered, b.emit(moves.Unsqueeze(0), self.bag))
        if left_out is not None:
            missing = b.emit(arithmetic.Paired("logical_or"), missing, b.emit(moves.Unsqueeze(0), left_out))
        missing = b.emit(moves.Unsqueeze(-1), missing)
        wide = b.emit(moves.Expand((self.count - self.closed, -1, -1)), b.emit(moves.Unsqueeze(0), rows))
        return self._largest(wide, missing, 1)

    def _summed(self, each: str, size: tuple[Any, ...], dtype: str) -> str:
        b = self.b
        none = b.emit(made.Full(size, 0, dtype))
        found = b.emit(scatters.IndexAdd((True,)), none, each, self.bag)
        return b.emit(slices.Slice(0, 0, self.count - 1), found) if self.closed else found
