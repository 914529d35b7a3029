"""adelante forward: a pass, layer by layer."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from rich.console import RenderableType
from torch import Tensor

from adelante.network.dense.forward import DenseTrace
from adelante.network.dense.names import neuron_names
from adelante.network.errors import Fault
from app.api.http.problems import Problem
from app.api.write.encode import encode_trace
from app.cli.faults import faults_told
from app.cli.files import STANDARD
from app.cli.names import layer_heading
from app.cli.notes import tell_notes
from app.cli.numerals import Numerals
from app.cli.output import rendered, visible, write
from app.cli.settings import read_settings
from app.cli.source import Source, Wanted, read_source
from app.cli.tables import heading, left_out, table
from app.cli.words import Words
from app.compute.content import Content
from app.compute.devices import name_of
from app.compute.limits import Limits
from app.compute.service import ComputeService
from app.settings import Settings


@dataclass(frozen=True, slots=True)
class ForwardOptions:
    """What the command line says; None is what the file says, or the default. `rows` of 0 are all rows."""

    device: str | None
    trace: bool | None
    digits: int
    rows: int
    as_json: bool


def show_forward(words: Words, wanted: Wanted, options: ForwardOptions) -> None:
    """The pass's every z and a, or its outputs alone, as tables or as the API's document."""
    settings = read_settings(words)
    with faults_told(words, as_json=options.as_json):
        source = read_source(words, settings, wanted)
        tell_notes(words, source)
        layers = not source.outputs_only if options.trace is None else options.trace
        if source.inputs is None:
            raise Problem(
                "missing-field", Fault("missing-field", "no-inputs", "/inputs", {"n_in": source.network.n_in})
            )
        place = options.device or source.device
        content: str | bytes
        if options.as_json:
            encode = partial(encode_trace, source.network, limits=Limits(settings), layers=layers)
            answer: bytes | Content = _pass(settings, source, source.inputs, place, encode)
            content = (answer if isinstance(answer, bytes) else b"".join(answer.take())) + b"\n"
        else:
            trace = _pass(settings, source, source.inputs, place, lambda t: t)
            content = rendered(*_report(words, source, source.inputs, trace, options, layers=layers))
    write(content)


def _pass(settings: Settings, source: Source, inputs: Tensor, device: str, finish: Callable[[DenseTrace], Any]) -> Any:
    """One pass by the service's own rules: where it runs, and how large it may be."""
    compute = ComputeService(settings)
    try:
        return asyncio.run(compute.forward(source.network, inputs, finish, device=device))
    finally:
        compute.close()


def _report(
    words: Words, source: Source, inputs: Tensor, trace: DenseTrace, options: ForwardOptions, *, layers: bool
) -> list[RenderableType]:
    network, numerals = source.network, Numerals(words.language, options.digits)
    names = neuron_names(network.sizes, source.input_names, source.output_names)
    sizes = " → ".join(map(str, network.sizes))
    parts: list[RenderableType] = [
        heading(
            words("cli.standard-input") if source.name == STANDARD else visible(source.name),
            f"{sizes} · {name_of(network.dtype)} · {trace.outputs.device}",
        ),
    ]
    if layers:
        parts += ["", heading(words("cli.inputs-heading"), _shape(inputs))]
        parts += _columns(words, names[0], {"": inputs}, numerals, options.rows)
        for k in range(len(network.layers)):
            parts += ["", layer_heading(words, network, k)]
            values = {"z": trace.pre_activations[k], "a": trace.activations[k]}
            parts += _columns(words, names[k + 1], values, numerals, options.rows)
    parts += ["", heading(words("cli.outputs-heading"), _shape(trace.outputs))]
    parts += _columns(words, names[-1], {"": trace.outputs}, numerals, options.rows)
    return parts


def _shape(tensor: Tensor) -> str:
    return str(tuple(tensor.shape))


def _columns(
    words: Words, names: tuple[str, ...], columns: dict[str, Tensor], numerals: Numerals, limit: int
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
