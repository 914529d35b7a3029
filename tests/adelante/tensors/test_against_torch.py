"""Random step lists against torch and NumPy themselves, run step by step: numbers, shapes, words, sharing.

The plain runs use torch's global generator, and fill the cells that resize_ adds with a number of the test's choosing:
what the lab shows as known must not depend on it, and what it hides must.
"""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from adelante.locale import LANGUAGES, translate
from adelante.tensors.operations import OPERATIONS
from adelante.tensors.run import Outcome
from adelante.tensors.steps import Written
from tests.adelante.tensors.lab import lab
from tests.long import examples

pytestmark = pytest.mark.filterwarnings(r"ignore:(The use of `x|Tensor)\.T")

DTYPES = {"float32": torch.float32, "float64": torch.float64, "int64": torch.int64}
SCALARS = st.one_of(st.integers(-3, 3), st.sampled_from([0.0, -0.5, 0.25, 1.5, 3.0]))
SIZES = st.lists(st.integers(0, 4), max_size=3)
# What fits four cells, half of the time; then what seldom fits.
FITTING = st.sampled_from([[4], [2, 2], [-1], [4, 1], [1, -1], [2, 1, 2], [1, 3], [2, 4]])
ANY_SIZES = st.one_of(FITTING, st.lists(st.integers(-2, 6), min_size=1, max_size=3))
DRAWS, LITERALS = ("rand", "randn", "zeros", "ones"), ("tensor", "array")


def _numpy_or(numpy: Callable[..., Any], torchs: Callable[..., Any]) -> Callable[..., Any]:
    """NumPy's function where every tensor among the arguments is an array, as a learner would call it."""

    def chosen(*arguments: Any, **keywords: Any) -> Any:
        values = [argument for argument in arguments if isinstance(argument, Tensor | np.ndarray)]
        arrays = [isinstance(value, np.ndarray) for value in values]
        return (numpy if values and all(arrays) else torchs)(*arguments, **keywords)

    return chosen


def _numpy_in_place(name: str) -> Callable[..., Any]:
    def change(array: Any, *others: Any) -> Any:
        if name == "add_":
            array += others[0]
        elif name == "mul_":
            array *= others[0]
        elif name == "exp_":
            np.exp(array, out=array)
        else:
            array.fill(*others)
        return array

    return change


def _resized(x: Tensor, shape: list[int]) -> Tensor:
    """resize_, without the shapes that torch should not leave behind: past the end of memory, or of negative sizes."""
    before = (x.shape, x.stride()) if isinstance(x, Tensor) else ((), ())
    try:
        x.resize_(shape)
        if min(shape) < 0:
            torch.empty(shape)
        return x
    except RuntimeError:
        x.as_strided_(*before)
        raise


PLAIN: dict[str, Callable[..., Any]] = {
    "manual_seed": torch.manual_seed,
    "rand": torch.rand,
    "randn": torch.randn,
    "zeros": torch.zeros,
    "ones": torch.ones,
    "randn_like": torch.randn_like,
    "arange": torch.arange,
    "tensor": torch.tensor,
    "array": np.array,
    "from_numpy": torch.from_numpy,
    "numpy": lambda x: x.numpy(),
    "clone": _numpy_or(np.copy, torch.clone),
    "sum": _numpy_or(lambda x, dim=None: np.sum(x, axis=dim), torch.sum),
    "add": _numpy_or(lambda x, y: x + y, torch.add),
    "mul": _numpy_or(lambda x, y: x * y, torch.mul),
    "exp": _numpy_or(np.exp, torch.exp),
    "sigmoid": torch.sigmoid,
    "mm": torch.mm,
    "matmul": _numpy_or(lambda x, y: x @ y, torch.matmul),
    "view": torch.Tensor.view,
    "reshape": _numpy_or(lambda x, shape: x.reshape(shape), torch.reshape),
    "T": lambda x: x.T,
    "resize_": lambda x, shape: _resized(x, shape),
    "t_": lambda x: x.t_(),
    "sigmoid_": lambda x: x.sigmoid_(),
    "zero_": lambda x: x.zero_(),
    **{
        name: _numpy_or(_numpy_in_place(name), lambda x, *others, name=name: getattr(x, name)(*others))
        for name in ("add_", "mul_", "exp_", "fill_")
    },
}


