"""What is asked of every operation's explanation: it adds up, its parts are real cells, and nothing else has a say."""

import math
from itertools import product
from random import Random

import torch
from torch import Tensor

from adelante.network.explanation import Explanation
from adelante.network.operations import Operand, Operation

MOST_CELLS = 24


def check(operation: Operation, *operands: Tensor, seed: int = 0, most: int | None = None) -> Tensor:
    """Explains cells of the operation's result, all of them where they are few; gives the result."""
    names = [f"operand{i}" for i in range(len(operands))]
    given = [Operand(name, value) for name, value in zip(names, operands, strict=True)]
    result = operation.run(*operands)
    cells = list(product(*(range(size) for size in result.shape)))
    for at in Random(seed).sample(cells, min(most or MOST_CELLS, len(cells))):
        found = operation.explain(at, given, Operand("result", result))
        assert (found.tensor, found.at, found.form) == ("result", at, operation.FORM)
        _adds_up(found, result[at])
        shapes = [tuple(each.shape) for each in operands]
        assert sum(map(len, found.parts)) <= operation.parts(shapes, tuple(result.shape))
        _parts_are_cells(found, dict(zip(names, operands, strict=True)))
        _nothing_else_matters(operation, found, at, operands, names)
        _stands_for_its_parts(operation, found, at, operands, names)
    return result


def _adds_up(found: Explanation, value: Tensor) -> None:
    assert found.value == value.item() or (math.isnan(found.value) and bool(value.isnan()))
    if math.isfinite(found.value):
        tolerance = 100 * torch.finfo(value.dtype).eps if value.is_floating_point() else 0
        size = max(
            1.0, abs(found.value), max((float(p.contributions.double().abs().sum()) for p in found.parts), default=0)
        )
        assert abs(found.total() - found.value) <= tolerance * size, found


def _parts_are_cells(found: Explanation, tensors: dict[str, Tensor]) -> None:
    for part in found.parts:
        assert torch.equal(part.values, tensors[part.tensor][tuple(part.at.unbind(1))].reshape(-1))
        if part.factor is not None:
            assert part.factor_at is not None
            assert part.factors is not None
            assert torch.equal(part.factors, tensors[part.factor][tuple(part.factor_at.unbind(1))].reshape(-1))


def _nothing_else_matters(
    operation: Operation, found: Explanation, at: tuple[int, ...], operands: tuple[Tensor, ...], names: list[str]
) -> None:
    """By autograd: a number that is no part has no slope."""
    # Of what training kept (the running mean) torch gives no gradients.
    kept = {i for i, role in enumerate(operation.OPERANDS) if role in ("mean", "variance")}
    leaves = [
        each.detach().clone().requires_grad_() if each.is_floating_point() and i not in kept else each
        for i, each in enumerate(operands)
    ]
    value = operation.run(*leaves)[at]
    if not value.requires_grad:
        return
    wanted = [leaf for leaf in leaves if leaf.requires_grad]
    gradients = dict(
        zip([id(leaf) for leaf in wanted], torch.autograd.grad(value, wanted, allow_unused=True), strict=True)
    )
    for name, leaf in zip(names, leaves, strict=True):
        gradient = gradients.get(id(leaf))
        if gradient is None:
            continue
        told = torch.zeros_like(gradient, dtype=torch.bool)
        for part in found.parts:
            if part.tensor == name:
                told[tuple(part.at.unbind(1))] = True
            if part.factor == name and part.factor_at is not None:
                told[tuple(part.factor_at.unbind(1))] = True
        assert not bool((gradient != 0)[~told].any()), (name, found)


def _stands_for_its_parts(
    operation: Operation, found: Explanation, at: tuple[int, ...], operands: tuple[Tensor, ...], names: list[str]
) -> None:
    """The stand-in depends on every cell that the explanation names, and on the window around a choice."""
    looked = {i for i, role in enumerate(operation.OPERANDS) if role == "index"}
    if operation.kind == "embedding":
        looked = {1}
    many = len(operation.OPERANDS) - 1
    ones = [
        each if min(i, many) in looked else torch.ones(each.shape, dtype=torch.float64, requires_grad=True)
        for i, each in enumerate(operands)
    ]
    leaves = [each for each in ones if each.requires_grad]
    if not leaves:
        return
    slopes = iter(torch.autograd.grad(operation.stand_in(*ones)[at], leaves, allow_unused=True))
    for name, one in zip(names, ones, strict=True):
        slope = next(slopes) if one.requires_grad else None
        for part in found.parts:
            for tensor, cells in ((part.tensor, part.at), (part.factor, part.factor_at)):
                if tensor == name and slope is not None and cells is not None:
                    assert bool((slope[tuple(cells.unbind(1))] > 0).all()), (name, found)
