"""What learners write in the lab, as they write it: the same numbers, memory and words as in Python."""

import numpy as np
import pytest
import torch

from tests import notebook
from tests.adelante.tensors.lab import marked, numbers, rounded
from tests.adelante.tensors.programs import done, errors, printed, run
from tests.adelante.tensors.python_itself import run_for_real


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


def test_infinity_and_nan_are_written_as_text() -> None:
    values = done("a = torch.tensor(float('inf'))\nb = -float(' infinity ')\nc = float('nan') != float('nan')").values
    assert numbers(values["a"]) == float("inf")
    assert errors("float('ten')") == ["ValueError: could not convert string to float: 'ten'"]


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


def test_print_options_end_with_their_program() -> None:
    done("torch.set_printoptions(precision=8)\nnp.set_printoptions(precision=2)\ntorch.ones(2) / 3\nnp.ones(2) / 3")
    assert printed("torch.ones(1) / 3\nnp.ones(1) / 3") == ["tensor([0.3333])", "array([0.33333333])"]
    assert str(torch.ones(1) / 3) == "tensor([0.3333])"


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


def test_lesson_six_writes_through_a_view_as_it_does_in_python() -> None:
    values = done("row = torch.arange(6)\ntable = row.view(2, 3)\ntable[0, 2] = 99").values
    assert numbers(values["row"]) == [0, 1, 99, 3, 4, 5]
    assert values["row"].memory is values["table"].memory


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