def test_the_plain_operations_are_the_labs() -> None:
    assert set(PLAIN) == set(OPERATIONS)


@st.composite
def step_lists(draw: st.DrawFn, floating: bool = False) -> list[Written]:
    """Steps whose names are there and whose arguments are of the right kinds; whether they fit is left to chance."""
    dtypes = [name for name, dtype in DTYPES.items() if dtype.is_floating_point or not floating]
    wide = draw(st.sampled_from(dtypes))
    # Something to start from whose shapes fit: matrices and a vector of four cells.
    steps = [
        Written("manual_seed", [draw(st.integers(0, 2**32))]),
        Written("randn", [[2, 2]], {}, "m"),
        Written("ones", [[2, 2]], {"dtype": wide}, "w"),
        Written("view", ["$m", [4]], {}, "v"),
        Written("zeros", [[2, 2]], {"dtype": "float64"}, "z"),
        Written("numpy", ["$z"], {}, "a"),
    ]
    names, arrays = ["m", "w", "v", "z", "a"], ["a"]
    operations = [name for name in PLAIN if not floating or name not in ("arange", "array", "tensor")]
    for k in range(draw(st.integers(2, 12))):
        operation = draw(st.sampled_from(operations))
        reference = st.sampled_from(names).map(lambda name: f"${name}")
        keywords = {"dtype": draw(st.sampled_from(dtypes))} if operation in (*DRAWS, *LITERALS) else {}
        if operation == "from_numpy" and draw(st.integers(0, 3)):
            reference = st.sampled_from(arrays).map(lambda name: f"${name}")
        arguments = draw(_arguments(operation, reference))
        name = (
            None
            if operation == "manual_seed"
            else draw(st.sampled_from([f"x{k}", f"x{k}", draw(st.sampled_from(names))]))
        )
        steps.append(Written(operation, arguments, keywords, name))
        if name is not None and name not in names:
            names.append(name)
            arrays += [name] if operation in ("array", "numpy") else []
    return steps


def _arguments(operation: str, reference: st.SearchStrategy[str]) -> st.SearchStrategy[list[Any]]:
    operand = st.one_of(reference, reference, SCALARS)
    if operation == "manual_seed":
        return st.tuples(st.integers(0, 2**64 - 1)).map(list)
    if operation in DRAWS:
        return st.tuples(SIZES).map(list)
    if operation in LITERALS:
        return st.tuples(st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3), max_leaves=6)).map(list)
    if operation == "arange":
        return st.lists(st.integers(-3, 6), min_size=1, max_size=3)
    if operation in ("view", "reshape", "resize_"):
        return st.tuples(reference, ANY_SIZES).map(list)
    if operation == "sum":
        return st.one_of(st.tuples(reference), st.tuples(reference, st.integers(-2, 2))).map(list)
    if operation in ("add", "mul", "add_", "mul_"):
        return st.tuples(reference, operand).map(list)
    if operation in ("mm", "matmul"):
        return st.tuples(reference, reference).map(list)
    if operation == "fill_":
        return st.tuples(reference, SCALARS).map(list)
    return st.tuples(reference).map(list)


