"""How far a network is from what is right for its inputs: losses of a batch, as torch.nn.functional has them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Literal, NamedTuple, get_args

import torch
import torch.nn.functional as F
from torch import Tensor

from adelante.network.errors import Fault, NetworkError, shape_text
from adelante.network.names import output_labels
from adelante.network.network import Network, Node
from adelante.network.operations.moves import Move
from adelante.network.operations.operation import Operation

LossName = Literal["cross_entropy", "mse"]
LOSSES: tuple[LossName, ...] = get_args(LossName)


class Aim(NamedTuple):
    """What a loss looks at. `of` is the tensor that it takes, `shape` that of one input's targets.

    `classes` is how many there are where a target is a class's place from 0, else None: targets are numbers then.
    `shares` says that each number is a probability by itself, `of` what comes before its sigmoid. What is moved after
    that function, by a reshape say, is moved by `moves`.
    """

    loss: LossName
    output: str
    of: str
    shape: tuple[int, ...]
    classes: int | None
    shares: bool
    moves: tuple[Operation, ...] = ()


@dataclass(frozen=True, slots=True)
class Losses:
    """`rows` (batch,) has each input's loss, `mean` () theirs. Of classes, `right` (batch,) is 1 where the network is
    right and 0 where not, and of several places in an output the share of those that are right. `guesses`, of the
    targets' shape, are the classes that it takes them for: of the largest number, of shares 1 from a half on."""

    rows: Tensor
    mean: Tensor
    right: Tensor | None
    guesses: Tensor | None


def aim_of(network: Network, loss: LossName, output: str | None = None) -> Aim:
    """What a loss takes from a network, of the output of this name where there are several.

    Cross-entropy takes the last dimension for classes, whose numbers are logits, of a softmax what comes before it; of
    a sigmoid each number is a probability by itself. Raises NetworkError (unknown-layer, invalid-value).
    """
    name = _output(network, output)
    shape = network.shapes[name]
    if loss == "mse":
        return Aim(loss, name, name, shape, None, False)
    node, moves = _ending(network, name)
    kind = node.operation.kind if node is not None else ""
    run = tuple(each.operation for each in moves)
    if node is not None and kind == "sigmoid":
        return Aim(loss, name, node.inputs[0], shape, None, True, run)
    last = node is None or "softmax" not in kind or _classes_are_last(network, node, run, name)
    if not 1 <= len(shape) <= 2 or shape[-1] < 2 or not last or name not in network.per_input:
        values = {"output": name, "shape": shape_text(shape)}
        raise NetworkError(Fault("invalid-value", "no-classes", "/loss", values, hint="no-classes"))
    # The logarithm of shares is its own log_softmax, and so are logits for it.
    if node is not None and kind == "softmax":
        return Aim(loss, name, node.inputs[0], shape[:-1], shape[-1], False, run)
    return Aim(loss, name, name, shape[:-1], shape[-1], False)


def _ending(network: Network, name: str) -> tuple[Node | None, list[Node]]:
    """What gives an output's numbers, and what moves them after that."""
    node = network.by_name.get(name)
    moves: list[Node] = []
    while node is not None and isinstance(node.operation, Move) and len(node.inputs) == 1:
        moves.insert(0, node)
        node = network.by_name.get(node.inputs[0])
    return node, moves


def _classes_are_last(network: Network, node: Node, moves: Sequence[Operation], name: str) -> bool:
    """Whether the numbers that a softmax makes add up to 1 stand, in their order, along an output's last dimension."""
    shape = network.whole_shapes[node.name]
    dim: int = getattr(node.operation, "dim", -1) % len(shape)
    if not moves:
        return dim == len(shape) - 1
    if shape[dim] != network.whole_shapes[name][-1]:
        return False
    # Each number says its own place: what a move does with these it does with all.
    places = _moved(torch.arange(prod(shape)).reshape(shape), moves, shape[0])
    step = prod(shape[dim + 1 :])
    class_ = places // step % shape[dim]
    others = places - class_ * step
    return bool((class_ == torch.arange(shape[dim])).all()) and bool((others == others[..., :1]).all())


def _moved(values: Tensor, moves: Sequence[Operation], batch: int) -> Tensor:
    for each in moves:
        values = each.at_batch(batch).run(values)
    return values


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
    found = _moved(values[aim.of], aim.moves, len(targets))
    scores = found if found.dtype == torch.float64 else found.float()
    targets = targets.to(scores.device)
    guesses: Tensor | None = None
    if aim.classes is not None:
        # torch has the classes second.
        each = F.cross_entropy(scores.movedim(-1, 1), targets, reduction="none")
        guesses = scores.argmax(-1)
    elif aim.shares:
        each = F.binary_cross_entropy_with_logits(scores, targets.to(scores.dtype), reduction="none")
        guesses = scores >= 0
    else:
        each = F.mse_loss(scores, targets.to(scores.dtype), reduction="none")
    rows = _mean(each)
    if guesses is None:
        return Losses(rows, rows.mean(), None, None)
    right = guesses == (targets if aim.classes is not None else targets >= 0.5)
    return Losses(rows, rows.mean(), _mean(right.to(rows.dtype)), guesses.long())


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
