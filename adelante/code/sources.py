"""The text of NumPy functions that a generated program brings along."""

import inspect
import re
from collections.abc import Iterable
from functools import cache

from adelante.code import numpy_functions
from adelante.code.comments import ENGLISH, Say, english

FUNCTIONS = {name: each for name, each in vars(numpy_functions).items() if inspect.isfunction(each)}
_CALLED = re.compile(r"(?<![.\w])([a-z_0-9]+)\(")


def sources_of(names: Iterable[str], say: Say = english) -> list[str]:
    """The text of each of these functions, and of those that they call, each after what it calls.

    `say` gives their comments.
    """
    ordered: list[str] = []
    for name in names:
        ordered += [each for each in (*called_in(_body(name)), name) if each not in ordered]
    return [_said(_text(name), say) for name in ordered]


def called_in(text: str) -> list[str]:
    """The names of the functions that a text calls and does not define itself, each once, in the order of the calls."""
    called = dict.fromkeys(name for name in _CALLED.findall(text) if name in FUNCTIONS and f"{name} = " not in text)
    return list(dict.fromkeys(each for name in called for each in (*called_in(_body(name)), name)))


def _said(text: str, say: Say) -> str:
    for key in ("never-overflows", "no-erf"):
        text = text.replace(f"# {ENGLISH[key]}", f"# {say(key)}")
    return text


def _body(name: str) -> str:
    return _text(name).partition("\n")[2]


@cache
def _text(name: str) -> str:
    return inspect.getsource(FUNCTIONS[name]).rstrip("\n")
