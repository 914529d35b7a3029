"""Where a batch norm stands among dense layers if no numbers say it: `bn1` beside `fc1`, or the only width it fits."""

from collections import Counter
from collections.abc import Sequence

from adelante.formats.modules.parts import Part
from adelante.formats.modules.words import words_of

_LAYERS = frozenset(["fc", "linear", "lin", "dense", "layer", "layers", "l", "lineal", "densa", "capa", "capas"])
_NORMS = frozenset(["bn", "norm", "batch", "batchnorm", "normalization", "normalisation", "norma"])
_Rest = tuple[str, ...]


def placed(dense: Sequence[Part], norms: Sequence[Part]) -> list[Part] | None:
    """The batch norms among dense layers in order, each beside its twin; None where a place is open."""
    return _placed(dense, norms, open_too=False)


def among(dense: Sequence[Part], norms: Sequence[Part]) -> list[Part] | None:
    """The same as a guess: one whose place is open comes after the first layer that it fits; None if it fits none."""
    return _placed(dense, norms, open_too=True)


def _placed(dense: Sequence[Part], norms: Sequence[Part], *, open_too: bool) -> list[Part] | None:
    after: dict[int, list[Part]] = {}
    twins = _twins(dense)
    for norm in norms:
        place = _place(dense, norm, twins.get(_rest(norm)), open_too=open_too)
        if place is None:
            return None
        after.setdefault(place, []).append(norm)
    if not open_too and any(len(each) > 1 for each in after.values()):
        return None
    found = list(after.get(0, ()))
    for k, part in enumerate(dense, 1):
        found += [part, *after.get(k, ())]
    return found


def _place(dense: Sequence[Part], norm: Part, twin: int | None, *, open_too: bool) -> int | None:
    """After how many of the dense layers it comes; its own comes first, where its width says nothing else."""
    width = norm.shape[0]
    if twin is not None:
        n_in, n_out = dense[twin].shape
        return twin + 1 if n_out == width else twin if n_in == width else None
    # Before the first layer, or after one.
    fitting = [k for k in range(len(dense) + 1) if (dense[k - 1].shape[1] if k else dense[0].shape[0]) == width]
    if len(fitting) == 1 or (fitting and open_too):
        return next((k for k in fitting if k), fitting[0])
    return None


def _twins(dense: Sequence[Part]) -> dict[_Rest, int]:
    """The place of each dense layer by what tells its name from others', where that is its own."""
    rests = [_rest(part) for part in dense]
    count = Counter(rests)
    return {rest: k for k, rest in enumerate(rests) if count[rest] == 1}


def _rest(part: Part) -> _Rest:
    """A name's words but for those that say only what it is: fc1 and bn1 are both 1."""
    return tuple(word for _, word in words_of(part.name) if word not in _LAYERS and word not in _NORMS)
