"""A pass of a chain of dense layers: every neuron's z and a, by name."""

from collections.abc import Mapping

from rich.console import RenderableType
from torch import Tensor

from adelante.network.dense.names import neuron_names
from adelante.network.dense.network import DenseNetwork
from adelante.network.trace import Trace
from app.api.write.datasets import word_in
from app.cli.names import class_said, layer_heading
from app.cli.numerals import Numerals
from app.cli.source import Source
from app.cli.tables import heading, left_out, table
from app.cli.words import Words
from app.compute.devices import name_of


def dense_report(
    words: Words,
    name: str,
    source: Source,
    inputs: Tensor,
    trace: Trace,
    numerals: Numerals,
    limit: int,
    *,
    layers: bool,
) -> list[RenderableType]:
    """Inputs, z and a of each layer with `layers`, outputs; of each table no more than `limit` rows, 0 for all."""
    network = source.network
    assert isinstance(network, DenseNetwork)
    own = [[word_in(words.language, name) for name in each] for each in (source.input_names, source.output_names)]
    names = neuron_names(network.sizes, *map(tuple, own))
    sizes = " → ".join(map(str, network.sizes))
    outputs = trace.activations[-1]
    parts: list[RenderableType] = [heading(name, f"{sizes} · {name_of(network.dtype)} · {outputs.device}")]
    if layers:
        parts += ["", heading(words("cli.inputs-heading"), _shape(inputs))]
        measured = source.called.measured if source.called else names[0]
        parts += _columns(words, measured, {"": inputs}, numerals, limit)
        for k in range(len(network.layers)):
            parts += ["", layer_heading(words, network, k)]
            values = {"z": trace.pre_activations[k], "a": trace.activations[k]}
            parts += _columns(words, names[k + 1], values, numerals, limit)
    parts += ["", heading(words("cli.outputs-heading"), _shape(outputs))]
    parts += _columns(words, names[-1], {"": outputs}, numerals, limit)
    return [*parts, *class_said(words, outputs, source.called)]


def _shape(tensor: Tensor) -> str:
    return str(tuple(tensor.shape))


def _columns(
    words: Words, names: tuple[str, ...], columns: Mapping[str, Tensor], numerals: Numerals, limit: int
) -> list[RenderableType]:
    """A row for each neuron, or for each neuron of each input vector; a column for each quantity."""
    quantities = list(columns.values())
    batch, count = quantities[0].dim() == 2, quantities[0].numel()
    shown = min(limit or count, count)
    flat = [quantity.reshape(-1)[:shown].tolist() for quantity in quantities]
    rows = []
    for place, numbers in enumerate(zip(*flat, strict=True)):
        row, neuron = divmod(place, len(names))
        number = [str(row) if neuron == 0 else ""] if batch else []
        rows.append([*number, names[neuron], *map(numerals, numbers)])
    headings = [*([words("cli.row")] if batch else []), words("cli.neuron") if any(columns) else "", *columns]
    return [table(headings, rows, words=2 if batch else 1), *left_out(words, count - shown)]
