"""Where gradients stop: what a block of torch.no_grad gives is detached."""

import operator

import torch
from torch import Tensor, fx
from torch.export import ExportedProgram


def stopped(program: ExportedProgram) -> ExportedProgram:
    """The program with a detach behind each result of a block without gradients, which torch later writes in line."""
    graph = program.graph_module.graph
    for block in graph.find_nodes(op="call_function", target=torch.ops.higher_order.wrap_with_set_grad_enabled):
        if block.args[0] is False:
            for result in [each for each in block.users if each.target is operator.getitem]:
                value = result.meta.get("val")
                if isinstance(value, Tensor) and value.is_floating_point():
                    _detach(program, graph, result)
    program.graph_module.recompile()
    return program


def _detach(program: ExportedProgram, graph: fx.Graph, result: fx.Node) -> None:
    with graph.inserting_after(result):
        detached = graph.call_function(torch.ops.aten.detach.default, (result,))
    detached.meta = dict(result.meta)
    result.replace_all_uses_with(detached, delete_user_cb=lambda user: user is not detached)
    program.graph_signature.replace_all_uses(result.name, detached.name)
