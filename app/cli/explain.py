"""adelante explain: where one number of a pass comes from."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text
from torch import Tensor

from adelante.formats.literals import quoted
from adelante.network.arising import Arising, arises
from adelante.network.cells import Cell
from adelante.network.checks import check_index
from adelante.network.errors import NetworkError
from adelante.network.explain import explain
from adelante.network.explanation import Explanation
from adelante.network.following import Following, following
from adelante.network.network import Layer, Network
from app.api.read.cells import check_computed
from app.api.write.encode import encode_in_blocks
from app.api.write.explained_cell import Asked, differentiated, explained
from app.cli.arising import arising_told
from app.cli.cells import cell_called, cell_named, cell_text, check_typed, unplaced
from app.cli.faults import faults_told
from app.cli.forward import pass_of
from app.cli.layers_tree import kinds_of
from app.cli.names import class_said
from app.cli.notes import tell_notes
from app.cli.numerals import Numerals
from app.cli.output import Unbroken, rendered, visible, write
from app.cli.parts import parts_told
from app.cli.settings import read_settings
from app.cli.source import Source, Wanted, inputs_needed, read_source
from app.cli.words import Words
from app.compute.limits import Limits
from app.compute.pool import drained
from app.settings import Settings

# Multiply-adds in a second: nobody else waits here, so the work need not be cut into steps.
_SPEED = 1e12


@dataclass(frozen=True, slots=True)
class ExplainOptions:
    """What the command line says. `row` is which input of a batch; `rows` of 0 lists every part."""

    cell: str
    row: int
    digits: int
    rows: int
    as_json: bool


def explain_cell(words: Words, wanted: Wanted, options: ExplainOptions) -> None:
    """The number, its form, its parts with the largest first, and the line of its author's code."""
    settings = read_settings(words)
    with faults_told(words, as_json=options.as_json):
        tensor, at = cell_named(options.cell)
        source = read_source(words, settings, wanted)
        tell_notes(words, source)
        network, inputs = source.network, inputs_needed(source)
        _check(network, Cell(tensor, at))
        if options.as_json:
            given = one_of(network, inputs, options.row)
            content: str | bytes = _document(settings, source, given, Cell(tensor, at))
        else:
            trace = pass_of(settings, source, one_of(network, inputs, options.row), source.device)
            found = explain(network, trace, tensor, at)
            after = following(network, trace, tensor, at)
            arose = arises(network, trace, tensor, at)
            content = rendered(*_report(words, wanted, source, found, after, arose, options))
            output = trace[network.outputs[0]]
            content += rendered(*class_said(words, output, source.called)) if found.tensor in network.outputs else ""
    write(content)


def _check(network: Network, cell: Cell) -> None:
    """Raises NetworkError where the network has no such number, or does not compute it."""
    check_typed(network, cell)
    try:
        check_computed(network, cell, "")
    except NetworkError as error:
        raise unplaced(error) from None


def one_of(network: Network, inputs: Tensor | Mapping[str, Tensor], row: int) -> Mapping[str, Tensor]:
    """One input of a batch; the only one where it came alone. Raises NetworkError (out-of-range)."""
    named = {network.inputs[0].name: inputs} if isinstance(inputs, Tensor) else inputs
    if all(named[each.name].dim() == len(each.shape) for each in network.inputs if each.name in named):
        return named
    check_index(row, min(map(len, named.values())), "no-such-row", "")
    return {name: each[row] for name, each in named.items()}


def _document(settings: Settings, source: Source, inputs: Mapping[str, Tensor], cell: Cell) -> bytes:
    """The same as POST /api/v1/explain answers."""
    asked = Asked(cell, differentiated(source.network, None), False, False, source.called)
    members = drained(explained(source.network, inputs, asked, Limits(settings), _SPEED))
    return encode_in_blocks(members) + b"\n"


def _report(
    words: Words,
    wanted: Wanted,
    source: Source,
    found: Explanation,
    after: Following | None,
    arose: Arising | None,
    options: ExplainOptions,
) -> list[RenderableType]:
    numerals, network = Numerals(words.language, options.digits), source.network
    named = partial(cell_called, network, source.called)
    value = Text.assemble((named(found.tensor, found.at), "bold cyan"), " = ", (numerals(found.value), "bold"))
    parts: list[RenderableType] = [value]
    layer = next((each for each in network.layers if found.tensor in each.nodes), None)
    if layer is not None:
        parts += [Padding(line, (0, 0, 0, 2)) for line in _about(words, network, layer)]
    if arose is not None:
        dtype = str(network.dtype).removeprefix("torch.")
        parts += ["", *arising_told(words, arose, Cell(found.tensor, found.at), dtype, numerals, named)]
    parts += [
        "",
        *parts_told(words, found, numerals, options.rows, named, network.by_name[found.tensor].operation.kind),
    ]
    if after is not None:
        said = f"{after.kind}: {named(after.cell.tensor, after.cell.at)} = {numerals(after.value)}"
        parts += ["", Text(words("cli.explain.after", activation=said))]
    further = _next(network, found) if arose is None else _first(network, found, arose)
    if further is not None:
        command = shlex.join(["adelante", "explain", *_again(wanted, options), "--cell", further])
        parts += ["", Text(words("cli.explain.next")), Unbroken(f"  {visible(command)}", "cyan")]
    return parts


def _again(wanted: Wanted, options: ExplainOptions) -> list[str]:
    """What the command line said of the network and its inputs."""
    said = [wanted.target]
    for text in wanted.inputs:
        said += ["--inputs", text]
    options_said = (
        ("--dtype", wanted.dtype),
        ("--activation", wanted.activation),
        ("--order", wanted.order),
        ("--head", wanted.head),
        ("--sizes", wanted.sizes),
    )
    for option, value in options_said:
        said += [option, value] if value is not None else []
    said += ["--resize"] if wanted.resize else []
    return [*said, "--row", str(options.row)] if options.row else said


def _about(words: Words, network: Network, layer: Layer) -> list[Text]:
    """The layer, and the line of its author's code."""
    k = network.layers.index(layer)
    named = [quoted(layer.name)] if layer.name else []
    module = [visible(layer.module)] if layer.module else []
    kinds = " → ".join(kinds_of(network, layer))
    lines = [Text(" · ".join((words("cli.explain.layer", k=k), *named, *module, kinds)))]
    return [*lines, Text(visible(layer.source), "italic")] if layer.source else lines


def _first(network: Network, found: Explanation, arose: Arising) -> str | None:
    """The cell in which a number that is not finite arose; from there on, that in which what it is made of did."""
    while (arose.tensor, arose.at) == (found.tensor, found.at) and arose.before is not None:
        arose = arose.before
    if arose.tensor not in network.by_name or (arose.tensor, arose.at) == (found.tensor, found.at):
        return None
    return cell_text(arose.tensor, arose.at)


def _next(network: Network, found: Explanation) -> str | None:
    """The cell that says most of where the number comes from and was itself computed: there the way goes on."""
    computed = [part for part in found.parts if part.tensor in network.by_name and len(part)]
    if not computed:
        return None
    part = computed[0]
    k = found.chosen if found.chosen is not None and part is found.parts[0] else int(part.contributions.abs().argmax())
    return cell_text(part.tensor, part.at[k].tolist())
