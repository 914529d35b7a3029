"""How far a network is from what is right for its inputs: losses of a batch, as torch.nn.functional has them."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Literal, NamedTuple, get_args

import torch
import torch.nn.functional as F
from torch import Tensor

from adelante.network.errors import Fault, NetworkError, shape_text
from adelante.network.names import output_labels
from adelante.network.network import Network

LossName = Literal["cross_entropy", "mse"]
LOSSES: tuple[LossName, ...] = get_args(LossName)


class Aim(NamedTuple):
    """What a loss looks at. `of` is the tensor that it takes, `shape` that of one input's targets.

    `classes` is how many there are where a target is a class's place from 0, else None: targets are numbers then.
    `shares` says that each number is a probability by itself, `of` what comes before its sigmoid.
    """

    loss: LossName
    output: str
    of: str
    shape: tuple[int, ...]
    classes: int | None
    shares: bool


@dataclass(frozen=True, slots=True)
class Losses:
    """`rows` (batch,) has each input's loss, `mean` () theirs. Of classes, `right` (batch,) is 1 where the network is
    right and 0 where not, and of several places in an output the share of those that are right."""

    rows: Tensor
    mean: Tensor
    right: Tensor | None


def aim_of(network: Network, loss: LossName, output: str | None = None) -> Aim:
    """What a loss takes from a network, of the output of this name where there are several.

    Cross-entropy takes the last dimension for classes, whose numbers are logits, of a softmax what comes before it; of
    a sigmoid each number is a probability by itself. Raises NetworkError (unknown-layer, invalid-value).
    """
    name = _output(network, output)
    shape = network.shapes[name]
    if loss == "mse":
        return Aim(loss, name, name, shape, None, False)
    node = network.by_name.get(name)
    kind = node.operation.kind if node is not None else ""
    if node is not None and kind == "sigmoid":
        return Aim(loss, name, node.inputs[0], shape, None, True)
    last = getattr(node.operation, "dim", -1) in (-1, len(shape)) if "softmax" in kind and node is not None else True
    if not 1 <= len(shape) <= 2 or shape[-1] < 2 or not last or name not in network.per_input:
        values = {"output": name, "shape": shape_text(shape)}
        raise NetworkError(Fault("invalid-value", "no-classes", "/loss", values, hint="no-classes"))
    # The logarithm of shares is its own log_softmax, and so are logits for it.
    of = node.inputs[0] if node is not None and kind == "softmax" else name
    return Aim(loss, name, of, shape[:-1], shape[-1], False)


def check_targets(aim: Aim, targets: Tensor, batch: int, *, single: bool) -> Tensor:
    """The targets as (batch, *aim.shape). Of one number each, (batch,) will do; of a single input, one without a batch.

    Raises NetworkError with the first wrong one's pointer (shape-mismatch, out-of-range).
    """
    given = targets.unsqueeze(0) if single and targets.dim() == len(aim.shape) else targets
    if prod(aim.shape) == 1 and given.dim() <= 1 and given.numel() == batch:
        given = given.reshape(batch, *aim.shape)
    if tuple(given.shape) != (batch, *aim.shape):
        values = {"expected": shape_text((batch, *aim.shape)), "got": shape_text(tuple(targets.shape))}
        raise NetworkError(Fault("shape-mismatch", "targets-shape", "/targets", values))
    if aim.classes is not None:
        _check_within(targets, aim.classes - 1, "no-such-class")
    elif aim.shares:
        _check_within(targets, 1, "no-such-share")
    return given


def losses_of(aim: Aim, values: Mapping[str, Tensor], targets: Tensor) -> Losses:
    """The losses of a pass, whose tensors have the batch first; `targets` as `check_targets` gives them.

    In the pass's own precision, but in float32 at least.
    """
    found = values[aim.of]
    scores = found if found.dtype == torch.float64 else found.float()
    targets = targets.to(scores.device)
    right: Tensor | None = None
    if aim.classes is not None:
        # torch has the classes second.
        each = F.cross_entropy(scores.movedim(-1, 1), targets, reduction="none")
        right = scores.argmax(-1) == targets
    elif aim.shares:
        each = F.binary_cross_entropy_with_logits(scores, targets.to(scores.dtype), reduction="none")
        right = (scores >= 0) == (targets >= 0.5)
    else:
        each = F.mse_loss(scores, targets.to(scores.dtype), reduction="none")
    rows = _mean(each)
    return Losses(rows, rows.mean(), None if right is None else _mean(right.to(rows.dtype)))


def _mean(each: Tensor) -> Tensor:
    """Of each input."""
    return each.reshape(len(each), -1).mean(1)


def _output(network: Network, name: str | None) -> str:
    if name is None:
        if len(network.outputs) == 1:
            return network.outputs[0]
        raise NetworkError(Fault("missing-field", "missing-field", "/output", {"name": "output"}))
    labels = dict(zip(output_labels(network), network.outputs, strict=True))
    if name in network.outputs or name in labels:
        return labels.get(name, name)
    values = {"name": name[:100], "known": list(labels)}
    raise NetworkError(Fault("unknown-layer", "no-such-output", "/output", values))


def _check_within(targets: Tensor, last: int, key: str) -> None:
    outside = ~((targets >= 0) & (targets <= last))
    if not bool(outside.any()):
        return
    place = outside.nonzero()[0].tolist()
    values = {"got": targets[tuple(place)].item(), "last": last}
    raise NetworkError(Fault("out-of-range", key, "".join(["/targets", *(f"/{k}" for k in place)]), values))
