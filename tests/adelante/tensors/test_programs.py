"""What learners write in the lab, as they write it: the same numbers, memory and words as in Python."""

from typing import Any

import numpy as np
import pytest
import torch

from adelante.tensors.program.execute import ProgramOutcome, run_program
from tests import notebook
from tests.adelante.tensors.lab import LIMITS, marked, numbers, rounded
from tests.adelante.tensors.python_itself import run_for_real


def run(program: str) -> ProgramOutcome:
    return run_program(program, LIMITS)


def done(program: str) -> ProgramOutcome:
    """A program that nothing fails in."""
    outcome = run(program)
    assert [(line.line.text, line.failure) for line in outcome.lines if line.failure] == []
    return outcome


def printed(program: str) -> list[str]:
    return [line.printed.rstrip("\n") for line in done(program).lines if line.printed]


def errors(program: str) -> list[str]:
    """The last line of each error, as Python writes it; a fault of the lab's own by its key."""
    told = []
    for line in run(program).lines:
        failure = line.failure
        if failure is None:
            continue
        if failure.needs is not None:
            told.append(f"needs {failure.needs[0]} of line {failure.needs[1]}")
        else:
            told.append(failure.fault.key if failure.fault else f"{failure.raised}: {failure.words}")
    return told


def test_the_official_numpy_bridge_is_over_one_memory() -> None:
    values = done("import numpy as np\nn = np.ones(5)\nt = torch.from_numpy(n)\nnp.add(n, 1, out=n)").values
    assert (values["n"].kind, values["n"].dtype, values["n"].stride) == ("numpy", "float64", (1,))
    assert (values["t"].kind, values["t"].dtype) == ("torch", "float64")
    assert values["n"].memory is values["t"].memory
    assert numbers(values["n"]) == numbers(values["t"]) == [2.0] * 5


def test_numpys_creation_functions_are_numpys() -> None:
    values = done("a = np.zeros((2, 3))\nb = np.arange(6)\nnp.random.seed(7)\nc = np.random.rand(4, 3)").values
    assert [(value.kind, value.dtype) for value in values.values()] == [
        ("numpy", "float64"),
        ("numpy", "int64"),
        ("numpy", "float64"),
    ]
    assert numbers(values["c"]) == np.random.RandomState(7).rand(4, 3).tolist()


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


def test_axis_and_dim_are_taken_as_each_library_takes_them() -> None:
    made = "a = torch.tensor([[1.,2.],[3.,4.]])\nn = np.array([[1.,2.],[3.,4.]])\n"
    values = done(
        f"{made}b = a.sum(axis=0)\nc = a.sum(axis=1, keepdims=True)\nd = a.sum(dim=0)\nm = n.sum(axis=0)"
    ).values
    assert numbers(values["b"]) == numbers(values["d"]) == numbers(values["m"]) == [4, 6]
    assert numbers(values["c"]) == [[3], [7]]
    outcome = run(f"{made}n.sum(dim=0)\ne = a + 1")
    assert errors(f"{made}n.sum(dim=0)") == ["TypeError: _sum() got an unexpected keyword argument 'dim'"] or errors(
        f"{made}n.sum(dim=0)"
    ) == ["TypeError: sum() got an unexpected keyword argument 'dim'"]
    assert "e" in outcome.values


def test_dtypes_have_all_their_names() -> None:
    names = {
        "float": "float32",
        "double": "float64",
        "half": "float16",
        "long": "int64",
        "int": "int32",
        "bool": "bool",
    }
    for name, dtype in names.items():
        assert done(f"a = torch.ones(2, dtype=torch.{name})").values["a"].dtype == dtype
        assert done(f"a = torch.ones(2).{name}()").values["a"].dtype == dtype
    assert done("a = np.ones(2, dtype=int)\nb = np.ones(2, dtype=np.float32)").values["a"].dtype == "int64"
    mixed = (
        "a = torch.ones(2, dtype=torch.float)\nb = torch.ones(2, dtype=torch.long)\nc = a * b\nd = torch.matmul(a, b)"
    )
    assert errors(mixed) == ["RuntimeError: dot : expected both vectors to have same dtype, but found Float and Long"]
    assert run(mixed).values["c"].dtype == "float32"


