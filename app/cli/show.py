"""adelante show: the layers of a network, as a tree by module."""

from typing import Any

import torch
from babel.numbers import format_compact_decimal, format_decimal
from rich.console import RenderableType
from rich.text import Text

from adelante.formats.literals import quoted
from adelante.network.network import Input, Layer, Network
from app.api.write.encode import encode_json
from app.cli.faults import faults_told
from app.cli.files import STANDARD
from app.cli.layers_tree import Fold, Item, Leaf, kinds_of, tree_of
from app.cli.notes import tell_notes
from app.cli.output import rendered, visible, write
from app.cli.settings import read_settings
from app.cli.source import Wanted, read_source
from app.cli.tables import Column, columns, heading
from app.cli.words import Words

Row = tuple[str, str, str, str, str]
_BATCHES = {"any": "cli.show.batch-any", "one": "cli.show.batch-one", "none": "cli.show.batch-none"}


def show_network(words: Words, wanted: Wanted, *, folded: bool, as_json: bool) -> None:
    """Layers, kinds, shapes, parameters, and what goes in and comes out."""
    settings = read_settings(words)
    with faults_told(words, as_json=as_json):
        source = read_source(words, settings, wanted)
        tell_notes(words, source)
        name = words("cli.standard-input") if source.name == STANDARD else visible(source.name)
        if as_json:
            content: str | bytes = encode_json(network_in(source.network)) + b"\n"
        else:
            content = rendered(*network_report(words, name, source.network, folded=folded))
    write(content)


def network_in(network: Network) -> dict[str, Any]:
    """The same as a document: each layer's parameters with their shapes, and where it stands in its author's code."""
    return {
        "inputs": [
            {"name": each.name, "shape": list(each.shape), "dtype": name_of(each.dtype)} for each in network.inputs
        ],
        "batch": network.batch,
        "outputs": [{"name": name, "shape": list(network.shapes[name])} for name in network.outputs],
        "layers": [_layer_in(network, k, layer) for k, layer in enumerate(network.layers)],
        "parameters": network.size,
        "buffers": network.size - network.learned,
        "cost": network.cost,
    }


def _layer_in(network: Network, k: int, layer: Layer) -> dict[str, Any]:
    nodes = [network.by_name[name] for name in layer.nodes]
    kind, *activations = kinds_of(network, layer)
    taken = [name for node in nodes for name in node.inputs]
    return {
        "index": k,
        "name": layer.name,
        "kind": kind,
        "activation": activations[-1] if activations else "identity",
        "module": layer.module,
        "source": layer.source,
        "inputs": [name for name in taken if name not in network.parameters and name not in layer.nodes],
        "shape": list(network.shapes[layer.nodes[-1]]),
        "parameters": {name: list(network.parameters[name].shape) for name in taken if name in network.parameters},
    }


def name_of(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def network_report(words: Words, name: str, network: Network, *, folded: bool) -> list[RenderableType]:
    """What goes in, the layers as a tree by module, what comes out."""
    count = len(network.layers)
    kept = network.size - network.learned
    sizes = [
        words("cli.show.layers", count=_whole(words, count)),
        words("cli.show.parameters", count=_whole(words, network.learned)),
        *([words("cli.show.buffers", count=_whole(words, kept))] if kept else []),
        words("cli.show.cost", count=format_compact_decimal(network.cost, locale=words.language, fraction_digits=1)),
    ]
    parts: list[RenderableType] = [heading(name, " · ".join(sizes)), ""]
    parts += [_given(words, network, each) for each in network.inputs]
    parts += ["", _layers(words, network, folded=folded), ""]
    parts += [_named(words, name, network.shapes[name]) for name in network.outputs]
    return parts


def _given(words: Words, network: Network, given: Input) -> RenderableType:
    said = words(_BATCHES[network.batch])
    return Text.assemble(
        ("→ ", "dim"), (visible(given.name), "cyan"), f"  {given.shape}  {name_of(given.dtype)}, {said}"
    )


def _named(words: Words, name: str, shape: tuple[int, ...]) -> RenderableType:
    return Text.assemble(("← ", "dim"), (visible(name), "cyan"), f"  {shape}", (f"  {words('cli.show.output')}", "dim"))


def _layers(words: Words, network: Network, *, folded: bool) -> RenderableType:
    rows: list[Row] = []
    _add(words, network, tree_of(network, folded=folded), 0, rows)
    return columns(
        [
            Column("K", right=True),
            Column(words("cli.show.module"), style="cyan", shrinks=True),
            Column(words("cli.show.kind")),
            Column(words("cli.show.shape")),
            Column(words("cli.show.numbers"), right=True),
        ],
        rows,
    )


def _add(words: Words, network: Network, items: list[Item], depth: int, rows: list[Row]) -> None:
    indent = "  " * depth
    for item in items:
        parameters = _whole(words, item.parameters) if item.parameters else ""
        if isinstance(item, Leaf):
            label = quoted(item.layer.name) if item.layer.name else visible(item.label)
            rows.append(_row(network, item, f"{indent}{label}", parameters))
        elif isinstance(item, Fold) and isinstance(item.items[0], Leaf) and len(item.items) == 1:
            rows.append(_row(network, item.items[0], f"{indent}{_times(words, item)}", parameters))
        else:
            label = _times(words, item) if isinstance(item, Fold) else visible(item.label)
            rows.append(("", f"{indent}{label}", "", "", parameters))
            _add(words, network, item.items, depth + 1, rows)


def _row(network: Network, leaf: Leaf, label: str, parameters: str) -> Row:
    return (str(leaf.k), label, " → ".join(kinds_of(network, leaf.layer)), str(leaf.shape), parameters)


def _times(words: Words, fold: Fold) -> str:
    """× 12, layers 3 to 62: modules alike, or a pattern of layers."""
    return words("cli.show.times", times=fold.times, first=fold.first, last=fold.last)


def _whole(words: Words, count: int) -> str:
    return format_decimal(count, locale=words.language)
