"""Two networks in one file, or one that parts in two: `actor` and `critic`, `policy` and `value`, `fc_mu`, `fc_logvar`."""

from collections.abc import Sequence
from os.path import commonprefix
from typing import NamedTuple

from adelante.formats.modules.chains import Shape, fits, has_order, start_of
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
    """Heads that take the same, where all layers together make no chain, and do with each of the heads alone."""
    for parts in _partings(names):
        starting: dict[int, list[list[int]]] = {}
        for part in parts.values():
            places = [place for _, place in part]
            start = start_of([shapes[place] for place in places])
            if start is not None:
                starting.setdefault(start, []).append(places)
        for groups in starting.values():
            if 1 < len(groups) <= _MOST_HEADS:
                found = _heads(names, groups)
                left = [found.without_others(name, len(names)) for name in found.named]
                if all(has_order([shapes[place] for place in places]) for places in left):
                    return found
    return None


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
        return start_of([shapes[place] for place in places])
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


def _heads(names: Sequence[str], groups: list[list[int]]) -> Heads:
    """Each group under what its names have in common: actor of actor.0 and actor.2."""
    found: dict[str, tuple[int, ...]] = {}
    for places in groups:
        own = [names[place] for place in places]
        shared = own[0] if len(own) == 1 else commonprefix(own)
        label = shared if len(own) == 1 else (shared.rpartition(".")[0] or shared.rstrip("._-"))
        found[label if label and label not in found else own[0]] = tuple(places)
    return Heads(found)
