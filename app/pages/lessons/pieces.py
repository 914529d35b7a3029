"""The live pieces of the lessons: what the page hands to each, and what stands there without JavaScript."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from adelante.network.dense.names import neuron_names
from app.api.write.encode import trace_document
from app.api.write.presets import preset_document
from app.pages.lessons.figures import Pass, pass_of


@dataclass(frozen=True, slots=True)
class StudioPiece:
    """Some of the studio's components around one network.

    `show`: inputs, diagram, sum, product, seed, units. `select`: the neuron selected
    first, (layer, neuron) with the inputs as layer 0. `asks`: the exercise that asks for its output, which the picture
    shows once it was answered.
    """

    network: str
    show: tuple[str, ...]
    select: tuple[int, int]
    asks: str | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """A program for POST /api/v1/tensors, and the tensors that are drawn after it.

    `label` is code, the same in every language.
    """

    label: str
    program: str
    show: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LabPiece:
    """Scenes of the tensor lab: the reader chooses one, steps through it and writes it anew.

    `open`: it can be written from the start.
    """

    scenes: tuple[Scene, ...]
    open: bool = False


@dataclass(frozen=True, slots=True)
class RacePiece:
    """Products of square matrices of chosen size, timed by the server."""

    sizes: tuple[int, ...]


Piece = StudioPiece | LabPiece | RacePiece


# A picture of 2 rows and 3 columns: red, green, blue, and below them yellow, cyan, magenta.
_PICTURE = """\
image = torch.tensor([
    [[0.9, 0.2, 0.2], [0.2, 0.7, 0.3], [0.2, 0.4, 0.9]],
    [[0.9, 0.8, 0.2], [0.2, 0.8, 0.8], [0.8, 0.3, 0.7]],
])"""
_NOTEBOOK_DRAWS = """\
torch.manual_seed(7)
features = torch.randn((1, 5))
weights = torch.randn_like(features)
"""
_ROW = "row = torch.arange(6)\n"
_BRIDGED = "a = np.array([[0.5, 1.5], [2.5, 3.5]])\nb = torch.from_numpy(a)\n"
_VIEWED = Scene("view", f"{_ROW}table = row.view(2, 3)\ntable.mul_(10)", ("row", "table"))

PIECES: dict[str, Piece] = {
    "two-inputs": StudioPiece("two-inputs", ("inputs", "diagram", "sum"), (1, 0)),
    "ranks": LabPiece(
        (
            Scene("1-D", "vector = torch.tensor([0.5, 1.5, 2.5])", ("vector",)),
            Scene("2-D", "matrix = torch.tensor([[1, 2, 3], [4, 5, 6]])", ("matrix",)),
            Scene("3-D", _PICTURE, ("image",)),
        )
    ),
    "seeds": StudioPiece("one-neuron", ("seed", "diagram"), (1, 0)),
    "two-ways": StudioPiece("one-neuron", ("inputs", "product", "sum"), (1, 0), asks="notebook-sum"),
    "fit": LabPiece(
        (
            Scene(
                "(1, 5) · (1, 5)",
                f"{_NOTEBOOK_DRAWS}total = torch.mm(features, weights)",
                ("features", "weights", "total"),
            ),
            Scene(
                "(1, 5) · (5, 1)",
                f"{_NOTEBOOK_DRAWS}column = weights.view(5, 1)\ntotal = torch.mm(features, column)",
                ("features", "column", "total"),
            ),
            Scene(
                "(5, 1) · (1, 5)",
                f"{_NOTEBOOK_DRAWS}column = features.view(5, 1)\ntable = torch.mm(column, weights)",
                ("column", "weights", "table"),
            ),
        )
    ),
    "memory": LabPiece(
        (
            _VIEWED,
            Scene(
                "reshape",
                f"{_ROW}table = row.reshape(2, 3)\nturned = table.T\nflat = turned.reshape(6)\nflat.mul_(10)",
                ("row", "table", "turned", "flat"),
            ),
            Scene("resize_(2, 2)", f"{_ROW}row.resize_(2, 2)", ("row",)),
            Scene("resize_(2, 4)", f"{_ROW}row.resize_(2, 4)", ("row",)),
        )
    ),
    "layers": StudioPiece("multilayer", ("inputs", "diagram", "sum"), (1, 0), asks="notebook-network"),
    "units": StudioPiece("multilayer", ("units", "diagram"), (2, 0)),
    "xor": StudioPiece("xor", ("inputs", "diagram", "sum"), (2, 0), asks="xor-one-one"),
    "shared": LabPiece(
        (
            Scene("mul_", f"{_BRIDGED}b.mul_(4)", ("a", "b")),
            Scene("mul", f"{_BRIDGED}c = b.mul(4)", ("a", "b", "c")),
            Scene("numpy", "b = torch.ones((2, 2))\na = b.numpy()\na += 1", ("b", "a")),
        )
    ),
    "race": RacePiece((64, 128, 256, 512, 1024)),
    "lab": LabPiece(
        (
            Scene(
                "mm",
                f"{_NOTEBOOK_DRAWS}bias = torch.randn((1, 1))\ncolumn = weights.view(5, 1)\n"
                "z = torch.mm(features, column) + bias\ny = torch.sigmoid(z)",
                ("features", "weights", "bias", "column", "z", "y"),
            ),
            Scene(
                "1 / (1 + torch.exp(-x))",
                "def activation(x):\n    return 1 / (1 + torch.exp(-x))\n\n"
                "x = torch.tensor([-4.0, 0.0, 0.5, 4.0])\ny = activation(x)\nprint(y)",
                ("x", "y"),
            ),
            _VIEWED,
            Scene("table[0, 2] = 99", f"{_ROW}table = row.view(2, 3)\ntable[0, 2] = 99\nprint(row)", ("row", "table")),
            Scene("b = a", "a = torch.ones(2)\nb = a\nc = a.clone()\nb.mul_(2)\nprint(a, c)", ("a", "b", "c")),
            Scene(
                "sum",
                "table = torch.ones((2, 3))\ngrown = table.exp()\ncolumns = grown.sum(dim=0)\ntotal = grown.sum()",
                ("table", "grown", "columns", "total"),
            ),
            Scene("resize_", f"{_ROW}row.resize_(2, 4)", ("row",)),
            Scene("from_numpy", f"{_BRIDGED}b.mul_(4)", ("a", "b")),
            Scene("RGB", f"{_PICTURE}\nchannels = image.permute(2, 0, 1)", ("image", "channels")),
        ),
        open=True,
    ),
}


@cache
def studio_data(piece: StudioPiece) -> dict[str, Any]:
    """A piece's network as GET /api/v1/presets/{name} would give it, and its trace as POST /api/v1/forward does."""
    this = pass_of(piece.network)
    preset = this.preset
    trace = trace_document(preset.network, this.trace, layers=True)
    return {
        "preset": preset_document(preset, preset.name, ""),
        "trace": trace,
        "show": piece.show,
        "select": piece.select,
        "asks": piece.asks,
    }


def rows(piece: StudioPiece) -> list[tuple[str, float]]:
    """Every neuron's name and value, inputs first: what a piece says without JavaScript."""
    this: Pass = pass_of(piece.network)
    preset = this.preset
    values = [this.x, *(this.a(k + 1) for k in range(len(preset.network.layers)))]
    names = neuron_names(preset.network.sizes, preset.input_names, preset.output_names)
    return [pair for layer in zip(names, values, strict=True) for pair in zip(*layer, strict=True)]
