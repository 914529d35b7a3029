"""What an exported program asks for: inputs, whose sizes are numbers or left open, as the batch mostly is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch._dynamo.source import ConstantSource
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.fx.experimental.symbolic_shapes import DimDynamic, ShapeEnv, StatelessSymbolicContext

from adelante.formats.exported.package import DTYPES, Package, refuse
from adelante.formats.exported.sizes import BadSize, Expression, Symbol, parsed, value
from adelante.network.metas import STRANGERS
from adelante.network.network import Batch

_MAX_RANK = 8
# torch takes sizes of 0 and 1 for constants.
ROWS = 2


@dataclass(frozen=True, slots=True)
class Asked:
    """An input as the file has it: its name, its dtype, its sizes."""

    key: str
    dtype: torch.dtype
    sizes: tuple[Expression, ...]


class Given(NamedTuple):
    """An input as it is handed to the graph: a tensor without numbers."""

    key: str
    value: Tensor


class Plan(NamedTuple):
    """How the inputs are taken: what their first dimension is, and each one's sizes, None where it is the batch's."""

    batch: Batch
    sizes: tuple[tuple[int | None, ...], ...]
    settled: bool = False
    """Whether sizes are taken for numbers which the file leaves open."""


def asked_of(package: Package) -> list[Asked]:
    """The inputs that are tensors, in order. Raises NetworkError where one is something else that a pass would need."""
    module = package.program["graph_module"]
    values = module["graph"]["tensor_values"]
    found = []
    for spec in module["signature"]["input_specs"]:
        if "user_input" not in spec:
            continue
        argument = spec["user_input"]["arg"]
        if "as_tensor" not in argument:
            refuse("exported-input", kind=str(next(iter(argument)))[:40])
        key = argument["as_tensor"]["name"]
        meta = values[key]
        if meta["dtype"] not in DTYPES:
            refuse("exported-dtype", name=str(key)[:100], dtype=str(meta["dtype"])[:20])
        if len(meta["sizes"]) > _MAX_RANK:
            raise ValueError(f"an input of {len(meta['sizes'])} dimensions")
        found.append(Asked(key, DTYPES[meta["dtype"]], tuple(_size(each) for each in meta["sizes"])))
    return found


def _size(told: Mapping[str, Any]) -> Expression:
    if "as_expr" in told:
        return parsed(told["as_expr"]["expr_str"])
    if type(told["as_int"]) is not int:
        raise TypeError("a size is no number")
    return int(told["as_int"])


def _known(package: Package) -> dict[str, int]:
    """How large what is left open was when the program was exported, as its inputs' sizes tell; else its least."""
    module = package.program["graph_module"]
    least: dict[str, int] = {}
    for name, bounds in (package.program.get("range_constraints") or {}).items():
        low = bounds.get("min_val")
        least[name] = max(low, ROWS) if type(low) is int else ROWS
    for meta in module["graph"]["tensor_values"].values():
        for told in meta["sizes"]:
            if "as_expr" in told and (hint := told["as_expr"].get("hint")) is not None:
                symbol = parsed(told["as_expr"]["expr_str"])
                if isinstance(symbol, Symbol) and type(hint.get("as_int")) is int:
                    least[symbol.name] = hint["as_int"]
    return least


def plans_of(asked: Sequence[Asked], package: Package) -> Iterator[Plan]:
    """The ways to take the inputs, the best first.

    Where the first dimension of all of them is the same open size, that is the batch; else what is the batch cannot be
    told, unless it is a batch of one.
    """
    try:
        known = _known(package)
        firsts = {each.sizes[0] if each.sizes else None for each in asked}
        (first,) = firsts if len(firsts) == 1 else (None,)
        if isinstance(first, Symbol):
            yield _plan("any", asked, known, first)
            yield _plan("one", asked, known | {first.name: 1})
        elif first == 1:
            yield _plan("one", asked, known)
            return
        yield _plan("none", asked, known)
    except BadSize as error:
        refuse("exported-size", reason=str(error))


def _plan(batch: Batch, asked: Sequence[Asked], known: Mapping[str, int], open_size: Symbol | None = None) -> Plan:
    sizes = tuple(
        tuple(None if k == 0 and open_size is not None else value(size, known) for k, size in enumerate(each.sizes))
        for each in asked
    )
    for each in sizes:
        if prod(size or 1 for size in each) > STRANGERS.tensor:
            refuse("exported-size", reason=f"an input of {prod(size or 1 for size in each)} numbers")
    rest = [size for each in asked for size in (each.sizes[1:] if batch != "none" else each.sizes)]
    return Plan(batch, sizes, any(not isinstance(size, int) for size in rest))


def given(asked: Sequence[Asked], plan: Plan) -> tuple[list[Given], FakeTensorMode]:
    """The inputs without their numbers, the batch as a size that torch follows through the graph."""
    mode = FakeTensorMode(shape_env=ShapeEnv(), allow_non_fake_inputs=True)
    followed: StatelessSymbolicContext[Any, Any] = StatelessSymbolicContext(dynamic_sizes=[DimDynamic.DYNAMIC])
    rows = mode.from_tensor(torch.empty(ROWS), symbolic_context=followed, source=ConstantSource("batch")).shape[0]
    found = []
    with mode:
        for each, sizes in zip(asked, plan.sizes, strict=True):
            shape = tuple(rows if size is None else size for size in sizes)
            found.append(Given(each.key, torch.empty(shape, dtype=each.dtype)))
    return found, mode


def examples(asked: Sequence[Asked], plan: Plan) -> list[Tensor]:
    """Inputs with numbers to try: drawn, the same each time; whole ones 0 or 1, which every table has places for."""
    generator = torch.Generator().manual_seed(0)
    found = []
    for each, sizes in zip(asked, plan.sizes, strict=True):
        shape = tuple(ROWS if size is None else size for size in sizes)
        if each.dtype.is_floating_point:
            found.append(torch.randn(shape, generator=generator).to(each.dtype))
        else:
            found.append(torch.randint(2, shape, generator=generator).to(each.dtype))
    return found
