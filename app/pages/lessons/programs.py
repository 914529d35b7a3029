# mypy: allow-untyped-defs, allow-untyped-calls, allow-incomplete-defs
# ruff: noqa: N806
"""The programs that the lessons show: the bodies are what a reader sees, in the notebook's words and style."""

import numpy as np
import torch

from app.pages.lessons.program import Body


def one_by_hand(print):
    x = torch.tensor([2.0, 4.0])
    w = torch.tensor([0.5, -0.25])
    b = torch.tensor(0.5)
    z = w[0] * x[0] + w[1] * x[1] + b
    print(z)


def sigmoid_formula(print):
    def activation(x):
        return 1 / (1 + torch.exp(-x))

    print(activation(torch.tensor([-4.0, 0.5, 4.0])))


def ranks(print):
    vector = torch.tensor([0.5, 1.5, 2.5])
    matrix = torch.tensor([[1, 2, 3], [4, 5, 6]])
    image = torch.zeros((4, 6, 3))
    print(vector.shape)
    print(matrix.shape)
    print(image.shape)


def drawn(print):
    torch.manual_seed(7)
    features = torch.randn((1, 5))
    weights = torch.randn_like(features)
    bias = torch.randn((1, 1))
    print(features)
    print(weights)
    print(bias)


def drawn_again(print):
    torch.manual_seed(7)
    print(torch.randn((1, 5)))
    print(torch.randn((1, 5)))


def fifteen_and_sixteen(print):
    for count in (15, 16):
        torch.manual_seed(7)
        print(torch.randn(count)[:4])


def neuron_sums(print):
    def activation(x):
        return 1 / (1 + torch.exp(-x))

    torch.manual_seed(7)
    features = torch.randn((1, 5))
    weights = torch.randn_like(features)
    bias = torch.randn((1, 1))
    print(torch.sum(features), weights.sum(), bias.sum())
    for tensor in (features, weights, bias):
        print(activation(tensor.sum()))


def products(print):
    torch.manual_seed(7)
    features = torch.randn((1, 5))
    weights = torch.randn_like(features)
    print(features * weights)


def does_not_fit(print):
    torch.manual_seed(7)
    features = torch.randn((1, 5))
    weights = torch.randn_like(features)
    print(features.shape, weights.shape)
    torch.mm(features, weights)


def fits(print):
    left = torch.ones((2, 3))
    right = torch.ones((3, 4))
    print(torch.mm(left, right).shape)


def view_shares(print):
    row = torch.arange(6)
    table = row.view(2, 3)
    table[0, 2] = 99
    print(table)
    print(row)


def reshape_copies(print):
    table = torch.arange(6).view(2, 3)
    turned = table.T
    flat = turned.reshape(6)
    flat[0] = 99
    print(flat)
    print(table)


def resize_fewer(print):
    row = torch.arange(6)
    row.resize_(2, 2)
    print(row)
    row.resize_(2, 3)
    print(row)


def hidden_product(print):
    torch.manual_seed(7)
    features = torch.randn((1, 3))
    n_input, n_hidden, n_output = features.shape[1], 2, 1
    W1 = torch.randn(n_input, n_hidden)
    W2 = torch.randn(n_hidden, n_output)
    B1 = torch.randn((1, n_hidden))
    B2 = torch.randn((1, n_output))
    h = torch.sigmoid(torch.mm(features, W1) + B1)
    print(h)
    print(W2.shape, B2.shape)


def xor_corners(print):
    corners = torch.tensor([[0.0, 0], [0, 1], [1, 0], [1, 1]])
    W1 = torch.tensor([[8.0, 8.0], [8.0, 8.0]])
    B1 = torch.tensor([-4.0, -12.0])
    W2 = torch.tensor([[10.0], [-10.0]])
    B2 = torch.tensor([-5.0])
    h = torch.sigmoid(torch.mm(corners, W1) + B1)
    print(torch.sigmoid(torch.mm(h, W2) + B2))


def numpy_shared(print):
    a = np.array(
        [
            [0.67074982, 0.90466332, 0.46128531],
            [0.51230911, 0.18835729, 0.43471674],
            [0.22338983, 0.76382028, 0.67405823],
            [0.82932055, 0.65622593, 0.0371518],
        ]
    )
    b = torch.from_numpy(a)
    b.mul_(4)
    print(a)


def numpy_and_back(print):
    b = torch.ones((2, 2))
    a = b.numpy()
    a += 1
    print(b)


def where(print):
    device = "cuda" if torch.cuda.is_available() else "cpu"
    left = torch.ones((1000, 1000), device=device)
    right = torch.ones((1000, 1000), device=device)
    print(torch.mm(left, right)[0, 0].item())


PROGRAMS: dict[str, Body] = {
    body.__name__.replace("_", "-"): body
    for body in (
        one_by_hand,
        sigmoid_formula,
        ranks,
        drawn,
        drawn_again,
        fifteen_and_sixteen,
        neuron_sums,
        products,
        does_not_fit,
        fits,
        view_shares,
        reshape_copies,
        resize_fewer,
        hidden_product,
        xor_corners,
        numpy_shared,
        numpy_and_back,
        where,
    )
}
