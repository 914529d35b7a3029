"""What an exercise is, and how a guess is judged: torch's own answer, a stated tolerance, the usual slips by name."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch

from app.pages.lessons.program import Body, run
from app.typed.number import readings_of

MOST_TEXT = 80
_NOISE = 1e-6
# What may stand around an answer: y = 0.5, ≈ 0.5, tensor([[0.5]]), np.float64(0.5), torch.Size([3, 2]), a full stop.
_MADE_BY = r"(?:(?:torch\.|np\.)?(?:tensor|array|Size|float64|float32|int64)(?=[(\[\s]))?"
_BEFORE = rf"\s*(?:[^\W\d]\w*\s*[=:]|=|≈|~)?\s*{_MADE_BY}[({{\[\s]*"
_AFTER = r"[)\]}\s]*,?(?:\s*dtype=[\w.]+)?[)\]}\s.]*"
_NUMBER = re.compile(rf"{_BEFORE}(.*?){_AFTER}")
_BETWEEN = r"\s*(?:[,;，xX×✕*∗·]|por|by|\s)\s*"
_SHAPE = re.compile(rf"{_BEFORE}([0-9]{{1,6}}(?:{_BETWEEN}[0-9]{{1,6}})*){_AFTER}")
_FRACTIONS = str.maketrans({"½": "1/2", "¼": "1/4", "¾": "3/4", "⁄": "/", "∕": "/"})
# 0'5, as many write it by hand in Spanish.
_APOSTROPHE = re.compile(r"([0-9])['´’]([0-9])")

Slip = float | tuple[int, ...]


@dataclass(frozen=True, slots=True, init=False)
class Numbers:
    """One number for each label; each may miss the answer by `tolerance`, 0 where the answer is exact."""

    labels: tuple[str, ...]
    tolerance: float

    def __init__(self, *labels: str, tolerance: float) -> None:
        object.__setattr__(self, "labels", labels)
        object.__setattr__(self, "tolerance", tolerance)


@dataclass(frozen=True, slots=True)
class Shape:
    """A shape, as (5, 1), 5 x 1 or 5, 1."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some options. The program prints one number for each, and the largest is right."""

    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Exercise:
    """A question of a lesson. `slips` are wrong answers worth a word of their own, by the end of their key;
    a choice names every wrong option by its index.

    `given` is how many lines of the program the question shows: all of them where it asks what they print.
    """

    name: str
    lesson: str
    program: Body
    kind: Numbers | Shape | Choice
    slips: Mapping[str, Slip] = field(default_factory=dict)
    given: int = 0

    @property
    def labels(self) -> tuple[str, ...]:
        """What stands before each field; none for a choice."""
        if isinstance(self.kind, Choice):
            return ()
        return self.kind.labels if isinstance(self.kind, Numbers) else ("shape",)

    @property
    def answer(self) -> tuple[float, ...]:
        """The numbers that torch gives: one for each label, the shape's sizes, or the index of the right option."""
        printed = run(self.program).printed
        if isinstance(self.kind, Choice):
            scores = [_numbers(items)[0] for items in printed]
            return (float(scores.index(max(scores))),)
        return _numbers(printed[-1])


@dataclass(frozen=True, slots=True)
class Verdict:
    """`right`: for each field. `slip`: what the guess shows to have happened. `side`: where one number lies."""

    right: tuple[bool, ...]
    slip: str | None = None
    side: str | None = None

    @property
    def all_right(self) -> bool:
        return all(self.right)


class Unreadable(ValueError):
    """A guess that is not a number, a shape or an option."""


def judge(exercise: Exercise, guess: Sequence[str]) -> Verdict:
    """Compares what was typed with torch's answer. Raises Unreadable."""
    if any(len(text) > MOST_TEXT for text in guess):
        raise Unreadable
    answer, kind = exercise.answer, exercise.kind
    if isinstance(kind, Shape):
        shape = read_shape(guess[0]) if len(guess) == 1 else ()
        if not shape:
            raise Unreadable
        slip = next((name for name, value in exercise.slips.items() if value == shape), None)
        return Verdict((shape == tuple(int(size) for size in answer),), slip)
    if isinstance(kind, Choice):
        if len(guess) != 1 or guess[0] not in [str(i) for i in range(len(kind.options))]:
            raise Unreadable
        chosen = float(guess[0])
        slip = next((name for name, value in exercise.slips.items() if value == chosen), None)
        return Verdict((chosen == answer[0],), slip)
    if len(guess) != len(kind.labels):
        raise Unreadable
    # Of a guess that can mean two numbers, the one that is nearer to the answer is judged.
    pairs = zip(map(read_number, guess), answer, strict=True)
    return _judged_numbers(exercise, kind, [min(means, key=lambda value: abs(value - at)) for means, at in pairs])


def _judged_numbers(exercise: Exercise, kind: Numbers, values: list[float]) -> Verdict:
    answer = exercise.answer
    # Torch's float32 and the decimal that a learner reads for it differ in the eighth digit.
    right = tuple(abs(value - wanted) <= kind.tolerance + _NOISE for value, wanted in zip(values, answer, strict=True))
    if all(right) or len(values) > 1:
        return Verdict(right)
    slack = max(kind.tolerance, _NOISE)
    slips = exercise.slips.items()
    slip = next((name for name, value in slips if isinstance(value, float) and abs(values[0] - value) <= slack), None)
    return Verdict(right, slip, "low" if values[0] < answer[0] else "high")


def read_number(text: str) -> tuple[float, ...]:
    """What a number that someone typed or copied can mean: 0.5, 0,5, 0'5, 1/3, tensor(0.5); 6.000 is 6 or 6000.

    Raises Unreadable.
    """
    found = _NUMBER.fullmatch(text)
    bare = (found[1] if found else text).translate(_FRACTIONS)
    readings = readings_of(bare) or readings_of(_APOSTROPHE.sub(r"\1,\2", bare))
    if not readings:
        raise Unreadable
    return readings


def read_shape(text: str) -> tuple[int, ...]:
    """A shape as people type it. Raises Unreadable."""
    found = _SHAPE.fullmatch(text)
    if not found:
        raise Unreadable
    return tuple(int(size) for size in re.findall(r"\d+", found[1]))


def _numbers(items: Sequence[object]) -> tuple[float, ...]:
    """The numbers of one printed line, in order."""
    found: list[float] = []
    for item in items:
        if isinstance(item, torch.Tensor):
            found.extend(item.to(torch.float64).flatten().tolist())
        elif isinstance(item, torch.Size):
            found.extend(float(size) for size in item)
        else:
            found.append(float(item))  # type: ignore[arg-type]
    return tuple(found)
