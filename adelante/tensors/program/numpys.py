"""NumPy as a program of the lab knows it: its functions, an array's methods and attributes, its random numbers."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from adelante.tensors.call import Call, Hint
from adelante.tensors.operations import OPERATIONS
from adelante.tensors.program import sizes
from adelante.tensors.program.faults import Lacks
from adelante.tensors.program.printing import MOST_OPTIONS, NUMPYS_OPTIONS
from adelante.tensors.program.values import (
    ALL,
    CELLS,
    EMPTY,
    KNOWN,
    MOVED,
    PRODUCT,
    REDUCED,
    Builtin,
    Function,
    Kind,
    Module,
    names,
)

Size = Callable[[tuple[Any, ...], Mapping[str, Any]], int]

_UFUNCS = names(
    "exp exp2 expm1 log log2 log10 log1p sqrt cbrt square reciprocal sin cos tan arcsin arccos arctan sinh cosh "
    "tanh abs absolute negative positive sign floor ceil rint trunc isnan isinf isfinite logical_not add subtract "
    "multiply divide true_divide floor_divide mod remainder fmod power maximum minimum fmax fmin arctan2 equal "
    "not_equal less less_equal greater greater_equal logical_and logical_or logical_xor bitwise_and bitwise_or "
    "bitwise_xor invert"
)
_CELLWISE = names("clip where isclose nan_to_num")
_WHOLE = names("cumsum cumprod sort argsort unique allclose array_equal median average ptp trace nonzero")
_REDUCED = names("sum mean prod max min amax amin argmax argmin std var any all count_nonzero")
_MOVED = names(
    "reshape transpose ravel squeeze expand_dims swapaxes moveaxis flip fliplr flipud roll rot90 tril triu copy "
    "atleast_1d atleast_2d"
)
_JOINED = names("concatenate stack hstack vstack column_stack")
_DTYPES = names(
    "float64 float32 float16 int64 int32 int16 int8 uint8 uint16 uint32 uint64 bool_ bool double single half intp"
)
_MOST_PLACES = 300


def _hint(name: str) -> Callable[[Call], Hint] | None:
    operation = OPERATIONS.get({"multiply": "mul"}.get(name, name))
    return operation.hint if operation else None


def _all(
    prefix: str, owner: Any, names: Iterable[str], size: Size = sizes.widest, marks: str = CELLS
) -> dict[str, Function]:
    """Functions of NumPy or of its arrays under their own names; the names stand here, in the tables above."""
    return {name: Function(f"{prefix}{name}", getattr(owner, name), size, marks, _hint(name)) for name in names}


def _made(name: str, size: Size, marks: str = KNOWN) -> dict[str, Function]:
    return {name: Function(f"np.{name}", getattr(np, name), size, marks, _hint(name))}


def _shape_first(args: tuple[Any, ...], keywords: Mapping[str, Any]) -> int:
    return sizes.given("shape")(args[:1], keywords)


def _drawn(name: str, size: Size) -> dict[str, Function]:
    """One of np.random's, on the run's own generator."""
    call = getattr(np.random.RandomState, name)
    return {name: Function(f"np.random.{name}", call, size, KNOWN, numpys_draws=True)}


def _rounding(function: Callable[..., Any]) -> Callable[..., Any]:
    """NumPy multiplies by ten once for each decimal place that is asked for, however many those are."""

    def rounded(*args: Any, **keywords: Any) -> Any:
        places: Any = keywords.get("decimals", args[1] if len(args) > 1 else 0)
        if isinstance(places, int | np.integer) and abs(int(places)) > _MOST_PLACES:
            raise Lacks("lab-too-many-places", limit=_MOST_PLACES)
        return function(*args, **keywords)

    return rounded


def _default_rng(seed: Any = None) -> np.random.Generator:
    return np.random.default_rng(seed)


RANDOM = Module(
    "numpy.random",
    {
        **_drawn("rand", sizes.given()),
        **_drawn("randn", sizes.given()),
        **_drawn("random", sizes.drawn("size", at=0)),
        **_drawn("random_sample", sizes.drawn("size", at=0)),
        **_drawn("standard_normal", sizes.drawn("size", at=0)),
        **_drawn("uniform", sizes.drawn("size", at=2)),
        **_drawn("normal", sizes.drawn("size", at=2)),
        **_drawn("randint", sizes.drawn("size", at=2)),
        **_drawn("permutation", sizes.counted("x", 0, 1)),
        **_drawn("seed", sizes.literal),
        "default_rng": Function("np.random.default_rng", _default_rng, sizes.literal, KNOWN),
    },
    frozenset(dir(np.random)),
    {},
)
GENERATOR: dict[str, Function] = {
    name: Function(f"Generator.{name}", getattr(np.random.Generator, name), sizes.drawn("size", at=at), KNOWN)
    for name, at in (("random", 1), ("standard_normal", 1), ("uniform", 3), ("normal", 3), ("integers", 3))
}
FUNCTIONS: dict[str, Function] = {
    **_all("np.", np, [*_UFUNCS, *_CELLWISE]),
    **_all("np.", np, _WHOLE, marks=ALL),
    **_all("np.", np, _REDUCED, marks=REDUCED),
    **_all("np.", np, ["matmul"], sizes.product, PRODUCT),
    **_all("np.", np, ["dot", "inner"], sizes.dotted, ALL),
    **_all("np.", np, ["outer"], sizes.outer, ALL),
    **_all("np.", np, _MOVED, sizes.first, MOVED),
    **_all("np.", np, _JOINED, sizes.literal, MOVED),
    **_all("np.", np, ["tile", "repeat"], sizes.repeated, MOVED),
    **_all("np.", np, ["broadcast_to"], sizes.expanded, MOVED),
    **_all("np.", np, ["diag"], sizes.diagonal, MOVED),
    **_all("np.", np, ["shape", "ndim", "size"], sizes.first, KNOWN),
    **_all("np.", np, ["array", "asarray"], sizes.literal, CELLS),
    "round": Function("np.round", _rounding(np.round)),
    "around": Function("np.around", _rounding(np.around)),
    **_made("zeros", _shape_first),
    **_made("ones", _shape_first),
    **_made("full", _shape_first),
    **_made("empty", _shape_first, EMPTY),
    **_made("zeros_like", sizes.first),
    **_made("ones_like", sizes.first),
    **_made("full_like", sizes.first),
    **_made("empty_like", sizes.first, EMPTY),
    **_made("arange", sizes.steps),
    **_made("linspace", sizes.counted("num", 2, 50)),
    **_made("eye", sizes.square),
    **_made("identity", sizes.square),
}
_KINDS = {name: getattr(np, name) for name in _DTYPES}
# NumPy takes a dtype by its name too, as text.
DTYPE_TEXTS: dict[str, np.dtype[Any]] = {
    name: np.dtype(name)
    for name in names(
        "float64 float32 float16 int64 int32 int16 int8 uint8 uint16 uint32 uint64 bool double single half intp "
        "float int f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 u8"
    )
}
# For these names, which NumPy has removed, it says itself why they are gone.
_WORDS: dict[str, str] = {}
for _name in ("float", "int", "complex"):
    try:
        getattr(np, _name)
    except AttributeError as _error:
        _WORDS[_name] = str(_error)
NUMPY = Module(
    "numpy",
    {
        **FUNCTIONS,
        **{name: Kind(name, kind, Function(f"np.{name}", kind, sizes.literal, CELLS)) for name, kind in _KINDS.items()},
        "random": RANDOM,
        "set_printoptions": Builtin(
            "set_printoptions",
            lambda machine, *args, **named: machine.printing.set_numpys(*args, **named),
            0,
            MOST_OPTIONS,
            NUMPYS_OPTIONS,
        ),
        "pi": np.pi,
        "e": np.e,
        "inf": np.inf,
        "nan": np.nan,
        "newaxis": None,
        "__version__": np.__version__,
    },
    frozenset(dir(np)),
    _WORDS,
)

_METHOD_NAMES = names("sum mean prod max min argmax argmin std var any all")
METHODS: dict[str, Function] = {
    **_all("ndarray.", np.ndarray, _METHOD_NAMES, marks=REDUCED),
    **_all("ndarray.", np.ndarray, ["cumsum", "cumprod", "argsort", "trace", "nonzero"], marks=ALL),
    **_all(
        "ndarray.",
        np.ndarray,
        ["reshape", "ravel", "flatten", "transpose", "squeeze", "swapaxes", "copy"],
        sizes.first,
        MOVED,
    ),
    **_all("ndarray.", np.ndarray, ["clip", "astype", "item", "tolist"]),
    **_all("ndarray.", np.ndarray, ["dot"], sizes.dotted, ALL),
    "round": Function("ndarray.round", _rounding(np.ndarray.round)),
    **_all("ndarray.", np.ndarray, ["repeat"], sizes.repeated, MOVED),
    "fill": Function("ndarray.fill", np.ndarray.fill, sizes.first, KNOWN, None, True),
    "sort": Function("ndarray.sort", np.ndarray.sort, sizes.first, ALL, None, True),
}


def _of_number(name: str) -> Callable[..., Any]:
    return lambda number, *args, **keywords: getattr(number, name)(*args, **keywords)


# NumPy's single numbers have an array's methods.
NUMBER_METHODS: dict[str, Function] = {
    **{
        name: Function(f"generic.{name}", _of_number(name), marks=ALL)
        for name in names("item tolist sum mean max min prod any all std var astype reshape copy")
    },
    "round": Function("generic.round", _rounding(_of_number("round"))),
}
ATTRIBUTES: dict[str, Function] = {
    "T": Function("ndarray.T", lambda x: x.T, sizes.first, MOVED),
    "shape": Function("ndarray.shape", lambda x: x.shape),
    "dtype": Function("ndarray.dtype", lambda x: x.dtype),
    "ndim": Function("ndarray.ndim", lambda x: x.ndim),
    "size": Function("ndarray.size", lambda x: x.size),
    "nbytes": Function("ndarray.nbytes", lambda x: x.nbytes),
    "itemsize": Function("ndarray.itemsize", lambda x: x.itemsize),
    "strides": Function("ndarray.strides", lambda x: x.strides),
    "mT": Function("ndarray.mT", lambda x: x.mT, sizes.first, MOVED),
}
ARRAY_NAMES, NUMBER_NAMES = frozenset(dir(np.ndarray)), frozenset(dir(np.float64))
GENERATOR_NAMES = frozenset(dir(np.random.Generator))
