"""No program takes more memory, time or depth than the lab's limits: each is refused before anything is spent."""

import sys
import threading
import tracemalloc

import pytest

from adelante.network.errors import NetworkError
from adelante.tensors.call import Limits
from adelante.tensors.program import source
from adelante.tensors.program.execute import LONGEST_PROGRAM, ProgramOutcome, run_program

LIMITS = Limits(steps=256, tensor_elements=16_384, elements=65_536)


def run(program: str) -> ProgramOutcome:
    return run_program(program, LIMITS)


def key(program: str) -> str | None:
    """The lab's own word on the last line; "" where Python, torch or NumPy refuse it."""
    failure = run(program).lines[-1].failure
    return None if failure is None else failure.fault.key if failure.fault else ""


LARGE = [
    "torch.ones(10**9)",
    "torch.ones(10**5, 10**5)",
    "torch.ones(size=(10**9,))",
    "torch.full((10**9,), 1.0)",
    "torch.empty(10**9)",
    "torch.zeros(0, 10**9)",
    "torch.Tensor(10**9)",
    "torch.arange(10**9)",
    "torch.arange(end=10**9)",
    "torch.arange(0, 1, 1e-9)",
    "torch.linspace(0, 1, 10**9)",
    "torch.eye(10**6)",
    "torch.eye(10**3, m=10**6)",
    "torch.randint(0, 5, (10**9,))",
    "torch.randint(5, size=(10**9,))",
    "torch.randperm(10**9)",
    "torch.ones(1).expand(10**9)",
    "torch.ones(1).repeat(10**9)",
    "torch.tile(torch.ones(1), (10**9,))",
    "torch.broadcast_to(torch.ones(1), (10**9,))",
    "torch.diag(torch.ones(2), 10**6)",
    "torch.outer(torch.ones(1000), torch.ones(1000))",
    "torch.ones(10000, 1) + torch.ones(10000)",
    "torch.ones(10000, 1) @ torch.ones(1, 10000)",
    "torch.where(torch.ones(10000, 1) > 0, torch.ones(10000), 0)",
    "torch.ones(2).resize_(10**9)",
    "torch.ones(1000)[torch.zeros(10000, 100, dtype=torch.long)]",
    "torch.ones(1000, 10)[torch.zeros(5000, dtype=torch.long)]",
    "torch.ones(10)[[0] * 9000, None].expand(9000, 9000)",
    "torch.stack([torch.ones(16000)] * 2)",
    "torch.cat([torch.ones(16000)] * 2)",
    "np.ones(10**9)",
    "np.ones((10**5, 10**5))",
    "np.zeros(shape=10**9)",
    "np.full(10**9, 1)",
    "np.arange(10**9)",
    "np.linspace(0, 1, num=10**9)",
    "np.eye(10**6)",
    "np.random.rand(10**9)",
    "np.random.randint(0, 5, 10**9)",
    "np.random.normal(size=10**9)",
    "np.random.default_rng(1).normal(size=10**9)",
    "np.random.permutation(10**9)",
    "np.tile([1], 10**9)",
    "np.repeat([1], 10**9)",
    "np.dot(np.ones((100, 100, 1)), np.ones((100, 1, 100)))",
    "np.inner(np.ones((10000, 1)), np.ones((10000, 1)))",
    "np.add.outer",
    "np.ones(10000)[:, None] * np.ones(10000)",
    "np.broadcast_to(1, (10**9,))",
]


