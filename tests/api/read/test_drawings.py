"""What a layer says of parameters that are to be drawn, and what is left of it when they are."""

from typing import Any

import pytest

from adelante.network.errors import NetworkError
from adelante.network.operations import OPERATIONS
from adelante.network.random import Drawing
from app.api.read.drawings import drawing_of, drawings_of

CONVOLUTION = {"kind": "conv2d", "in_channels": 4, "out_channels": 2, "kernel_size": [3.0, 1], "groups": 2}
NORM = {"kind": "batch_norm", "num_features": 3}


@pytest.mark.parametrize(
    ("layer", "drawing", "left"),
    [
        (
            {"in_features": 2.0, "out_features": 1, "activation": "relu"},
            Drawing("dense", {"in_features": 2, "out_features": 1}),
            {"activation": "relu"},
        ),
        (
            {**CONVOLUTION, "bias": False},
            Drawing("conv2d", {"in_channels": 4, "out_channels": 2, "kernel_size": (3, 1), "groups": 2}, bias=False),
            {"kind": "conv2d", "groups": 2},
        ),
        (
            {**NORM, "affine": False, "eps": 0.1},
            Drawing("batch_norm", {"num_features": 3}, affine=False),
            {"kind": "batch_norm", "eps": 0.1},
        ),
        (
            {"kind": "layer_norm", "normalized_shape": 3},
            Drawing("layer_norm", {"normalized_shape": 3}),
            {"kind": "layer_norm", "normalized_shape": 3},
        ),
        ({"kind": "prelu", "bias": None, "name": None}, Drawing("prelu"), {"kind": "prelu"}),
        ({"kind": "relu", "bias": 1}, Drawing("relu"), {"kind": "relu", "bias": 1}),
        ({"kind": "dense", "in_features": "two"}, Drawing("dense", {"in_features": "two"}), {"kind": "dense"}),
    ],
)
def test_a_layer_says_what_is_drawn_for_it(layer: dict[str, Any], drawing: Drawing, left: dict[str, Any]) -> None:
    given = dict(layer)
    assert drawing_of(layer, "/layers/0") == (drawing, left)
    assert repr(drawing_of(layer, "/layers/0")[0]) == repr(drawing), "2.0 is a size of 2"
    assert layer == given, "who asked keeps what was asked"
    assert drawings_of([layer, {"kind": "relu"}]) == ([drawing, Drawing("relu")], [left, {"kind": "relu"}])


@pytest.mark.parametrize(
    ("layer", "type_", "key", "pointer", "values"),
    [
        ({"kind": "n" * 101}, "unknown-kind", "unknown-kind", "kind", {"name": "n" * 100, "known": list(OPERATIONS)}),
        ({"kind": ["relu"]}, "unknown-kind", "unknown-kind", "kind", {"name": "['relu']", "known": list(OPERATIONS)}),
        ({"kind": "prelu", "bias": 0}, "invalid-value", "boolean-expected", "bias", {"name": "bias"}),
        ({"kind": "batch_norm", "affine": "no"}, "invalid-value", "boolean-expected", "affine", {"name": "affine"}),
    ],
)
def test_what_can_not_be_drawn_is_told_at_its_layer(
    layer: dict[str, Any], type_: str, key: str, pointer: str, values: dict[str, Any]
) -> None:
    with pytest.raises(NetworkError) as caught:
        drawings_of([{"kind": "relu"}, layer])
    (fault,) = caught.value.faults
    assert (fault.type, fault.key, fault.pointer) == (type_, key, f"/layers/1/{pointer}")
    assert fault.values == values
