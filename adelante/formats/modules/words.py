"""The order that layers' names tell by themselves: by numbers, by words such as `in` and `out`.

Names are compared word by word. Wherever some of them part, the words there have to have an order of their own; else
the names do not say which layer comes first.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

Word = tuple[str, str]
"""What stands before a word, and the word, in lower case."""
Words = tuple[Word, ...]

_WORD = re.compile(r"([\W_]*)([0-9]+|[^\W\d_]+)")
_CAMEL = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])")
_NUMBER = re.compile("[0-9]+")
# Where a word stands among others: before all that have no such word, between, after.
_FIRST, _BETWEEN, _LAST = 0, 1, 2
_FIRST_WORDS = (
    "in input inputs start begin entrada stem initial inicial encoder enc encode codificador features feature backbone "
    "trunk shared extractor"
)
_GENERIC = (
    "fc linear lin dense layer layers hidden mid middle medio oculta ocultas latent bottleneck neck core body mlp "
    "block blocks net lineal densa capa capas h l"
)
_LAST_WORDS = (
    "out output outputs salida last final ultima head classifier clf decoder dec decode decodificador logits "
    "predictor prediction predictions pred preds logit score scores end regressor readout"
)
_ORDINALS = (
    "one two three four five six seven eight nine ten eleven twelve",
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth",
    "uno dos tres cuatro cinco seis siete ocho nueve diez once doce",
    "una",
    "primera segunda tercera cuarta quinta sexta séptima octava novena décima",
    "primero segundo tercero cuarto quinto sexto séptimo octavo noveno décimo",
    "primer",
)
_OPENING = frozenset(words.split()[0] for words in _ORDINALS if words.startswith(("first", "primer")))
_PLACES: dict[str, tuple[int, int]] = {
    **dict.fromkeys(_FIRST_WORDS.split(), (_FIRST, 0)),
    **dict.fromkeys(_GENERIC.split(), (_BETWEEN, 0)),
    **dict.fromkeys(_LAST_WORDS.split(), (_LAST, 0)),
    **{word: (_BETWEEN, k) for words in _ORDINALS for k, word in enumerate(words.split(), 1)},
}
_APART = (
    "actor critic policy value pi vf qf generator discriminator student teacher online target left right mu mean mus "
    "logvar var sigma std logstd advantage adv reward"
)
APART = frozenset(_APART.split())
"""Words of networks, or of heads of one network, that stand side by side and never one after another."""
# What people number when they mean whole networks: net1 and net2, critics.0 and critics.1.
_NETWORK = (
    "net network model nn mlp ann q qf qnet critic actor agent policy value tower expert member learner red modelo"
)
_NETWORKS = (
    "nets networks models mlps qs qfs qnets critics actors agents policies towers experts members learners "
    "ensemble heads redes modelos"
)
_NUMBERED, _LISTED = frozenset(_NETWORK.split()), frozenset(_NETWORKS.split())


def words_of(name: str) -> Words:
    """fc_in is fc, in; layers.10 is layers, 10; hiddenLayer is hidden, layer."""
    return tuple((before, word.lower()) for before, word in _WORD.findall(_CAMEL.sub("_", name)))


def order_of(names: Sequence[str]) -> list[int] | None:
    """The places of the names in the order that they tell; None where they do not tell one."""
    return _sorted([(words_of(name), place) for place, name in enumerate(names)], 0)


def guess_of(names: Sequence[str]) -> list[int]:
    """The likeliest order where names do not tell one: known words by their place, others as a dictionary has them."""
    return sorted(range(len(names)), key=lambda place: [_guessed(word) for _, word in words_of(names[place])])


def _guessed(word: str) -> tuple[int, int, str]:
    if word.isdecimal():
        return _BETWEEN, int(word), ""
    stage, number = _PLACES.get(word, (_BETWEEN, 0))
    return stage, number, word


Named = tuple[Words, int]


def _sorted(named: list[Named], at: int) -> list[int] | None:
    """The order of names that agree before word `at`."""
    if len(named) == 1:
        return [named[0][1]]
    while len(parts := parted(named, at)) == 1:
        if None in parts:
            return None
        at += 1
    places = _places(parts)
    if places is None:
        return None
    found = []
    for word in sorted(parts, key=lambda word: places[word]):
        inner = _sorted(parts[word], at + 1)
        if inner is None:
            return None
        found.append(inner)
    return list(chain.from_iterable(found))


def parted(named: Iterable[Named], at: int) -> dict[str | None, list[Named]]:
    """The names by their word `at`; those that have none under None. 07 is 7."""
    found: dict[str | None, list[Named]] = {}
    for words, place in named:
        word = words[at][1] if at < len(words) else None
        key = str(int(word)) if word is not None and word.isdecimal() else word
        found.setdefault(key, []).append((words, place))
    return found


def _places(parts: Mapping[str | None, list[Named]]) -> dict[str | None, tuple[int, int]] | None:
    """Where each of the words stands among the others; None where that is not known of each, or two stand alike."""
    found: dict[str | None, tuple[int, int]] = {}
    for word in parts:
        if word is None:
            # dense, dense_1, dense_2, as Keras counts. fc beside fc1 may come before or after it.
            if len(parts[word]) > 1 or not _counts_on(parts):
                return None
            found[word] = (_BETWEEN, 0)
        elif word.isdecimal():
            found[word] = (_BETWEEN, int(word))
        elif word in _PLACES:
            found[word] = _PLACES[word]
        else:
            return None
    if any(found.get(word) == (_BETWEEN, 0) for word in parts) and not any(number > 1 for _, number in found.values()):
        # first, hidden, last: no second is counted on.
        found |= {word: (_FIRST, 0) for word in parts if word in _OPENING}
    numbers = any(stage == _BETWEEN and number for stage, number in found.values())
    generic = any(word is not None and place == (_BETWEEN, 0) and word != "0" for word, place in found.items())
    return None if len(set(found.values())) < len(found) or (numbers and generic) else found


def _counts_on(parts: Mapping[str | None, list[Named]]) -> bool:
    """Whether all the other words are numbers from 1 after an underscore."""
    (own,) = parts[None][:1]
    at = len(own[0])
    return all(
        word is None or (word.isdecimal() and int(word) > 0 and all(words[at][0] == "_" for words, _ in named))
        for word, named in parts.items()
    )


def are_networks(names: Sequence[str]) -> bool:
    """Whether the first words in which names differ number networks: net1 and net2, models.0 and models.1."""
    found = [words_of(name) for name in names]
    at = next((k for k, words in enumerate(zip(*found, strict=False)) if len({word for _, word in words}) > 1), 0)
    if at == 0 or not all(words[at][1].isdecimal() for words in found):
        return False
    before = found[0][at - 1][1]
    return before in _LISTED or (before in _NUMBERED and all(words[at][0] in ("", "_") for words in found))


def numbers_of(names: Sequence[str]) -> bool:
    """Whether names differ in nothing but numbers: 0, 2, 4; fc1, fc2."""
    return len({_NUMBER.sub("#", name) for name in names}) == 1
