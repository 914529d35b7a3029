"""Networks of other kinds than dense chains, as files; built by hand, since to trace one takes seconds."""

from pathlib import Path

import torch

from adelante.formats.safetensors import network_to_safetensors
from adelante.network.network import Input, Layer, Network, Node
from adelante.network.operations import Operation, operation_named

Built = tuple[str, str | None, Operation, tuple[str, ...]]


def digits() -> Network:
    """A convolution with its normalisation, pooling, a linear layer, softmax: pictures of 6 by 6 in three classes."""
    draws = torch.Generator().manual_seed(3)

    def drawn(*shape: int) -> torch.Tensor:
        return torch.randn(shape, generator=draws)

    parameters = {
        "layers.0.weights": drawn(2, 1, 3, 3),
        "layers.0.biases": drawn(2),
        "layers.1.mean": drawn(2),
        "layers.1.variance": drawn(2).abs() + 0.5,
        "layers.1.scale": drawn(2),
        "layers.1.shift": drawn(2),
        "layers.4.weights": drawn(8, 3),
        "layers.4.biases": drawn(3),
    }
    nodes = (
        _node("layers.0.activations", operation_named("conv2d"), "inputs", "layers.0.weights", "layers.0.biases"),
        _node(
            "layers.1.pre_activations",
            operation_named("batch_norm"),
            "layers.0.activations",
            *(f"layers.1.{name}" for name in ("mean", "variance", "scale", "shift")),
        ),
        _node("layers.1.activations", operation_named("relu"), "layers.1.pre_activations"),
        _node("layers.2.activations", operation_named("max_pool2d", kernel_size=2), "layers.1.activations"),
        _node("layers.3.activations", operation_named("flatten"), "layers.2.activations"),
        _node(
            "layers.4.activations",
            operation_named("dense"),
            "layers.3.activations",
            "layers.4.weights",
            "layers.4.biases",
        ),
        _node("layers.5.activations", operation_named("softmax", dim=-1), "layers.4.activations"),
    )
    layers = (
        Layer("conv2d", ("layers.0.activations",), "edges", "features.conv", "net.py:9: x = self.conv(x)"),
        Layer("batch_norm", ("layers.1.pre_activations", "layers.1.activations"), None, "features.norm"),
        Layer("max_pool2d", ("layers.2.activations",)),
        Layer("flatten", ("layers.3.activations",)),
        Layer("dense", ("layers.4.activations",), None, "out"),
        Layer("softmax", ("layers.5.activations",)),
    )
    return Network((Input("inputs", (1, 6, 6)),), parameters, nodes, ("layers.5.activations",), layers)


def twins() -> Network:
    """Two inputs, one of them whole numbers, and two outputs."""
    parameters = {"layers.0.weights": torch.arange(10.0).reshape(5, 2)}
    nodes = (
        _node("layers.0.activations", operation_named("embedding"), "layers.0.weights", "inputs.ids"),
        _node("layers.1.activations", operation_named("mul"), "layers.0.activations", "inputs.gate"),
        _node("layers.2.activations", operation_named("gt", other=3.0), "layers.1.activations"),
    )
    layers = tuple(Layer(node.operation.kind, (node.name,)) for node in nodes)
    inputs = (Input("inputs.ids", (3,), torch.int64), Input("inputs.gate", (3, 2)))
    return Network(inputs, parameters, nodes, ("layers.1.activations", "layers.2.activations"), layers)


def _node(name: str, operation: Operation, *inputs: str) -> Node:
    return Node(name, operation, inputs)


def saved(network: Network, path: Path) -> Path:
    path.write_bytes(network_to_safetensors(network))
    return path
