"""Where a number that is NaN or infinite arose: the first one on its way that nothing of its kind went into."""

import math
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from adelante.network.cells import Cell
from adelante.network.explain import cell_value, explain
from adelante.network.explanation import Explanation, Form, Part
from adelante.network.network import Network
from adelante.network.trace import Trace

Cause = Literal["given", "constant", "product", "quotient", "sum", "function", "within"]


@dataclass(frozen=True)
class Arising:
    """The cell in which a NaN or an infinity arose, its value there, and the arithmetic that gave it.

    given      an input or a parameter has it
    constant   the network puts it there: a mask's −∞, a padding
    product    numbers[0] · numbers[1]
    quotient   numbers[0] / numbers[1]
    sum        numbers[0] + numbers[1]
    function   `formula`, where x, y, … are `numbers`
    within     none of these alone: numbers on the operation's way grow too large

    `before` is, of a NaN made of an infinity, where that arose.
    """

    tensor: str
    at: tuple[int, ...]
    value: float
    cause: Cause
    numbers: tuple[float, ...] = ()
    formula: str = ""
    before: "Arising | None" = None


def arises(network: Network, trace: Trace, tensor: str, at: Sequence[int], row: int = 0) -> Arising | None:
    """Where the number at `at` arose as NaN or as an infinity; None where it is finite. `row` and `at` as of `explain`.

    It is followed back through the numbers of its kind that it is made of: the first tensor in the order of the pass
    in which one of them is made of none. Each tensor is looked at once, in one cell.
    """
    steps = arises_in_steps(network, trace, tensor, at, row)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: Arising | None = end.value
            return found


def arises_in_steps(
    network: Network, trace: Trace, tensor: str, at: Sequence[int], row: int = 0
) -> Generator[None, None, Arising | None]:
    """The same for who has other things to do: a step explains one cell."""
    value = cell_value(network, trace, tensor, at, row)
    if math.isfinite(value):
        return None
    same = torch.isnan if math.isnan(value) else torch.isinf
    pending = {tensor: tuple(at)}
    first: Explanation | None = None
    for node in reversed(network.nodes):
        if node.name in pending:
            found = explain(network, trace, node.name, pending.pop(node.name), row)
            cells = list(_cells(found, same))
            first = first if cells else found
            for cell in cells:
                pending[cell.tensor] = min(cell.at, pending.get(cell.tensor, cell.at))
            yield
    if pending:
        given = next(name for name in network.shapes if name in pending)
        return Arising(given, pending[given], cell_value(network, trace, given, pending[given], row), "given")
    assert first is not None
    return (yield from _arising(network, trace, first, row))


def _arising(network: Network, trace: Trace, found: Explanation, row: int) -> Generator[None, None, Arising]:
    dtype = trace.values[found.tensor].dtype
    nan = math.isnan(found.value)
    infinite = next(_cells(found, torch.isinf), None) if nan else None
    cause: Cause = "within"
    numbers: tuple[float, ...] = ()
    formula = ""
    for step in _STEPS[found.form](found, dtype):
        if math.isnan(step.result) if nan else math.isinf(step.result):
            cause, numbers, formula, infinite = step.cause, step.numbers, step.formula, step.infinite or infinite
            break
    before = None
    if infinite is not None:
        before = yield from arises_in_steps(network, trace, infinite.tensor, infinite.at, row)
    return Arising(found.tensor, found.at, found.value, cause, numbers, formula, before)


@dataclass(frozen=True)
class _Step:
    """One piece of arithmetic on the way to a number. `infinite` is the cell that its infinity is of, if one has it."""

    cause: Cause
    numbers: tuple[float, ...]
    result: float
    formula: str = ""
    infinite: Cell | None = None


Steps = Iterator[_Step]


def _cells(found: Explanation, same: Callable[[Tensor], Tensor]) -> Iterator[Cell]:
    """Of each tensor that a number is made of, the first cell for which `same` holds."""
    for part in found.parts:
        yield from _first(part.tensor, part.at, part.values, same)
        if part.factor is not None and part.factor_at is not None and part.factors is not None:
            yield from _first(part.factor, part.factor_at, part.factors, same)


def _first(tensor: str, at: Tensor, values: Tensor, same: Callable[[Tensor], Tensor]) -> Iterator[Cell]:
    there = same(values).nonzero()
    if len(there):
        yield Cell(tensor, tuple(at[int(there[0])].tolist()))


def _rounded(number: Tensor, dtype: torch.dtype) -> float:
    """As a number of the pass, which overflows sooner than a float."""
    return float(number.to(dtype))


def _product(a: float, b: float, dtype: torch.dtype, infinite: Cell | None = None) -> _Step:
    return _Step("product", (a, b), _rounded(_wide(a) * b, dtype), infinite=infinite)


