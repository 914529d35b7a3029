"""Networks that hypothesis draws, and how near to each other two ways to the same number come."""

from functools import partial
from itertools import pairwise

import torch
from hypothesis import strategies as st
from torch import Tensor

from adelante.network.activations import ACTIVATIONS
from adelante.network.dense.network import DenseLayer, DenseNetwork

assert_close = partial(torch.testing.assert_close, rtol=1e-5, atol=1e-6)


@st.composite
def networks(draw: st.DrawFn, dtype: torch.dtype = torch.float32) -> tuple[DenseNetwork, Tensor]:
    """A drawn network of 1 to 3 layers with inputs (n_in,) for it."""
    sizes = draw(st.lists(st.integers(1, 6), min_size=2, max_size=4))
    generator = torch.Generator().manual_seed(draw(st.integers(0, 2**32)))
    layers = [
        DenseLayer(
            torch.randn(n_in, n_out, generator=generator, dtype=dtype),
            torch.randn(n_out, generator=generator, dtype=dtype),
            ACTIVATIONS[draw(st.sampled_from(sorted(ACTIVATIONS)))],
        )
        for n_in, n_out in pairwise(sizes)
    ]
    return DenseNetwork(layers), torch.randn(sizes[0], generator=generator, dtype=dtype)
