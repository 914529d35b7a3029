"""Torch's own words at what learners get wrong, and the hint that goes with each."""

from typing import Any

import pytest

from adelante.locale import LANGUAGES, translate
from adelante.tensors.steps import Written
from tests.adelante.tensors.lab import done, refused, step

ROW = step("ones", 1, 5, name="row")
SIX = step("ones", 6, name="six")
WHOLE = step("arange", 3, name="whole")
ARRAY = step("array", [1.5, 2.5], name="a")
SQUARE = step("ones", 2, 2, name="square")

CASES: list[tuple[tuple[Written, ...], str, str, dict[str, Any]]] = [
    (
        (ROW, step("mm", "$row", "$row")),
        "mat1 and mat2 shapes cannot be multiplied (1x5 and 1x5)",
        "product-view",
        {"columns": 5, "rows": 1, "name": "row", "shape": "5, 1"},
    ),
    (
        (ROW, SQUARE, step("mm", "$row", "$square")),
        "mat1 and mat2 shapes cannot be multiplied (1x5 and 2x2)",
        "product",
        {"columns": 5, "rows": 2},
    ),
    ((ROW, SIX, step("mm", "$six", "$row")), "self must be a matrix", "matrices", {"left": 1, "right": 2}),
    (
        (SIX, step("sum", "$six", name="one"), step("matmul", "$one", "$six")),
        "both arguments to matmul need to be at least 1D, but they are 0D and 1D",
        "no-scalars",
        {},
    ),
    (
        (SQUARE, step("ones", 2, 2, name="wide", dtype="float64"), step("mm", "$square", "$wide")),
        "expected m1 and m2 to have the same dtype, but got: float != double",
        "dtypes",
        {"left": "float32", "right": "float64"},
    ),
    (
        (SQUARE, ARRAY, step("matmul", "$square", "$a")),
        "matmul(): argument 'other' (position 2) must be Tensor, not numpy.ndarray",
        "from-numpy",
        {"name": "a"},
    ),
    (
        (step("ones", 2, 3, 4, name="x"), step("ones", 3, 4, 1, name="y"), step("matmul", "$x", "$y")),
        "The size of tensor a (2) must match the size of tensor b (3) at non-singleton dimension 0",
        "look",
        {"inputs": "x: torch, float32, (2, 3, 4); y: torch, float32, (3, 4, 1)"},
    ),
    (
        (ROW, SIX, step("add", "$row", "$six")),
        "The size of tensor a (5) must match the size of tensor b (6) at non-singleton dimension 1",
        "broadcast",
        {"left": "(1, 5)", "right": "(6,)"},
    ),
    (
        (SQUARE, step("ones", 2, name="two"), step("mul_", "$two", "$square")),
        "output with shape [2] doesn't match the broadcast shape [2, 2]",
        "in-place-shape",
        {"target": "(2,)", "other": "(2, 2)"},
    ),
    (
        (WHOLE, step("mul_", "$whole", 1.5)),
        "result type Float can't be cast to the desired output type Long",
        "in-place-dtype",
        {"name": "whole", "dtype": "int64"},
    ),
    (
        (WHOLE, step("exp_", "$whole")),
        "result type Float can't be cast to the desired output type Long",
        "floats",
        {"dtype": "int64"},
    ),
    (
        (SQUARE, step("T", "$square", name="t"), step("add_", "$square", "$t")),
        "unsupported operation: some elements of the input tensor and the written-to tensor refer to a single memory "
        "location. Please clone() the tensor before performing the operation.",
        "overlap",
        {"name": "t"},
    ),
    (
        (step("randn", 2, dtype="int64"),),
        "\"normal_kernel_cpu\" not implemented for 'Long'",
        "floats",
        {"dtype": "int64"},
    ),
    (
        (WHOLE, step("randn_like", "$whole")),
        "\"normal_kernel_cpu\" not implemented for 'Long'",
        "floats",
        {"dtype": "int64"},
    ),
    (
        (ARRAY, step("sigmoid", "$a")),
        "sigmoid(): argument 'input' (position 1) must be Tensor, not numpy.ndarray",
        "from-numpy",
        {"name": "a"},
    ),
    ((ARRAY, step("zero_", "$a")), "'numpy.ndarray' object has no attribute 'zero_'", "from-numpy", {"name": "a"}),
    ((ARRAY, step("numpy", "$a")), "'numpy.ndarray' object has no attribute 'numpy'", "already-numpy", {"name": "a"}),
    (
        (ARRAY, step("randn_like", "$a")),
        "randn_like(): argument 'input' (position 1) must be Tensor, not numpy.ndarray",
        "from-numpy",
        {"name": "a"},
    ),
    ((SIX, step("from_numpy", "$six")), "expected np.ndarray (got Tensor)", "already-torch", {"name": "six"}),
    (
        (step("zeros", 2, name="x", dtype="bfloat16"), step("numpy", "$x")),
        "Got unsupported ScalarType BFloat16",
        "numpy-lacks",
        {"dtype": "bfloat16"},
    ),
    (
        (step("array", [1], dtype="bfloat16"),),
        "data type 'bfloat16' not understood",
        "numpy-lacks",
        {"dtype": "bfloat16"},
    ),
    (
        (SIX, step("view", "$six", 4, 2)),
        "shape '[4, 2]' is invalid for input of size 6",
        "cells",
        {"name": "six", "size": 6, "shape": "(4, 2)"},
    ),
    (
        (SIX, step("reshape", "$six", 4, -1)),
        "shape '[4, -1]' is invalid for input of size 6",
        "cells",
        {"name": "six", "size": 6, "shape": "(4, -1)"},
    ),
    ((SIX, step("view", "$six", -1, -1)), "only one dimension can be inferred", "one-inferred", {}),
    (
        (SIX, step("view", "$six", -6, -1)),
        "invalid shape dimension -6 at index 0 of shape [-6, -1]",
        "negative-size",
        {},
    ),
    ((step("zeros", [-3]),), "zeros: Dimension size must be non-negative.", "negative-size", {}),
    ((SIX, step("resize_", "$six", -3)), "numel: integer multiplication overflow", "negative-size", {}),
    (
        (SIX, step("resize_", "$six", 0, -1)),
        "Trying to create tensor with negative dimension -1: [0, -1]",
        "negative-size",
        {},
    ),
    (
        (ARRAY, step("resize_", "$a", 3)),
        "'numpy.ndarray' object has no attribute 'resize_'",
        "from-numpy",
        {"name": "a"},
    ),
    (
        (SIX, step("sum", "$six", 1)),
        "Dimension out of range (expected to be in range of [-1, 0], but got 1)",
        "dimension",
        {"name": "six", "rank": 1, "last": 0},
    ),
    ((step("tensor", [[1, 2], [3]]),), "expected sequence of length 2 at dim 1 (got 1)", "rectangular", {}),
    ((step("tensor", [[1], 2]),), "not a sequence", "rectangular", {}),
    ((step("tensor", [300], dtype="uint8"),), "value cannot be converted to type uint8 without overflow", "held", {}),
    ((step("array", [300], dtype="uint8"),), "Python integer 300 out of bounds for uint8", "held", {}),
    ((step("arange", 0, 1, 0),), "step must be nonzero", "range", {}),
    ((step("arange", 5, 1),), "upper bound and lower bound inconsistent with step sign", "range", {}),
    (
        (step("array", [[1, 2]], name="b"), step("matmul", "$b", "$b")),
        "matmul: Input operand 1 has a mismatch in its core dimension 0, with gufunc signature (n?,k),(k,m?)->(n?,m?) "
        "(size 1 is different from 2)",
        "product",
        {"columns": 2, "rows": 1},
    ),
    (
        (step("array", [1, 2], name="b"), step("mul_", "$b", 0.5)),
        "Cannot cast ufunc 'multiply' output from dtype('float64') to dtype('int64') with casting rule 'same_kind'",
        "in-place-dtype",
        {"name": "b", "dtype": "int64"},
    ),
]


@pytest.mark.parametrize(
    ("steps", "words", "hint", "values"), CASES, ids=[f"{c[0][-1].operation}-{c[2]}" for c in CASES]
)
def test_words_and_hint(steps: tuple[Written, ...], words: str, hint: str, values: dict[str, Any]) -> None:
    failure = refused(*steps)
    assert failure.words == words
    assert failure.hint.key == f"lab.hint.{hint}"
    assert failure.hint.values == values
    for language in LANGUAGES:
        said = translate(language, failure.hint.key, **failure.hint.values)
        assert all(str(value) in said for value in values.values())


def test_what_the_hint_proposes_works() -> None:
    hint = refused(ROW, step("mm", "$row", "$row")).hint
    sizes = [int(size) for size in hint.values["shape"].split(", ")]
    done(ROW, step("view", f"${hint.values['name']}", *sizes, name="column"), step("mm", "$row", "$column"))
