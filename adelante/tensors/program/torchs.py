"""torch as a program of the lab knows it: its functions, a tensor's methods and attributes, dtypes.

Every entry is torch's own function under its own name, so keywords, results and errors are torch's.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from adelante.tensors.call import Call, Hint
from adelante.tensors.operations import OPERATIONS, randn_like, resized
from adelante.tensors.program import sizes
from adelante.tensors.program.devices import DEVICES, on_the_cpu
from adelante.tensors.program.faults import Lacks
from adelante.tensors.program.printing import MOST_OPTIONS, TORCHS_OPTIONS
from adelante.tensors.program.values import (
    ALL,
    CELLS,
    EMPTY,
    KNOWN,
    MOVED,
    PRODUCT,
    REDUCED,
    VIEWED,
    Builtin,
    Context,
    Defined,
    Function,
    Kind,
    Module,
    names,
    type_name,
    within,
)

Size = Callable[[tuple[Any, ...], Mapping[str, Any]], int]

CELLWISE = names(
    "exp expm1 exp2 log log2 log10 log1p sqrt rsqrt square reciprocal sin cos tan asin acos atan sinh cosh tanh "
    "sigmoid relu abs neg sign floor ceil round trunc frac erf"
)
_CELLWISE_ONLY = names(
    "absolute negative positive isnan isinf isfinite logical_not bitwise_not clamp clip softmax log_softmax"
)
ARITHMETIC = names("add sub mul div true_divide floor_divide remainder fmod pow")
_BETWEEN = names(
    "subtract multiply divide maximum minimum eq ne lt le gt ge greater less equal logical_and logical_or "
    "logical_xor bitwise_and bitwise_or bitwise_xor atan2 isclose allclose"
)
_REDUCED = names("sum mean prod amax amin argmax argmin any all std var count_nonzero logsumexp norm")
_WHOLE = names("max min median cumsum cumprod sort argsort topk unique trace")
_PRODUCTS = names("mm matmul mv dot bmm")
_MOVED = names(
    "reshape transpose permute t squeeze unsqueeze flatten ravel swapaxes swapdims movedim flip fliplr flipud "
    "roll rot90 tril triu clone chunk split unbind detach"
)
_JOINED = names("cat concat concatenate stack hstack vstack")
_DTYPES = names("float32 float float64 double float16 half bfloat16 int64 long int32 int int16 short int8 uint8 bool")


def _hint(name: str) -> Callable[[Call], Hint] | None:
    operation = OPERATIONS.get(name)
    return operation.hint if operation else None


def _all(
    prefix: str, owner: Any, names: Iterable[str], size: Size = sizes.widest, marks: str = CELLS
) -> dict[str, Function]:
    """Functions of torch or of Tensor under their own names; the names stand here, in the tables above."""
    return {name: Function(f"{prefix}{name}", getattr(owner, name), size, marks, _hint(name)) for name in names}


def _made(name: str, call: Callable[..., Any], size: Size, marks: str = KNOWN, **more: Any) -> dict[str, Function]:
    return {name: Function(f"torch.{name}", call, size, marks, _hint(name), **more)}


def _tensor_class(dtype: torch.dtype) -> Callable[..., Tensor]:
    """torch.Tensor([1, 2]) and torch.Tensor(2, 3), whose cells nobody writes."""

    def make(*args: Any) -> Tensor:
        if len(args) == 1 and isinstance(args[0], list | tuple):
            return torch.tensor(args[0], dtype=dtype)
        if len(args) == 1 and isinstance(args[0], Tensor):
            return args[0].to(dtype)
        return torch.full(args if args else (0,), torch.nan if dtype.is_floating_point else 0, dtype=dtype)

    return make


def _like(name: str, draw: Callable[..., Any]) -> Callable[..., Any]:
    def like(input: Tensor, device: Any = None, requires_grad: Any = False, **keywords: Any) -> Tensor:
        if not isinstance(requires_grad, bool | None):
            getattr(torch, name)(input, requires_grad=requires_grad)  # refuses, in its own words
        drawn: Tensor = draw(input, **keywords)
        return drawn.requires_grad_(bool(requires_grad))

    return like


def _rand_like(like: Tensor, generator: torch.Generator, dtype: torch.dtype | None = None) -> Tensor:
    if not isinstance(like, Tensor) or not (dtype or like.dtype).is_floating_point:
        torch.rand_like(like) if dtype is None else torch.rand_like(like, dtype=dtype)  # refuses, in its own words
    return torch.empty_like(like, dtype=dtype).uniform_(generator=generator)


def _seed(seed: int, generator: torch.Generator) -> torch.Generator:
    return generator.manual_seed(int(seed))


def _not_by_dtype(function: Callable[..., Any]) -> Callable[..., Any]:
    """view(dtype) would read the same memory as other numbers, which is not drawn here."""

    def view(tensor: Tensor, *args: Any, **keywords: Any) -> Any:
        if any(isinstance(each, torch.dtype) for each in (*args, *keywords.values())):
            raise Lacks("lab-lacks-view-dtype")
        return function(tensor, *args, **keywords)

    return view


def _no_gpu(tensor: Tensor, *args: Any, **keywords: Any) -> Any:
    raise Lacks("lab-lacks-device", device="cuda")


def _to(tensor: Tensor, *args: Any, **keywords: Any) -> Any:
    return tensor.to(on_the_cpu(args[0]), *args[1:], **keywords) if args else tensor.to(**keywords)


def _type_named(text: str) -> str:
    if _ELSEWHERE.fullmatch(text):
        raise Lacks("lab-lacks-numbers", dtype=text)
    return text


def _typed(tensor: Tensor, *args: Any, **keywords: Any) -> Any:
    return tensor.type(*args, **keywords)


def _requires_grad(tensor: Tensor, requires_grad: Any = True) -> Tensor:
    tensor.detach().requires_grad_(requires_grad)  # refuses what has no gradients, in its own words
    if requires_grad:
        raise Lacks("lab-lacks-gradients")
    return tensor


def _mode(name: str, mode: Callable[..., Any], *keywords: str) -> dict[str, Kind]:
    """torch.no_grad and its like: a with statement's, or put over a def, where it changes no number."""

    def make(machine: Any, *args: Any, **named: Any) -> Context | Defined:
        given = (*args, *named.values())
        if given and isinstance(given[0], Defined):
            return within(Context(name, mode), given[0])
        for each in given:
            if not keywords or not isinstance(each, bool):
                raise Lacks("lab-lacks-argument", kind=type_name(each))
        return Context(name, lambda: mode(*given))

    return {name: Kind(name, mode, Builtin(name, make, 0, 1, keywords))}


