"""Generated programs, run by the lab and by Python itself: values, shapes, strides, memory, printed text, errors.

The quick form runs with every suite; LAB_FUZZ=2000 in the environment runs so many programs. More of them in parts,
each with another --hypothesis-seed: Hypothesis keeps what it tried, and 20,000 at once take 10 GB.
"""

import os
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, example, given, note, settings
from hypothesis import strategies as st
from torch import Tensor

from adelante.tensors.call import Limits
from adelante.tensors.memory import Value
from adelante.tensors.program.execute import run_program
from adelante.tensors.program.source import looks_printed
from tests.adelante.tensors.python_itself import Ran, run_for_real, share, tensors_of
from tests.long import examples

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning", "ignore::RuntimeWarning")

LIMITS = Limits(steps=2_000, tensor_elements=16_384, elements=200_000)
EXAMPLES = int(os.environ.get("LAB_FUZZ", examples(30, 100)))

BEGIN = [
    "torch.manual_seed(7)",
    "np.random.seed(7)",
    "a = torch.randn(2, 3)",
    "b = torch.arange(6).view(2, 3)",
    "c = a.T",
    "d = torch.tensor([True, False])",
    "m = np.random.rand(2, 3)",
    "n = np.arange(6)",
    "k = n[::-1]",
    "s = torch.from_numpy(n)",
    "f = lambda x, y=2: x * y + 1",
    "i = 3",
    "x = 0.5",
]
NAMES = ["a", "b", "c", "d", "m", "n", "k", "s", "i", "x"]
TENSORS, ARRAYS = ["a", "b", "c", "d", "s"], ["m", "n", "k"]
NUMBERS = ["0", "1", "-1", "2", "3", "0.5", "-2.0", "1e3", "True", "10**20", "7 // 2", "i", "x"]
SIGNS = ["+", "-", "*", "/", "//", "%", "**", "@", "&", "|", "^"]
COMPARED = ["==", "!=", "<", "<=", ">", ">="]
INDICES = [
    "0", "-1", "5", "1:", ":-1", "::2", "::-1", "None", "...", ":, 1", "0, 1", "..., None", "[0, 1]", "[1, 0, 1], 0",
    "0.5", "True", "b > 2", "d", "m > 0.5", "n > 2", "torch.tensor([0, 1])", "np.array([1, 0])", "1, ::-1", "::0",
]  # fmt: skip
DTYPES = [
    "torch.float",
    "torch.float64",
    "torch.int",
    "torch.bool",
    "torch.half",
    "np.float64",
    "np.int32",
    "float",
    "int",
]
KEYWORDS = [
    "",
    "0",
    "1",
    "-1",
    "dim=0",
    "axis=1",
    "dim=0, keepdim=True",
    "axis=0, keepdims=True",
    "dim=5",
    "(0, 1)",
    "foo=1",
]
SHAPES = [
    "6",
    "3, 2",
    "(3, 2)",
    "[3, 2]",
    "-1",
    "2, -1",
    "-1, -1",
    "4",
    "1, 6",
    "2, 3, 1",
    "0",
    "size=(2, 2)",
    "shape=(2, 2)",
]
UNARY = [
    "exp",
    "log",
    "sqrt",
    "sigmoid",
    "tanh",
    "relu",
    "abs",
    "neg",
    "sin",
    "square",
    "floor",
    "round",
    "isnan",
    "numel",
]
REDUCING = ["sum", "mean", "max", "min", "argmax", "std", "any", "all", "cumsum", "prod", "var"]
METHODS = [
    "T",
    "shape",
    "dtype",
    "ndim",
    "size",
    "size()",
    "numel()",
    "item()",
    "tolist()",
    "t()",
    "contiguous()",
    "clone()",
    "copy()",
    "float()",
    "long()",
    "double()",
    "bool()",
    "flatten()",
    "ravel()",
    "squeeze()",
    "unsqueeze(0)",
    "numpy()",
    "detach()",
    "transpose(0,1)",
    "transpose()",
    "permute(1,0)",
    "mT",
    "stride()",
    "dim()",
    "view(-1)",
    "exp_()",
    "mul_(2)",
    "add_(1)",
    "zero_()",
    "fill_(3)",
    "fill(3)",
    "t_()",
    "sigmoid()",
    "from_numpy()",
    "foo",
    "astype(float)",
    "astype(np.int32)",
    "to(torch.float64)",
    "repeat(2)",
    "expand(2,2,3)",
    "element_size()",
    "storage_offset()",
    "is_contiguous()",
    "dot(n)",
    "mm(c)",
    "matmul(c)",
    "round()",
    "clip(0,1)",
    "clamp(0,1)",
    "nbytes",
    "itemsize",
    "strides",
    "type()",
    "type(torch.float64)",
    "type('torch.LongTensor')",
    "type(torch.bool)",
    "type('nosuch')",
    "requires_grad",
    "requires_grad_(False)",
    "grad",
]
FUNCTIONS = [
    "cat",
    "stack",
    "where",
    "outer",
    "dot",
    "matmul",
    "mm",
    "mul",
    "add",
    "sub",
    "div",
    "pow",
    "maximum",
    "concatenate",
    "hstack",
    "vstack",
    "zeros",
    "ones",
    "full",
    "eye",
    "arange",
    "linspace",
    "rand",
    "randn",
    "empty",
    "tensor",
    "array",
    "zeros_like",
    "ones_like",
    "allclose",
    "equal",
    "array_equal",
    "transpose",
    "reshape",
    "clip",
]


