"""What is copied from a session or a notebook is read as the program that it shows."""

import pytest

from tests.adelante.tensors.lab import numbers
from tests.adelante.tensors.programs import done, errors, printed, run
from tests.adelante.tensors.python_itself import run_for_real


def test_a_copied_session_is_read_without_prompts_and_output() -> None:
    session = (
        ">>> a = numpy.array([1, 2, 3])\n>>> t = torch.from_numpy(a)\n>>> t\ntensor([ 1,  2,  3])\n>>> t[0] = -1\n"
        ">>> def f(x):\n...     return x + 1\n...\n"
        ">>> print('x:', t)\nx: tensor([-1,  2,  3])\n>>> a\narray([-1,  2,  3])"
    )
    assert printed(session) == ["tensor([1, 2, 3])", "x: tensor([-1,  2,  3])", "array([-1,  2,  3])"]
    assert numbers(done(session).values["t"]) == [-1, 2, 3]
    assert printed("In [1]: a = torch.ones(2)\nIn [2]: a\nOut[2]: tensor([1., 1.])") == ["tensor([1., 1.])"]
    output = (
        "a = torch.zeros(2, 2)\na\ntensor([[0., 0.],\n        [0., 0.]])\nprint(a.numpy())\n[[0. 0.]\n [0. 0.]]\nb = a"
    )
    assert len(done(output).lines) == 5 - 1
    assert set(done(output).values) == {"a", "b", "line5"}


def test_a_notebooks_own_commands_are_passed_over() -> None:
    cell = '%matplotlib inline\n!pip install "torch>=2\n%%time\ntorch.mm?\n?torch.mm\n!ls \\\n  x\n%timeit x\n'
    outcome = done(f"{cell}import torch\n%time x = torch.ones(2)\ny = (7\n% 4)\nprint(x, y)")
    assert [line.line.number for line in outcome.lines if line.line.command] == [1, 2, 3, 4, 5, 6, 8]
    assert printed(f"{cell}%time x = torch.ones(2)\nprint(x, (7\n% 4))") == ["tensor([1., 1.]) 3"]
    assert printed(">>> !ls\n>>> 2\n2\nIn[3]: %pip list\nIn [*]: 5 % 3") == ["2", "2"]
    exported = "get_ipython().run_line_magic('matplotlib', 'inline')\nget_ipython().system('ls')"
    assert [line.line.command for line in done(exported).lines] == [True, True]
    assert errors("x = 5 !\ny = ?x") == ["SyntaxError: invalid syntax"] * 2


def test_a_notebooks_commands_within_a_block_are_passed_over() -> None:
    cell = (
        "if True:\n    !pip install torch\n    %time x = torch.ones(2)\n\n    for i in range(2):\n"
        "        !ls \\\n          x\n        print(i, x.sum())\n    x?\n"
        "while_ = 7\ndef f(x):\n    %matplotlib inline\n\n!echo a:\nx + 1"
    )
    outcome = done(cell)
    assert [(line.line.number, line.line.end, line.line.skipped) for line in outcome.lines] == [
        (1, 9, ("!pip install torch", "!ls \\\n          x", "x?")),
        (10, 10, ()),
        (11, 12, ("%matplotlib inline",)),
        (14, 14, ()),
        (15, 15, ()),
    ]
    assert printed(cell) == ["0 tensor(2.)\n1 tensor(2.)", "tensor([2., 2.])"]
    (line,) = run("if True:\n    !ls\n    x = = 1").lines
    assert line.failure is not None
    assert (line.failure.words, line.failure.line) == ("invalid syntax", 3)


def test_a_cell_of_another_language_is_passed_over_to_its_end() -> None:
    cells = (
        "%%bash\nls -l\n\nx = 'never closed\n# In[4]:\ny = 1\n"
        "%%html\n<b>\n# %%\n%%time\nprint(y)\n%%writefile a.py\ny = 2"
    )
    outcome = done(cells)
    assert [(line.line.number, line.line.end) for line in outcome.lines if line.line.command] == [
        (1, 4),
        (7, 8),
        (10, 10),
        (12, 13),
    ]
    assert printed(f"{cells}\n# %%\ny") == ["1", "1"]
    session = "In [1]: %%bash\n   ...: ls\nfoo.txt\n\nIn [2]: %%time\n   ...: 2 + 2\nOut[2]: 4"
    assert printed(session) == ["4"]


def test_what_follows_a_decorated_def_is_no_part_of_it() -> None:
    values = done("a = torch.ones(2)\n@torch.no_grad()\ndef f(x):\n    return x + 1\nb = f(a)\nc = b + 1").values
    assert list(values) == ["a", "b", "c"]


