"""Where a number comes from, as JSON and as a safetensors file: one shape for all eight forms."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from adelante.network.arising import Arising
from adelante.network.explanation import Explanation, Part
from adelante.network.following import Following
from app.api.write.encode import Array, Items, NonFinite, array, non_finite_name

# Seen of a convolution's parts: two cells with their names and indices, and three numbers.
BYTES_OF_A_PART = 240
# As lists, indices take ten times their memory in a tensor, so only this many are lists at once.
_RECORDS = 5_000


def explanation_members(
    found: Explanation, following: Following | None, derivative: float | None, dtype: torch.dtype, bad: NonFinite
) -> dict[str, Any]:
    """The members of the answer that tell of a number, in their order; `parts` are made as they are written.

    Numbers of the pass have the digits that give them back in `dtype`; constants are float64.
    """
    terms, bias = terms_and_bias(found)
    told = partial(_number, dtype=dtype, bad=bad)
    members: dict[str, Any] = {
        "tensor": found.tensor,
        "at": list(found.at),
        "value": told(found.value, "/value"),
        "form": found.form,
        "parts": Items(_records(terms, found)),
        "constants": {
            name: _number(each, f"/constants/{name}", torch.float64, bad) for name, each in found.constants.items()
        },
        "bias": None if bias is None else _bias(found, bias, told),
        "activation": None if following is None else _activation(following, told),
    }
    if found.form == "choice":
        members["chosen"] = found.chosen
    if found.form == "function":
        members |= {"formula": found.formula, "derivative": told(derivative, "/derivative")}
    _look(terms, found, bad)
    return members


def terms_and_bias(found: Explanation) -> tuple[list[Part], Part | None]:
    """The parts that are listed, and the bias of a sum of products, which stands by itself."""
    if found.form != "sum-of-products":
        return list(found.parts), None
    return [part for part in found.parts if part.role != "bias"], found.part("bias")


def _columns(found: Explanation, part: Part) -> dict[str, Array]:
    columns = {"value": array(part.values)}
    if part.factors is not None:
        columns["parameter"] = array(part.factors)
    if (added := found.added(part)) is not None:
        columns["contribution"] = array(added)
    return columns


def _records(terms: Sequence[Part], found: Explanation) -> Iterator[dict[str, Any]]:
    for part in terms:
        columns = _columns(found, part)
        for start in range(0, len(part), _RECORDS):
            yield from _some_records(part, columns, slice(start, start + _RECORDS))


def _some_records(part: Part, columns: Mapping[str, Array], some: slice) -> Iterator[dict[str, Any]]:
    factors = None if part.factor_at is None else part.factor_at[some].tolist()
    now = {name: column[some] for name, column in columns.items()}
    for k, at in enumerate(part.at[some].tolist()):
        record: dict[str, Any] = {"cell": {"tensor": part.tensor, "at": at}, "value": now["value"][k]}
        if part.role:
            record["role"] = part.role
        if "parameter" in now:
            cell = {} if factors is None else {"cell": {"tensor": part.factor, "at": factors[k]}}
            record["parameter"] = {**cell, "value": now["parameter"][k]}
        if "contribution" in now:
            record["contribution"] = now["contribution"][k]
        yield record


def _look(terms: Sequence[Part], found: Explanation, bad: NonFinite) -> None:
    names = {"parameter": "parameter/value"}
    start = 0
    for part in terms:
        for name, column in _columns(found, part).items():
            bad.look_at_members("/parts", names.get(name, name), column, start)
        start += len(part)


Told = Callable[[float | None, str], Any]


def _bias(found: Explanation, part: Part, told: Told) -> dict[str, Any]:
    added = found.added(part)
    assert added is not None
    return {
        "cell": {"tensor": part.tensor, "at": part.at[0].tolist()},
        "value": told(float(part.values[0]), "/bias/value"),
        "contribution": told(float(added[0]), "/bias/contribution"),
    }


def _activation(following: Following, told: Told) -> dict[str, Any]:
    return {
        "cell": {"tensor": following.cell.tensor, "at": list(following.cell.at)},
        "name": following.kind,
        "formula": following.formula,
        "value": told(following.value, "/activation/value"),
        "derivative": told(following.derivative, "/activation/derivative"),
    }


def _number(value: float | None, pointer: str, dtype: torch.dtype, bad: NonFinite) -> Any:
    """The number as JSON writes it; orjson gives float32 its own shortest digits. None stays None."""
    if value is None:
        return None
    bad.look(pointer, value)
    return value if dtype == torch.float64 or not dtype.is_floating_point else np.float32(value)


def explanation_tensors(found: Explanation, members: Mapping[str, Any]) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The parts as tensors, and all else that `members` tells.

    `parts.K.at` (n, rank) are the cells of the K-th tensor that the number is made of, `parts.K.value` their values,
    and where the form has them `parts.K.parameter_at`, `parts.K.parameter` and `parts.K.contribution`. What the K-th
    tensor is, the list `parts` says beside them: its name, its role, and the name of what it is multiplied with.
    """
    terms, _ = terms_and_bias(found)
    tensors: dict[str, Tensor] = {}
    listed = []
    for k, part in enumerate(terms):
        tensors[f"parts.{k}.at"] = part.at
        if part.factor_at is not None:
            tensors[f"parts.{k}.parameter_at"] = part.factor_at
        for name, column in _columns(found, part).items():
            tensors[f"parts.{k}.{name}"] = torch.from_numpy(column.copy())
        listed.append({"tensor": part.tensor, "role": part.role, "parameter": part.factor})
    return tensors, {**members, "parts": listed}


def reach_members(masks: Mapping[str, Tensor]) -> list[dict[str, Any]]:
    """What a cell depends on: of each tensor the smallest box around its cells, and how many of the box's they are.

    Boxes, because a receptive field nearly always is one, and the masks of a network are as large as its trace; a file
    has the masks themselves.
    """
    return [{"tensor": name, "box": _box(mask), "cells": int(mask.sum())} for name, mask in masks.items()]


def arising_members(found: Arising | None) -> list[dict[str, Any]]:
    """Where a NaN or an infinity arose, and where what it is made of did; what is not finite as JSON is by its name."""
    told = []
    while found is not None:
        cell = {"tensor": found.tensor, "at": list(found.at)}
        numbers = list(map(_named, found.numbers))
        told.append({"cell": cell, "value": _named(found.value), "cause": found.cause, "numbers": numbers})
        told[-1] |= {"formula": found.formula} if found.formula else {}
        found = found.before
    return told


def _named(number: float) -> float | str:
    return number if math.isfinite(number) else non_finite_name(number)


def _box(mask: Tensor) -> list[list[int]]:
    """From where to where (not included) along each dimension there are True cells."""
    box = []
    for dim in range(mask.dim()):
        there = mask
        for other in reversed(range(mask.dim())):
            if other != dim:
                there = there.any(other)
        indices = there.nonzero()
        box.append([int(indices[0]), int(indices[-1]) + 1])
    return box
