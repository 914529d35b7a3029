"""Drawn parameters of layers of every kind, by torch.nn's own defaults and torch's own generator.

A seed gives the numbers that the modules of torch.nn have when they are made in this order after
torch.manual_seed(seed), each with its default `reset_parameters`.

>>> layers = [
...     Drawing("conv2d", {"in_channels": 1, "out_channels": 8, "kernel_size": 3}),
...     Drawing("max_pool2d"),
...     Drawing("dense", {"in_features": 1352, "out_features": 10}),
... ]
>>> [{name: tuple(tensor.shape) for name, tensor in each.items()} for each in draw_parameters(layers, seed=7)]
[{'weights': (8, 1, 3, 3), 'biases': (8,)}, {}, {'weights': (1352, 10), 'biases': (10,)}]
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any

import torch
from torch import Tensor
from torch.nn import init

from adelante.network.errors import Fault, NetworkError
from adelante.network.operations import OPERATIONS
from adelante.network.operations.operation import Shape
from adelante.network.operations.windows import Ints, each

LARGEST_SEED = 2**64 - 1


@dataclass(frozen=True)
class Drawing:
    """A layer whose parameters are to be drawn.

    `sizes` are named as the arguments of the kind's module in torch.nn: in_features, out_features (dense, linear);
    in_channels, out_channels, kernel_size, groups (convolutions); num_features (batch_norm, instance_norm);
    normalized_shape (layer_norm, rms_norm); num_channels (group_norm); num_embeddings, embedding_dim (embedding);
    num_parameters (prelu). `bias` False leaves out biases and shifts, `affine` False a normalisation's scale and
    shift, too. `SIZES` lists them by kind; a kind that is not there has no parameters, and takes no sizes.
    """

    kind: str
    sizes: Mapping[str, Any] = field(default_factory=dict)
    bias: bool = True
    affine: bool = True


def parameter_shapes(layers: Sequence[Drawing]) -> list[dict[str, Shape]]:
    """The shape of each layer's parameters, by its operands' names; nothing is drawn yet, whatever the sizes.

    Raises NetworkError (unknown-kind, missing-field, unknown-field, out-of-range) with a pointer to each fault.
    """
    faults = [fault for k, layer in enumerate(layers) for fault in _faults(layer, f"/layers/{k}")]
    if faults:
        raise NetworkError(faults)
    return [_shapes(layer) for layer in layers]


def draw_parameters(
    layers: Sequence[Drawing], seed: int, dtype: torch.dtype = torch.float32
) -> list[dict[str, Tensor]]:
    """Each layer's parameters, by its operands' names (weights, biases, mean, variance, scale, shift).

    Those of a dense layer are (n_in, n_out), the notebook's way. Numbers are drawn as float32 and then converted, so a
    seed means the same network in every dtype; float64 draws its own, as torch does. Raises as `parameter_shapes`, and
    NetworkError (out-of-range) for a seed that torch's generator does not take.
    """
    shapes = parameter_shapes(layers)
    if not 0 <= seed <= LARGEST_SEED:
        raise NetworkError(Fault("out-of-range", "seed", "/seed", {"got": str(seed), "last": str(LARGEST_SEED)}))
    generator = torch.Generator().manual_seed(seed)
    drawn_as = dtype if dtype == torch.float64 else torch.float32
    return [
        {name: tensor.to(dtype) for name, tensor in _drawn(layer.kind, wanted, drawn_as, generator).items()}
        for layer, wanted in zip(layers, shapes, strict=True)
    ]


def _drawn(kind: str, shapes: dict[str, Shape], dtype: torch.dtype, generator: torch.Generator) -> dict[str, Tensor]:
    found: dict[str, Tensor] = {}
    for name, shape in shapes.items():
        # torch.nn keeps the weights of a linear layer the other way round, and draws them so.
        tensor = torch.empty(shape[::-1] if (kind, name) == ("dense", "weights") else shape, dtype=dtype)
        if name in _CONSTANT:
            tensor.fill_(0.25 if kind == "prelu" else _CONSTANT[name])
        elif kind == "embedding":
            init.normal_(tensor, generator=generator)
        elif name == "weights":
            init.kaiming_uniform_(tensor, a=math.sqrt(5), generator=generator)
        else:
            weights = shapes["weights"]
            fan_in = weights[0] if kind == "dense" else prod(weights[1:])
            bound = 1 / math.sqrt(fan_in)
            init.uniform_(tensor, -bound, bound, generator=generator)
        found[name] = tensor
    return {name: tensor.t() if (kind, name) == ("dense", "weights") else tensor for name, tensor in found.items()}


_CONSTANT = {"mean": 0.0, "variance": 1.0, "scale": 1.0, "shift": 0.0, "other": 0.25}


def _dense(sizes: Mapping[str, Any]) -> dict[str, Shape]:
    n_in, n_out = sizes["in_features"], sizes["out_features"]
    return {"weights": (n_in, n_out), "biases": (n_out,)}


def _linear(sizes: Mapping[str, Any]) -> dict[str, Shape]:
    n_in, n_out = sizes["in_features"], sizes["out_features"]
    return {"weights": (n_out, n_in), "biases": (n_out,)}


def _convolution(dims: int, transposed: bool) -> Callable[[Mapping[str, Any]], dict[str, Shape]]:
    def shapes(sizes: Mapping[str, Any]) -> dict[str, Shape]:
        kernel: Ints = sizes["kernel_size"]
        n_in, n_out, groups = sizes["in_channels"], sizes["out_channels"], sizes.get("groups", 1)
        between = (n_in, n_out // groups) if transposed else (n_out, n_in // groups)
        return {"weights": (*between, *each(kernel, dims)), "biases": (n_out,)}

    return shapes


def _per_channel(name: str, *roles: str) -> Callable[[Mapping[str, Any]], dict[str, Shape]]:
    return lambda sizes: dict.fromkeys(roles, (sizes[name],))


def _over(*roles: str) -> Callable[[Mapping[str, Any]], dict[str, Shape]]:
    return lambda sizes: dict.fromkeys(roles, each(sizes["normalized_shape"], 1))


_CHANNELS = ("in_channels", "out_channels", "kernel_size")
_SHAPES: dict[str, Callable[[Mapping[str, Any]], dict[str, Shape]]] = {
    "dense": _dense,
    "linear": _linear,
    **{f"conv{dims}d": _convolution(dims, transposed=False) for dims in (1, 2, 3)},
    **{f"conv_transpose{dims}d": _convolution(dims, transposed=True) for dims in (1, 2, 3)},
    "batch_norm": _per_channel("num_features", "mean", "variance", "scale", "shift"),
    "instance_norm": _per_channel("num_features", "scale", "shift"),
    "group_norm": _per_channel("num_channels", "scale", "shift"),
    "layer_norm": _over("scale", "shift"),
    "rms_norm": _over("scale"),
    "embedding": lambda sizes: {"weights": (sizes["num_embeddings"], sizes["embedding_dim"])},
    "prelu": lambda sizes: {"other": (sizes.get("num_parameters", 1),)},
}
SIZES: Mapping[str, tuple[str, ...]] = {
    "dense": ("in_features", "out_features"),
    "linear": ("in_features", "out_features"),
    **{kind: _CHANNELS for kind in _SHAPES if kind.startswith("conv")},
    "batch_norm": ("num_features",),
    "instance_norm": ("num_features",),
    "group_norm": ("num_channels",),
    "layer_norm": ("normalized_shape",),
    "rms_norm": ("normalized_shape",),
    "embedding": ("num_embeddings", "embedding_dim"),
    "prelu": (),
}
"""The sizes that each kind needs, in torch.nn's order."""
OPTIONAL_SIZES: Mapping[str, tuple[str, ...]] = {
    **{kind: ("groups",) for kind in _SHAPES if kind.startswith("conv")},
    "prelu": ("num_parameters",),
}
"""The sizes that may be left out: they are 1 then."""
_SEVERAL = ("kernel_size", "normalized_shape")


