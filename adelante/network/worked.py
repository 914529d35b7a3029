"""The numbers on the way from an explanation's parts to its value: products, running sums, e^x, curves.

Whoever draws an explanation shows them; computed here, they are of the same pass as the parts and the value.
"""

import math
from collections.abc import Sequence
from functools import lru_cache

import torch
from torch import Tensor

from adelante.network.dense.responses import CURVE_SAMPLES, spread
from adelante.network.explanation import Explanation, Part
from adelante.network.forward import Trace
from adelante.network.operations import Operation

# A curve runs so far to both sides, or to the first of 12, 24, 48, … that holds its point: its range moves seldom.
_REACH = 6.0


def largest_terms(found: Explanation, most: int) -> tuple[int, ...]:
    """Which terms of a sum are the largest, the largest first, no more than `most`; its bias is none of them.

    A term's place is that among all cells of the parts, one part after another.
    """
    if not found.parts or found.form not in ("sum", "sum-of-products"):
        return ()
    joined = torch.cat([_sizes(found, part) for part in found.parts])
    count = min(most, int((joined >= 0).sum()))
    # Of equal ones the first, and the same one each time.
    return tuple(torch.argsort(joined, descending=True, stable=True)[:count].tolist())


def _sizes(found: Explanation, part: Part) -> Tensor:
    """How large each term of a part is; −1 for a bias. What is no number is as large as can be: it is all there is."""
    if part.role == "bias":
        return torch.full((len(part),), -1.0, dtype=torch.float64)
    added = found.added(part)
    assert added is not None
    return added.double().abs().nan_to_num(nan=math.inf, posinf=math.inf)


def worked(found: Explanation, trace: Trace, largest: Sequence[int]) -> dict[str, Tensor]:
    """The numbers on the way to `found.value`. `largest` are the terms of a sum to tell by themselves.

    sum-of-products, sum   `contributions` (n,), what each cell adds; `rest` (1,), what all others than `largest` add;
                           `running` (k + 2,): after the bias or the offset, after each of `largest`, after the rest
    function               `curve` (2, samples): numbers around the first part's, and f of them
    normalisation          `between` (3 or 4,): x − mean, √(variance + eps), their ratio, that times the scale
    softmax                `exponentials` (n,), e^(x − largest) of each; `shares` (n,), the whole row of results
    """
    match found.form:
        case "sum-of-products" | "sum":
            return _summed(found, largest)
        case "function":
            return {} if (curve := _curve(found, trace)) is None else {"curve": curve}
        case "normalisation":
            return {"between": _between(found)}
        case "softmax":
            return _shares(found, trace)
        case _:
            return {}


def _summed(found: Explanation, largest: Sequence[int]) -> dict[str, Tensor]:
    added = [each for part in found.parts if (each := found.added(part)) is not None]
    contributions = torch.cat([each.double() for each in added]) if added else torch.empty(0, dtype=torch.float64)
    is_bias = torch.cat([torch.full((len(part),), part.role == "bias") for part in found.parts] or [torch.empty(0)])
    bias = contributions[is_bias.bool()].sum() + found.constants.get("offset", 0.0)
    told = torch.tensor(list(largest), dtype=torch.long)
    others = ~is_bias.bool()
    others[told] = False
    rest = contributions[others].sum()
    running = torch.cat((bias.reshape(1), contributions[told], rest.reshape(1))).cumsum(0)
    return {"contributions": contributions, "rest": rest.reshape(1), "running": running}


def _between(found: Explanation) -> Tensor:
    x, scale = found.part("x"), found.part("scale")
    assert x is not None
    centred = float(x.values[0]) - found.constants["mean"]
    deviation = math.sqrt(found.constants["variance"] + found.constants["eps"])
    numbers = [centred, deviation, centred / deviation]
    if scale is not None:
        numbers.append(numbers[-1] * float(scale.values[0]))
    return torch.tensor(numbers, dtype=torch.float64)


def _shares(found: Explanation, trace: Trace) -> dict[str, Tensor]:
    logits = found.part("logits")
    assert logits is not None
    exponentials = (logits.values.double() - found.constants["largest"]).exp()
    return {"exponentials": exponentials, "shares": trace[found.tensor][tuple(logits.at.unbind(1))]}


def _curve(found: Explanation, trace: Trace) -> Tensor | None:
    """(2, samples) of f around the first part's number, the others held; None where that is a whole number."""
    first, *others = found.parts
    if not first.values.is_floating_point():
        return None
    reach, here = _REACH, abs(float(first.values[0]))
    if math.isfinite(here):
        while reach < here:
            reach *= 2.0
        reach = min(reach, torch.finfo(first.values.dtype).max)
    operation = trace.network.by_name[found.tensor].operation
    if not others:
        return _curve_of_one(operation, reach, first.values.dtype)
    along = spread(-reach, reach, CURVE_SAMPLES, first.values)
    return torch.stack((along, operation.run(along, *(part.values for part in others)).to(along.dtype)))


@lru_cache(maxsize=64)
def _curve_of_one(operation: Operation, reach: float, dtype: torch.dtype) -> Tensor:
    """The curve of an f of one number: the same at every pass while its range stays. To be read, not written."""
    along = spread(-reach, reach, CURVE_SAMPLES, torch.empty(0, dtype=dtype))
    return torch.stack((along, operation.run(along).to(dtype)))