class Plain:
    """The steps in plain Python. `words[k]` is what the k-th said where it failed, "" where it could not be tried."""

    def __init__(self, steps: list[Written], filler: float) -> None:
        self.values: dict[str, Any] = {}
        self.words: list[str | None] = []
        missing: set[str] = set()
        with torch.random.fork_rng(), np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for step in steps:
                needed = {text[1:] for text in step.arguments if isinstance(text, str)}
                words = "" if needed & missing else self._words(step, filler)
                self.words.append(words)
                if step.name is not None:
                    (missing.discard if words is None else missing.add)(step.name)
                    if words is not None:
                        self.values.pop(step.name, None)

    def _words(self, step: Written, filler: float) -> str | None:
        arguments = [self.values[text[1:]] if isinstance(text, str) else text for text in step.arguments]
        keywords: dict[str, Any] = dict(step.keywords)
        if "dtype" in keywords:
            keywords["dtype"] = keywords["dtype"] if step.operation == "array" else DTYPES[keywords["dtype"]]
        before = arguments[0].untyped_storage().nbytes() if step.operation == "resize_" and _torchs(arguments[0]) else 0
        try:
            result = PLAIN[step.operation](*arguments, **keywords)
        except Exception as error:
            return str(error)
        if before < _bytes(result) and step.operation == "resize_":
            whole = torch.empty(0, dtype=result.dtype).set_(result.untyped_storage())
            whole[before // result.itemsize :] = filler if result.is_floating_point() or filler == filler else 77
        if step.name is not None:
            self.values[step.name] = result if _torchs(result) else np.asarray(result)
        return None


def _torchs(value: Any) -> bool:
    return isinstance(value, Tensor)


def _bytes(value: Any) -> int:
    return value.untyped_storage().nbytes() if _torchs(value) else 0


def _numbers(value: Any) -> Any:
    return value.numpy() if _torchs(value) else value


def check_structure(outcome: Outcome, plain: Plain) -> None:
    """The same steps fail, in the same words; the same names are left, of the same kinds, dtypes, shapes, strides."""
    for failure, words in zip(outcome.steps, plain.words, strict=True):
        assert (failure is None) == (words is None), (failure, words)
        if failure is None:
            continue
        assert (failure.words or "") == words
        assert (failure.needs is not None) == (words == "")
        for language in LANGUAGES:
            sentence = translate(language, failure.hint.key, **failure.hint.values)
            assert "{" not in sentence
    assert set(outcome.values) == set(plain.values)
    for name, value in outcome.values.items():
        expected = plain.values[name]
        assert value.kind == ("torch" if _torchs(expected) else "numpy")
        assert value.dtype == str(expected.dtype).removeprefix("torch.")
        assert value.shape == tuple(expected.shape)
        strides = expected.stride() if _torchs(expected) else [step // expected.itemsize for step in expected.strides]
        assert value.stride == tuple(strides)
        assert value.offset == 0
        if _torchs(expected):
            assert value.memory.size * expected.itemsize >= _bytes(expected)


def check_sharing(outcome: Outcome, plain: Plain) -> None:
    """Writing zeros and then ones into one changes exactly those that the lab says share its memory."""
    names = [name for name, value in plain.values.items() if _numbers(value).size > 0]
    for name in names:
        seen = []
        for number in (0, 1):
            _numbers(plain.values[name])[...] = number
            seen.append({other: _numbers(plain.values[other]).copy() for other in names})
        for other in names:
            changed = not np.array_equal(seen[0][other], seen[1][other], equal_nan=True)
            assert changed == (outcome.values[name].memory is outcome.values[other].memory), (name, other)


@given(step_lists())
@settings(max_examples=examples(50, 200), deadline=None)
def test_numbers_shapes_words_and_sharing(steps: list[Written]) -> None:
    outcome = lab(*steps)
    plain, otherwise = Plain(steps, 3.0), Plain(steps, 77.0)
    check_structure(outcome, plain)
    for name, value in outcome.values.items():
        known = ~value.unknown.numpy()
        shown = value.cells.numpy()[known]
        for run in (plain, otherwise):
            np.testing.assert_array_equal(shown, _numbers(run.values[name])[known], err_msg=name)
    check_sharing(outcome, plain)


@given(step_lists(floating=True))
@settings(max_examples=examples(50, 200), deadline=None)
def test_what_is_hidden_depends_on_what_nobody_wrote(steps: list[Written]) -> None:
    """NaN in the new cells reaches every cell that is computed from them: just those are marked."""
    outcome, poisoned, plain = lab(*steps), Plain(steps, float("nan")), Plain(steps, 0.5)
    for name, value in outcome.values.items():
        marked = value.unknown.numpy()
        assert np.isnan(_numbers(poisoned.values[name])[marked]).all(), name
        np.testing.assert_array_equal(
            _numbers(poisoned.values[name])[~marked], _numbers(plain.values[name])[~marked], err_msg=name
        )
