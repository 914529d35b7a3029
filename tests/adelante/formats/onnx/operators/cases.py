"""A case of an operator: a node of drawn shapes and attributes, with numbers from a seed."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st

Draw = Callable[[st.SearchStrategy[Any]], Any]


class Case(NamedTuple):
    """A node: what the pass gives it, what the file says, its attributes and version."""

    inputs: Mapping[str, Any]
    known: Mapping[str, Any] = {}
    attributes: Mapping[str, Any] = {}
    opset: int = 17
    outputs: int = 1
    order: list[str] | None = None


def numbers(shape: tuple[int, ...], seed: int, low: float = -2, high: float = 2, dtype: str = "f4") -> Any:
    return np.random.default_rng(seed).uniform(low, high, shape).astype(dtype)


def wholes(shape: tuple[int, ...], seed: int, low: int = -5, high: int = 6) -> Any:
    return np.random.default_rng(seed).integers(low, high, shape)


def truths(shape: tuple[int, ...], seed: int) -> Any:
    return np.random.default_rng(seed).random(shape) < 0.5


SEEDS = st.integers(0, 10_000)


SIDE = st.integers(1, 4)


SHAPE = st.lists(SIDE, min_size=1, max_size=4).map(tuple)


CASES: dict[str, Callable[[Draw], Case]] = {}


def case(*names: str) -> Callable[[Callable[[Draw, str], Case]], None]:
    def enter(make: Callable[[Draw, str], Case]) -> None:
        for name in names:
            CASES[name] = lambda draw, name=name: make(draw, name)  # type: ignore[misc]

    return enter