def _resize(tensor: Tensor, *shape: Any) -> Tensor:
    wanted = shape[0] if len(shape) == 1 and isinstance(shape[0], list | tuple) else shape
    return resized(tensor, tuple(wanted))


# "torch.cuda.FloatTensor" and its like.
_ELSEWHERE = re.compile(r"torch\.\w+\.\w+")
FUNCTIONS: dict[str, Function] = {
    **_all("torch.", torch, [*CELLWISE, *_CELLWISE_ONLY, *ARITHMETIC, *_BETWEEN]),
    **_all("torch.", torch, _REDUCED, marks=REDUCED),
    **_all("torch.", torch, _WHOLE, marks=ALL),
    **_all("torch.", torch, _PRODUCTS, sizes.product, PRODUCT),
    **_all("torch.", torch, _MOVED, sizes.first, MOVED),
    **_all("torch.", torch, _JOINED, sizes.literal, MOVED),
    **_all("torch.", torch, ["outer", "ger"], sizes.outer, ALL),
    **_all("torch.", torch, ["inner"], sizes.dotted, ALL),
    **_all("torch.", torch, ["where"], marks=CELLS),
    **_all("torch.", torch, ["tile"], sizes.repeated, MOVED),
    **_all("torch.", torch, ["broadcast_to"], sizes.expanded, MOVED),
    **_all("torch.", torch, ["diag"], sizes.diagonal, MOVED),
    **_all("torch.", torch, ["numel", "is_tensor"], marks=KNOWN),
    **_made("tensor", torch.tensor, sizes.literal, CELLS),
    **_made("as_tensor", torch.as_tensor, sizes.literal, CELLS),
    **_made("from_numpy", torch.from_numpy, sizes.first),
    **_made("zeros", torch.zeros, sizes.given("size")),
    **_made("ones", torch.ones, sizes.given("size")),
    **_made("empty", torch.empty, sizes.given("size"), EMPTY),
    **_made("full", torch.full, lambda args, keywords: sizes.given("size")(args[:1], keywords)),
    **_made("zeros_like", torch.zeros_like, sizes.first),
    **_made("ones_like", torch.ones_like, sizes.first),
    **_made("full_like", torch.full_like, sizes.first),
    **_made("empty_like", torch.empty_like, sizes.first, EMPTY),
    **_made("arange", torch.arange, sizes.steps),
    **_made("linspace", torch.linspace, sizes.counted("steps", 2, 1)),
    **_made("eye", torch.eye, sizes.square),
    **_made("rand", torch.rand, sizes.given("size"), draws=True),
    **_made("randn", torch.randn, sizes.given("size"), draws=True),
    **_made("rand_like", _like("rand_like", _rand_like), sizes.first, draws=True),
    **_made("randn_like", _like("randn_like", randn_like), sizes.first, draws=True),
    **_made("randint", torch.randint, lambda a, k: sizes.drawn("size", at=2 if len(a) > 2 else 1)(a, k), draws=True),
    **_made("randperm", torch.randperm, sizes.counted("n", 0, 1), draws=True),
    **_made("manual_seed", _seed, lambda args, keywords: 1, draws=True),
    **_made("Size", torch.Size, lambda args, keywords: 1),
}
_KINDS = {
    name: Kind(name, kind, Function(f"torch.{name}", _tensor_class(dtype), sizes.given(), CELLS))
    for name, kind, dtype in (
        ("Tensor", Tensor, torch.float32),
        ("FloatTensor", torch.FloatTensor, torch.float32),
        ("DoubleTensor", torch.DoubleTensor, torch.float64),
        ("LongTensor", torch.LongTensor, torch.int64),
        ("IntTensor", torch.IntTensor, torch.int32),
    )
}
_MODES = {
    **_mode("no_grad", torch.no_grad),
    **_mode("enable_grad", torch.enable_grad),
    **_mode("inference_mode", torch.inference_mode, "mode"),
}
DTYPES: dict[str, torch.dtype] = {name: getattr(torch, name) for name in _DTYPES}


