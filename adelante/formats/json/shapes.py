"""Where the shapes of a network's layers do not fit: every layer whose fault does not follow from another's."""

from collections.abc import Mapping, Sequence

from torch import Tensor

from adelante.network.errors import Fault, pointer_of_place
from adelante.network.network import Batch, Input, Layer, Node
from adelante.network.operations import Operation
from adelante.network.shapes import Meta, torch_meta
from adelante.network.words import RAISED, cpu_words

_SHOWN = 600


def shape_faults(
    inputs: Sequence[Input],
    parameters: Mapping[str, Tensor],
    nodes: Sequence[Node],
    outputs: Sequence[str],
    layers: Sequence[Layer],
    batch: Batch,
) -> list[Fault]:
    """A fault for each node that does not fit what it takes; those that depend on such a one are passed over."""
    before = () if batch == "none" else (1,)
    metas = {each.name: Meta((*before, *each.shape), each.dtype) for each in inputs}
    metas |= {name: Meta(tuple(tensor.shape), tensor.dtype) for name, tensor in parameters.items()}
    faults: list[Fault] = []
    for node in nodes:
        operands = [metas[name] for name in node.inputs if name in metas]
        if len(operands) < len(node.inputs):
            continue
        try:
            metas[node.name] = torch_meta(node.operation.at_batch(1), operands)
        except RAISED as error:
            faults.append(_fault(node, operands, str(error)))
    return faults


def _fault(node: Node, operands: Sequence[Meta], words: str) -> Fault:
    shapes = [each.shape for each in operands]
    given = ", ".join(f"{name} {shape}" for name, shape in zip(node.inputs, shapes, strict=True))
    values = {"kind": node.operation.kind, "given": given[:_SHOWN]}
    words = cpu_words(node.operation, operands) or words
    hint, more = _way_out(node.operation, shapes)
    return Fault(
        "shape-mismatch",
        "layer-shapes",
        pointer_of_place(node.name),
        {**values, **more},
        hint=hint,
        torch_words=words.partition("\n")[0][:_SHOWN],
    )


def _way_out(operation: Operation, shapes: Sequence[tuple[int, ...]]) -> tuple[str, dict[str, str]]:
    """What to do, as the name of a sentence and what stands in it."""
    kind, inputs = operation.kind, shapes[0] if shapes else ()
    if kind == "dense" and len(shapes) > 1 and len(shapes[1]) == 2 and len(inputs) > 1:
        n_in, n_out = shapes[1]
        if inputs[-1] == n_out:
            return "layer-transposed", {"expected": f"({inputs[-1]}, …)"}
        count = 1
        for size in inputs[1:]:
            count *= size
        if len(inputs) > 2 and count == n_in:
            return "layer-flatten", {"expected": str(n_in)}
        return "layer-inputs", {"expected": str(n_in), "got": str(inputs[-1])}
    if kind.startswith("conv") and len(shapes) > 1 and len(shapes[1]) > 1:
        groups = getattr(operation, "groups", 1)
        channels = shapes[1][0] if kind.startswith("conv_transpose") else shapes[1][1] * groups
        if len(inputs) < 2 or inputs[1] != channels:
            return "layer-channels", {"expected": str(channels)}
    return "layer-shapes", {}
