"""A model's graph as nodes of our operations: each of its nodes translated in order, functions opened where called."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from onnx import AttributeProto, FunctionProto, GraphProto, ModelProto, NodeProto, TensorProto

from adelante.formats.onnx.builder import Builder
from adelante.formats.onnx.inputs import Plan
from adelante.formats.onnx.node import OnnxNode
from adelante.formats.onnx.operators import ML, OPERATORS, of_sizes
from adelante.formats.onnx.operators.registry import Result
from adelante.formats.onnx.refusals import Refused, fault_of
from adelante.formats.onnx.values import Value
from adelante.formats.opened import Limits
from adelante.network.errors import NetworkFault, said
from adelante.network.shapes import Meta

OPSETS = (7, 28)
"""The versions of ONNX's own operators that are read."""
_MAIN = ("", "ai.onnx")
_FLOW = {"If", "Loop", "Scan", "SequenceMap"}
_SHOWN = 100
Operator = tuple[str, str]


class Scope:
    """The names of a graph or of a function's body; those of the graph around it, where it is within one."""

    def __init__(
        self,
        versions: Mapping[str, int],
        attributes: Mapping[str, AttributeProto] | None = None,
        around: "Scope | None" = None,
    ) -> None:
        self.versions, self.attributes, self.around = versions, attributes or {}, around
        self.values: dict[str, Value | None] = {}
        self.tensors: dict[str, TensorProto] = {}