@pytest.mark.parametrize(
    "lines",
    [
        ["with torch.no_grad():\n    t += 1\n    print(t)\n    t", "t"],
        ["with torch.no_grad() as g, torch.enable_grad():\n    print(g)"],
        ["with torch.inference_mode():\n    u = t * 2", "u.mul_(2)", "u.numpy()[0] = 7", "u + 1"],
        ["@torch.inference_mode\ndef f(x):\n    return x + 1", "f(t).mul_(2)"],
        ["@torch.no_grad()\ndef f(x):\n    return x + 1", "f(t)"],
        ["f = torch.no_grad(lambda x: -x)", "f(t)"],
        ["def f(x):\n    with torch.no_grad():\n        return x * 2", "f(t)"],
        ["with t:\n    u = 1", "with torch.no_grad:\n    u = 1", "with 3:\n    u = 1"],
        ["with torch.no_grad() as (a, b):\n    u = 1"],
        ["assert t.sum() > 0", "assert (t > 0).all(), 'not all'", "assert 0, t", "assert 0", "assert t"],
        ["u, v = t, n", "del u, (v)", "u", "del v", "del t[0]", "del n[0]", "del t.shape[0]", "del 'a'[0], i"],
        ["i = 3", "del i[0]", "def f(x):\n    y = x\n    del y, y\n    return x", "f(1)", "del i, i", "i"],
        ["t.type()", "t.type(torch.float64)", "t.type('torch.LongTensor')", "t.type(torch.IntTensor)"],
        ["t.type('float')", "t.type(float)", "t.type(3)", "t.type(dtype=torch.bool)", "n.type()"],
        ["torch.ones(2, requires_grad=False)", "torch.tensor([1.0], requires_grad=False)", "t.requires_grad, t.grad"],
        ["torch.zeros(2, requires_grad=0)", "torch.arange(2, requires_grad=True)", "np.ones(2, requires_grad=False)"],
        ["t.requires_grad_(False) is t", "torch.arange(2).requires_grad_()", "torch.as_tensor(t, requires_grad=False)"],
        ["torch.manual_seed(7)", "torch.randn_like(t, requires_grad=False)", "torch.rand_like(t, requires_grad=0)"],
        ["torch.set_printoptions(precision=8)", "t / 3", "n / 3", "print(t / 3, f'{t / 3}')", "str(t / 3)"],
        ["torch.set_printoptions(2, sci_mode=True)", "t / 3", "torch.set_printoptions(threshold=1)", "t / 3"],
        ["torch.set_printoptions(1)", "torch.set_printoptions(profile='short')", "t / 3"],
        ["torch.set_printoptions(a=1)", "t / 3"],
        ["torch.set_printoptions(precision=2.5)", "t", "torch.set_printoptions(1, 2, 3, 4, 'full', None, 5)"],
        ["np.set_printoptions(precision=3, suppress=True)", "n / 3", "t / 3", "np.set_printoptions(3, 1)", "n / 3"],
        ["np.set_printoptions(precision='a')", "np.set_printoptions(a=1)", "np.set_printoptions(threshold=np.nan)"],
        ["n.dtype.name", "n.dtype.itemsize, (n > 1).dtype.name", "n.dtype.name()"],
        ["np.nonzero(n > 1)", "(n > 5).nonzero()", "n[np.nonzero(n)]", "n.reshape(1, 2).nonzero()", "np.nonzero(t)"],
        ["t.new_ones(2, 3, dtype=torch.double)", "t.new_zeros((2,))", "t.long().new_ones(1)", "t.new_ones(-1)"],
        ["t.topk(2)", "torch.topk(t, 1).values", "v, i = t.topk(2, largest=False)", "i", "t.topk(9)"],
        ["import sys", "np.set_printoptions(threshold=sys.maxsize)", "np.arange(2000).sum()", "sys.nosuch"],
    ],
)  # fmt: skip
def test_what_notebooks_write_around_tensors_does_what_python_does(lines: list[str]) -> None:
    lines = ["t = torch.tensor([1.0, 2.5, 3.0])", "n = np.array([1.0, 2.0])", *lines]
    ran = run_for_real(lines)
    told = [
        (each.printed, each.failure and (each.failure.raised, each.failure.words))
        for each in run("\n".join(lines)).lines
    ]
    assert told == list(zip(ran.printed, ran.errors, strict=True))


def test_documentations_forms_are_read() -> None:
    values = done(
        "from torch import randn\nimport torch as th\na = torch.randn(size=(1, 5))\n"
        "b = randn(2)\nc = th.Tensor([1, 2])\n"
        "d = c.float().t().contiguous()\nprint('x:', c); e = c[0]; rows, = c.shape\nif rows > 1: f = c[1:]"
    ).values
    assert [name for name in "abcdef" if name in values] == list("abcdef")
    assert errors("a = torch.ones(2)\nb = torch.foo(a)\nc = torch.zeros(3)\nd = b + c") == [
        "AttributeError: module 'torch' has no attribute 'foo'",
        "needs b of line 2",
    ]
    assert list(run("a = torch.ones(2)\nb = torch.foo(a)\nc = torch.zeros(3)\nd = b + c").values) == ["a", "c"]
