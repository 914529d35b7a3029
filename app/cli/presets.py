"""adelante presets: the networks that come with the product."""

from collections.abc import Sequence
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from adelante.network.dense.names import neuron_names
from adelante.network.dense.network import DenseNetwork
from adelante.network.errors import Fault, NetworkError
from adelante.network.network import Network
from adelante.network.presets import PRESET_NAMES, Preset, preset_named
from app.api.write.called import with_unit
from app.api.write.datasets import word_in
from app.api.write.encode import encode_json
from app.api.write.known import known_in_words
from app.api.write.presets import preset_in, preset_list
from app.cli.faults import faults_told
from app.cli.names import layer_heading
from app.cli.numerals import Numerals
from app.cli.output import rendered, write
from app.cli.show import network_report
from app.cli.tables import heading, table
from app.cli.words import Words


def show_presets(words: Words, *, as_json: bool) -> None:
    """Name, sizes and title of each."""
    listed = preset_list(words.language)
    if as_json:
        write(encode_json({"presets": listed}) + b"\n")
        return
    rows = [[each["name"], each["title"], _sizes(each)] for each in listed]
    headings = [words("cli.presets.name"), words("cli.presets.title"), words("cli.presets.sizes")]
    write(rendered(table(headings, rows, words=3), "", words("cli.presets.more")))


def _sizes(listed: dict[str, Any]) -> str:
    """Of a chain of dense layers its neurons, of any other network the shape of an input."""
    return " → ".join(map(str, listed["sizes"] if "sizes" in listed else [tuple(listed["input_shape"]), "…"]))


def show_preset(words: Words, name: str, digits: int, *, as_json: bool) -> None:
    """One preset, whole: inputs to start from, samples, weights and biases."""
    with faults_told(words, as_json=as_json):
        if name not in PRESET_NAMES:
            values = {"name": name[:200], "known": list(PRESET_NAMES)}
            raise NetworkError(Fault("unknown-network", "unknown-network", "", values))
        preset = preset_named(name)
        if as_json:
            content: str | bytes = encode_json(preset_in(words.language, preset)) + b"\n"
        else:
            content = rendered(*_report(words, preset, Numerals(words.language, digits)))
    write(content)


def _report(words: Words, preset: Preset[Network], numerals: Numerals) -> list[RenderableType]:
    parts: list[RenderableType] = [
        heading(preset.name, words(f"preset.{preset.name}.title")),
        Text(words(f"preset.{preset.name}.description")),
        *([Text(known_in_words(words.language, preset.known))] if preset.known else []),
        "",
    ]
    network = preset.network
    if not isinstance(network, DenseNetwork):
        return parts + network_report(words, preset.name, network, folded=True)
    named = preset_in(words.language, preset)
    names = neuron_names(network.sizes, named["input_names"], named["output_names"])
    parts += [heading(words("cli.inputs-heading")), _inputs(words, preset, names[0], numerals)]
    for k, layer in enumerate(network.layers):
        # (n_in, n_out): a row for each value that goes in, a column for each neuron; the biases below.
        rows = [[name, *map(numerals, row)] for name, row in zip(names[k], layer.weights.tolist(), strict=True)]
        rows.append([words("cli.bias"), *map(numerals, layer.biases.tolist())])
        parts += ["", layer_heading(words, network, k), table(["", *names[k + 1]], rows)]
    return parts


def _inputs(words: Words, preset: Preset[Network], names: Sequence[str], numerals: Numerals) -> RenderableType:
    """The inputs to start from, their range, and each sample: a row for each input."""
    samples = [sample.inputs.tolist() for sample in preset.samples]
    rows = []
    for i, (name, start, (low, high), unit) in enumerate(
        zip(names, preset.inputs.tolist(), preset.input_ranges, preset.input_units, strict=True)
    ):
        place = words("cli.presets.between", low=numerals(low), high=numerals(high))
        rows.append([with_unit(name, unit), numerals(start), place, *(numerals(sample[i]) for sample in samples)])
    headings = [
        "",
        words("cli.presets.start"),
        words("cli.presets.range"),
        *(word_in(words.language, each.name) for each in preset.samples),
    ]
    return table(headings, rows)