REQUIRES = ", requires_grad=False"
CONTEXTS = ["torch.no_grad()", "torch.inference_mode()", "torch.enable_grad()", "torch.no_grad() as z", "torch.no_grad"]
CONTEXTS += ["torch.inference_mode(False), torch.no_grad()", "a", "m", "3"]
PRINT_OPTIONS = [
    "precision=6", "precision=2, sci_mode=False", "sci_mode=True", "threshold=5", "threshold=5, edgeitems=1",
    "linewidth=20", "profile='full'", "profile='short', precision=3", "profile='default'", "3", "suppress=True",
    "precision=8, suppress=True", "floatmode='fixed'", "sign='+'", "nanstr='?'", "precision='a'", "floatmode='a'",
    "precision=2.5", "precision=-1", "foo=1", "1, 2, 3, 4, 'short'", "threshold=np.inf", "linewidth='a'",
]  # fmt: skip


# Lines that make sense for the names as they are at first, so that most lines of a long program succeed.
FITTING = [
    "a @ c", "torch.mm(a, c)", "a * b", "a + m", "m + b.numpy()", "a / 3", "a - x", "1 / (1 + torch.exp(-a))",
    "b % 2", "b // 2", "a.view(3, 2)", "c.reshape(6)", "a[:, 1:]", "a[0]", "a[a > 0]", "m[m > 0.5]", "n[1:4]",
    "k[1:]", "b.sum(dim=0)", "a.max(dim=1)", "a.max(dim=1).values", "m.mean(axis=0)", "m @ m.T", "np.dot(m, m.T)",
    "a.T", "m.T", "n.reshape(2, 3)", "torch.cat([a, a])", "np.concatenate([m, m])", "torch.stack([a, a], dim=1)",
    "torch.where(a > 0, a, x)", "a.flatten()[::2]", "f(a)", "f(n, y=i)", "a.double()", "b.float()",
    "n.astype(np.float32)", "torch.from_numpy(m)", "a.numpy()", "s.view(2, 3)", "a.unsqueeze(0)", "a.expand(2, 2, 3)",
    "a.clone()", "m.copy()", "a.shape[0]", "len(a)", "a.sum().item()", "n.tolist()", "a > 0", "(a > 0) & (a < 1)",
    "~d", "torch.randn(2, 3)", "torch.rand_like(a)", "np.random.randn(2, 3)", "a.pow(2).mean()", "torch.arange(i)",
    "np.linspace(0, 1, i)", "a.permute(1, 0)", "a[None, ..., 0]", "m[:, ::-1]", "m.std()", "n.sum() / 2",
]  # fmt: skip


