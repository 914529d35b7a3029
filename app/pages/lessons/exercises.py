# mypy: allow-untyped-defs, allow-untyped-calls, allow-incomplete-defs
# ruff: noqa: N806
"""The exercises. What an exercise's program prints last is its answer, so the solution that is shown is what checks.

The words (question, hints, what each slip means) are in the catalogs under exercise.<name>.…
"""

from collections.abc import Callable, Mapping

import numpy as np
import torch

from app.pages.lessons.exercise import Choice, Exercise, Numbers, Shape, Slip
from app.pages.lessons.program import Body

# More lines than any program has.
WHOLE = 99
EXERCISES: dict[str, Exercise] = {}
_NO_SLIPS: Mapping[str, Slip] = {}


def _exercise(
    lesson: str, kind: Numbers | Shape | Choice, slips: Mapping[str, Slip] = _NO_SLIPS, given: int = 0
) -> Callable[[Body], Body]:
    """Makes a program an exercise under its own name. They stand in the order of the lessons' texts."""

    def kept(program: Body) -> Body:
        name = program.__name__.replace("_", "-")
        EXERCISES[name] = Exercise(name, lesson, program, kind, slips, given)
        return program

    return kept


@_exercise("neuron", Numbers("z", tolerance=0.005), slips={"no-bias": -0.5, "sign": 3.75}, given=3)
def neuron_z(print):
    x = torch.tensor([3.0, 2.0])
    w = torch.tensor([0.5, -1.0])
    b = torch.tensor(0.25)
    print(torch.sum(x * w) + b)


@_exercise("neuron", Numbers("y", tolerance=0.005), slips={"zero": 0.0, "one": 1.0})
def sigmoid_zero(print):
    z = torch.tensor(0.0)
    print(1 / (1 + torch.exp(-z)))


@_exercise("neuron", Choice(("−5", "0", "5")), slips={"negative": 0, "none": 1}, given=2)
def neuron_bias(print):
    x = torch.tensor([2.0, 4.0])
    w = torch.tensor([0.5, -0.25])
    for b in (torch.tensor(-5.0), torch.tensor(0.0), torch.tensor(5.0)):
        print(torch.sigmoid(torch.sum(x * w) + b))


@_exercise("tensors", Shape(), slips={"turned": (2, 3)}, given=WHOLE)
def matrix_shape(print):
    table = torch.tensor([[7, 1], [0, 2], [5, 3]])
    print(table.shape)


@_exercise("tensors", Numbers("n", tolerance=0), slips={"pixels": 20.0}, given=WHOLE)
def image_count(print):
    image = torch.zeros((5, 4, 3))
    print(image.numel())


@_exercise("tensors", Numbers("table[1, 2]", tolerance=0), slips={"from-one": 1.0}, given=WHOLE)
def element(print):
    table = torch.arange(12).view(3, 4)
    print(table[1, 2])


@_exercise("seeds", Numbers("x", tolerance=0.0005), slips={"went-on": -0.8948}, given=WHOLE)
def seed_twice(print):
    torch.manual_seed(7)
    torch.randn((1, 5))
    torch.manual_seed(7)
    print(torch.randn((1, 1)))


@_exercise("seeds", Numbers("w1", tolerance=0.0005), slips={"by-name": -0.8948}, given=WHOLE)
def seed_order(print):
    torch.manual_seed(7)
    weights = torch.randn((1, 5))
    torch.randn((1, 5))
    print(weights[0, 0])


@_exercise("seeds", Shape(), slips={"flat": (5,)}, given=WHOLE)
def like_shape(print):
    features = torch.randn((1, 5))
    weights = torch.randn_like(features)
    print(weights.shape)


@_exercise("two-ways", Numbers("y", tolerance=0.0005), slips={"z": -1.6619}, given=4)
def notebook_sum(print):
    torch.manual_seed(7)
    features = torch.randn((1, 5))
    weights = torch.randn_like(features)
    bias = torch.randn((1, 1))
    print(torch.sigmoid(torch.sum(features * weights) + bias))


@_exercise("two-ways", Numbers("sum", tolerance=0), slips={"sign": 12.0}, given=2)
def dot_product(print):
    x = torch.tensor([[1.0, 2.0, 3.0]])
    w = torch.tensor([[4.0], [-1.0], [2.0]])
    print(torch.mm(x, w))


@_exercise("two-ways", Shape(), slips={"outer": (5, 5), "inner": (5,)}, given=2)
def product_shape(print):
    features = torch.ones((1, 5))
    weights = torch.ones((5, 1))
    print(torch.mm(features, weights).shape)


@_exercise("shapes", Shape(), slips={"inner": (4, 4), "turned": (2, 3)}, given=WHOLE)
def result_shape(print):
    left = torch.ones((3, 4))
    right = torch.ones((4, 2))
    print(torch.mm(left, right).shape)


@_exercise("shapes", Choice(("(2, 3)", "(3, 3)", "(4, 3)")), slips={"same": 0, "four": 2}, given=1)
def which_fits(print):
    left = torch.ones((2, 3))
    for shape in ((2, 3), (3, 3), (4, 3)):
        try:
            torch.mm(left, torch.ones(shape))
        except RuntimeError:
            print(0)
        else:
            print(1)