def _shapes(layer: Drawing) -> dict[str, Shape]:
    found = _SHAPES[layer.kind](layer.sizes) if layer.kind in _SHAPES else {}
    without = (() if layer.affine else ("scale", "shift")) + (() if layer.bias else ("biases", "shift"))
    return {name: shape for name, shape in found.items() if name not in without}


def _faults(layer: Drawing, pointer: str) -> list[Fault]:
    if layer.kind not in OPERATIONS:
        values = {"name": layer.kind, "known": list(OPERATIONS)}
        return [Fault("unknown-kind", "unknown-kind", f"{pointer}/kind", values)]
    needed, optional = SIZES.get(layer.kind, ()), OPTIONAL_SIZES.get(layer.kind, ())
    known: dict[str, Any] = {"known": [*needed, *optional]}
    faults = [
        Fault("unknown-field", "unknown-field", f"{pointer}/{name}", {**known, "name": name})
        for name in layer.sizes
        if name not in (*needed, *optional)
    ]
    for name in needed:
        if name not in layer.sizes:
            faults.append(Fault("missing-field", "missing-field", pointer, {"name": name}))
    for name in (*needed, *optional):
        if name in layer.sizes and not _positive(layer.sizes[name], several=name in _SEVERAL):
            values = {"name": name, "got": str(layer.sizes[name])[:100]}
            faults.append(Fault("out-of-range", "drawn-size", f"{pointer}/{name}", values))
    if not faults and layer.sizes.get("groups", 1) != 1:
        groups = layer.sizes["groups"]
        faults = [
            Fault("shape-mismatch", "drawn-groups", f"{pointer}/{name}", {"groups": groups, "got": count})
            for name in ("in_channels", "out_channels")
            if (count := layer.sizes[name]) % groups
        ]
    if not faults and layer.kind.startswith("conv") and isinstance(layer.sizes["kernel_size"], tuple | list):
        dims, count = int(layer.kind[-2]), len(layer.sizes["kernel_size"])
        if count not in (1, dims):
            wanted: dict[str, Any] = {"expected": dims, "got": count}
            faults = [Fault("shape-mismatch", "drawn-kernel", f"{pointer}/kernel_size", wanted)]
    return faults


def _positive(size: Any, several: bool) -> bool:
    if several and isinstance(size, tuple | list):
        return bool(size) and all(_positive(one, several=False) for one in size)
    return isinstance(size, int) and not isinstance(size, bool) and 0 < size < 2**31
