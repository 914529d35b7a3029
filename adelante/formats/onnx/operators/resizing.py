"""Pictures made larger or smaller: each number of the result a mean of numbers whose weights are known."""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from adelante.formats.onnx.operators.registry import Builder, OnnxNode, Value, reads
from adelante.formats.onnx.refusals import Refused
from adelante.formats.onnx.values import dimension
from adelante.network.operations import lookups, matmul, moves, pictures, resize


class _Side(NamedTuple):
    """One dimension: its size, the size that is wanted, how many times that is, and where its cells lie."""

    size: int
    wanted: int
    scale: float
    place: Callable[["_Side", int], float]

    def at(self, out: int) -> float:
        return self.place(self, out)


def _half_pixel(side: _Side, out: int) -> float:
    return (out + 0.5) / side.scale - 0.5


def _corners(side: _Side, out: int) -> float:
    return out * (side.size - 1) / (side.wanted - 1) if side.wanted > 1 else 0.0


_PLACES: dict[str, Callable[[_Side, int], float]] = {
    "half_pixel": _half_pixel,
    "half_pixel_symmetric": lambda side, out: (
        (side.size / 2) * (1 - side.wanted / (side.scale * side.size)) + _half_pixel(side, out)
    ),
    "pytorch_half_pixel": lambda side, out: _half_pixel(side, out) if side.wanted > 1 else 0.0,
    "align_corners": _corners,
    "asymmetric": lambda side, out: out / side.scale,
}
_ROUNDED: dict[str, Callable[[float], int]] = {
    "round_prefer_floor": lambda x: math.ceil(x - 0.5),
    "round_prefer_ceil": lambda x: math.floor(x + 0.5),
    "floor": math.floor,
    "ceil": math.ceil,
}


@reads("Resize")
def _resize(
    b: Builder,
    node: OnnxNode,
    x: Value,
    roi: Value | None = None,
    scales: Value | None = None,
    sizes: Value | None = None,
) -> Value:
    if node.version < 11:
        # Its second operand was then the scales.
        return _resized(b, node, x, b.known(_there(roi), "scales").tolist(), None, "asymmetric", "floor")
    node.ignore("extrapolation_value")
    node.only("cubic_coeff_a", -0.75)
    for name in ("antialias", "exclude_outside"):
        node.only(name, 0)
    node.only("keep_aspect_ratio_policy", "stretch")
    axes = [dimension(axis, x.rank) for axis in node.wholes("axes") or range(x.rank)]
    here = b.shape(x)
    wanted = None if sizes is None else b.sizes(sizes, "sizes")
    times = None if scales is None or wanted is not None else b.known(scales, "scales").tolist()
    every = list(here)
    if wanted is not None:
        for axis, size in zip(axes, wanted, strict=True):
            every[axis] = size
    factors = [1.0] * x.rank
    for axis, factor in zip(axes, times or [], strict=times is not None):
        factors[axis] = factor
    way = node.text("coordinate_transformation_mode", "half_pixel")
    rounding = node.text("nearest_mode", "round_prefer_floor")
    return _resized(b, node, x, None if wanted is not None else factors, every, way, rounding)


def _there(value: Value | None) -> Value:
    if value is None:
        raise Refused("onnx-not-constant", operand="scales")
    return value


@reads("Upsample")
def _upsample(b: Builder, node: OnnxNode, x: Value, scales: Value | None = None) -> Value:
    factors = node.fractions("scales") if scales is None else b.known(scales, "scales").tolist()
    return _resized(b, node, x, factors, None, "asymmetric", "floor")


def _resized(
    b: Builder,
    node: OnnxNode,
    x: Value,
    factors: Sequence[float] | None,
    wanted: Sequence[object] | None,
    way: str,
    rounding: str,
) -> Value:
    mode = node.text("mode", "nearest")
    if way not in _PLACES or rounding not in _ROUNDED:
        node.refuse("coordinate_transformation_mode")
    sides: dict[int, _Side] = {}
    for dim, size in enumerate(b.shape(x)):
        factor = None if factors is None else factors[dim]
        if factor == 1.0 or (factor is None and wanted is not None and wanted[dim] == size):
            continue
        fixed = b.fixed_size(x, dim)
        new = math.floor(fixed * factor) if factor is not None else wanted[dim]  # type: ignore[index]
        if not isinstance(new, int) or not 0 < new < 1 << 20:
            raise Refused("onnx-of-batch")
        sides[dim] = _Side(fixed, new, factor or new / fixed, _PLACES[way])
    if not sides:
        return x
    if mode == "nearest":
        return _nearest(b, x, sides, _ROUNDED[rounding])
    if mode not in ("linear", "cubic"):
        node.refuse("mode")
    return _interpolated(b, x, sides, mode, way)


def _nearest(b: Builder, x: Value, sides: dict[int, _Side], rounded: Callable[[float], int]) -> Value:
    places = {
        dim: [min(max(rounded(side.at(out)), 0), side.size - 1) for out in range(side.wanted)]
        for dim, side in sides.items()
    }
    as_torch = all(
        found == [out * sides[dim].size // sides[dim].wanted for out in range(sides[dim].wanted)]
        for dim, found in places.items()
    )
    if as_torch and min(sides) >= 2 and 3 <= x.rank <= 5:
        size = tuple(sides[dim].wanted if dim in sides else b.fixed_size(x, dim) for dim in range(2, x.rank))
        return b.emit(pictures.UpsampleNearest(size), x)
    for dim, found in places.items():
        x = b.emit(lookups.IndexSelect(dim), x, b.whole(found))
    return x


def _interpolated(b: Builder, x: Value, sides: dict[int, _Side], mode: str, way: str) -> Value:
    plain = all(side.scale == side.wanted / side.size for side in sides.values())
    pixels = {"half_pixel": False, "pytorch_half_pixel": False, "align_corners": True}
    if mode == "linear" and x.rank == 4 and set(sides) <= {2, 3} and way in pixels and plain:
        size = tuple(sides[dim].wanted if dim in sides else b.fixed_size(x, dim) for dim in (2, 3))
        if way != "pytorch_half_pixel" or min(size) > 1:
            return b.emit(resize.UpsampleBilinear2d(size, None, pixels[way]), x)  # type: ignore[arg-type]
    for dim, side in sides.items():
        weights = b.constant(_weights(side, mode).to(x.dtype))
        turned = _last(b, x, dim)
        x = _last(b, b.emit(matmul.Matmul(), turned, weights), dim)
    return x


def _last(b: Builder, x: Value, dim: int) -> Value:
    """The tensor with this dimension and the last one in each other's place."""
    return x if dim == x.rank - 1 else b.emit(moves.Transpose(dim, x.rank - 1), x)


def _weights(side: _Side, mode: str) -> Tensor:
    """(size, wanted): what each number of the one side is to each of the other."""
    found = torch.zeros(side.size, side.wanted, dtype=torch.float64)
    for out in range(side.wanted):
        at = side.at(out)
        low = math.floor(at)
        near = _cubic(at - low) if mode == "cubic" else [(0, 1 - (at - low)), (1, at - low)]
        for k, weight in near:
            found[min(max(low + k, 0), side.size - 1), out] += weight
    return found


def _cubic(t: float) -> list[tuple[int, float]]:
    a = -0.75

    def outer(d: float) -> float:
        return a * (d**3 - 5 * d**2 + 8 * d - 4)

    def inner(d: float) -> float:
        return (a + 2) * d**3 - (a + 3) * d**2 + 1

    return [(-1, outer(1 + t)), (0, inner(t)), (1, inner(1 - t)), (2, outer(2 - t))]
