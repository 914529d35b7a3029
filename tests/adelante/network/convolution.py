"""A small network of several kinds: a convolution, a choice, a move, a sum of products, a softmax."""

import torch

from adelante.network.network import Input, Layer, Network, Node
from adelante.network.operations import operation_named

SIDE = 4


def convolution(seed: int = 1, dtype: torch.dtype = torch.float32) -> Network:
    """1×4×4 to three shares: conv2d (2 channels, 3×3) with relu, max_pool2d, flatten, dense with softmax."""
    generator = torch.Generator().manual_seed(seed)

    def drawn(*shape: int) -> torch.Tensor:
        return torch.randn(shape, generator=generator, dtype=torch.float64).to(dtype)

    parameters = {
        "layers.0.weights": drawn(2, 1, 3, 3),
        "layers.0.biases": drawn(2),
        "layers.3.weights": drawn(8, 3),
        "layers.3.biases": drawn(3),
    }
    nodes = (
        Node(
            "layers.0.pre_activations",
            operation_named("conv2d", padding=1),
            ("inputs", "layers.0.weights", "layers.0.biases"),
        ),
        Node("layers.0.activations", operation_named("relu"), ("layers.0.pre_activations",)),
        Node("layers.1.activations", operation_named("max_pool2d", kernel_size=2), ("layers.0.activations",)),
        Node("layers.2.activations", operation_named("flatten"), ("layers.1.activations",)),
        Node(
            "layers.3.pre_activations",
            operation_named("dense"),
            ("layers.2.activations", "layers.3.weights", "layers.3.biases"),
        ),
        Node("layers.3.activations", operation_named("softmax"), ("layers.3.pre_activations",)),
    )
    layers = (
        Layer("conv2d", ("layers.0.pre_activations", "layers.0.activations"), "edges"),
        Layer("max_pool2d", ("layers.1.activations",)),
        Layer("flatten", ("layers.2.activations",)),
        Layer("dense", ("layers.3.pre_activations", "layers.3.activations"), "shares"),
    )
    inputs = (Input("inputs", (1, SIDE, SIDE), dtype),)
    return Network(inputs, parameters, nodes, ("layers.3.activations",), layers)


def picture(seed: int = 2, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    """One input of it."""
    drawn = torch.randn((1, SIDE, SIDE), generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return drawn.to(dtype)
