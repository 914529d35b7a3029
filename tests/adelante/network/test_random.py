"""Drawn parameters are those of torch.nn's modules, made in the same order from the same seed."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from adelante.network.errors import NetworkError
from adelante.network.operations import OPERATIONS
from adelante.network.random import SIZES, Drawing, draw_parameters, parameter_shapes

Made = Callable[[], nn.Module]
_CHANNELS = {"in_channels": 4, "out_channels": 6, "kernel_size": 3}
CASES: dict[str, tuple[Drawing, Made]] = {
    "dense": (Drawing("dense", {"in_features": 5, "out_features": 3}), lambda: nn.Linear(5, 3)),
    "dense without biases": (
        Drawing("dense", {"in_features": 5, "out_features": 3}, bias=False),
        lambda: nn.Linear(5, 3, bias=False),
    ),
    "linear": (Drawing("linear", {"in_features": 5, "out_features": 3}), lambda: nn.Linear(5, 3)),
    "conv1d": (Drawing("conv1d", _CHANNELS), lambda: nn.Conv1d(4, 6, 3)),
    "conv2d": (Drawing("conv2d", {**_CHANNELS, "groups": 2}), lambda: nn.Conv2d(4, 6, 3, groups=2)),
    "conv2d of two sizes": (
        Drawing("conv2d", {**_CHANNELS, "kernel_size": (3, 2)}, bias=False),
        lambda: nn.Conv2d(4, 6, (3, 2), bias=False),
    ),
    "conv3d": (Drawing("conv3d", _CHANNELS), lambda: nn.Conv3d(4, 6, 3)),
    "conv_transpose1d": (Drawing("conv_transpose1d", _CHANNELS), lambda: nn.ConvTranspose1d(4, 6, 3)),
    "conv_transpose2d": (
        Drawing("conv_transpose2d", {**_CHANNELS, "groups": 2}),
        lambda: nn.ConvTranspose2d(4, 6, 3, groups=2),
    ),
    "conv_transpose3d": (Drawing("conv_transpose3d", _CHANNELS), lambda: nn.ConvTranspose3d(4, 6, 3)),
    "batch_norm": (Drawing("batch_norm", {"num_features": 4}), lambda: nn.BatchNorm2d(4)),
    "batch_norm alone": (
        Drawing("batch_norm", {"num_features": 4}, affine=False),
        lambda: nn.BatchNorm1d(4, affine=False),
    ),
    "instance_norm": (Drawing("instance_norm", {"num_features": 4}), lambda: nn.InstanceNorm2d(4, affine=True)),
    "group_norm": (Drawing("group_norm", {"num_channels": 4}), lambda: nn.GroupNorm(2, 4)),
    "layer_norm": (Drawing("layer_norm", {"normalized_shape": (3, 4)}), lambda: nn.LayerNorm([3, 4])),
    "layer_norm without shift": (
        Drawing("layer_norm", {"normalized_shape": 4}, bias=False),
        lambda: nn.LayerNorm(4, bias=False),
    ),
    "rms_norm": (Drawing("rms_norm", {"normalized_shape": (4,)}), lambda: nn.RMSNorm(4)),
    "embedding": (
        Drawing("embedding", {"num_embeddings": 7, "embedding_dim": 3}),
        lambda: nn.Embedding(7, 3),
    ),
    "prelu": (Drawing("prelu", {"num_parameters": 3}), lambda: nn.PReLU(3)),
}
_NAMES = {
    "weights": "weight",
    "biases": "bias",
    "mean": "running_mean",
    "variance": "running_var",
    "scale": "weight",
    "shift": "bias",
    "other": "weight",
}


def _same(drawing: Drawing, drawn: dict[str, Tensor], module: nn.Module) -> None:
    kept = {name: tensor for name, tensor in module.state_dict().items() if name != "num_batches_tracked"}
    assert {_NAMES[name] for name in drawn} == set(kept)
    for name, tensor in drawn.items():
        wanted = kept[_NAMES[name]]
        assert torch.equal(tensor, wanted.t() if drawing.kind == "dense" and name == "weights" else wanted), name


@pytest.mark.parametrize("name", CASES)
def test_a_layer_is_drawn_as_torch_draws_its_module(name: str) -> None:
    drawing, make = CASES[name]
    torch.manual_seed(11)
    module = make()
    (drawn,) = draw_parameters([drawing], 11)
    _same(drawing, drawn, module)
    assert [{name: tuple(tensor.shape) for name, tensor in drawn.items()}] == parameter_shapes([drawing])


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_a_network_is_drawn_as_its_modules_one_after_the_other(dtype: torch.dtype) -> None:
    torch.manual_seed(2**40)
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64 if dtype == torch.float64 else torch.float32)
    try:
        modules = [make().to(dtype) for _, make in CASES.values()]
    finally:
        torch.set_default_dtype(before)
    state = torch.get_rng_state()
    drawn = draw_parameters([drawing for drawing, _ in CASES.values()], 2**40, dtype)
    assert torch.equal(torch.get_rng_state(), state), "a generator of its own is used"
    for (drawing, _), found, module in zip(CASES.values(), drawn, modules, strict=True):
        _same(drawing, found, module)


def test_every_kind_with_parameters_is_drawn() -> None:
    """What an operation calls weights, biases, scale, shift, mean or variance is no one else's to give."""
    own = {"weights", "biases", "scale", "shift", "mean", "variance"}
    with_own = {kind for kind, made in OPERATIONS.items() if own & set(getattr(made, "OPERANDS", ()))}
    assert with_own | {"prelu"} == set(SIZES) == {drawing.kind for drawing, _ in CASES.values()}
    assert draw_parameters([Drawing("relu"), Drawing("max_pool2d")], 0) == [{}, {}]


@pytest.mark.parametrize(
    ("drawing", "fault"),
    [
        (Drawing("conv4d"), ("unknown-kind", "/layers/0/kind")),
        (Drawing("conv2d", {"in_channels": 1, "out_channels": 2}), ("missing-field", "/layers/0")),
        (Drawing("relu", {"size": 1}), ("unknown-field", "/layers/0/size")),
        (Drawing("dense", {"in_features": 0, "out_features": 2}), ("out-of-range", "/layers/0/in_features")),
        (Drawing("dense", {"in_features": True, "out_features": 2}), ("out-of-range", "/layers/0/in_features")),
        (Drawing("layer_norm", {"normalized_shape": ()}), ("out-of-range", "/layers/0/normalized_shape")),
        (Drawing("conv1d", {**_CHANNELS, "groups": 3}), ("shape-mismatch", "/layers/0/in_channels")),
        (Drawing("conv1d", {**_CHANNELS, "kernel_size": (3, 3)}), ("shape-mismatch", "/layers/0/kernel_size")),
    ],
)
def test_what_cannot_be_drawn_is_said(drawing: Drawing, fault: tuple[str, str]) -> None:
    with pytest.raises(NetworkError) as refused:
        draw_parameters([drawing], 0)
    assert [(each.type, each.pointer) for each in refused.value.faults] == [fault]


def test_a_seed_is_one_that_torch_takes() -> None:
    for seed in (-1, 2**64):
        with pytest.raises(NetworkError) as refused:
            draw_parameters([], seed)
        assert refused.value.faults[0].pointer == "/seed"


def test_the_shapes_of_what_is_too_large_cost_nothing() -> None:
    huge = Drawing("dense", {"in_features": 2**30, "out_features": 2**30})
    assert parameter_shapes([huge]) == [{"weights": (2**30, 2**30), "biases": (2**30,)}]
