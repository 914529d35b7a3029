"""Where in its author's code a call stands: the module's path, and the line."""

from torch import fx

from adelante.network.source import author_line, innermost


def module_of(node: fx.Node) -> str | None:
    """The path of the innermost module, "encoder.layers.0.linear1"; None for the outermost one."""
    stack = node.meta.get("nn_module_stack") or {}
    return innermost([path for path, _ in stack.values()])


def source_of(node: fx.Node) -> str | None:
    """The author's own line, not torch's."""
    return author_line(node.meta.get("stack_trace") or "")
