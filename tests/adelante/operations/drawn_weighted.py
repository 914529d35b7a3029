"""Dense layers, products, convolutions, pooling, normalisation, softmax."""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from tests.adelante.operations.drawn import Case, Drawer, chance, choice, dim, draws, mask, numbers, shape, size

_CONV: tuple[Any, ...] = (F.conv1d, F.conv2d, F.conv3d)
_TRANSPOSED: tuple[Any, ...] = (F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d)


def _some(*operands: Tensor | None) -> tuple[Tensor, ...]:
    return tuple(each for each in operands if each is not None)


@draws("dense", "linear")
def _dense(draw: Drawer, kind: str) -> Case:
    n_in, n_out = size(draw), size(draw)
    weights = numbers(draw, *((n_in, n_out) if kind == "dense" else (n_out, n_in)))
    biases = numbers(draw, n_out) if chance(draw) else None
    x = numbers(draw, *shape(draw, 1, 3), n_in)

    def torchs(x: Tensor, weights: Tensor, biases: Tensor | None = None) -> Tensor:
        if kind == "dense" and x.dim() == 2 and biases is not None:
            return torch.addmm(biases, x, weights)
        return F.linear(x, weights.t() if kind == "dense" else weights, biases)

    return Case({}, _some(x, weights, biases), torchs, rows=True)


@draws("matmul")
def _matmul(draw: Drawer, kind: str) -> Case:
    inner, batch = size(draw), shape(draw, 0, 2)
    left = choice(draw, (inner,), (size(draw), inner), (*batch, size(draw), inner))
    right = choice(draw, (inner,), (inner, size(draw)), (*batch, inner, size(draw)))
    return Case({}, (numbers(draw, *left), numbers(draw, *right)), torch.matmul)


@draws("addmm")
def _addmm(draw: Drawer, kind: str) -> Case:
    rows, inner, columns = size(draw), size(draw), size(draw)
    batch = (size(draw),) if chance(draw) else ()
    bias = numbers(draw, *batch, choice(draw, 1, rows), choice(draw, 1, columns))
    operands = (bias, numbers(draw, *batch, rows, inner), numbers(draw, *batch, inner, columns))
    options = {"beta": choice(draw, 1.0, 0.5), "alpha": choice(draw, 1.0, -2.0)}
    function: Any = torch.baddbmm if batch else torch.addmm
    return Case(options, operands, lambda *each: function(*each, **options))


