"""What a file leaves open, as data: the questions, with their likely answers, and the answers that its sender gives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from adelante.network.activations import activation_named
from adelante.network.errors import Fault, NetworkError, NetworkFault

NAMES = ("order", "head", "activation")
"""What tensors leave open: the layers in their order, which of several heads, the activations after the layers."""
SIZES = "sizes"
"""What a graph may leave open: sizes of its inputs, by name."""
_MOST_LAYERS = 65_536
_MOST_SHOWN = 8
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class AskedLayer:
    """A layer that a question is about: its name in the file, its kind, (n_in, n_out), and to which head it belongs."""

    name: str
    kind: str
    shape: tuple[int, int]
    head: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """One thing that a file leaves open. Each of `options` is an answer that can be sent back, the likely one first.

    Of `sizes` the one option names each size, with a number that stands for the one that is meant.
    """

    name: str
    options: tuple[Any, ...]
    layers: tuple[AskedLayer, ...]


class ChoiceNeeded(NetworkError):
    """A file that can be read in two ways; `questions` are to be answered for one of them."""

    def __init__(self, fault: Fault, questions: Sequence[Question]) -> None:
        super().__init__(fault)
        self.questions = tuple(questions)


class SizesNeeded(NetworkFault):
    """A graph that leaves sizes of its inputs open, told by `fault`; `questions` asks for those of these names."""

    def __init__(self, fault: NetworkFault, example: Mapping[str, int]) -> None:
        super().__init__(fault.place, fault.reason, fault.hint, fault=fault.fault)
        self.questions = (Question(SIZES, (dict(example),), ()),)


@dataclass(frozen=True, slots=True)
class Choices:
    """The answers: names of layers in their order, a head's name, one activation for all layers or one for each."""

    order: tuple[str, ...] | None = None
    head: str | None = None
    activation: tuple[str, ...] | None = None

    @property
    def given(self) -> list[str]:
        """The names of the questions that were answered."""
        return [name for name in NAMES if getattr(self, name) is not None]


def choices_in(given: Mapping[str, Any]) -> Choices:
    """The answers in a document. A text may stand for a list: "fc1,fc2". Raises NetworkError at /choices/…."""
    if SIZES in given:
        not_a_choice("choice-not-open", SIZES, name=SIZES)
    if unknown := [name for name in given if name not in NAMES]:
        values = {"name": str(unknown[0])[:_LONGEST_NAME], "known": list(NAMES)}
        raise NetworkError(Fault("unknown-field", "unknown-field", "/choices", values))
    head = given.get("head")
    if head is not None and not isinstance(head, str):
        not_a_choice("text-expected", "head", name="head")
    activation = _texts(given, "activation")
    for name in activation or ():
        activation_named(name, "/choices/activation")
    return Choices(_texts(given, "order"), head, activation)


def check_unchosen(given: Mapping[str, Any]) -> None:
    """For a file that says all by itself. Raises NetworkError (invalid-value) where something was chosen anyway."""
    for name in choices_in(given).given:
        not_a_choice("choice-not-open", name, name=name)


def _texts(given: Mapping[str, Any], name: str) -> tuple[str, ...] | None:
    value = given.get(name)
    if value is None:
        return None
    found = [each.strip() for each in value.split(",")] if isinstance(value, str) else value
    if not isinstance(found, list | tuple) or not all(isinstance(each, str) for each in found):
        not_a_choice("array-expected", name, name=name)
    if not found or len(found) > _MOST_LAYERS:
        not_a_choice("array-expected", name, name=name)
    return tuple(each[: _LONGEST_NAME + 1] for each in found)


def not_a_choice(key: str, choice: str, **values: Any) -> NoReturn:
    """Raises NetworkError (invalid-value) at a choice."""
    raise NetworkError(Fault("invalid-value", key, f"/choices/{choice}", values))


def listed(names: Sequence[str]) -> str:
    """The names one after another, the first few of many, for a sentence."""
    shown = [name[:_LONGEST_NAME] or "·" for name in names[:_MOST_SHOWN]]
    return ", ".join(shown) + (", …" if len(names) > _MOST_SHOWN else "")
