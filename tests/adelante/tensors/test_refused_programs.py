"""What a program may not do is told in Python's words, or in the lab's where only the lab refuses it."""

from typing import Any

import numpy as np
import pytest
import torch

from tests.adelante.tensors.lab import numbers, rounded
from tests.adelante.tensors.programs import done, errors, run


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("torch.view(t, (3, 2))", "AttributeError: module 'torch' has no attribute 'view'"),
        ("torch.array([1, 2])", "AttributeError: module 'torch' has no attribute 'array'"),
        ("np.array([1, 2]).from_numpy()", "AttributeError: 'numpy.ndarray' object has no attribute 'from_numpy'"),
        ("np.sigmoid(np.array([0.5]))", "AttributeError: module 'numpy' has no attribute 'sigmoid'"),
        ("torch.T(t)", "AttributeError: module 'torch' has no attribute 'T'"),
        ("torch.mul_(t, 2)", "AttributeError: module 'torch' has no attribute 'mul_'"),
        ("t.randn(2)", "AttributeError: 'Tensor' object has no attribute 'randn'"),
        ("np.array([1.0]).sigmoid()", "AttributeError: 'numpy.ndarray' object has no attribute 'sigmoid'"),
        ("t.shape()", "TypeError: 'torch.Size' object is not callable"),
        ("t.T()", "TypeError: 'Tensor' object is not callable"),
        ("torch.exp(np.ones(2))", "TypeError: exp(): argument 'input' (position 1) must be Tensor, not numpy.ndarray"),
        ("torch.from_numpy(t)", "TypeError: expected np.ndarray (got Tensor)"),
        ("w", "NameError: name 'w' is not defined"),
        ("len(3)", "TypeError: object of type 'int' has no len()"),
        ("len()", "TypeError: len() takes exactly one argument (0 given)"),
        ("abs(1, 2)", "TypeError: abs() takes exactly one argument (2 given)"),
        ("list(1, 2)", "TypeError: list expected at most 1 argument, got 2"),
        ("float(1, 2)", "TypeError: float expected at most 1 argument, got 2"),
        ("range()", "TypeError: range expected at least 1 argument, got 0"),
        ("(1).foo", "AttributeError: 'int' object has no attribute 'foo'"),
        ("np.ones(2).dtype[0]", "KeyError: 'There are no fields in dtype float64.'"),
        ("list(np.ones(2).dtype)", "TypeError: 'numpy.dtypes.Float64DType' object is not iterable"),
        ("np.ones(2).dtype()", "TypeError: 'numpy.dtypes.Float64DType' object is not callable"),
        ("np.ones(2).dtype.foo", "AttributeError: 'numpy.dtypes.Float64DType' object has no attribute 'foo'"),
        ("t.dtype[0]", "TypeError: 'torch.dtype' object is not subscriptable"),
        ("t.ndim[0] = 1", "TypeError: 'int' object does not support item assignment"),
    ],
)
def test_what_python_refuses_is_refused_in_its_words(line: str, words: str) -> None:
    with torch.random.fork_rng():
        real: dict[str, Any] = {"torch": torch, "np": np, "t": torch.ones(2, 3)}
        with pytest.raises(Exception) as raised:  # noqa: PT011 - whichever it is, the lab says the same
            exec(line, real)
    assert f"{type(raised.value).__name__}: {raised.value}" == words
    assert errors(f"t = torch.ones(2, 3)\n{line}") == [words]


def test_nothing_of_torchs_own_code_is_told() -> None:
    with pytest.raises(TypeError, match="Exception raised from"):
        torch.zeros(-(10**20), 2)
    words = "zeros(): argument 'size' failed to unpack the object at pos 1 with error"
    assert errors("t = torch.zeros(-10**20, 2)") == [f'TypeError: {words} "Overflow when unpacking long long"']


def test_what_the_lab_lacks_is_told_apart_from_what_torch_lacks() -> None:
    outcome = run(
        "t = torch.ones(2)\nu = torch.conv2d(t, t)\nv = t.backward()\n"
        "w = torch.nosuch(t)\nx = np.einsum\nimport math\nopen"
    )
    faults = [line.failure.fault for line in outcome.lines if line.failure is not None]
    names = [fault.values["name"] if fault else None for fault in faults]
    assert names == ["torch.conv2d", "Tensor.backward", None, "numpy.einsum", "open"]
    assert errors("torch.nosuch(1)") == ["AttributeError: module 'torch' has no attribute 'nosuch'"]


