"""How tensors and arrays are written: torch's and NumPy's print options, of one run alone."""

import inspect
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

from adelante.tensors.program.faults import Lacks
from adelante.tensors.program.values import type_name

MOST_PLACES = 30
_LONGEST_TEXT = 20
_SET_TORCHS: Callable[..., None] = torch.set_printoptions
_TORCHS = inspect.signature(_SET_TORCHS)
TORCHS_OPTIONS = tuple(_TORCHS.parameters)
NUMPYS_OPTIONS = tuple(inspect.signature(np.set_printoptions).parameters)
MOST_OPTIONS = 20  # by place; of so many torch and NumPy say themselves that these are too many
_PROFILES = ("default", "short", "full")
# torch keeps its print options for the whole process, so a run sets its own while it writes, and then puts them back.
_WRITING = threading.Lock()


class Printing:
    """The print options that a program has set."""

    def __init__(self) -> None:
        self._torchs: dict[str, Any] = {}
        self._numpys: dict[str, Any] = {}

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Writes with the options of this run, and of no other."""
        with _WRITING, np.printoptions(**self._numpys):
            if not self._torchs:
                yield
                return
            try:
                _SET_TORCHS(**self._torchs)
                yield
            finally:
                _SET_TORCHS(profile="default")

    def set_torchs(self, *args: Any, **keywords: Any) -> None:
        """torch.set_printoptions. Raises TypeError in Python's words, Lacks."""
        try:
            given = _TORCHS.bind(*args, **keywords).arguments
        except TypeError:
            _SET_TORCHS(*args, **keywords)  # refuses, in its own words
            raise
        for name, value in given.items():
            _check(name, value, texts=name == "profile")
        # A profile replaces what was set before, and each call decides anew about scientific notation.
        kept = {} if given.get("profile") in _PROFILES else self._torchs
        told = {name: value for name, value in given.items() if value is not None}
        self._torchs = {**kept, **told, "sci_mode": given.get("sci_mode")}

    def set_numpys(self, *args: Any, **keywords: Any) -> None:
        """np.set_printoptions. Raises TypeError and ValueError in NumPy's words, Lacks."""
        for name in ("formatter", "legacy", "override_repr"):
            if keywords.get(name) is not None:
                raise Lacks("lab-lacks-keyword", operation="np.set_printoptions", name=name)
        for name, value in (*zip(NUMPYS_OPTIONS, args, strict=False), *keywords.items()):
            _check(name, value, texts=True)
        with np.printoptions(**self._numpys):
            np.set_printoptions(*args, **keywords)
            self._numpys = dict(np.get_printoptions())


def _check(name: str, value: Any, texts: bool) -> None:
    """Raises Lacks for what is no plain number or short text, and for places without end."""
    if not isinstance(value, int | float | None) and not (
        texts and isinstance(value, str) and len(value) <= _LONGEST_TEXT
    ):
        raise Lacks("lab-lacks-argument", kind=type_name(value))
    if name == "precision" and isinstance(value, int | float) and abs(value) > MOST_PLACES:
        raise Lacks("lab-too-many-places", limit=MOST_PLACES)