@pytest.mark.parametrize(
    "made",
    [
        "np.ones(2, dtype='float32')",
        "np.zeros(2, 'float32')",
        "np.array([1, 2], 'f4')",
        "np.arange(3).astype('float32')",
        "np.ones(2).sum(dtype='single')",
    ],
)
def test_numpy_takes_a_dtype_by_its_name(made: str) -> None:
    assert done(f"a = {made}").values["a"].dtype == "float32"
    assert errors("a = torch.ones(2, dtype='float32')\nb = np.ones(2, dtype='float33')") == ["lab-lacks-argument"] * 2


def test_what_an_argument_is_for_is_told_before_what_it_holds() -> None:
    assert errors("a = torch.ones(2, pin_memory='cpu')") == ["lab-lacks-keyword"]


def test_infinity_and_nan_are_written_as_text() -> None:
    values = done("a = torch.tensor(float('inf'))\nb = -float(' infinity ')\nc = float('nan') != float('nan')").values
    assert numbers(values["a"]) == float("inf")
    assert errors("float('ten')") == ["ValueError: could not convert string to float: 'ten'"]


def test_float64_times_float32_is_refused_by_mm_and_not_by_the_star() -> None:
    made = "a = torch.ones(2, 2, dtype=torch.double)\nb = torch.ones(2, 2)\n"
    assert done(f"{made}c = a * b").values["c"].dtype == "float64"
    with pytest.raises(RuntimeError) as raised:
        torch.mm(torch.ones(2, 2, dtype=torch.double), torch.ones(2, 2))
    assert errors(f"{made}d = torch.mm(a, b)") == [f"RuntimeError: {raised.value}"]


def test_the_sigmoid_is_written_from_its_formula() -> None:
    formula = "x = torch.tensor([-1., 0., 1.])\ndef activation(x):\n    return 1/(1+torch.exp(-x))\n\n"
    values = done(f"{formula}y = 1/(1+torch.exp(-x))\nz = activation(x)\ng = lambda x: 1 - x\nw = g(x)").values
    assert numbers(values["y"]) == numbers(values["z"]) == torch.sigmoid(torch.tensor([-1.0, 0.0, 1.0])).tolist()
    assert printed("x = torch.tensor([-1., 0., 1.])\nx - 1\n-x\nx ** 2\nx / 2") == [
        "tensor([-2., -1.,  0.])",
        "tensor([ 1., -0., -1.])",
        "tensor([1., 0., 1.])",
        "tensor([-0.5000,  0.0000,  0.5000])",
    ]


def test_a_second_name_is_the_same_tensor_and_a_clone_is_not() -> None:
    values = done("a = torch.ones(2)\nb = a\nb.mul_(2)\nc = a.clone()\nc.mul_(2)").values
    assert values["a"].memory is values["b"].memory
    assert numbers(values["a"]) == numbers(values["b"]) == [2, 2]
    assert numbers(values["c"]) == [4, 4]
    anew = done("a = torch.ones(2)\nb = a\na = a * 2").values
    assert (numbers(anew["a"]), numbers(anew["b"])) == ([2, 2], [1, 1])
    in_place = done("a = torch.ones(2)\nb = a\na *= 2").values
    assert (numbers(in_place["a"]), numbers(in_place["b"])) == ([2, 2], [2, 2])


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


def test_print_options_end_with_their_program() -> None:
    done("torch.set_printoptions(precision=8)\nnp.set_printoptions(precision=2)\ntorch.ones(2) / 3\nnp.ones(2) / 3")
    assert printed("torch.ones(1) / 3\nnp.ones(1) / 3") == ["tensor([0.3333])", "array([0.33333333])"]
    assert str(torch.ones(1) / 3) == "tensor([0.3333])"


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


def test_what_is_deleted_is_not_drawn() -> None:
    assert list(done("a = torch.ones(2)\nb = a\na\ndel a").values) == ["b"]