@st.composite
def expressions(draw: st.DrawFn, depth: int = 2) -> str:
    """One expression over the names that BEGIN gives; whether it makes sense is left to chance, mostly it does."""

    def pick(some: Sequence[str]) -> str:
        return draw(st.sampled_from(some))

    def inner() -> str:
        return draw(expressions(depth - 1))

    if depth == 0:
        return pick([*NAMES, *TENSORS, *ARRAYS, *NUMBERS])
    kind = draw(st.integers(0, 21))
    if kind > 15:
        return pick(FITTING)
    owner = pick(TENSORS + ARRAYS) if draw(st.booleans()) else inner()
    owner = f"({owner})"
    if kind <= 2:
        return f"({inner()} {pick(SIGNS)} {inner()})"
    if kind == 3:
        return f"({pick(['-', '+', '~', 'not '])}{inner()})"
    if kind == 4:
        signs = [f" {pick(COMPARED)} {inner()}" for _ in range(draw(st.integers(1, 2)))]
        return f"({inner()}{''.join(signs)})"
    if kind <= 6:
        return f"{owner}[{pick(INDICES)}]"
    if kind <= 8:
        return f"{owner}.{pick(METHODS)}"
    if kind == 9:
        return f"{owner}.{pick(REDUCING)}({pick(KEYWORDS)})"
    if kind == 10:
        return (
            f"{pick(['torch', 'np'])}.{pick([*UNARY, *REDUCING])}({inner()}{pick(['', ', dim=0', ', axis=0', ', 0'])})"
        )
    if kind == 11:
        return f"{owner}.{pick(['view', 'reshape', 'expand', 'resize'])}({pick(SHAPES)})"
    if kind == 12:
        made = pick(["ones", "zeros", "randn", "rand", "arange"])
        return f"{pick(['torch', 'np'])}.{made}({pick(SHAPES)}{pick(['', ', dtype=' + pick(DTYPES), REQUIRES])})"
    if kind == 13:
        return f"{pick(['torch.tensor', 'np.array', 'torch.Tensor', 'torch.as_tensor'])}([{inner()}, {inner()}])"
    if kind == 14:
        return pick(
            [f"f({inner()})", f"f({inner()}, y={inner()})", f"({inner()} and {inner()})", f"({inner()} or {inner()})"]
        )
    name, left, right = pick(FUNCTIONS), inner(), inner()
    given = pick([f"{left}, {right}", f"[{left}, {right}]", left, f"({left}, {right})"])
    return f"{pick(['torch', 'np'])}.{name}({given})"


@st.composite
def statements(draw: st.DrawFn) -> str:

    def pick(some: Sequence[str]) -> str:
        return draw(st.sampled_from(some))

    value: str = draw(expressions(draw(st.integers(1, 3))))
    kind = draw(st.integers(0, 13))
    if kind <= 3:
        return f"{pick([*NAMES, 'y', 'z'])} = {value}"
    if kind == 4:
        return f"{pick([*NAMES])} {pick(SIGNS)}= {value}"
    if kind == 5:
        return f"{pick([*TENSORS, *ARRAYS])}[{pick(INDICES)}] {pick(['', '+', '*'])}= {value}"
    if kind == 6:
        return pick([f"y, z = {value}", f"y = z = {value}", "y, z = a.shape", f"print({value}, {pick(NAMES)})"])
    if kind == 7:
        return (
            f"np.{pick(['add', 'multiply', 'exp', 'sqrt'])}({pick(ARRAYS)}, {value}, out={pick([*ARRAYS, *TENSORS])})"
        )
    if kind == 8:
        body = pick([f"y = {value}", f"{pick(TENSORS)}.mul_({value})", f"print({value})", value])
        return pick([f"with {pick(CONTEXTS)}:\n    {body}", f"@{pick(CONTEXTS[:3])}\ndef f(x, y=2):\n    return x + y"])
    if kind == 9:
        told = pick(["", *(f", {name}" for name in NAMES), ", f'{a.sum():.2f}'"])
        return f"assert {value}{told}"
    if kind == 10:
        item = f"{pick(NAMES)}[{pick(INDICES)}]"
        return f"del {pick([*NAMES, 'y', 'a, y', '(m, n)', item, 'a.shape', '[b, c]'])}"
    if kind == 11:
        return f"{pick(['torch', 'np'])}.set_printoptions({pick(PRINT_OPTIONS)})"
    return value


