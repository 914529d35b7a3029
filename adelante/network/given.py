"""The inputs of a pass by name, the batch first, and whether they fit."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from adelante.network.errors import Fault, NetworkFault, pointer_of_place, shape_text
from adelante.network.parts import Batch, Input

Inputs = Tensor | Mapping[str, Tensor]


# The inputs by name, the batch first; how many they are; and whether one came without a batch, to be answered so.
Given = tuple[dict[str, Tensor], int, bool]


def given(wanted: Sequence[Input], batch: Batch, inputs: Inputs) -> Given:
    """The inputs as a network takes them. Raises NetworkFault where they do not fit."""
    named = by_name(wanted, inputs)
    ranks = {named[each.name].dim() - len(each.shape) for each in wanted}
    found = {each.name: _checked(each, named[each.name], ranks) for each in wanted}
    if batch == "none":
        if ranks != {0}:
            raise NetworkFault(
                "inputs",
                "the network takes one input at a time, and no batch.",
                "Ask one by one.",
                fault=_fault("no-batch", "inputs", expected=_shapes(wanted)),
            )
        return {each.name: named[each.name].to(each.dtype) for each in wanted}, 1, False
    batches = {value.shape[0] for value in found.values()}
    if len(batches) != 1:
        sizes = sorted(batches)
        fault = _fault("batches-differ", "inputs", got=str(sizes))
        raise NetworkFault("inputs", f"the inputs are batches of different sizes: {sizes}.", fault=fault)
    count = batches.pop()
    if count != 1 and batch == "one":
        raise NetworkFault(
            "inputs",
            f"the network takes one input at a time, not {count}.",
            "Ask one by one.",
            fault=_fault("one-at-a-time", "inputs", got=count),
        )
    return found, count, ranks == {0}


def by_name(wanted: Sequence[Input], inputs: Inputs) -> Mapping[str, Tensor]:
    """The inputs as a mapping with every name that is wanted, and no other; "inputs.left" may be called "left"."""
    names = ", ".join(each.name for each in wanted)
    if isinstance(inputs, Tensor):
        if len(wanted) != 1:
            raise NetworkFault(
                "inputs",
                f"the network takes {len(wanted)} inputs.",
                f"Give them by name: {names}.",
                fault=Fault("invalid-value", "inputs-are-named", "/inputs", {"expected": names}),
            )
        return {wanted[0].name: inputs}
    if not isinstance(inputs, Mapping) or not all(isinstance(each, Tensor) for each in inputs.values()):
        reason = f"tensors are needed: one, or a dictionary of them by name ({names})."
        fault = Fault("invalid-value", "inputs-are-named", "/inputs", {"expected": names})
        raise NetworkFault("inputs", reason, "torch.tensor(…) and torch.from_numpy(…) make them.", fault=fault)
    short = {each.name.removeprefix("inputs."): each.name for each in wanted}
    if set(inputs) == set(short):
        # As their author's forward names them, and a request of the API.
        inputs = {short[name]: value for name, value in inputs.items()}
    if set(inputs) != {each.name for each in wanted}:
        raise NetworkFault(
            "inputs",
            f"the network takes {names}; these were given: {', '.join(inputs) or 'none'}.",
            fault=Fault("invalid-value", "inputs-are-named", "/inputs", {"expected": names}),
        )
    return inputs


def _checked(wanted: Input, value: Tensor, ranks: set[int]) -> Tensor:
    if len(ranks) == 1 and ranks <= {0, 1} and value.shape[value.dim() - len(wanted.shape) :] == wanted.shape:
        if value.dtype != wanted.dtype and not (value.is_floating_point() and wanted.dtype.is_floating_point):
            fault = _fault("input-dtype", wanted.name, got=_name(value.dtype), expected=_name(wanted.dtype))
            reason = f"its numbers are {_name(value.dtype)}, the network takes {_name(wanted.dtype)}."
            raise NetworkFault(wanted.name, reason, fault=fault)
        if value.numel() == 0:
            fault = Fault("empty", "empty-array", pointer_of_place(wanted.name))
            raise NetworkFault(wanted.name, "it holds no number.", fault=fault)
        value = value.to(wanted.dtype)
        return value.unsqueeze(0) if ranks == {0} else value
    sizes = ", ".join(map(str, wanted.shape))
    raise NetworkFault(
        wanted.name,
        f"its shape is {tuple(value.shape)}; one input is {wanted.shape}, a batch of them (n, {sizes}).",
        fault=_fault(
            "input-shape",
            wanted.name,
            got=shape_text(value.shape),
            expected=shape_text(wanted.shape),
            expected_batch=f"(batch, {sizes})" if sizes else "(batch,)",
        ),
    )


def _fault(key: str, place: str, **values: Any) -> Fault:
    return Fault("shape-mismatch", key, pointer_of_place(place), values)


def _shapes(wanted: Sequence[Input]) -> str:
    return ", ".join(shape_text(each.shape) for each in wanted)


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")
