"""Networks of every shape, dtype and name, for property tests."""

from itertools import pairwise

import torch
from hypothesis import strategies as st
from torch import Tensor

from adelante.formats.tensors import DTYPES
from adelante.network.activations import ACTIVATIONS
from adelante.network.dense.network import DenseLayer, DenseNetwork

NAMES = st.none() | st.text(st.characters(codec="utf-8"), max_size=20)


@st.composite
def networks(draw: st.DrawFn) -> DenseNetwork:
    """One to four layers of one to five neurons, with numbers from torch's generator."""
    dtype = draw(st.sampled_from(list(DTYPES.values())))
    sizes = draw(st.lists(st.integers(1, 5), min_size=2, max_size=5))
    generator = torch.Generator().manual_seed(draw(st.integers(0, 2**32)))
    return DenseNetwork(
        DenseLayer(
            _drawn((n_in, n_out), generator, dtype),
            _drawn((n_out,), generator, dtype),
            draw(st.sampled_from(list(ACTIVATIONS.values()))),
            draw(NAMES),
        )
        for n_in, n_out in pairwise(sizes)
    )


def _drawn(shape: tuple[int, ...], generator: torch.Generator, dtype: torch.dtype) -> Tensor:
    return torch.randn(shape, generator=generator, dtype=torch.float64).to(dtype)


def same(one: DenseNetwork, other: DenseNetwork) -> bool:
    """Whether two networks agree to the last bit, names and activations included."""
    return len(one.layers) == len(other.layers) and all(
        a.weights.dtype == b.weights.dtype
        and torch.equal(a.weights, b.weights)
        and torch.equal(a.biases, b.biases)
        and a.activation is b.activation
        and a.name == b.name
        for a, b in zip(one.layers, other.layers, strict=True)
    )