@pytest.mark.parametrize(
    "line",
    [
        "torch.device('cuda' if torch.cuda.is_available() else 'cpu')",
        "torch.device('cuda', 1)",
        "t.to('cpu')",
        "t.to('cpu') is t",
        "t.to(torch.device('cpu'), torch.float64)",
        "t.to(device='cpu', dtype=torch.int64)",
        "t.cpu().device, t.is_cuda, t.is_cpu",
        "t.device.type, t.device.index",
        "t.device == torch.device('cpu')",
        "torch.zeros(2, device='cpu')",
        "torch.zeros_like(t, device=torch.device('cpu'))",
        "torch.arange(3, device=None)",
        "torch.as_tensor(t, device='cpu')",
        "torch.tensor([1.0], device='cpu:0')",
        "torch.div(t, 2, rounding_mode='floor')",
        "torch.manual_seed(7)\ntorch.rand_like(t, device='cpu'), torch.randn(2, device='cpu')",
        "t.to('gpu')",
        "torch.device('gpu')",
        "torch.add(t, t, device='cpu')",
        "torch.device(2.5)",
        "t.device.foo",
        "t.device + 1",
    ],
)
def test_the_cpu_is_a_device_as_in_torch(line: str) -> None:
    lines = ["t = torch.tensor([1.0, -2.5, 3.0])", *line.split("\n")]
    ran = run_for_real(lines)
    told = [
        (each.printed, each.failure and (each.failure.raised, each.failure.words))
        for each in run("\n".join(lines)).lines
    ]
    assert told == list(zip(ran.printed, ran.errors, strict=True))


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


def test_whether_a_gpu_is_there_is_answered_for_the_lab() -> None:
    asked = "torch.cuda.is_available(), torch.cuda.device_count(), torch.backends.mps.is_available()"
    assert printed(asked) == ["(False, 0, False)"]
    assert errors("torch.cuda.synchronize()\ntorch.cuda.nosuch") == [
        "lab-lacks-name",
        "AttributeError: module 'torch.cuda' has no attribute 'nosuch'",
    ]


def test_the_versions_are_told() -> None:
    told = printed("print(torch.__version__, np.__version__)\ntorch.__version__")
    assert told == [f"{torch.__version__} {np.__version__}", repr(str(torch.__version__))]
    assert errors("torch.__path__") == ["lab-lacks-name"]


def test_a_printed_tensor_alone_says_how_to_make_it() -> None:
    (line,) = run("tensor([[-0.1468,  0.7861,  0.9468]])").lines
    assert line.failure is not None
    assert line.failure.words == "name 'tensor' is not defined"
    assert line.failure.hint is not None
    assert line.failure.hint.key == "lab.hint.printed-form"


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


def test_lesson_six_writes_through_a_view_as_it_does_in_python() -> None:
    values = done("row = torch.arange(6)\ntable = row.view(2, 3)\ntable[0, 2] = 99").values
    assert numbers(values["row"]) == [0, 1, 99, 3, 4, 5]
    assert values["row"].memory is values["table"].memory


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


def test_uninitialised_cells_are_marked_through_every_kind_of_function() -> None:
    values = done(
        "a = torch.arange(4)\na.resize_(2, 3)\nb = a + 1\n"
        "c = a.sum(dim=0)\nd = a[1]\ne = torch.cat([a.float(), a.float()])\n"
        "f = a.clone()\nf[1, 1:] = 0\ng = a.float() @ torch.ones(3, 1)\n"
        "h = torch.empty(2)\nh[0] = 1\nn = np.exp(a.numpy())\n"
        "k = a.t().reshape(6)\ns = a.numpy().sum()\no = np.exp(torch.empty(1).numpy())"
    ).values
    both = [[1, 1], [1, 2]]
    for name in ("a", "b", "n"):
        assert marked(values[name]) == both, name
    assert marked(values["c"]) == [[1], [2]]
    assert marked(values["d"]) == [[1], [2]]
    assert marked(values["e"]) == [*both, [3, 1], [3, 2]]
    assert marked(values["f"]) == []
    assert marked(values["g"]) == [[1, 0]]
    assert marked(values["h"]) == [[1]]
    assert marked(values["k"]) == [[3], [5]]
    assert marked(values["s"]) == [[]]
    assert marked(values["o"]) == [[0]]


