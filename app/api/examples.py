"""The examples of the OpenAPI document: the notebook's 3-2-1 network, from the preset, so that they stay true."""

from typing import Any

from app.api.encode import array
from app.network.presets import preset_named


def forward_example() -> dict[str, Any]:
    """A request to POST /api/v1/forward whose output is the notebook's 0.3171."""
    preset = preset_named("multilayer")
    layers = [
        {
            "name": layer.name,
            "weights": array(layer.weights).tolist(),
            "biases": array(layer.biases).tolist(),
            "activation": layer.activation.name,
        }
        for layer in preset.network.layers
    ]
    return {"inputs": array(preset.inputs).tolist(), "layers": layers}
