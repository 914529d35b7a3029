"""The comments of generated programs. They are English unless whoever asks has them in another language."""

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Protocol

ENGLISH = {
    "chain": "A network of {sizes} neurons, the inputs first.",
    "network": "A network of {layers} layers and {parameters} parameters. Shapes are those of one input.",
    "inputs": "Inputs: {names}",
    "outputs": "Outputs: {names}",
    "between": "The output goes from 0, {first}, to 1, {second}.",
    "layer": "layer {number}{name}: {n_in} -> {n_out}, a = {formula}",
    "one-step": "torch.addmm(B, x, W) is torch.mm(x, W) + B in one step, which rounds as the layers of torch.nn do.",
    "transpose": "nn.Linear keeps weights as (n_out, n_in): the transpose, .T, of the (n_in, n_out) given here.",
    "file": "Its parameters are read from {file}, which belongs beside this program.",
    "example": "Put your own input in the place of these zeros.",
    "needs-numpy": "It needs NumPy 2.",
    "no-parameters": "It has no parameters.",
    "never-overflows": "never overflows",
    "no-erf": "NumPy has no erf of its own",
}


class Say(Protocol):
    """Gives the text of a comment: a key of ENGLISH, and what fills the places of its text."""

    def __call__(self, key: str, /, **values: object) -> str: ...


def english(key: str, /, **values: object) -> str:
    return ENGLISH[key].format(**values)


@dataclass(frozen=True, slots=True)
class Names:
    """What inputs and outputs are called: one name for each number, an input's with its unit; none where none is known.

    `classes` are what the outputs stand for, or the two that a lone output tells apart.
    """

    inputs: Sequence[str] = ()
    outputs: Sequence[str] = ()
    classes: Sequence[str] = ()


_LINE = 108
_LONGEST = 100


def with_names(text: str, names: Names, say: Say) -> str:
    """A program with what its numbers are called, as comments below its title."""
    told = [
        say(key, names=_listed(each)) for key, each in (("inputs", names.inputs), ("outputs", names.outputs)) if each
    ]
    if len(names.outputs) <= 1 and len(names.classes) == 2:
        first, second = map(one_line, names.classes)
        told.append(say("between", first=first, second=second))
    title, _, rest = text.partition("\n")
    return "\n".join([title, *(f"# {line}" for each in told for line in wrap(each, _LINE)), rest])


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(one_line, names))


def one_line(text: str) -> str:
    """A text of someone else's for a comment: visible characters only, so that it can't leave its line."""
    whole = "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)
    return whole if len(whole) <= _LONGEST else whole[:_LONGEST] + "…"
