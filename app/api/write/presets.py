"""Presets as documents: each on its own, in a language's words, and the list of all."""

from typing import Any

from adelante.formats.json import document_of
from adelante.locale import translate
from adelante.network.dense.network import DenseNetwork
from adelante.network.network import Network
from adelante.network.presets import PRESET_NAMES, Preset, preset_named
from app.api.write.datasets import word_in
from app.api.write.encode import array
from app.api.write.known import known_in_words


def preset_document(preset: Preset[Network], title: str, description: str) -> dict[str, Any]:
    """The whole preset, its numbers as float32 prints them."""
    network = document_of(preset.network)
    parts = {name: network[name] for name in ("layers", "input", "outputs", "batch") if name in network}
    return _beside_layers(preset, title, description) | parts


def _beside_layers(preset: Preset[Network], title: str, description: str) -> dict[str, Any]:
    return {
        "name": preset.name,
        "title": title,
        "description": description,
        "group": preset.group,
        "seed": preset.seed,
        "data_set": preset.data_set,
        "known": preset.known,
        "known_in_words": "",
        "inputs": array(preset.inputs),
        "input_names": preset.input_names,
        "input_ranges": preset.input_ranges,
        "input_units": preset.input_units,
        "output_names": preset.output_names,
        "class_names": preset.class_names,
        "samples": _samples(preset),
    }


def preset_in(language: str, preset: Preset[Network]) -> dict[str, Any]:
    """A preset of the product, titled in a language, its inputs and outputs called by that language's words."""
    title, description = (translate(language, f"preset.{preset.name}.{part}") for part in ("title", "description"))
    return _in_words(language, preset, preset_document(preset, title, description))


def preset_told(language: str, preset: Preset[Network]) -> dict[str, Any]:
    """The same without its layers."""
    title, description = (translate(language, f"preset.{preset.name}.{part}") for part in ("title", "description"))
    return _in_words(language, preset, _beside_layers(preset, title, description))


def _in_words(language: str, preset: Preset[Network], found: dict[str, Any]) -> dict[str, Any]:
    for names in ("input_names", "output_names", "class_names"):
        found[names] = [word_in(language, name) for name in found[names]]
    found["samples"] = _samples(preset, language)
    found["known_in_words"] = known_in_words(language, preset.known)
    return found


def preset_list(language: str) -> list[dict[str, Any]]:
    """Name, title, group, shape and units of the inputs of every preset, and sample inputs where they are short."""
    return [_listed(language, preset_named(name)) for name in PRESET_NAMES]


def _listed(language: str, preset: Preset[Network]) -> dict[str, Any]:
    network = preset.network
    chain = isinstance(network, DenseNetwork)
    return {
        "name": preset.name,
        "title": translate(language, f"preset.{preset.name}.title"),
        "description": translate(language, f"preset.{preset.name}.description"),
        "known_in_words": known_in_words(language, preset.known),
        "group": preset.group,
        "input_shape": list(preset.inputs.shape),
        **({"sizes": list(network.sizes)} if isinstance(network, DenseNetwork) else {}),
        "input_units": preset.input_units,
        "data_set": preset.data_set,
        "class_names": [word_in(language, name) for name in preset.class_names],
        "samples": _samples(preset, language) if chain else [],
    }


def _samples(preset: Preset[Network], language: str | None = None) -> list[dict[str, Any]]:
    return [
        {"name": word_in(language, sample.name) if language else sample.name, "inputs": array(sample.inputs)}
        for sample in preset.samples
    ]
