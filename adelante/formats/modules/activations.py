"""Which activations follow the layers of a file: by the sender's choice, by the metadata, else none, which is said."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NoReturn

from adelante.formats.choices import AskedLayer, Question, choices_in, not_a_choice
from adelante.formats.modules.parts import Part, tensor_name
from adelante.formats.modules.words import numbers_of
from adelante.formats.opened import Note
from adelante.network.activations import activation_named
from adelante.network.dense.network import DenseNetwork
from adelante.network.errors import Fault, NetworkError

_LONGEST_NAME = 200
_MOST_SHOWN = 4


def said(part: Part, metadata: Mapping[str, str], what: str) -> str | None:
    """The metadata's NAME.activation or NAME.name, with the name as the file has it or without wrappers."""
    for name in (part.prefix, part.name):
        if (found := metadata.get(tensor_name(name, what))) is not None:
            return found
    return None


def chosen(kinds: Sequence[str], named: tuple[str, ...] | None) -> list[str] | None:
    """An activation for each layer. One for all goes after each dense layer and the batch norms that follow it.

    Raises NetworkError (shape-mismatch) where they are neither one nor one for each.
    """
    if named is None:
        return None
    if len(named) == 1:
        ends = [after in (None, "dense") for _, after in pairwise([*kinds, None])]
        return [named[0] if end else "identity" for end in ends]
    if len(named) != len(kinds):
        _refuse_count(len(named), len(kinds))
    return list(named)


def _refuse_count(got: int, expected: int) -> NoReturn:
    values = {"got": got, "expected": expected}
    raise NetworkError(Fault("shape-mismatch", "activations-count", "/choices/activation", values))


def with_activations_chosen(network: DenseNetwork, choices: Mapping[str, Any]) -> DenseNetwork:
    """A chain that says its order, with the chosen activations. Raises NetworkError where anything else was chosen."""
    answers = choices_in(choices)
    for name in answers.given:
        if name != "activation":
            not_a_choice("choice-not-open", name, name=name)
    named = chosen(["dense"] * len(network.layers), answers.activation)
    if named is None:
        return network
    return DenseNetwork(
        layer.with_activation(activation_named(name)) for layer, name in zip(network.layers, named, strict=True)
    )


def activations_assumed(unnamed: Sequence[int], metadata: str, likely: list[str], layers: Sequence[AskedLayer]) -> Note:
    """That the file does not say which activations these layers have, and which are likely."""
    values = {
        "count": len(unnamed),
        "layers": len(layers),
        "metadata": metadata[-_LONGEST_NAME:],
        "query": ",".join(likely) if len(layers) <= _MOST_SHOWN else "relu",
    }
    plain = ["identity"] * len(layers)
    question = Question("activation", (likely, plain) if likely != plain else (plain,), tuple(layers))
    return Note("activations-assumed", tuple(f"/layers/{k}/activation" for k in unnamed), values, question)


def likely_activations(parts: Sequence[Part]) -> list[str]:
    """relu between layers; in an nn.Sequential only where a number between two layers is left for one."""
    names = [part.name for part in parts]
    last = [int(name.rpartition(".")[2]) if name.rpartition(".")[2].isdecimal() else -1 for name in names]
    gaps = [after - before for before, after in pairwise(last)]
    numbered = numbers_of(names) and -1 not in last and any(gap > 1 for gap in gaps)
    between = [gap > 1 for gap in gaps] if numbered else [after.kind == "dense" for after in parts[1:]]
    return ["relu" if here else "identity" for here in between] + ["identity"]