def _in_place(names: Iterable[str], marks: str = CELLS) -> dict[str, Function]:
    return {
        f"{name}_": Function(
            f"Tensor.{name}_", getattr(Tensor, f"{name}_"), sizes.first, marks, _hint(f"{name}_"), True
        )
        for name in names
    }


_CASTS = names("float double half bfloat16 long int short bool")
_TOLD = names(
    "size dim numel nelement element_size is_contiguous stride storage_offset tolist item equal is_floating_point"
)
METHODS: dict[str, Function] = {
    **_all("Tensor.", Tensor, [*CELLWISE, *_CELLWISE_ONLY, *ARITHMETIC, *_BETWEEN, "where"]),
    **_all("Tensor.", Tensor, _REDUCED, marks=REDUCED),
    **_all("Tensor.", Tensor, _WHOLE, marks=ALL),
    **_all("Tensor.", Tensor, _PRODUCTS, sizes.product, PRODUCT),
    **_all("Tensor.", Tensor, [*_MOVED, "contiguous"], sizes.first, MOVED),
    **_all("Tensor.", Tensor, ["view_as", "reshape_as"], sizes.first, ALL),
    **_all("Tensor.", Tensor, ["outer", "ger"], sizes.outer, ALL),
    **_all("Tensor.", Tensor, ["inner"], sizes.dotted, ALL),
    **_all("Tensor.", Tensor, ["new_zeros", "new_ones"], sizes.given("size", at=1), KNOWN),
    **_all("Tensor.", Tensor, ["repeat", "tile"], sizes.repeated, MOVED),
    **_all("Tensor.", Tensor, ["expand", "broadcast_to"], sizes.expanded, MOVED),
    **_all("Tensor.", Tensor, ["expand_as"], sizes.widest, ALL),
    **_all("Tensor.", Tensor, ["diag"], sizes.diagonal, MOVED),
    **_all("Tensor.", Tensor, [*_CASTS, "type_as", "cpu", "numpy", *_TOLD], sizes.first),
    **_all("Tensor.", Tensor, ["masked_fill"]),
    "to": Function("Tensor.to", _to, sizes.first, text=on_the_cpu),
    "type": Function("Tensor.type", _typed, sizes.first, text=_type_named),
    "requires_grad_": Function("Tensor.requires_grad_", _requires_grad, sizes.first),
    "cuda": Function("Tensor.cuda", _no_gpu, sizes.first),
    "view": Function("Tensor.view", _not_by_dtype(Tensor.view), sizes.first, MOVED, _hint("view")),
    **_in_place([*CELLWISE, *ARITHMETIC, "clamp", "clip", "masked_fill"]),
    **_in_place(["zero", "fill"], KNOWN),
    **_in_place(["t", "squeeze", "unsqueeze", "transpose"], VIEWED),
    **_in_place(["copy"]),
    "resize_": Function("Tensor.resize_", _resize, sizes.given(at=1), VIEWED, _hint("resize_"), True),
    "normal_": Function("Tensor.normal_", Tensor.normal_, sizes.first, KNOWN, None, True, True),
    "uniform_": Function("Tensor.uniform_", Tensor.uniform_, sizes.first, KNOWN, None, True, True),
}
ATTRIBUTES: dict[str, Function] = {
    "T": Function("Tensor.T", lambda x: x.T, sizes.first, MOVED),
    "mT": Function("Tensor.mT", lambda x: x.mT, sizes.first, MOVED),
    "shape": Function("Tensor.shape", lambda x: x.shape),
    "dtype": Function("Tensor.dtype", lambda x: x.dtype),
    "ndim": Function("Tensor.ndim", lambda x: x.ndim),
    "nbytes": Function("Tensor.nbytes", lambda x: x.nbytes),
    "itemsize": Function("Tensor.itemsize", lambda x: x.itemsize),
    "device": Function("Tensor.device", lambda x: x.device),
    "is_cuda": Function("Tensor.is_cuda", lambda x: x.is_cuda),
    "is_cpu": Function("Tensor.is_cpu", lambda x: x.is_cpu),
    "requires_grad": Function("Tensor.requires_grad", lambda x: x.requires_grad),
    "is_leaf": Function("Tensor.is_leaf", lambda x: x.is_leaf),
    "grad": Function("Tensor.grad", lambda x: x.grad),
}
FUNCTIONAL = Module(
    "torch.nn.functional",
    _all("torch.nn.functional.", functional, ["relu", "sigmoid", "tanh", "softmax", "log_softmax", "gelu", "silu"]),
    frozenset(dir(functional)),
    {},
)
NN = Module("torch.nn", {"functional": FUNCTIONAL}, frozenset(dir(torch.nn)), {})
TORCH = Module(
    "torch",
    {
        **FUNCTIONS,
        **DTYPES,
        **_KINDS,
        **DEVICES,
        **_MODES,
        "set_printoptions": Builtin(
            "set_printoptions",
            lambda machine, *args, **named: machine.printing.set_torchs(*args, **named),
            0,
            MOST_OPTIONS,
            TORCHS_OPTIONS,
        ),
        "nn": NN,
        "pi": torch.pi,
        "e": torch.e,
        "inf": torch.inf,
        "nan": torch.nan,
        "newaxis": None,
        "__version__": str(torch.__version__),
    },
    frozenset(dir(torch)),
    {},
)
TENSOR_NAMES = frozenset(dir(Tensor))