class GraphReader:
    """Reads one model into a builder."""

    def __init__(self, model: ModelProto, builder: Builder, limits: Limits) -> None:
        self._builder, self._limits = builder, limits
        self._functions = {(each.domain, each.name): each for each in model.functions}
        self._open: list[Operator] = []
        self._count = 0

    def read(self, graph: GraphProto, versions: Mapping[str, int], plan: Plan, outputs: Sequence[str]) -> list[Value]:
        """The values of these outputs. Raises NetworkFault."""
        scope = Scope(versions)
        for one in plan.inputs:
            metas = tuple(Meta(plan.shape(one, batch), one.dtype) for batch in plan.batches)
            # Its name has to stay what the plan says it is, for layers are named by it.
            self._builder.inputs.add(self._builder.named(one.name))
            self._enter(scope, one.name, Value(one.name, metas))
        for tensor in graph.initializer:
            if tensor.name in scope.values or tensor.name in scope.tensors:
                raise fault_of("onnx-twice", name=tensor.name[:_SHOWN])
            scope.tensors[tensor.name] = tensor
        if graph.sparse_initializer:
            raise fault_of("onnx-sparse", name=graph.sparse_initializer[0].values.name[:_SHOWN])
        self._run(graph.node, scope, outputs)
        return [self._output(scope, name) for name in outputs]

    def _output(self, scope: Scope, name: str) -> Value:
        value = self._look_up(scope, name)
        if value is None:
            raise fault_of("onnx-no-output", name=name[:_SHOWN])
        return value

    def _enter(self, scope: Scope, name: str, value: Value | None) -> None:
        if not name:
            return
        if name in scope.values or name in scope.tensors:
            raise fault_of("onnx-twice", name=name[:_SHOWN])
        scope.values[name] = value

    def _look_up(self, scope: Scope | None, name: str) -> Value | None:
        """The value of a name; None where nothing before gives one."""
        while scope is not None:
            if name in scope.values:
                return scope.values[name]
            if name in scope.tensors:
                tensor = self._builder.tensors.read(scope.tensors.pop(name), name)
                value = self._builder.constant(tensor, name)
                scope.values[name] = value
                return value
            scope = scope.around
        return None

    def _run(self, nodes: Iterable[NodeProto], scope: Scope, wanted: Sequence[str]) -> None:
        """Every node that these results depend on, in order."""
        for proto in _needed(list(nodes), wanted):
            self._count += 1
            if self._count > self._limits.nodes:
                raise fault_of("onnx-too-many-nodes", limit=self._limits.nodes)
            node = OnnxNode(proto, self._version(proto, scope), scope.attributes)
            self._builder.place, self._builder.output = node.place, (proto.output[0] if proto.output else "")[:_SHOWN]
            try:
                found = self._translated(proto, node, scope)
            except Refused as refused:
                raise _told(refused.key, proto, node, **refused.values) from None
            except NetworkFault:
                raise
            except Exception as error:
                # What a hostile node asks for, Python and torch refuse with errors of many classes.
                raise _told("onnx-node", proto, node, reason=said(error)[:_SHOWN]) from error
            results = found if isinstance(found, tuple) else (found,)
            for k, name in enumerate(proto.output):
                self._enter(scope, name, results[k] if k < len(results) else None)

    def _version(self, proto: NodeProto, scope: Scope) -> int:
        return scope.versions.get("" if proto.domain in _MAIN else proto.domain, 0)

    def _translated(self, proto: NodeProto, node: OnnxNode, scope: Scope) -> Result:
        domain = "" if proto.domain in _MAIN else proto.domain
        key = (domain, proto.op_type)
        if (proto.domain, proto.op_type) in self._functions:
            return self._called(self._functions[proto.domain, proto.op_type], proto, node, scope)
        if domain == "" and proto.op_type == "If":
            return self._branch(proto, node, scope)
        if domain == "" and proto.op_type in _FLOW:
            raise Refused("onnx-flow")
        translation = OPERATORS.get(key)
        if translation is None:
            raise Refused("onnx-operator", operator=f"{domain}.{proto.op_type}"[:_SHOWN] if domain else node.operator)
        operands = self._operands(proto, scope)
        while operands and operands[-1] is None:
            operands.pop()
        first = operands[: translation.least]
        if not translation.least <= len(operands) <= translation.most or None in first:
            raise Refused("onnx-operands", got=str(len(operands)))
        sizes = of_sizes(self._builder, node, operands) if domain != ML else None
        found = translation.function(self._builder, node, *operands) if sizes is None else sizes
        node.check_all_read()
        return found

    def _operands(self, proto: NodeProto, scope: Scope) -> list[Value | None]:
        operands: list[Value | None] = []
        for name in proto.input:
            value = self._look_up(scope, name) if name else None
            if name and value is None:
                missing = any(name in each.values for each in _around(scope))
                raise Refused("onnx-result" if missing else "onnx-undefined", name=name[:_SHOWN])
            operands.append(value)
        return operands

    def _called(self, function: FunctionProto, proto: NodeProto, node: OnnxNode, scope: Scope) -> Result:
        """A function of the model's own, as if its body stood here."""
        name = (function.domain, function.name)
        if name in self._open or len(self._open) >= self._limits.depth:
            raise Refused("onnx-function")
        operands = self._operands(proto, scope)
        usual = {each.name: each for each in function.attribute_proto}
        versions = {("" if each.domain in _MAIN else each.domain): each.version for each in function.opset_import}
        body = Scope(versions or scope.versions, {**usual, **node.attributes()})
        for inner, value in zip(function.input, operands, strict=False):
            self._enter(body, inner, value)
        self._open.append(name)
        self._run(function.node, body, list(function.output))
        self._open.pop()
        return tuple(self._look_up(body, each) for each in function.output)

    def _branch(self, proto: NodeProto, node: OnnxNode, scope: Scope) -> Result:
        """The branch of an If whose condition is known before any pass."""
        (condition,) = self._operands(proto, scope)
        if condition is None or condition.constant is None or condition.constant.numel() != 1:
            raise Refused("onnx-flow")
        graph = node.graph("then_branch" if bool(condition.constant.any()) else "else_branch")
        within = Scope(scope.versions, scope.attributes, scope)
        within.tensors = {tensor.name: tensor for tensor in graph.initializer}
        outputs = [each.name for each in graph.output]
        self._run(graph.node, within, outputs)
        return tuple(self._look_up(within, each) for each in outputs)


def _around(scope: Scope | None) -> Iterator[Scope]:
    while scope is not None:
        yield scope
        scope = scope.around


def _needed(nodes: list[NodeProto], wanted: Iterable[str]) -> list[NodeProto]:
    """The nodes that these results depend on, in their order."""
    names, found = set(wanted), []
    for node in reversed(nodes):
        if not names.isdisjoint(node.output):
            names.update(_taken(node))
            found.append(node)
    return found[::-1]


def _taken(node: NodeProto) -> Iterator[str]:
    """What a node takes, and what the graphs within it do."""
    yield from node.input
    for attribute in node.attribute:
        for graph in (attribute.g, *attribute.graphs):
            for inner in graph.node:
                yield from _taken(inner)
            yield from (each.name for each in graph.output)


def _told(key: str, proto: NodeProto, node: OnnxNode, **values: Any) -> NetworkFault:
    place = node.place
    where = ", ".join(filter(None, (place.module, place.source)))
    said: dict[str, Any] = {"operator": node.operator, "node": place.node, "source": f" ({where})" if where else ""}
    return fault_of(key, **{"place": place.node or "file", **said, **values})