@_exercise("shapes", Shape(), slips={"same": (1, 5), "flat": (5,)}, given=2)
def way_out(print):
    features = torch.ones((1, 5))
    weights = torch.ones((1, 5))
    column = weights.view(5, 1)
    torch.mm(features, column)
    print(column.shape)


@_exercise("reshape", Numbers("z", "y", tolerance=0.0005), given=4)
def notebook_view(print):
    torch.manual_seed(7)
    features = torch.randn((1, 5))
    weights = torch.randn_like(features)
    bias = torch.randn((1, 1))
    z = torch.mm(features, weights.view(5, 1)) + bias
    print(z, torch.sigmoid(z))


@_exercise("reshape", Numbers("a[3]", tolerance=0), slips={"copy": 0.0}, given=WHOLE)
def view_writes(print):
    a = torch.zeros(6)
    b = a.view(2, 3)
    b[1, 0] = 9
    print(a[3])


@_exercise(
    "reshape",
    Choice(("table.view(3, 2)", "table.reshape(6)", "table.T.reshape(6)")),
    slips={"view": 0, "line": 1},
    given=1,
)
def who_copies(print):
    table = torch.arange(6).view(2, 3)
    for other in (table.view(3, 2), table.reshape(6), table.T.reshape(6)):
        print(int(other.data_ptr() != table.data_ptr()))


@_exercise("reshape", Numbers("row.sum()", tolerance=0), slips={"all": 21.0}, given=WHOLE)
def resize_sum(print):
    row = torch.tensor([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    row.resize_(2, 2)
    print(row.sum())


@_exercise("layers", Numbers("y", tolerance=0.0005), slips={"hidden": 0.6813}, given=6)
def notebook_network(print):
    torch.manual_seed(7)
    features = torch.randn((1, 3))
    W1 = torch.randn(3, 2)
    W2 = torch.randn(2, 1)
    B1 = torch.randn((1, 2))
    B2 = torch.randn((1, 1))
    h = torch.sigmoid(torch.mm(features, W1) + B1)
    print(torch.sigmoid(torch.mm(h, W2) + B2))


@_exercise("layers", Shape(), slips={"turned": (2, 1)}, given=WHOLE)
def hidden_shape(print):
    features = torch.ones((1, 3))
    W1 = torch.ones((3, 2))
    print(torch.mm(features, W1).shape)


@_exercise("layers", Shape(), slips={"turned": (3, 4)}, given=1)
def next_weights(print):
    h = torch.ones((1, 4))
    W2 = torch.ones((4, 3))
    torch.mm(h, W2)
    print(W2.shape)


@_exercise("hidden-units", Numbers("n", tolerance=0), slips={"no-bias": 16.0})
def count_parameters(print):
    network = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Linear(4, 1))
    print(sum(p.numel() for p in network.parameters()))


@_exercise("hidden-units", Numbers("y", tolerance=0.05), slips={"or": 1.0})
def xor_one_one(print):
    x = torch.tensor([[1.0, 1.0]])
    h = torch.sigmoid(torch.mm(x, torch.tensor([[8.0, 8.0], [8.0, 8.0]])) + torch.tensor([-4.0, -12.0]))
    print(torch.sigmoid(torch.mm(h, torch.tensor([[10.0], [-10.0]])) + torch.tensor([-5.0])))


@_exercise("hidden-units", Numbers("n", tolerance=0), slips={"one": 1.0, "row": 3.0})
def added_unit(print):
    def parameters(hidden):
        return 3 * hidden + hidden + hidden * 1 + 1

    print(parameters(5) - parameters(4))


@_exercise("numpy", Numbers("a[1]", tolerance=0), slips={"copy": 2.0, "place": 4.0}, given=WHOLE)
def shared_write(print):
    a = np.array([1.0, 2.0, 3.0])
    b = torch.from_numpy(a)
    b.mul_(4)
    print(a[1])


@_exercise("numpy", Numbers("a[1]", tolerance=0), slips={"in-place": 8.0}, given=WHOLE)
def not_in_place(print):
    a = np.array([1.0, 2.0, 3.0])
    b = torch.from_numpy(a)
    b = b * 4
    print(a[1])


@_exercise("numpy", Choice(("torch.float32", "torch.float64", "torch.int64")), slips={"torchs": 0, "whole": 2}, given=2)
def numpy_dtype(print):
    a = np.array([0.5, 1.5])
    b = torch.from_numpy(a)
    for dtype in (torch.float32, torch.float64, torch.int64):
        print(int(b.dtype == dtype))


@_exercise("gpu", Numbers("n", tolerance=0), slips={"result": 300.0}, given=2)
def count_products(print):
    left = torch.ones((10, 20))
    right = torch.ones((20, 30))
    print(left.numel() * right.shape[1])


@_exercise("gpu", Numbers("n", tolerance=0), slips={"numbers": 1e6, "double": 8e6}, given=1)
def bytes_moved(print):
    weights = torch.ones((1000, 1000))
    print(weights.numel() * weights.element_size())


@_exercise("gpu", Numbers("n", tolerance=0), slips={"two": 2.0, "four": 4.0})
def doubled_side(print):
    def multiplications(n):
        return torch.ones((n, n)).numel() * n

    print(multiplications(200) / multiplications(100))
