"""Parameters that a file holds in pieces, put together as their module does in eval mode.

torch.nn.utils.prune keeps `weight_orig` and `weight_mask`; weight_norm keeps `weight_g` and `weight_v`, or, as a
parametrization, `parametrizations.weight.original0` and `original1`; spectral_norm `weight_orig`, `weight_u` and
`weight_v`, or `parametrizations.weight.original`, `.0._u` and `.0._v`.
"""

from collections.abc import Callable, Mapping
from typing import NoReturn

import torch
from torch import Tensor

from adelante.formats.tensors import pointer_of
from adelante.network.errors import Fault, NetworkError, shape_text

PARAMETERS = ("weight", "bias")
_PARAMETRIZED = "parametrizations.{0}.{1}"
_Put = Callable[..., Tensor]


def _pruned(whole: Tensor, mask: Tensor) -> Tensor:
    return whole * mask.to(whole.dtype)


def _weight_normed(g: Tensor, v: Tensor) -> Tensor:
    """v with the lengths g: of each row, of each column, or of all of it, as the shape of g says."""
    rows = (v.shape[0], *([1] * (v.dim() - 1)))
    columns = (1, v.shape[1], *([1] * (v.dim() - 2))) if v.dim() > 1 else rows
    dim = 0 if g.shape == rows else 1 if g.shape == columns else -1
    return torch._weight_norm(v, g, dim)


def _spectral(whole: Tensor, u: Tensor, v: Tensor) -> Tensor:
    """Divided by its largest singular value, as the power iteration of the training left it."""
    return whole / torch.vdot(u, torch.mv(whole.reshape(whole.shape[0], -1), v))


# What a parameter's pieces are called, the note that is told of it, and how they go together.
_KINDS: tuple[tuple[str, tuple[str, ...], _Put], ...] = (
    ("spectral-normed", ("{0}_orig", "{0}_u", "{0}_v"), _spectral),
    ("pruned", ("{0}_orig", "{0}_mask"), _pruned),
    ("weight-normed", ("{0}_g", "{0}_v"), _weight_normed),
    ("weight-normed", ("parametrizations.{0}.original0", "parametrizations.{0}.original1"), _weight_normed),
    (
        "spectral-normed",
        ("parametrizations.{0}.original", "parametrizations.{0}.0._u", "parametrizations.{0}.0._v"),
        _spectral,
    ),
)
PIECES = frozenset(form.format(parameter) for _, forms, _ in _KINDS for form in forms for parameter in PARAMETERS)
"""What pieces are called after their module's name."""


def composed(prefix: str, own: Mapping[str, Tensor], parameter: str) -> tuple[Tensor, str] | None:
    """A module's weight or bias from its pieces, and which kind of pieces they were; None where it has none.

    `own` are the module's tensors by what stands after its name. Raises NetworkError where a piece is missing, or the
    pieces do not fit one another.
    """
    names = [name for name in own if name in PIECES and (name.startswith(parameter) or f".{parameter}." in name)]
    if not names:
        return None
    for kind, forms, put in () if parameter in own else _KINDS:
        wanted = [form.format(parameter) for form in forms]
        if set(wanted) == set(names):
            pieces = [own[name] for name in wanted]
            return _put(prefix, wanted, pieces, put), kind
    return _refuse("file-pieces", prefix, names[0], names=sorted(names))


def _put(prefix: str, names: list[str], pieces: list[Tensor], put: _Put) -> Tensor:
    dtype = pieces[0].dtype
    for piece in pieces[1:]:
        dtype = torch.promote_types(dtype, piece.dtype) if piece.is_floating_point() else dtype
    try:
        # Masks may hold truth values; all else is numbers of one precision.
        return put(*(piece.to(dtype) if piece.is_floating_point() else piece for piece in pieces))
    except (RuntimeError, IndexError):
        shapes = "; ".join(f"{name} {shape_text(piece.shape)}" for name, piece in zip(names, pieces, strict=True))
        _refuse("file-pieces-shapes", prefix, names[0], shapes=shapes)


def _refuse(key: str, prefix: str, first: str, **values: object) -> NoReturn:
    name = f"{prefix}.{first}" if prefix else first
    raise NetworkError(Fault("unsupported-file", key, pointer_of(name), {"name": name, **values}))
