"""Some of very many changes, the same ones at every call."""

from collections.abc import Iterable
from itertools import chain, islice, zip_longest
from random import Random

_SEED = 17


def spread_out(changes: Iterable[str], count: int) -> set[str]:
    """So many of mutmut's changes: one of each function, in any order, then a second one of each that has two, …"""
    random = Random(_SEED)
    by_function: dict[str, list[str]] = {}
    for change in sorted(changes):
        by_function.setdefault(change.rpartition("__mutmut_")[0], []).append(change)
    functions = random.sample(list(by_function.values()), len(by_function))
    rounds = zip_longest(*(random.sample(each, len(each)) for each in functions))
    return set(islice(filter(None, chain.from_iterable(rounds)), count))
