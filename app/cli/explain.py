"""adelante explain: where one number of a pass comes from."""

from dataclasses import dataclass

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from adelante.formats.literals import quoted
from adelante.network.explain import explain
from adelante.network.explanation import Explanation
from adelante.network.forward import Trace
from adelante.network.network import Layer, Network
from app.cli.cells import cell_named, cell_text
from app.cli.faults import faults_told
from app.cli.forward import pass_of
from app.cli.layers_tree import kinds_of
from app.cli.notes import tell_notes
from app.cli.numerals import Numerals
from app.cli.output import rendered, visible, write
from app.cli.parts import parts_told
from app.cli.settings import read_settings
from app.cli.source import Wanted, inputs_needed, read_source
from app.cli.words import Words


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
        trace = pass_of(settings, network, inputs, source.device)
        found = explain(network, trace, tensor, at, options.row)
        content = rendered(*_report(words, wanted.target, network, trace, found, options))
    write(content)


def _report(
    words: Words, target: str, network: Network, trace: Trace, found: Explanation, options: ExplainOptions
) -> list[RenderableType]:
    numerals = Numerals(words.language, options.digits)
    value = Text.assemble((cell_text(found.tensor, found.at), "bold cyan"), " = ", (numerals(found.value), "bold"))
    parts: list[RenderableType] = [value]
    layer = next((each for each in network.layers if found.tensor in each.nodes), None)
    if layer is not None:
        parts += [Padding(line, (0, 0, 0, 2)) for line in _about(words, network, layer)]
    parts += ["", *parts_told(words, found, numerals, options.rows)]
    further = _next(network, found)
    if further is not None:
        command = f"adelante explain {visible(target)} --cell '{further}'"
        parts += ["", Text(words("cli.explain.next", command=command), "dim")]
    return parts


def _about(words: Words, network: Network, layer: Layer) -> list[Text]:
    """The layer, and the line of its author's code."""
    k = network.layers.index(layer)
    named = [quoted(layer.name)] if layer.name else []
    module = [visible(layer.module)] if layer.module else []
    kinds = " → ".join(kinds_of(network, layer))
    lines = [Text(" · ".join((words("cli.explain.layer", k=k), *named, *module, kinds)))]
    return [*lines, Text(visible(layer.source), "italic")] if layer.source else lines


def _next(network: Network, found: Explanation) -> str | None:
    """The cell that says most of where the number comes from and was itself computed: there the way goes on."""
    computed = [part for part in found.parts if part.tensor in network.by_name and len(part)]
    if not computed:
        return None
    part = computed[0]
    k = found.chosen if found.chosen is not None and part is found.parts[0] else int(part.contributions.abs().argmax())
    return cell_text(part.tensor, part.at[k].tolist())
