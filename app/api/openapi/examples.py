"""The examples of the OpenAPI document: the notebook's 3-2-1 network, from the preset, so that they stay true."""

from json import loads
from typing import Any, cast

from adelante.formats.json import network_to_document
from adelante.network.presets import preset_named
from app.api.write.encode import array, encode_json


def forward_example() -> dict[str, Any]:
    """A request to POST /api/v1/forward whose output is the notebook's 0.3171."""
    preset = preset_named("multilayer")
    document = {"inputs": array(preset.inputs), "layers": network_to_document(preset.network)["layers"]}
    return cast(dict[str, Any], loads(encode_json(document)))
