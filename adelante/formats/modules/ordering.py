"""In which order a file's layers come: by the sender's choice, by numbers, by shapes, by words; else it is asked."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NoReturn

from adelante.formats.choices import AskedLayer, ChoiceNeeded, Choices, Question, listed, not_a_choice
from adelante.formats.modules.chains import fits, has_order, only_order, orders
from adelante.formats.modules.heads import Heads, heads_by_shapes, heads_by_words, twins
from adelante.formats.modules.norms import among, placed
from adelante.formats.modules.parts import Part
from adelante.formats.modules.words import are_networks, guess_of, numbers_of, order_of
from adelante.formats.opened import Note
from adelante.formats.tensors import pointer_of
from adelante.network.errors import Fault

_MOST_OPTIONS = 4
_WHOLE = ("/layers",)


@dataclass(frozen=True)
class Ordered:
    """The layers in order, and what was decided for it."""

    parts: list[Part]
    notes: tuple[Note, ...] = ()


def ordered(parts: list[Part], choices: Choices) -> Ordered:
    """The layers in the order that the choices, their names or their shapes tell.

    Raises ChoiceNeeded where these leave it open, NetworkError where a choice names what is not there.
    """
    if choices.order is not None:
        chosen = _chosen(parts, choices.order)
        return Ordered(chosen, _left_out(parts, chosen))
    of_one, notes = _of_one_head(parts, choices.head)
    found = _in_order(of_one)
    if found is None:
        _ask_order(of_one)
    in_order, key = found
    if key is not None:
        names = [part.name for part in in_order]
        question = Question("order", _options(of_one, [in_order]), asked(of_one))
        notes = (*notes, Note(key, _WHOLE, {"order": listed(names), "query": ",".join(names)}, question))
    return Ordered(in_order, notes)


def asked(parts: Sequence[Part], heads: Heads | None = None) -> tuple[AskedLayer, ...]:
    """The layers as a question shows them."""
    of = {place: name for name, places in heads.named.items() for place in places} if heads is not None else {}
    return tuple(AskedLayer(part.name, part.kind, part.shape, of.get(k)) for k, part in enumerate(parts))


def _chosen(parts: list[Part], names: tuple[str, ...]) -> list[Part]:
    """The layers of these names, which are those of the file, with or without wrappers."""
    known = {part.prefix: part for part in parts} | {part.name: part for part in parts}
    found = []
    for name in names:
        if name not in known:
            not_a_choice("choice-unknown", "order", name=name[:200], known=[part.name for part in parts])
        found.append(known[name])
    if (twice := Counter(found).most_common(1)[0])[1] > 1:
        not_a_choice("choice-twice", "order", name=twice[0].name)
    return found


def _left_out(parts: Sequence[Part], kept: Sequence[Part]) -> tuple[Note, ...]:
    there = set(kept)
    left = [part.name for part in parts if part not in there]
    return (Note("layers-left-out", _WHOLE, {"names": listed(left)}),) if left else ()


def _of_one_head(parts: list[Part], head: str | None) -> tuple[list[Part], tuple[Note, ...]]:
    """The layers of one network of the file, where it has several. Raises ChoiceNeeded where none was chosen."""
    heads = _heads(parts)
    if heads is None:
        if head is not None:
            not_a_choice("choice-no-heads", "head", name=head[:200])
        return parts, ()
    if head is None:
        names = list(heads.named)
        fault = Fault("unsupported-file", "file-heads", pointer_of(parts[0].weights_name), {"names": names})
        # Numbered networks may be one after all: net1's layers, then net2's.
        found = _in_order(parts)
        chain = [] if found is None else [Question("order", _options(parts, [found[0]]), asked(parts))]
        raise ChoiceNeeded(fault, [Question("head", tuple(names), asked(parts, heads)), *chain])
    if head not in heads.named:
        not_a_choice("choice-unknown", "head", name=head[:200], known=list(heads.named))
    kept = [parts[place] for place in heads.without_others(head, len(parts))]
    return kept, _left_out(parts, kept)


def _heads(parts: list[Part]) -> Heads | None:
    found = heads_by_words([part.name for part in parts])
    if found is not None or len(parts) < 2:
        return found
    dense = [k for k, part in enumerate(parts) if part.kind == "dense"]
    of_dense = _heads_of_dense([parts[k] for k in dense])
    if of_dense is None:
        return None
    named = {name: [dense[k] for k in places] for name, places in of_dense.named.items()}
    for k, part in enumerate(parts):
        if part.kind != "dense":
            for name, places in named.items():
                if part.name.startswith(f"{name}."):
                    places.append(k)
    return Heads({name: tuple(places) for name, places in named.items()})


def _heads_of_dense(parts: list[Part]) -> Heads | None:
    names, shapes = [part.name for part in parts], [part.shape for part in parts]
    order = order_of(names)
    if order is not None:
        # What names tell is what is meant, unless they number networks; what they can't mean together may be two.
        if not fits([shapes[k] for k in order]):
            return heads_by_shapes(names, shapes)
        return twins(names, shapes) if are_networks(names) else None
    return twins(names, shapes) or (None if has_order(shapes) else heads_by_shapes(names, shapes))


def _in_order(parts: list[Part]) -> tuple[list[Part], str | None] | None:
    """The layers in the order that is the only one, and which note is told of it; None where there are several."""
    names, shapes = [part.name for part in parts], [part.shape for part in parts]
    by_names = order_of(names)
    told = by_names is not None and fits([shapes[k] for k in by_names])
    if by_names is not None and (numbers_of(names) or len(parts) == 1):
        return ([parts[k] for k in by_names], None) if told or not _other_order(parts) else None
    dense = [part for part in parts if part.kind == "dense"]
    norms = [part for part in parts if part.kind != "dense"]
    if norms:
        if by_names is not None and told:
            return [parts[k] for k in by_names], "order-by-names"
        inner = _in_order(dense)
        whole = None if inner is None else placed(inner[0], norms)
        return None if whole is None else (whole, "order-with-norms")
    by_shapes = only_order(shapes)
    if by_shapes is not None:
        return [parts[k] for k in by_shapes], "order-by-shapes"
    return ([parts[k] for k in by_names], "order-by-names") if by_names is not None and told else None


def _other_order(parts: list[Part]) -> bool:
    """Whether layers whose numbers do not fit would fit in another order, which is then asked about."""
    return bool(_possible(parts, 1))


def _possible(parts: list[Part], most: int) -> list[list[Part]]:
    """Orders in which the layers fit, the likeliest first."""
    dense = [part for part in parts if part.kind == "dense"]
    norms = [part for part in parts if part.kind != "dense"]
    preferred = order_of([part.name for part in dense]) or guess_of([part.name for part in dense])
    found = [[dense[k] for k in order] for order in orders([part.shape for part in dense], preferred, most)]
    whole = [among(order, norms) for order in found]
    return [order for order in whole if order is not None]


def _options(parts: list[Part], first: Sequence[list[Part]] = ()) -> tuple[list[str], ...]:
    def options() -> Iterator[list[str]]:
        for order in (*first, *_possible(parts, _MOST_OPTIONS)):
            yield [part.name for part in order]

    unique = {tuple(option): option for option in options()}
    return tuple(unique.values())[:_MOST_OPTIONS]


def _ask_order(parts: list[Part]) -> NoReturn:
    names = [part.name[:200] for part in parts[:8]]
    fault = Fault("unsupported-file", "file-order", pointer_of(parts[0].weights_name), {"names": names})
    raise ChoiceNeeded(fault, [Question("order", _options(parts), asked(parts))])
