"""The order that layers' shapes tell: each takes what the one before gives."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

Shape = tuple[int, int]
"""What a layer takes and gives: (n_in, n_out)."""
# How many layers are looked at, all attempts together, before it is left to the names.
_PATIENCE = 200_000


def fits(shapes: Sequence[Shape]) -> bool:
    """Whether each takes what the one before gives."""
    return all(one[1] == other[0] for one, other in pairwise(shapes))


def only_order(shapes: Sequence[Shape]) -> list[int] | None:
    """The order of layers where each width is taken by one and given by one; None where any is there twice."""
    by_inputs = {shape[0]: place for place, shape in enumerate(shapes)}
    outputs = {shape[1] for shape in shapes}
    starts = [n_in for n_in in by_inputs if n_in not in outputs]
    if not len(by_inputs) == len(outputs) == len(shapes) or len(starts) != 1:
        return None
    found = [by_inputs[starts[0]]]
    while (after := by_inputs.get(shapes[found[-1]][1])) is not None:
        found.append(after)
    return found if len(found) == len(shapes) else None


def has_order(shapes: Sequence[Shape]) -> bool:
    """Whether all of them can stand in a chain at all: an Eulerian trail over the widths."""
    surplus: dict[int, int] = {}
    united: dict[int, int] = {}

    def root(width: int) -> int:
        while united.setdefault(width, width) != width:
            united[width] = width = united[united[width]]
        return width

    for n_in, n_out in shapes:
        surplus[n_in] = surplus.get(n_in, 0) + 1
        surplus[n_out] = surplus.get(n_out, 0) - 1
        united[root(n_in)] = root(n_out)
    unequal = sorted(value for value in surplus.values() if value)
    return unequal in ([], [-1, 1]) and len({root(width) for width in surplus}) == 1


def span_of(shapes: Sequence[Shape]) -> Shape | None:
    """What a chain of all of them takes and gives; None where there is none, or where that is open."""
    if not has_order(shapes):
        return None
    surplus: dict[int, int] = {}
    for n_in, n_out in shapes:
        surplus[n_in] = surplus.get(n_in, 0) + 1
        surplus[n_out] = surplus.get(n_out, 0) - 1
    ends = sorted((value, width) for width, value in surplus.items() if value)
    if ends:
        return ends[1][1], ends[0][1]
    # Of equal widths all the way there is only one to take.
    return shapes[0] if len(surplus) == 1 else None


def orders(shapes: Sequence[Shape], preferred: Sequence[int], most: int) -> list[list[int]]:
    """Up to `most` orders in which they fit, those first that keep to the preferred order; maybe not all there are."""
    found: list[list[int]] = []
    if has_order(shapes):
        for order in _trails(shapes, preferred):
            found.append(order)
            if len(found) == most:
                break
    return found


def _trails(shapes: Sequence[Shape], preferred: Sequence[int]) -> Iterator[list[int]]:
    """Every order in which they fit, by trying one layer after another."""
    after: dict[int, list[int]] = {}
    for place in preferred:
        after.setdefault(shapes[place][0], []).append(place)
    used = [False] * len(shapes)
    path: list[int] = []
    patience = _PATIENCE
    # For each step the layers that may come, and how many of them were tried.
    span = span_of(shapes)
    steps: list[tuple[Sequence[int], int]] = [(preferred if span is None else after[span[0]], 0)]
    while steps and patience > 0:
        candidates, tried = steps.pop()
        if len(path) > len(steps):
            used[path.pop()] = False
        while tried < len(candidates) and used[candidates[tried]]:
            tried += 1
            patience -= 1
        patience -= 1
        if tried == len(candidates):
            continue
        place = candidates[tried]
        steps.append((candidates, tried + 1))
        path.append(place)
        used[place] = True
        if len(path) == len(shapes):
            yield list(path)
        steps.append((after.get(shapes[place][1], ()), 0))