@pytest.mark.parametrize("line", LARGE)
def test_large_results_are_refused_before_memory_is_spent(line: str) -> None:
    run("torch.ones(2)")
    tracemalloc.start()
    try:
        found = run(line).lines[0].failure
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found is not None
    assert most < 20_000_000


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("2**10**9", "lab-too-great"),
        ("9**9**9", "lab-too-great"),
        ("1 << 10**9", "lab-too-great"),
        ("x = 2**100\nx * x", "lab-too-great"),
        ("0x" + "f" * 10_000, "lab-too-great"),
        ("int(1e300)", "lab-too-great"),
        ("(-8)**0.5", "lab-lacks-numbers"),
        ("1j", "lab-lacks-syntax"),
        ("round(5, -10**10)", "lab-too-many-places"),
        ("np.round(1.5, 2**31 - 1)", "lab-too-many-places"),
        ("np.float64(1.5).round(2**31 - 1)", "lab-too-many-places"),
        ("[0] * 10**9", "lab-too-long-list"),
        ("'a' * 10**9", "lab-too-long-list"),
        ("range(10**9)", "lab-too-long-list"),
        ("list(range(10**10))", "lab-too-long-list"),
        ("a = [1, 2]\n" + "a = [a, a]\n" * 40 + "torch.tensor(a)", "needs"),
        ("f'{1:1000000000}'", "lab-lacks-format"),
        ("f'{1:>1000000000d}'", "lab-lacks-format"),
        ("'%1000000000d' % 5", "lab-lacks-percent"),
        ("f = lambda x: f(x)\nf(1)", "lab-lacks-recursion"),
        ("def f(x):\n    return f(x) + f(x)\n\nf(1)", "lab-lacks-recursion"),
        ("for i in range(40000):\n    i + i", "lab-too-long"),
        ("for i in range(300):\n    torch.ones(2)", "lab-too-many-steps"),
        ("t = torch.ones(16000)\nfor i in range(9):\n    t + t", "lab-too-many-elements"),
        ("for i in range(20):\n    print('a' * 9000)", "lab-prints-too-much"),
        ("torch.ones(16000).unbind()", "lab-too-many-pieces"),
        ("+".join("1" * 500), "lab-too-nested"),
        ("-" * 5000 + "1", "lab-too-nested"),
        ("(" * 300 + ")" * 300, "lab-too-nested"),
        ("x" + ".a" * 5000, "lab-too-nested"),
        ("f'" + "{(" * 300 + "'", "lab-too-nested"),
        ("torch.ones(2, device=0)", "lab-lacks-device"),
        ("torch.ones(2, requires_grad=True)", "lab-lacks-gradients"),
        ("torch.ones(2).to(0)", "lab-lacks-device"),
        ("torch.ones(2).view(torch.int32)", "lab-lacks-view-dtype"),
        ("np.array([2**70])", "lab-lacks-numbers"),
        ("np.array([None])", "lab-lacks-numbers"),
        ("np.array('abc')", "lab-lacks-argument"),
        ("a = [1]\na[0] = a", "lab-lacks-list-change"),
        ("while True: pass", "lab-lacks-syntax"),
        ("class A: pass", "lab-lacks-syntax"),
        ("[i for i in range(3) for j in range(3)]", "lab-lacks-syntax"),
        ("{1: 2}", "lab-lacks-syntax"),
        ("__import__('os')", "lab-lacks-name"),
        ("open('/etc/passwd')", "lab-lacks-name"),
        ("eval('1')", "lab-lacks-name"),
        ("getattr(torch, 'ones')", "lab-lacks-name"),
    ],
)
def test_every_other_way_to_spend_without_end(program: str, expected: str) -> None:
    failure = run(program).lines[-1].failure
    assert failure is not None
    assert ("needs" if failure.needs else failure.fault.key if failure.fault else failure.words) == expected


@pytest.mark.parametrize(
    "line",
    [
        "().__class__.__bases__[0].__subclasses__()",
        "torch.__builtins__",
        "torch.os.system('id')",
        "(lambda: 0).__globals__",
        "torch.ones.__self__",
        "torch.ones(2).__class__",
        "torch.ones(2).__reduce__()",
        "np.__loader__",
        "'{0.__class__}'.format(1)",
        "f'{torch.__dict__}'",
        "torch.load('x')",
        "np.load('x')",
        "np.fromfile('x')",
        "torch.hub.load('a', 'b')",
        "torch.ones(2).numpy().tofile('x')",
        "torch.ones(2).data_ptr()",
        "import os",
        "from os import system",
        "from torch import *",
        "from torch import load",
        "import torch.hub",
        "print(1, file=2)",
    ],
)
def test_nothing_leads_out_of_the_tables(line: str) -> None:
    outcome = run(line)
    assert outcome.lines[0].failure is not None
    assert outcome.lines[0].printed == ""


def test_more_names_for_one_tensor_are_counted() -> None:
    """An answer lists a tensor under each of its names."""
    program = "t = torch.ones(16000)\n" + "\n".join(f"t{k} = t" for k in range(9))
    outcome = run(program)
    assert sum(value.size for value in outcome.values.values()) <= LIMITS.elements


def test_long_programs_are_refused_whole() -> None:
    for program in ("#" * (LONGEST_PROGRAM + 1), "a = 1\n" * 1001):
        with pytest.raises(NetworkError) as refused:
            run(program)
        assert refused.value.faults[0].type == "too-large"


@pytest.mark.parametrize(
    "text", ["a\0b = 1", "\0", "x = '\ud800'", "\x0c", "\ufeffx = 1", "x = 1\r\ny = x\rz = y", "\\", "'''", "é = 1"]
)
def test_odd_characters_are_read_or_refused(text: str) -> None:
    for line in run(text).lines:
        assert line.printed == ""


def test_the_deepest_program_fits_a_small_stack() -> None:
    """What the depth count lets through is parsed and walked with room to spare, on a thread like the server's."""
    n = source.DEEPEST_BRACKETS
    deep = "x = " + "(" * n + "+".join(["1"] * (source.DEEPEST - 2 * n)) + ")" * n
    found: list[ProgramOutcome] = []
    before = threading.stack_size(512 * 1024)
    try:
        thread = threading.Thread(target=lambda: found.append(run(deep)))
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
    assert found[0].lines[0].failure is None
    assert sys.getrecursionlimit() >= 1000
