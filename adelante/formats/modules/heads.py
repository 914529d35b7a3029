"""Two networks in one file, or one that parts in two: `actor` and `critic`, `policy` and `value`."""

from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import NamedTuple

from adelante.formats.modules.chains import Shape, fits, has_order, span_of
from adelante.formats.modules.words import APART, Named, order_of, parted, words_of

# A file of thousands of layers is not tried at every place where its names part.
_MOST_PLACES, _MOST_HEADS = 64, 16


class Heads(NamedTuple):
    """Layers that stand side by side: each head's name, and the places of its layers."""

    named: dict[str, tuple[int, ...]]

    def without_others(self, head: str, count: int) -> list[int]:
        """The places, of `count` layers, that are left where this head is taken."""
        others = {place for name, places in self.named.items() if name != head for place in places}
        return [place for place in range(count) if place not in others]


def heads_by_words(names: Sequence[str]) -> Heads | None:
    """Heads that are called so."""
    for parts in _partings(names):
        apart = [part for word, part in parts.items() if word in APART]
        if len(apart) > 1:
            return _heads(names, [[place for _, place in part] for part in apart])
    return None


def heads_by_shapes(names: Sequence[str], shapes: Sequence[Shape]) -> Heads | None:
    """Heads that take the same, each of which makes a chain with what is no head."""
    for parts in _partings(names):
        spans: dict[int, list[tuple[int, list[int]]]] = {}
        for part in parts.values():
            places = [place for _, place in part]
            span = span_of([shapes[place] for place in places])
            if span is not None:
                spans.setdefault(span[0], []).append((span[1], places))
        for groups in spans.values():
            for some in _tries(groups):
                if 1 < len(some) <= _MOST_HEADS and _part_there(names, shapes, some):
                    return _heads(names, some)
    return None


def _tries(groups: list[tuple[int, list[int]]]) -> Iterator[list[list[int]]]:
    """Which of the modules that take the same may be heads: those that give the same too, all, all but one."""
    for size in dict.fromkeys(end for end, _ in groups):
        yield [places for end, places in groups if end == size]
    every = [places for _, places in groups]
    yield every
    # What comes before the heads may take the same as they do.
    yield from (every[:k] + every[k + 1 :] for k in range(min(len(every), _MOST_HEADS)))


def _part_there(names: Sequence[str], shapes: Sequence[Shape], groups: list[list[int]]) -> bool:
    """Whether a chain parts into these: single layers that have nothing before them are no heads."""
    shared = len(names) - sum(map(len, groups))
    if not shared and any(len(places) == 1 for places in groups):
        return False
    found = _heads(names, groups)
    left = [found.without_others(name, len(names)) for name in found.named]
    return all(has_order([shapes[place] for place in places]) for places in left)


def twins(names: Sequence[str], shapes: Sequence[Shape]) -> Heads | None:
    """Modules of several layers each that take the same, and whose names say nothing of which comes first."""
    for parts in _partings(names):
        groups = [[place for _, place in part] for part in parts.values()]
        starts = {_own_start(names, shapes, places) for places in groups}
        if all(len(places) > 1 for places in groups) and len(starts) == 1 and None not in starts:
            return _heads(names, groups) if len(groups) <= _MOST_HEADS else None
        break
    return None


def _own_start(names: Sequence[str], shapes: Sequence[Shape], places: list[int]) -> int | None:
    """What a module takes, in the order that its own layers' names tell."""
    order = order_of([names[place] for place in places])
    if order is None:
        span = span_of([shapes[place] for place in places])
        return None if span is None else span[0]
    own = [shapes[places[k]] for k in order]
    return own[0][0] if fits(own) else None


def _partings(names: Sequence[str]) -> list[dict[str | None, list[Named]]]:
    """Where names part into several words, the outer places first."""
    found = []
    waiting = [([(words_of(name), place) for place, name in enumerate(names)], 0)]
    for named, at in waiting:
        while len(parts := parted(named, at)) == 1 and None not in parts:
            at += 1
        if len(parts) > 1:
            found.append(parts)
            waiting += [(part, at + 1) for word, part in parts.items() if word is not None and len(part) > 1]
        if len(found) == _MOST_PLACES:
            break
    return found


def _shared(names: Sequence[str]) -> str:
    """What all of them begin with."""
    first, last = min(names), max(names)
    count = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False)))
    return first[:count]


def _heads(names: Sequence[str], groups: list[list[int]]) -> Heads:
    """Each group under what its names have in common: actor of actor.0 and actor.2."""
    found: dict[str, tuple[int, ...]] = {}
    for places in groups:
        own = [names[place] for place in places]
        shared = own[0] if len(own) == 1 else _shared(own)
        label = shared if len(own) == 1 else (shared.rpartition(".")[0] or shared.rstrip("._-"))
        found[label if label and label not in found else own[0]] = tuple(places)
    return Heads(found)