@draws("conv1d", "conv2d", "conv3d")
def _conv(draw: Drawer, kind: str) -> Case:
    d, groups = int(kind[4]), size(draw, 1, 2)
    kernel = [size(draw, 1, 3) for _ in range(d)]
    mode = choice(draw, "zeros", "zeros", "reflect", "replicate", "circular")
    dilation = tuple(size(draw, 1, 2) for _ in range(d)) if chance(draw) else size(draw, 1, 2)
    wide = dilation if isinstance(dilation, tuple) else (dilation,) * d
    padding: Any = tuple(size(draw, 0, 2) for _ in range(d))
    if chance(draw) and mode == "zeros":
        padding = choice(draw, "same", "valid")
    stride = 1 if padding == "same" else size(draw, 1, 2)
    # As large as the kernel reaches, and larger than what reflection takes.
    places = [step * (k - 1) + 1 + size(draw, 2, 3) for k, step in zip(kernel, wide, strict=True)]
    x = numbers(draw, size(draw, 1, 2), groups * size(draw, 1, 2), *places)
    weights = numbers(draw, groups * size(draw, 1, 2), x.shape[1] // groups, *kernel)
    biases = numbers(draw, weights.shape[0]) if chance(draw) else None
    options = {
        "stride": stride,
        "padding": padding,
        "dilation": dilation,
        "groups": groups,
        "padding_mode": mode,
    }

    def torchs(x: Tensor, weights: Tensor, biases: Tensor | None = None) -> Tensor:
        if mode == "zeros":
            found: Tensor = _CONV[d - 1](x, weights, biases, stride, padding, dilation, groups)
            return found
        sides = [side for each in reversed(padding) for side in (each, each)]
        inside: Tensor = _CONV[d - 1](F.pad(x, sides, mode), weights, biases, stride, 0, dilation, groups)
        return inside

    return Case(options, _some(x, weights, biases), torchs, rows=True)


@draws("conv_transpose1d", "conv_transpose2d", "conv_transpose3d")
def _transposed(draw: Drawer, kind: str) -> Case:
    d, groups = int(kind[-2]), size(draw, 1, 2)
    stride = tuple(size(draw, 1, 3) for _ in range(d))
    dilation = size(draw, 1, 2)
    kernel = [size(draw, 1, 3) for _ in range(d)]
    extra = tuple(draw_below(draw, max(each, dilation)) for each in stride)
    padding = tuple(size(draw, 0, (k - 1) * dilation // 2) for k in kernel)
    x = numbers(draw, size(draw, 1, 2), groups * size(draw, 1, 2), *(size(draw, 1, 3) for _ in range(d)))
    weights = numbers(draw, x.shape[1], size(draw, 1, 2), *kernel)
    biases = numbers(draw, groups * weights.shape[1]) if chance(draw) else None
    options = {
        "stride": stride,
        "padding": padding,
        "output_padding": extra,
        "groups": groups,
        "dilation": dilation,
    }

    def torchs(x: Tensor, weights: Tensor, biases: Tensor | None = None) -> Tensor:
        found: Tensor = _TRANSPOSED[d - 1](x, weights, biases, **options)
        return found

    return Case(options, _some(x, weights, biases), torchs, rows=True)


def draw_below(draw: Drawer, limit: int) -> int:
    return size(draw, 0, limit - 1)


@draws(*(pool.format(d) for pool in ("max_pool{}d", "max_pool{}d_indices", "avg_pool{}d") for d in (1, 2, 3)))
def _pool(draw: Drawer, kind: str) -> Case:
    kind, indices, _ = kind.partition("_indices")
    d = int(kind[-2])
    kernel = tuple(size(draw, 1, 3) for _ in range(d))
    options: dict[str, Any] = {
        "kernel_size": kernel,
        "stride": tuple(size(draw, 1, 3) for _ in range(d)) if chance(draw) else None,
        "padding": tuple(size(draw, 0, k // 2) for k in kernel),
        "ceil_mode": chance(draw),
    }
    if kind.startswith("max"):
        options["dilation"] = size(draw, 1, 2)
    else:
        options["count_include_pad"] = chance(draw)
    places = [2 * (k - 1) + 1 + size(draw, 0, 3) for k in kernel]
    x = numbers(draw, size(draw, 1, 2), size(draw, 1, 2), *places)
    function: Any = getattr(F, kind)
    if indices:
        return Case(options, (x,), lambda x: function(x, **options, return_indices=True)[1], rows=True)
    return Case(options, (x,), lambda x: function(x, **options), rows=True)


@draws(*(f"adaptive_{pool}_pool{d}d" for pool in ("max", "avg") for d in (1, 2, 3)))
def _adaptive(draw: Drawer, kind: str) -> Case:
    d = int(kind[-2])
    wanted = tuple(size(draw) for _ in range(d))
    x = numbers(draw, size(draw, 1, 2), size(draw, 1, 2), *(size(draw, 1, 5) for _ in range(d)))
    function: Any = getattr(F, kind)
    return Case({"output_size": wanted}, (x,), lambda x: function(x, wanted if d > 1 else wanted[0]), rows=True)


def _around(draw: Drawer, x: Tensor, *wanted: int) -> tuple[Tensor, ...]:
    """Scale and shift, scale alone, or neither."""
    return tuple(numbers(draw, *wanted) for _ in range(size(draw, 0, 2)))


def _eps(draw: Drawer) -> float:
    return float(choice(draw, 1e-5, 1e-3))


@draws("batch_norm")
def _batch_norm(draw: Drawer, kind: str) -> Case:
    x, eps = numbers(draw, size(draw), size(draw), *shape(draw, 0, 2)), _eps(draw)
    kept = (numbers(draw, x.shape[1]), numbers(draw, x.shape[1], positive=True))
    rest = _around(draw, x, x.shape[1])
    batch_norm: Any = F.batch_norm
    return Case({"eps": eps}, (x, *kept, *rest), lambda x, *each: batch_norm(x, *each, eps=eps), rows=True)


@draws("layer_norm", "rms_norm")
def _layer_norm(draw: Drawer, kind: str) -> Case:
    wanted, eps = shape(draw, 1, 2), _eps(draw)
    x = numbers(draw, *shape(draw, 1, 2), *wanted)
    rest = _around(draw, x, *wanted)[: 2 if kind == "layer_norm" else 1]
    function: Any = getattr(F, kind)
    options = {"normalized_shape": wanted, "eps": eps}
    return Case(options, (x, *rest), lambda x, *each: function(x, wanted, *each, eps=eps), rows=True)


@draws("group_norm")
def _group_norm(draw: Drawer, kind: str) -> Case:
    groups, eps = size(draw, 1, 3), _eps(draw)
    # torch wants several numbers to have a variance.
    x = numbers(draw, size(draw), groups * size(draw, 1, 2), size(draw, 2, 4), *shape(draw, 0, 1))
    rest = _around(draw, x, x.shape[1])
    options = {"num_groups": groups, "eps": eps}
    group_norm: Any = F.group_norm
    return Case(options, (x, *rest), lambda x, *each: group_norm(x, groups, *each, eps=eps), rows=True)


@draws("instance_norm")
def _instance_norm(draw: Drawer, kind: str) -> Case:
    x, eps = numbers(draw, size(draw), size(draw), size(draw, 2, 4), *shape(draw, 0, 1)), _eps(draw)
    rest = _around(draw, x, x.shape[1])
    names = ("weight", "bias")

    def torchs(x: Tensor, *each: Tensor) -> Tensor:
        return F.instance_norm(x, **dict(zip(names, each, strict=False)), eps=eps)  # type: ignore[arg-type]

    return Case({"eps": eps}, (x, *rest), torchs, rows=True)


@draws("softmax", "log_softmax", "safe_softmax")
def _softmax(draw: Drawer, kind: str) -> Case:
    x = numbers(draw, *shape(draw, 2, 4))
    along = dim(draw, x.dim(), least=1)
    if kind == "safe_softmax":
        x = x.masked_fill(mask(draw, *x.shape), -torch.inf)

        def safe(x: Tensor) -> Tensor:
            return torch.softmax(x, along).masked_fill((x == -torch.inf).all(along, keepdim=True), 0)

        return Case({"dim": along}, (x,), safe, rows=True)
    function: Any = getattr(torch, kind)
    return Case({"dim": along}, (x,), lambda x: function(x, dim=along), rows=True)