def is_code(statement: str) -> bool:
    """Whether it could not be the printed output of the line before it, which the lab passes over."""
    return not looks_printed(statement)


@given(st.lists(statements().filter(is_code), min_size=2, max_size=8))
@example(["d = m[::-1]", "a = d[1:]"])
@example(["a = a @ c", "torch.empty(7 // 2, True)"])
@example(["i = 3", "z = (i ** 10**20)"])
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), report_multiple_bugs=True)
def test_a_program_does_what_python_does(written: list[str]) -> None:
    lines = [*BEGIN, *written]
    note("\n".join(written))
    check(lines)


def test_what_is_seldom_drawn_does_what_python_does() -> None:
    written = [
        "p = sum([a, a])",
        "q = sum((n, n), 1)",
        "r = a[..., None]",
        "t = b[..., 1:, 0]",
        "u = torch.tensor([1, 2], dtype=torch.float64)",
        "v = np.array([1, 2], dtype=float)",
        "w = n.sum().mean()",
        "y = m[0, 0].round(1)",
        "z = n.max().item()",
    ]
    lines = [*BEGIN, *written]
    check(lines)
    assert [line.failure for line in run_program("\n".join(lines), LIMITS).lines] == [None] * len(lines)


def check(lines: list[str]) -> None:
    """The lab's outcome of these lines is Python's own, as far as the lab goes."""
    outcome = run_program("\n".join(lines), LIMITS)
    assert len(outcome.lines) == len(lines)
    # What the lab refuses, as 3 ** 10**20, may take Python for ever; from there on the lab knows less.
    known = [
        line.failure is None or (line.failure.fault is None and line.failure.needs is None) for line in outcome.lines
    ]
    far = len(lines) if all(known) else known.index(False)
    ran = run_for_real(lines[:far])
    chance = any("empty" in line for line in lines)  # what stands in cells that nobody wrote
    for line, printed, error in zip(outcome.lines[:far], ran.printed, ran.errors, strict=True):
        failure = line.failure
        told = None if failure is None else (failure.raised, failure.words)
        assert told == without_calls(error), f"{told}\n{error}\n{line.line.text}"
        if not chance and " at 0x" not in printed:  # an address in Python's own memory
            assert line.printed == printed, line.line.text
    if far == len(lines):
        check_tensors(outcome.values, ran)


def without_calls(error: tuple[str, str] | None) -> tuple[str, str] | None:
    """An error without the calls of torch's own code, which stand within a quotation."""
    if error is None or "\nException raised from" not in error[1]:
        return error
    return error[0], error[1].partition("\nException raised from")[0] + '"'


def check_tensors(values: Mapping[str, Value], ran: Ran) -> None:
    expected = tensors_of(ran)
    named = {name: value for name, value in values.items() if not name.startswith("line")}
    assert set(named) == set(expected)
    for name, value in named.items():
        real = expected[name]
        assert value.kind == ("torch" if isinstance(real, Tensor) else "numpy"), name
        assert value.dtype == str(real.dtype).removeprefix("torch."), name
        assert value.shape == tuple(real.shape), name
        strides = real.stride() if isinstance(real, Tensor) else [step // real.itemsize for step in real.strides]
        assert value.stride == tuple(strides), name
        found = value.cells.double() if value.dtype != "bool" else value.cells
        wanted = torch.as_tensor(real.copy(order="C")) if not isinstance(real, Tensor) else real
        wanted = wanted.double() if value.dtype != "bool" else wanted
        known = ~value.unknown
        torch.testing.assert_close(found[known], wanted.reshape(value.shape)[known], rtol=0, atol=0, equal_nan=True)
    # NumPy's single numbers have no memory that another could share.
    placed = [name for name in named if not isinstance(expected[name], np.generic) and values[name].size]
    for name in placed:
        for other in placed:
            together = values[name].memory is values[other].memory
            assert together == share(expected[name], expected[other]), (name, other)
