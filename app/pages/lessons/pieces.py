"""The live pieces of the lessons: what the page hands to each, and what stands there without JavaScript."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from app.api.catalog import preset_document
from app.api.encode import trace_document
from app.pages.lessons.figures import Pass, pass_of


@dataclass(frozen=True, slots=True)
class StudioPiece:
    """Some of the studio's components around one network.

    `show`: inputs, diagram, sum, product, seed, units. `select`: the neuron selected
    first, (layer, neuron) with the inputs as layer 0.
    """

    network: str
    show: tuple[str, ...]
    select: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Scene:
    """Steps for POST /api/v1/tensors, the tensors that are drawn after them, and the step to stand on first.

    `label` is code, the same in every language.
    """

    label: str
    steps: tuple[dict[str, Any], ...]
    show: tuple[str, ...]

    @property
    def lines(self) -> list[str]:
        """The steps as the lines of a program."""
        arrays = {step["as"] for step in self.steps if step["op"] in ("array", "numpy")}
        return [_line(step, arrays) for step in self.steps]


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


def _step(op: str, *args: Any, to: str | None = None) -> dict[str, Any]:
    return {"op": op, "args": list(args), **({"as": to} if to else {})}


_FACTORIES = ("manual_seed", "rand", "randn", "randn_like", "zeros", "ones", "arange", "tensor", "from_numpy", "mm")


# What Python writes for an array, which has no methods of these names.
_ARRAY_OPERATORS = {"add_": "+=", "mul_": "*="}


def _line(step: dict[str, Any], arrays: set[str]) -> str:
    """One step as Python: column = features.view(5, 1). `arrays` are the names of NumPy arrays."""
    op, args = step["op"], [_argument(argument) for argument in step["args"]]
    shape = step["args"][-1] if step["args"] else None
    if op in _FACTORIES:
        call = f"torch.{op}({', '.join(args)})"
    elif op == "array":
        call = f"np.array({', '.join(args)})"
    elif op in _ARRAY_OPERATORS and args[0] in arrays:
        call = f"{args[0]} {_ARRAY_OPERATORS[op]} {args[1]}"
    elif op == "T":
        call = f"{args[0]}.T"
    elif isinstance(shape, list):
        call = f"{args[0]}.{op}({', '.join(str(size) for size in shape)})"
    else:
        call = f"{args[0]}.{op}({', '.join(args[1:])})"
    return f"{step['as']} = {call}" if "as" in step else call


def _argument(argument: Any) -> str:
    if isinstance(argument, str):
        return argument.removeprefix("$")
    return (
        str(tuple(argument))
        if isinstance(argument, list) and argument and isinstance(argument[0], int)
        else str(argument)
    )


def _row(count: int) -> dict[str, Any]:
    return _step("arange", count, to="row")


# A picture of 2 rows and 3 columns: red, green, blue, and below them yellow, cyan, magenta.
_PICTURE = [
    [[0.9, 0.2, 0.2], [0.2, 0.7, 0.3], [0.2, 0.4, 0.9]],
    [[0.9, 0.8, 0.2], [0.2, 0.8, 0.8], [0.8, 0.3, 0.7]],
]
_NOTEBOOK_DRAWS = (
    _step("manual_seed", 7),
    _step("randn", [1, 5], to="features"),
    _step("randn_like", "$features", to="weights"),
)
_BRIDGED = (_step("array", [[0.5, 1.5], [2.5, 3.5]], to="a"), _step("from_numpy", "$a", to="b"))

PIECES: dict[str, Piece] = {
    "two-inputs": StudioPiece("two-inputs", ("inputs", "diagram", "sum"), (1, 0)),
    "ranks": LabPiece(
        (
            Scene("1-D", (_step("tensor", [0.5, 1.5, 2.5], to="vector"),), ("vector",)),
            Scene("2-D", (_step("tensor", [[1, 2, 3], [4, 5, 6]], to="matrix"),), ("matrix",)),
            Scene("3-D", (_step("tensor", _PICTURE, to="image"),), ("image",)),
        )
    ),
    "seeds": StudioPiece("one-neuron", ("seed", "diagram"), (1, 0)),
    "two-ways": StudioPiece("one-neuron", ("inputs", "product", "sum"), (1, 0)),
    "fit": LabPiece(
        (
            Scene(
                "(1, 5) · (1, 5)",
                (*_NOTEBOOK_DRAWS, _step("mm", "$features", "$weights", to="z")),
                ("features", "weights", "z"),
            ),
            Scene(
                "(1, 5) · (5, 1)",
                (
                    *_NOTEBOOK_DRAWS,
                    _step("view", "$weights", [5, 1], to="column"),
                    _step("mm", "$features", "$column", to="z"),
                ),
                ("features", "column", "z"),
            ),
            Scene(
                "(5, 1) · (1, 5)",
                (
                    *_NOTEBOOK_DRAWS,
                    _step("view", "$features", [5, 1], to="column"),
                    _step("mm", "$column", "$weights", to="table"),
                ),
                ("column", "weights", "table"),
            ),
        )
    ),
    "memory": LabPiece(
        (
            Scene(
                "view",
                (_row(6), _step("view", "$row", [2, 3], to="table"), _step("mul_", "$table", 10)),
                ("row", "table"),
            ),
            Scene(
                "reshape",
                (
                    _row(6),
                    _step("reshape", "$row", [2, 3], to="table"),
                    _step("T", "$table", to="turned"),
                    _step("reshape", "$turned", [6], to="flat"),
                    _step("mul_", "$flat", 10),
                ),
                ("row", "table", "turned", "flat"),
            ),
            Scene("resize_(2, 2)", (_row(6), _step("resize_", "$row", [2, 2])), ("row",)),
            Scene("resize_(2, 4)", (_row(6), _step("resize_", "$row", [2, 4])), ("row",)),
        )
    ),
    "layers": StudioPiece("multilayer", ("inputs", "diagram", "sum"), (1, 0)),
    "units": StudioPiece("multilayer", ("units", "diagram"), (2, 0)),
    "xor": StudioPiece("xor", ("inputs", "diagram", "sum"), (2, 0)),
    "shared": LabPiece(
        (
            Scene("mul_", (*_BRIDGED, _step("mul_", "$b", 4)), ("a", "b")),
            Scene("mul", (*_BRIDGED, _step("mul", "$b", 4, to="c")), ("a", "b", "c")),
            Scene(
                "numpy",
                (_step("ones", [2, 2], to="b"), _step("numpy", "$b", to="a"), _step("add_", "$a", 1)),
                ("b", "a"),
            ),
        )
    ),
    "race": RacePiece((64, 128, 256, 512, 1024)),
    "lab": LabPiece(
        (
            Scene(
                "mm",
                (
                    *_NOTEBOOK_DRAWS,
                    _step("randn", [1, 1], to="bias"),
                    _step("view", "$weights", [5, 1], to="column"),
                    _step("mm", "$features", "$column", to="product"),
                    _step("add", "$product", "$bias", to="z"),
                    _step("sigmoid", "$z", to="y"),
                ),
                ("features", "weights", "bias", "column", "product", "z", "y"),
            ),
            Scene(
                "view",
                (_row(6), _step("view", "$row", [2, 3], to="table"), _step("mul_", "$table", 10)),
                ("row", "table"),
            ),
            Scene(
                "sum",
                (
                    _step("ones", [2, 3], to="table"),
                    _step("exp", "$table", to="grown"),
                    _step("sum", "$grown", 0, to="columns"),
                    _step("sum", "$grown", to="total"),
                ),
                ("table", "grown", "columns", "total"),
            ),
            Scene("resize_", (_row(6), _step("resize_", "$row", [2, 4])), ("row",)),
            Scene("from_numpy", (*_BRIDGED, _step("mul_", "$b", 4)), ("a", "b")),
            Scene("RGB", (_step("tensor", _PICTURE, to="image"),), ("image",)),
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
    }


def rows(piece: StudioPiece) -> list[tuple[str, float]]:
    """Every neuron's name and value, inputs first: what a piece says without JavaScript."""
    this: Pass = pass_of(piece.network)
    hidden = len(this.preset.network.layers) - 1
    found = list(zip(this.preset.input_names, this.x, strict=True))
    for layer in range(1, hidden + 2):
        values = this.a(layer)
        names = [f"h{j + 1}" for j in range(len(values))] if layer <= hidden else list(this.preset.output_names)
        found.extend(zip(names, values, strict=True))
    return found
