"""A pass of a network of any kind: what each layer gives in a line, and the outputs number by number."""

from itertools import islice, product

from rich.console import RenderableType
from torch import Tensor

from adelante.formats.literals import quoted
from adelante.network.network import Layer, Network
from adelante.network.trace import Trace
from app.cli.layers_tree import kinds_of
from app.cli.names import class_said
from app.cli.numerals import Numerals
from app.cli.output import visible
from app.cli.source import Source
from app.cli.tables import Column, columns, heading, left_out
from app.cli.words import Words
from app.compute.devices import name_of


def general_report(
    words: Words, name: str, source: Source, trace: Trace, numerals: Numerals, limit: int, *, layers: bool
) -> list[RenderableType]:
    """With `layers` each one's shape, smallest, mean and largest number; the outputs, no more than `limit` rows."""
    network = source.network
    first = trace[network.outputs[0]]
    parts: list[RenderableType] = [heading(name, f"{name_of(first.dtype)} · {first.device}")]
    if layers:
        parts += ["", _layers(words, network, trace, numerals)]
    for output in network.outputs:
        value = trace[output]
        parts += ["", heading(words("cli.outputs-heading"), f"{visible(output)} {tuple(value.shape)}")]
        parts += _numbers(words, value, numerals, limit)
    return [*parts, *class_said(words, first, source.called)]


def _layers(words: Words, network: Network, trace: Trace, numerals: Numerals) -> RenderableType:
    rows = [_layer(k, layer, network, trace, numerals) for k, layer in enumerate(network.layers)]
    listed = [
        Column("K", right=True),
        Column(words("cli.forward.layer"), style="cyan", shrinks=True),
        Column(words("cli.show.shape")),
        Column(words("cli.forward.smallest"), right=True),
        Column(words("cli.forward.mean"), right=True),
        Column(words("cli.forward.largest"), right=True),
    ]
    return columns(listed, rows)


def _layer(k: int, layer: Layer, network: Network, trace: Trace, numerals: Numerals) -> tuple[str, ...]:
    value = trace[layer.nodes[-1]]
    named = quoted(layer.name) if layer.name else visible(layer.module or "")
    kinds = " → ".join(kinds_of(network, layer))
    wide = value.double()
    numbers = (numerals(float(each)) for each in (wide.min(), wide.mean(), wide.max()))
    return (str(k), f"{kinds}  {named}".rstrip(), str(tuple(value.shape)), *numbers)


def _numbers(words: Words, value: Tensor, numerals: Numerals, limit: int) -> list[RenderableType]:
    """Each number with its place; the first ones where they are many."""
    count = value.numel()
    shown = min(limit or count, count)
    places = islice(product(*(range(size) for size in value.shape)), shown)
    whole = not value.is_floating_point()
    rows = [
        (",".join(map(str, place)), str(int(number)) if whole else numerals(number))
        for place, number in zip(places, value.reshape(-1)[:shown].tolist(), strict=True)
    ]
    return [columns([Column("", style="cyan"), Column("", right=True)], rows), *left_out(words, count - shown)]