def test_modules_that_the_lab_has_not_are_said_to_be_lacking() -> None:
    imports = "import matplotlib.pyplot as plt\nimport torch.nn.functional as F\nimport math\n"
    program = f"{imports}x = F.relu(torch.tensor([-1.0, math.e]))"
    assert errors(program) == ["lab-lacks-module"]
    assert rounded(run(program).values["x"]) == [0, 2.7183]


def test_the_wrong_place_names_the_right_one() -> None:
    (line,) = run("torch.view(2)").lines
    assert line.failure is not None
    assert line.failure.hint is not None
    assert line.failure.hint.values == {"name": "view", "places": "tensor.view(…)"}


def test_what_an_argument_is_for_is_told_before_what_it_holds() -> None:
    assert errors("a = torch.ones(2, pin_memory='cpu')") == ["lab-lacks-keyword"]


def test_float64_times_float32_is_refused_by_mm_and_not_by_the_star() -> None:
    made = "a = torch.ones(2, 2, dtype=torch.double)\nb = torch.ones(2, 2)\n"
    assert done(f"{made}c = a * b").values["c"].dtype == "float64"
    with pytest.raises(RuntimeError) as raised:
        torch.mm(torch.ones(2, 2, dtype=torch.double), torch.ones(2, 2))
    assert errors(f"{made}d = torch.mm(a, b)") == [f"RuntimeError: {raised.value}"]


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("torch.ones(2, requires_grad=True)", "lab-lacks-gradients"),
        ("torch.randn_like(t, requires_grad=True)", "lab-lacks-gradients"),
        ("t.requires_grad_()", "lab-lacks-gradients"),
        ("t.type('torch.cuda.FloatTensor')", "lab-lacks-numbers"),
        ("t.type('torch.sparse.FloatTensor')", "lab-lacks-numbers"),
        ("torch.set_printoptions(precision=10**6)", "lab-too-many-places"),
        ("torch.set_printoptions(precision='1000000')", "lab-lacks-argument"),
        ("np.set_printoptions(10**6)", "lab-too-many-places"),
        ("np.set_printoptions(nanstr='nan' * 9)", "lab-lacks-argument"),
        ("np.set_printoptions(legacy='1.13')", "lab-lacks-keyword"),
        ("torch.no_grad(3)", "lab-lacks-argument"),
        ("with open('a') as f: pass", "lab-lacks-name"),
        ("del t.shape", "lab-lacks-syntax"),
        ("a = [1]\ndel a[0]", "lab-lacks-list-change"),
        ("b = torch.foo(t)\ndel b", "needs b of line 2"),
        ("b = torch.foo(t)\nassert b", "needs b of line 2"),
    ],
)
def test_of_these_the_lab_says_itself_how_far_it_goes(line: str, key: str) -> None:
    assert errors(f"t = torch.ones(2)\n{line}")[-1] == key


@pytest.mark.parametrize(
    "line",
    [
        "t.to('cuda')",
        "t.to('cuda:0')",
        "t.to(0)",
        "t.to(device='mps')",
        "t.to(torch.device('cuda'))",
        "t.cuda()",
        "torch.ones(2, device='cuda')",
        "torch.randn_like(t, device='meta')",
        "torch.ones(2, device=0)",
    ],
)
def test_another_device_is_said_to_be_absent(line: str) -> None:
    assert errors(f"t = torch.ones(2)\n{line}") == ["lab-lacks-device"]


def test_a_syntax_error_has_its_line_and_column_and_the_rest_is_drawn() -> None:
    outcome = run("a = torch.ones(2)\nb = a +\nc = torch.ones(2\nd = a + 1\n")
    failures = [line.failure for line in outcome.lines]
    assert [(f.raised, f.words, f.line, f.column) for f in failures if f] == [
        ("SyntaxError", "invalid syntax", 2, 8),
        ("SyntaxError", "'(' was never closed", 3, 15),
    ]
    assert list(outcome.values) == ["a", "d"]


def test_a_name_whose_new_line_failed_means_nothing_until_it_is_given_again() -> None:
    program = "x = torch.ones(4)\nx = x.view(3)\ns = x.sum()\nx = torch.zeros(2)\ns = x.sum()"
    assert [line.failure is None for line in run(program).lines] == [True, False, False, True, True]
    assert numbers(run(program).values["s"]) == 0


def test_a_failed_change_leaves_the_tensor() -> None:
    outcome = run("a = torch.ones(2)\na += torch.ones(3)\na[5] = 1\nb = a + 1")
    assert [line.failure is None for line in outcome.lines] == [True, False, False, True]
    assert numbers(outcome.values["b"]) == [2, 2]
