"""The layers that a file's tensors make, each with all that belongs to it; in which order they come is asked later."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NoReturn

from torch import Tensor

from adelante.formats.modules.composed import PIECES, composed
from adelante.formats.tensors import check_finite, pointer_of
from adelante.network.errors import Fault, NetworkError, shape_text

Kind = Literal["dense", "batch_norm"]

_LONGEST_NAME = 200
_PLAIN = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
_ENDS = sorted({*_PLAIN, *PIECES}, key=len, reverse=True)
_TENSOR = re.compile(r"(?:(?P<prefix>.+)\.)?(?P<end>{})".format("|".join(map(re.escape, _ENDS))), re.DOTALL)
# What wraps a module and says nothing of it: DataParallel, torch.compile, FSDP, activation checkpoints.
_WRAPPERS = frozenset(
    ("module", "_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module", "_forward_module", "state_dict")
)
# Of torch.optim.swa_utils.AveragedModel: how many models went into it.
_COUNTERS = ("n_averaged",)
# Tensors of modules that are no layer of a chain, by the ends of their names, and what says so.
_OF_OTHERS = {
    "file-parametrized": re.compile(r"(?:(.+)\.)?parametrizations\..+", re.DOTALL),
    "file-recurrent": re.compile(r"(?:(.+)\.)?(weight|bias)_(ih|hh|hr)(_l\d+(_reverse)?)?", re.DOTALL),
    "file-attention": re.compile(r"(?:(.+)\.)?(in_proj_weight|in_proj_bias|[qkv]_proj_weight|bias_[kv])", re.DOTALL),
}


@dataclass(frozen=True, eq=False)
class Part:
    """One layer of a file.

    `prefix` is what its tensors' names begin with, `name` the same without wrappers. Of a dense layer `tensors` has
    weights (n_in, n_out) and maybe biases (n_out,); of a batch norm mean and variance, and maybe scale and shift.
    `pieces` says how its parameters were put together, if they were.
    """

    prefix: str
    name: str
    kind: Kind
    tensors: dict[str, Tensor]
    pieces: tuple[str, ...] = ()

    @property
    def shape(self) -> tuple[int, int]:
        """(n_in, n_out)."""
        if self.kind == "batch_norm":
            return (self.tensors["mean"].numel(), self.tensors["mean"].numel())
        n_in, n_out = self.tensors["weights"].shape
        return n_in, n_out

    @property
    def weights_name(self) -> str:
        return tensor_name(self.prefix, "weight")


def tensor_name(prefix: str, end: str) -> str:
    """fc1.weight; a module that was saved by itself has no prefix: weight."""
    return f"{prefix}.{end}" if prefix else end


@dataclass
class _Module:
    """A module's tensors by what stands after its name."""

    prefix: str
    own: dict[str, Tensor] = field(default_factory=dict)


def parts_of(tensors: Mapping[str, Tensor]) -> list[Part]:
    """The layers of a file's tensors, in the file's order, which says nothing.

    Raises NetworkError (unsupported-file) for a tensor that no dense layer and no batch norm has, and where one lacks
    what it needs.
    """
    modules: dict[str, _Module] = {}
    for name, tensor in tensors.items():
        if name.rpartition(".")[2] in _COUNTERS:
            continue
        found = _TENSOR.fullmatch(name) if len(name) <= _LONGEST_NAME else None
        if found is None:
            _stranger(name)
        prefix = found["prefix"] or ""
        if any(word.lower().startswith("lora_") for word in prefix.split(".")):
            _refuse("file-lora", name)
        modules.setdefault(prefix, _Module(prefix)).own[found["end"]] = tensor
    names = _unwrapped(list(modules))
    return [_part(module, name) for module, name in zip(modules.values(), names, strict=True)]


def _stranger(name: str) -> NoReturn:
    short = name if len(name) <= _LONGEST_NAME else ""
    _refuse(next((key for key, names in _OF_OTHERS.items() if names.fullmatch(short)), "file-tensor"), name)


def _unwrapped(prefixes: list[str]) -> list[str]:
    """The modules' names without what wraps them, where they still differ then."""
    found = [".".join(word for word in prefix.split(".") if word not in _WRAPPERS) for prefix in prefixes]
    return found if len(set(found)) == len(found) else prefixes


def _part(module: _Module, name: str) -> Part:
    own, prefix = module.own, module.prefix
    if "running_mean" in own or "running_var" in own:
        return _batch_norm(module, name)
    if "num_batches_tracked" in own:
        _refuse("file-tensor", tensor_name(prefix, "num_batches_tracked"))
    pieces = []
    for parameter in ("weight", "bias"):
        put = composed(prefix, own, parameter)
        if put is not None:
            own[parameter] = put[0]
            check_finite(put[0], tensor_name(prefix, parameter))
            pieces.append(put[1])
    if "weight" not in own:
        _refuse("file-no-weights", tensor_name(prefix, "weight"))
    weights, biases = own["weight"], own.get("bias")
    if weights.dim() == 1 and biases is not None and biases.shape == weights.shape:
        _refuse("file-norm", tensor_name(prefix, "weight"), count=weights.shape[0])
    if weights.dim() == 1:
        _refuse("file-vector", tensor_name(prefix, "weight"), count=weights.shape[0])
    turned = weights.T.contiguous() if weights.dim() == 2 else weights
    numbers = {"weights": turned} if biases is None else {"weights": turned, "biases": biases}
    return Part(prefix, name, "dense", numbers, tuple(dict.fromkeys(pieces)))


_OF_NORM = {"running_mean": "mean", "running_var": "variance", "weight": "scale", "bias": "shift"}


def _batch_norm(module: _Module, name: str) -> Part:
    own, prefix = module.own, module.prefix
    for needed in ("running_mean", "running_var"):
        if needed not in own:
            _refuse("file-no-statistics", tensor_name(prefix, needed))
    numbers = {role: own[end] for end, role in _OF_NORM.items() if end in own}
    shape = own["running_mean"].shape
    whole = len(own.keys() - _OF_NORM.keys() - {"num_batches_tracked"}) == 0
    halves = ("scale" in numbers) is not ("shift" in numbers)
    if len(shape) != 1 or halves or not whole or any(tensor.shape != shape for tensor in numbers.values()):
        shapes = "; ".join(f"{end} {shape_text(tensor.shape)}" for end, tensor in own.items())
        _refuse("file-batch-norm", tensor_name(prefix, "running_mean"), shapes=shapes)
    return Part(prefix, name, "batch_norm", numbers)


def _refuse(key: str, name: str, **values: Any) -> NoReturn:
    named = {"name": name[:_LONGEST_NAME], **values}
    raise NetworkError(Fault("unsupported-file", key, pointer_of(name), named))