def _quotient(a: float, b: float, dtype: torch.dtype) -> _Step:
    return _Step("quotient", (a, b), _rounded(_wide(a) / b, dtype))


def _sum(a: float, b: float, dtype: torch.dtype) -> _Step:
    return _Step("sum", (a, b), _rounded(_wide(a) + b, dtype))


def _wide(number: float) -> Tensor:
    # torch divides by 0, Python doesn't.
    return torch.tensor(number, dtype=torch.float64)


def _sums(found: Explanation, dtype: torch.dtype) -> Steps:
    """The products that are no finite numbers, then the sum of all, term by term."""
    terms = [torch.zeros(1, dtype=torch.float64)]
    for part in found.parts:
        if part.factors is not None:
            yield from _products(part, dtype)
        scale = found.constants.get(f"factor of {part.role}", 1.0) * (-1.0 if part.role == "subtracted" else 1.0)
        terms.append(part.contributions.double() * scale)
    added = torch.cat([*terms, _wide(found.constants.get("offset", 0.0)).reshape(1)])
    running = added.cumsum(0)
    narrow = running.to(dtype)
    for there in (narrow.isinf().nonzero(), narrow.isnan().nonzero()):
        if len(there):
            k = int(there[0])
            yield _sum(float(running[k - 1]), float(added[k]), dtype)
    up, down = float(added.clamp(min=0).sum()), float(added.clamp(max=0).sum())
    yield _sum(_rounded(_wide(up), dtype), _rounded(_wide(down), dtype), dtype)


def _products(part: Part, dtype: torch.dtype) -> Steps:
    assert part.factors is not None
    for k in part.contributions.isfinite().logical_not().nonzero()[:, 0].tolist():
        value, factor = float(part.values[k]), float(part.factors[k])
        infinite: Cell | None = None
        if math.isinf(value):
            infinite = Cell(part.tensor, tuple(part.at[k].tolist()))
        elif math.isinf(factor) and part.factor is not None and part.factor_at is not None:
            infinite = Cell(part.factor, tuple(part.factor_at[k].tolist()))
        yield _product(value, factor, dtype, infinite)


def _factors(found: Explanation, dtype: torch.dtype) -> Steps:
    above = [value for part in found.parts if part.role != "divisor" for value in part.values.tolist()]
    above += [found.constants["factor"]] if "factor" in found.constants else []
    below = [value for part in found.parts if part.role == "divisor" for value in part.values.tolist()]
    below += [found.constants["divisor"]] if "divisor" in found.constants else []
    running = float(above[0]) if above else 1.0
    for step, numbers in ((_product, above[1:]), (_quotient, below)):
        for each in numbers:
            made = step(running, float(each), dtype)
            yield made
            running = made.result


def _function(found: Explanation, _dtype: torch.dtype) -> Steps:
    numbers = tuple(float(part.values[0]) for part in found.parts)
    yield _Step("function", numbers, found.value, found.formula)


def _normalisation(found: Explanation, dtype: torch.dtype) -> Steps:
    """(x − mean) / √(variance + eps) · scale + shift. An infinity among the numbers leaves them without a mean."""
    for part in found.parts:
        if part.role in ("x", "over", "mean") and (
            cell := next(_first(part.tensor, part.at, part.values, torch.isinf), None)
        ):
            yield _Step("sum", (math.inf, -math.inf), math.nan, infinite=cell)
    x, scale, shift = (
        None if part is None else float(part.values[0]) for part in map(found.part, ("x", "scale", "shift"))
    )
    assert x is not None
    variance = found.constants["variance"] + found.constants["eps"]
    deviation = _rounded(_wide(variance).sqrt(), torch.float64)
    yield _Step("function", (variance,), deviation, "√x")
    centred = _sum(x, -found.constants["mean"], dtype)
    yield centred
    now = _quotient(centred.result, deviation, dtype)
    yield now
    if scale is not None:
        now = _product(now.result, scale, dtype)
        yield now
    if shift is not None:
        yield _sum(now.result, shift, dtype)


def _softmax(found: Explanation, dtype: torch.dtype) -> Steps:
    """The largest is taken from each, and from itself."""
    largest = found.constants["largest"]
    yield _sum(largest, -largest, dtype)


def _constant(found: Explanation, _dtype: torch.dtype) -> Steps:
    yield _Step("constant", (), found.value)


_STEPS: Mapping[Form, Callable[[Explanation, torch.dtype], Steps]] = {
    "sum-of-products": _sums,
    "sum": _sums,
    "choice": _constant,
    "function": _function,
    "product": _factors,
    "normalisation": _normalisation,
    "softmax": _softmax,
    "move": _constant,
}
