"""adelante presets: the networks that come with the product."""

from rich.console import RenderableType
from rich.text import Text

from adelante.network.dense.names import neuron_names
from adelante.network.errors import Fault
from adelante.network.presets import PRESET_NAMES, Preset, preset_named
from app.api.http.problems import Problem
from app.api.routes.catalog import preset_in, preset_list
from app.api.write.encode import encode_json
from app.cli.faults import faults_told
from app.cli.names import layer_heading
from app.cli.numerals import Numerals
from app.cli.output import rendered, write
from app.cli.tables import heading, table
from app.cli.words import Words


def show_presets(words: Words, *, as_json: bool) -> None:
    """Name, sizes and title of each."""
    listed = preset_list(words.language)
    if as_json:
        write(encode_json({"presets": listed}) + b"\n")
        return
    rows = [[each["name"], each["title"], " → ".join(map(str, each["sizes"]))] for each in listed]
    headings = [words("cli.presets.name"), words("cli.presets.title"), words("cli.presets.sizes")]
    write(rendered(table(headings, rows, words=3), "", words("cli.presets.more")))


def show_preset(words: Words, name: str, digits: int, *, as_json: bool) -> None:
    """One preset, whole: inputs to start from, samples, weights and biases."""
    with faults_told(words, as_json=as_json):
        if name not in PRESET_NAMES:
            values = {"name": name[:200], "known": list(PRESET_NAMES)}
            raise Problem("unknown-network", Fault("unknown-network", "unknown-network", "", values))
        preset = preset_named(name)
        if as_json:
            content: str | bytes = encode_json(preset_in(words.language, preset)) + b"\n"
        else:
            content = rendered(*_report(words, preset, Numerals(words.language, digits)))
    write(content)


def _report(words: Words, preset: Preset, numerals: Numerals) -> list[RenderableType]:
    network = preset.network
    names = neuron_names(network.sizes, preset.input_names, preset.output_names)
    parts: list[RenderableType] = [
        heading(preset.name, words(f"preset.{preset.name}.title")),
        Text(words(f"preset.{preset.name}.description")),
        "",
        heading(words("cli.inputs-heading")),
        _inputs(words, preset, numerals),
    ]
    for k, layer in enumerate(network.layers):
        # (n_in, n_out): a row for each value that goes in, a column for each neuron; the biases below.
        rows = [[name, *map(numerals, row)] for name, row in zip(names[k], layer.weights.tolist(), strict=True)]
        rows.append([words("cli.bias"), *map(numerals, layer.biases.tolist())])
        parts += ["", layer_heading(words, network, k), table(["", *names[k + 1]], rows)]
    return parts


def _inputs(words: Words, preset: Preset, numerals: Numerals) -> RenderableType:
    """The inputs to start from, their range, and each sample: a row for each input."""
    samples = [sample.inputs.tolist() for sample in preset.samples]
    rows = []
    for i, (name, start, (low, high), unit) in enumerate(
        zip(preset.input_names, preset.inputs.tolist(), preset.input_ranges, preset.input_units, strict=True)
    ):
        place = words("cli.presets.between", low=numerals(low), high=numerals(high))
        named = f"{name} ({unit})" if unit else name
        rows.append([named, numerals(start), place, *(numerals(sample[i]) for sample in samples)])
    headings = ["", words("cli.presets.start"), words("cli.presets.range"), *(each.name for each in preset.samples)]
    return table(headings, rows)
