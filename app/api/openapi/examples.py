"""The examples of the OpenAPI document: the notebook's 3-2-1 network, from the preset, so that they stay true."""

from json import loads
from typing import Any, cast

from adelante.formats.json import network_to_document
from adelante.network.presets import chain_named
from app.api.write.encode import array, encode_json


def forward_example() -> dict[str, Any]:
    """A request to POST /api/v1/forward whose output is the notebook's 0.3171."""
    preset = chain_named("multilayer")
    document = {"inputs": array(preset.inputs), "layers": network_to_document(preset.network)["layers"]}
    return cast(dict[str, Any], loads(encode_json(document)))


def picture_example() -> dict[str, Any]:
    """A network of other kinds than dense: a picture of 4 × 4 through a convolution, and what came in added again."""
    edges = [[[[0, 1, 0], [1, -4, 1], [0, 1, 0]]]]
    return {
        "input": {"shape": [1, 4, 4]},
        "layers": [
            {"name": "edges", "kind": "conv2d", "weights": edges, "biases": [0], "padding": 1, "activation": "relu"},
            {"kind": "add", "inputs": ["edges", "inputs"]},
            {"kind": "max_pool2d", "kernel_size": 2},
            {"kind": "flatten"},
            {"weights": [[0.5, -0.5], [0.25, 0.75], [-1, 1], [0, 0.5]], "activation": "softmax"},
        ],
    }
