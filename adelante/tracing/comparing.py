"""A network beside what it was made from: the same outputs, and rows that stand alone."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.utils import _pytree as pytree

from adelante.network.errors import Fault, said
from adelante.network.forward import forward
from adelante.network.network import Network, NetworkFault
from adelante.network.operations.moves import DTYPES, Cast

# A float16 and a bfloat16 have 11 and 8 binary digits, and sums of them lose some of these on the way.
_ROUNDINGS = 8
# How many inputs of a batch are tried alone.
_ROWS = 2


def compare(module: Callable[..., Any], network: Network, inputs: Sequence[Tensor], tolerance: float) -> None:
    """Raises NetworkFault where the network's outputs are not the module's by more than `tolerance` of the largest."""
    names = [each.name for each in network.inputs]
    wanted = results_of(module, inputs)
    tolerance = max(tolerance, _rounding(network))
    found = forward(network, dict(zip(names, inputs, strict=True)), keep=())
    for name, expected in zip(network.outputs, wanted, strict=True):
        value = found.values[name]
        if value.shape != expected.shape:
            raise _differs(name, f"its shape is {tuple(value.shape)}, the module's {tuple(expected.shape)}.")
        difference, largest = _difference(value.double(), expected.double())
        if not difference <= tolerance * largest:
            raise _differs(
                name, f"it differs from the module's by {difference:.3g}, where the largest is {largest:.3g}."
            )


def results_of(module: Callable[..., Any], inputs: Sequence[Tensor]) -> list[Tensor]:
    """What the module gives. Raises NetworkFault where it can't run on these inputs."""
    try:
        return flat(module(*inputs))
    except Exception as error:
        # torch.export follows shapes, and some errors are of dtypes or numbers: whatever the module raises.
        words = said(error)[:600]
        raise NetworkFault(
            type(getattr(module, "module", module)).__name__,
            f"it can't run on the example: {words}",
            "Call the module on it first: module(*example) has to run.",
            fault=Fault("unsupported-file", "traced-cannot-run", "", {"reason": words}, hint="traced-cannot-run"),
        ) from error


def _differs(name: str, reason: str) -> NetworkFault:
    fault = Fault("unsupported-file", "traced-differs", "", {"name": name}, hint="traced-differs")
    return NetworkFault(name, reason, fault=fault)


def _difference(value: Tensor, expected: Tensor) -> tuple[float, float]:
    """The largest difference, and the largest number; infinities and NaN have to be the same."""
    finite = expected.isfinite()
    if not torch.equal(value[~finite].nan_to_num(nan=0.5), expected[~finite].nan_to_num(nan=0.5)):
        return float("inf"), 1.0
    if not bool(finite.any()):
        return 0.0, 1.0
    value, expected = value[finite], expected[finite]
    return float((value - expected).abs().max()), max(float(expected.abs().max()), 1e-6)


def _rounding(network: Network) -> float:
    """How far two ways of adding up may come apart, relative to the largest number, in the narrowest of its types."""
    types = {each.dtype for each in network.inputs} | {each.dtype for each in network.parameters.values()}
    types |= {DTYPES[each.operation.dtype] for each in network.nodes if isinstance(each.operation, Cast)}
    return _ROUNDINGS * max((torch.finfo(each).eps for each in types if each.is_floating_point), default=0.0)


def flat(outputs: Any) -> list[Tensor]:
    """The tensors of what a module returns, in torch.export's order: one, or those in tuples, lists and mappings."""
    return [each for each in pytree.tree_leaves(outputs) if isinstance(each, Tensor)]


def independent(network: Network, many: Sequence[Tensor], rows: Sequence[Sequence[Tensor]], tolerance: float) -> bool:
    """Whether each row of a batch gives what it gives alone."""
    names = [each.name for each in network.inputs]
    tolerance = max(tolerance, _rounding(network))
    together = forward(network, dict(zip(names, many, strict=True)), keep=())
    for row, inputs in enumerate(rows):
        alone = forward(network, dict(zip(names, inputs, strict=True)), keep=())
        for name in network.outputs:
            if name in network.per_input:
                found, wanted = together.values[name][row].double(), alone.values[name][0].double()
                if found.shape != wanted.shape:
                    # As many numbers as there are rows: each row beside all of them.
                    return False
                difference, largest = _difference(found, wanted)
                if not difference <= tolerance * largest:
                    return False
    return True


def one_by_one(module: Callable[..., Any], network: Network, many: Sequence[Tensor], tolerance: float) -> bool:
    """Whether the module gives of each row what a network of one input at a time gives of it; of the first two."""
    names = [each.name for each in network.inputs]
    tolerance = max(tolerance, _rounding(network))
    try:
        results = flat(module(*many))
    except Exception:
        # It takes no more than one either: whatever it raises.
        return True
    for row in range(_ROWS):
        inputs = [each[row : row + 1] for each in many]
        alone = forward(network, dict(zip(names, inputs, strict=True)), keep=())
        for name, together in zip(network.outputs, results, strict=True):
            found = alone.values[name]
            if found.shape[:1] != (1,):
                continue
            if together.shape != (len(many[0]), *found.shape[1:]):
                return False
            difference, largest = _difference(together[row : row + 1].double(), found.double())
            if not difference <= tolerance * largest:
                return False
    return True
