"""What is wrong with a file, for who calls the library."""

import json

from adelante.formats.choices import ChoiceNeeded
from adelante.network.errors import Fault, NetworkError, NetworkFault


def told(error: NetworkError, what: str = "") -> NetworkFault:
    """The same in English, after `what` if that is given, and as data."""
    from adelante.locale.faults import words_of  # reading the catalogs takes a moment, and most files are right

    fault, *others = error.faults
    words = words_of("en", fault)
    reason = " ".join(filter(None, (what, words.sentence, words.torch_says)))
    if not fault.pointer and others:
        # Of the file as a whole that it can't be read; then by what of it that was seen.
        reason += f" {_place(others[0])}: {words_of('en', others[0]).sentence}"
    hint = words.hint or ""
    if isinstance(error, ChoiceNeeded):
        hint = " or ".join(f"load(path, {json.dumps({name: answer})})" for name, answer in _answers(error)) + "."
    return NetworkFault(_place(fault), reason, hint, fault=fault)


def _place(fault: Fault) -> str:
    """Its JSON pointer as a tensor's name is written: layers.1.weights."""
    return fault.pointer.strip("/").replace("/", ".") or "file"


def _answers(error: ChoiceNeeded) -> list[tuple[str, object]]:
    """The likely answers to the first question, each with its name."""
    question = error.questions[0]
    return [(question.name, answer) for answer in question.options[:3]]
