"""adelante draw: a pass as a still picture."""

from dataclasses import dataclass
from math import prod

from adelante.code.comments import Names
from adelante.diagram import draw
from adelante.diagram.colours import Theme
from adelante.diagram.pixels import png
from adelante.network.network import Network
from app.cli.cells import cell_named, check_typed
from app.cli.explain import one_of
from app.cli.faults import faults_told
from app.cli.files import write_file
from app.cli.forward import pass_of
from app.cli.notes import tell_notes
from app.cli.settings import read_settings
from app.cli.source import Source, Wanted, inputs_needed, read_source
from app.cli.words import Words


@dataclass(frozen=True, slots=True)
class DrawOptions:
    """What the command line says; `output` of None or - is standard output, `row` which input of a batch.

    A file whose name ends in .png is a PNG, `scale` of its pixels to one of the width's.
    """

    output: str | None
    width: int
    scale: int
    theme: Theme
    numbers: bool
    cell: str | None
    row: int


def draw_pass(words: Words, wanted: Wanted, options: DrawOptions) -> None:
    """Writes the picture to the output."""
    settings = read_settings(words)
    with faults_told(words, as_json=False):
        cell = None if options.cell is None else cell_named(options.cell)
        source = read_source(words, settings, wanted)
        tell_notes(words, source)
        network, inputs = source.network, inputs_needed(source)
        if cell is not None:
            check_typed(network, cell)
        trace = pass_of(settings, source, one_of(network, inputs, options.row), source.device)
        svg = draw(
            network,
            trace,
            width=options.width,
            theme=options.theme,
            language=words.language,
            values=options.numbers,
            selected=cell,
            names=_names(network, source),
        )
        as_png = options.output is not None and options.output.lower().endswith(".png")
        write_file(options.output, png(svg, options.scale) if as_png else svg.encode())


def _names(network: Network, source: Source) -> Names:
    """What the numbers are called: a preset's names with their units, or those that came with the network."""
    if source.called is not None:
        return source.called.in_code
    count = prod(network.inputs[0].shape)
    inputs = source.input_names if len(source.input_names) == count else ()
    return Names(inputs, source.output_names)
