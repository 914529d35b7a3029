"""The forward pass: every node's result, in order."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from adelante.network.network import Input, Network, NetworkFault, Node


@dataclass(frozen=True)
class Trace:
    """The named tensors of one pass. `trace["layers.3.activations"]` has the batch only where a batch was asked.

    `values` holds them as torch has them, the batch always first in those of `network.per_input`; parameters too.
    """

    network: Network
    values: Mapping[str, Tensor]
    batch: int
    single: bool

    def __getitem__(self, name: str) -> Tensor:
        value = self.values[name]
        return value[0] if self.single and name in self.network.per_input else value

    @property
    def outputs(self) -> Tensor | dict[str, Tensor]:
        """The output, or a dictionary of them where there are several."""
        names = self.network.outputs
        return self[names[0]] if len(names) == 1 else {name: self[name] for name in names}


def forward(network: Network, inputs: Tensor | Mapping[str, Tensor], keep: Collection[str] | None = None) -> Trace:
    """Run the network on one input, or on a batch (one dimension more); several inputs come as a mapping by name.

    `keep` names the tensors that the trace shall hold, beside the outputs; None keeps all. What is not kept is freed as
    soon as its last reader has had it. Raises NetworkFault where an input does not fit.
    """
    given, batch, single = _given(network, inputs)
    values: dict[str, Tensor] = {**network.parameters, **given}
    _run(network.nodes, values, batch, _last_uses(network, keep))
    return Trace(network, values, batch, single)


def changed(trace: Trace, changes: Mapping[str, Tensor]) -> Trace:
    """The pass with some inputs or parameters changed: only what hangs on them is computed again.

    Tensors have the shape of `trace.values`, the batch first where there is one.
    """
    values = {**trace.values, **changes}
    _run(trace.network.dependents(changes), values, trace.batch, {})
    return Trace(trace.network, values, trace.batch, trace.single)


def _run(nodes: Iterable[Node], values: dict[str, Tensor], batch: int, freed: Mapping[str, list[str]]) -> None:
    for node in nodes:
        operands = [values[name] for name in node.inputs]
        values[node.name] = node.operation.at_batch(batch).run(*operands)
        for name in freed.get(node.name, ()):
            del values[name]


def _last_uses(network: Network, keep: Collection[str] | None) -> dict[str, list[str]]:
    """After which node which values are needed no more."""
    if keep is None:
        return {}
    kept = {*keep, *network.outputs, *network.parameters, *(each.name for each in network.inputs)}
    last: dict[str, str] = {}
    for node in network.nodes:
        last |= dict.fromkeys(node.inputs, node.name)
    freed: dict[str, list[str]] = {}
    for name, node_name in last.items():
        if name not in kept:
            freed.setdefault(node_name, []).append(name)
    return freed


def _given(network: Network, inputs: Tensor | Mapping[str, Tensor]) -> tuple[dict[str, Tensor], int, bool]:
    """The inputs by name with the batch first, how many there are, and whether it is one without a batch."""
    if isinstance(inputs, Tensor):
        if len(network.inputs) != 1:
            names = ", ".join(each.name for each in network.inputs)
            raise NetworkFault(
                "inputs", f"the network takes {len(network.inputs)} inputs.", f"Give them by name: {names}."
            )
        inputs = {network.inputs[0].name: inputs}
    if set(inputs) != {each.name for each in network.inputs}:
        names = ", ".join(each.name for each in network.inputs)
        raise NetworkFault("inputs", f"the network takes {names}; these were given: {', '.join(inputs) or 'none'}.")
    ranks = {inputs[each.name].dim() - len(each.shape) for each in network.inputs}
    found = {each.name: _checked(each, inputs[each.name], ranks) for each in network.inputs}
    if network.batch == "none":
        if ranks != {0}:
            raise NetworkFault("inputs", "the network takes one input at a time, and no batch.", "Ask one by one.")
        return {each.name: inputs[each.name].to(each.dtype) for each in network.inputs}, 1, False
    batches = {value.shape[0] for value in found.values()}
    if len(batches) != 1:
        raise NetworkFault("inputs", f"the inputs are batches of different sizes: {sorted(batches)}.")
    batch = batches.pop()
    if batch != 1 and network.batch == "one":
        raise NetworkFault("inputs", f"the network takes one input at a time, not {batch}.", "Ask one by one.")
    return found, batch, ranks == {0}


def _checked(wanted: Input, value: Tensor, ranks: set[int]) -> Tensor:
    if len(ranks) == 1 and ranks <= {0, 1} and value.shape[value.dim() - len(wanted.shape) :] == wanted.shape:
        if value.dtype != wanted.dtype and not (value.is_floating_point() and wanted.dtype.is_floating_point):
            raise NetworkFault(
                wanted.name, f"its numbers are {_name(value.dtype)}, the network takes {_name(wanted.dtype)}.", ""
            )
        if value.numel() == 0:
            raise NetworkFault(wanted.name, "it holds no number.")
        value = value.to(wanted.dtype)
        return value.unsqueeze(0) if ranks == {0} else value
    sizes = ", ".join(map(str, wanted.shape))
    raise NetworkFault(
        wanted.name,
        f"its shape is {tuple(value.shape)}; one input is {wanted.shape}, a batch of them (n, {sizes}).",
    )


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")