def test_memory_that_numpy_reads_backwards_is_shared() -> None:
    values = done("n = np.arange(4)\nk = n[::-1]\nk[0] = 9\nt = torch.from_numpy(n[1:])\nt[0] = 7").values
    assert (values["k"].stride, values["k"].offset) == ((-1,), 3)
    assert numbers(values["n"]) == [0, 7, 2, 9]
    assert numbers(values["k"]) == [9, 2, 7, 0]
    assert (values["t"].offset, values["t"].memory is values["n"].memory) == (1, True)


def test_the_global_generators_are_left_alone() -> None:
    torch.manual_seed(1)
    np.random.seed(1)
    expected = torch.randn(3), np.random.rand(3)
    torch.manual_seed(1)
    np.random.seed(1)
    done(
        "torch.manual_seed(9)\nnp.random.seed(9)\n"
        "a = torch.randn(3)\nb = np.random.rand(3)\nr = np.random.default_rng(1)"
    )
    assert torch.equal(torch.randn(3), expected[0])
    assert np.array_equal(np.random.rand(3), expected[1])


# The notebook's first part, topic by topic, in lines of our own.
NOTEBOOK = """\
import torch
import numpy as np

def activation(x):
    \"\"\" Sigmoid: 1 / (1 + exp(-x)) \"\"\"
    return 1 / (1 + torch.exp(-x))

torch.manual_seed(7)  # the same numbers every time
features = torch.randn((1, 5))
weights = torch.randn_like(features)
bias = torch.randn((1, 1))
print(features.shape, weights.shape, bias.shape)
totals = torch.sum(features), weights.sum(), bias.sum()
for total in totals:
    print(f"{total:.4f} {activation(total):.4f}")

y = activation(torch.sum(features * weights) + bias)
y_again = activation((features * weights).sum() + bias)
wrong = torch.mm(features, weights)
column = weights.view(5, 1)
y_product = activation(torch.mm(features, column) + bias)
y_matmul = activation(torch.matmul(features, weights.reshape(5, 1)) + bias)

torch.manual_seed(7)
inputs = torch.randn((1, 3))
n_input = inputs.shape[1]
n_hidden, n_output = 2, 1
W1 = torch.randn(n_input, n_hidden)
W2 = torch.randn(n_hidden, n_output)
B1 = torch.randn((1, n_hidden))
B2 = torch.randn((1, n_output))
h = activation(torch.mm(inputs, W1) + B1)
output = activation(torch.mm(h, W2) + B2)
print(output)

np.random.seed(1)
a = np.random.rand(4, 3)
before = a.copy()
b = torch.from_numpy(a)
b.mul_(4)
same = np.allclose(a, 4 * before)
print(same)
"""


def test_the_notebooks_first_part_is_one_program_with_its_figures() -> None:
    outcome = run(NOTEBOOK)
    values = outcome.values
    assert errors(NOTEBOOK) == ["RuntimeError: mat1 and mat2 shapes cannot be multiplied (1x5 and 1x5)"]
    assert rounded(values["features"]) == notebook.ONE_NEURON_FEATURES
    for name in ("y", "y_again", "y_product", "y_matmul"):
        assert rounded(values[name]) == [notebook.ONE_NEURON_OUTPUT], name
    assert rounded(values["h"], 8) == notebook.HIDDEN_ACTIVATIONS
    assert rounded(values["output"], 8) == [notebook.OUTPUT]
    assert values["a"].memory is values["b"].memory
    shown = [line.printed for line in outcome.lines if line.printed]
    assert shown == [
        "torch.Size([1, 5]) torch.Size([1, 5]) torch.Size([1, 1])\n",
        "2.1626 0.8968\n-1.5621 0.1733\n0.3177 0.5788\n",
        "tensor([[0.3171]])\n",
        "True\n",
    ]


def test_a_dtype_of_numpys_is_what_numpy_says() -> None:
    made = "k = np.ones(2).dtype\n"
    assert printed(f"{made}print(k == float, k != np.float64, k == np.int64, len(k), k)") == [
        "True False False 0 float64"
    ]
    # What it has and the lab has not is said to be missing in the lab, not in NumPy.
    for written in ("k.str", "torch.ones(2).dtype.is_floating_point"):
        (line,) = [each for each in run(f"{made}{written}").lines if each.failure is not None]
        assert line.failure is not None
        assert line.failure.fault is not None
        assert line.failure.fault.key == "lab-lacks-name"
