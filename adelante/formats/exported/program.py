"""A .pt2 file's graph, rebuilt call by call as a torch.export.ExportedProgram, so that the tracer can read it.

Nothing of the file's text gets into it but what was looked up in closed lists, or has been read as a number. The names
of its values are our own: torch writes them into Python that it compiles.
"""

import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from keyword import iskeyword
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch._export.verifier import TrainingIRVerifier
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.export import ExportedProgram
from torch.export.exported_program import ModuleCallEntry, ModuleCallSignature
from torch.export.graph_signature import (
    ExportGraphSignature,
    InputKind,
    InputSpec,
    OutputKind,
    OutputSpec,
    TensorArgument,
)
from torch.utils import _pytree as pytree

from adelante.formats.exported.arguments import Arguments
from adelante.formats.exported.inputs import Given
from adelante.formats.exported.operators import calls, gives_one_tensor, shown
from adelante.formats.exported.package import Package, refuse
from adelante.network.network import NetworkFault
from adelante.network.source import Source, innermost, source_in
from adelante.tracing.refusals import not_in_the_list

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}", re.ASCII)
_LONGEST_STACK = 20_000
_DEEPEST = 16
_KEPT = {
    "parameter": (InputKind.PARAMETER, "parameter_name"),
    "buffer": (InputKind.BUFFER, "buffer_name"),
    "tensor_constant": (InputKind.CONSTANT_TENSOR, "tensor_constant_name"),
}
# Where a call says whether it is to do what it does in training alone.
_TRAINING: dict[Callable[..., Any], int] = {
    torch.ops.aten.dropout.default: 2,
    torch.ops.aten.feature_dropout.default: 2,
    torch.ops.aten.alpha_dropout.default: 2,
    torch.ops.aten.batch_norm.default: 5,
}
# Blocks of a `with`: which of their operands is the graph, and after which it is simply run.
_NO_GRAD = "torch.ops.higher_order.wrap_with_set_grad_enabled"
_AUTOCAST = "torch.ops.higher_order.wrap_with_autocast"


def program_of(package: Package, given: Sequence[Given], mode: FakeTensorMode, most_nodes: int) -> ExportedProgram:
    """The program of a package; `given` are its inputs, as fake tensors of `mode`.

    Raises NetworkFault for a call that is not in the list, with its place; NetworkError; KeyError, TypeError,
    ValueError and the like where the file lacks something.
    """
    return _Builder(package, given, mode, most_nodes).program()


class _Builder:
    def __init__(self, package: Package, given: Sequence[Given], mode: FakeTensorMode, most_nodes: int) -> None:
        self._package, self._mode = package, mode
        self._given = {each.key: each for each in given}
        self._left = self._most = most_nodes
        self._graph = fx.Graph()
        self._nodes: dict[str, fx.Node] = {}
        self._weights = dict(package.weights)
        self._arguments = Arguments(self._nodes)

    def program(self) -> ExportedProgram:
        module = self._package.program["graph_module"]
        graph, signature = module["graph"], module["signature"]
        inputs = list(self._placeholders(signature["input_specs"]))
        self._calls(graph["nodes"], 0)
        outputs = list(self._outputs(graph["outputs"], signature["output_specs"]))
        self._graph.output(tuple(node for node, _ in outputs))
        names = [spec.arg.name for spec in inputs if spec.kind == InputKind.USER_INPUT]
        taken = pytree.tree_structure((tuple(range(len(names))), {}))
        found = pytree.tree_structure(tuple(range(len(outputs))))
        return ExportedProgram(
            root=fx.GraphModule({}, self._graph),
            graph=self._graph,
            graph_signature=ExportGraphSignature(inputs, [spec for _, spec in outputs]),
            state_dict=self._weights,
            range_constraints={},
            module_call_graph=[ModuleCallEntry("", ModuleCallSignature([], [], taken, found, names))],
            constants=dict(self._package.constants),
            verifiers=[TrainingIRVerifier],
        )

    def _placeholders(self, specs: Sequence[Mapping[str, Any]]) -> Iterator[InputSpec]:
        for k, spec in enumerate(specs):
            ((kind, told),) = spec.items()
            if kind == "user_input":
                key = told["arg"]["as_tensor"]["name"]
                node = self._placeholder(key, self._own_name(key), self._given[key].value)
                yield InputSpec(InputKind.USER_INPUT, TensorArgument(node.name), None)
            elif kind in _KEPT:
                wanted, named = _KEPT[kind]
                target, persistent = told[named], told.get("persistent")
                value = self._kept(target, wanted)
                node = self._placeholder(
                    told["arg"]["name"], f"kept_{k}", self._mode.from_tensor(value, static_shapes=True)
                )
                lasting = bool(persistent) if wanted == InputKind.BUFFER else None
                yield InputSpec(wanted, TensorArgument(node.name), target, lasting)
            elif kind != "constant_input":
                # A value that is no tensor was settled when the program was exported; nothing reads it.
                refuse("exported-input", kind=str(kind)[:40])

    def _kept(self, target: str, kind: InputKind) -> Tensor:
        value = self._weights.get(target)
        if value is None:
            return self._package.constants[target]
        if kind == InputKind.PARAMETER and not isinstance(value, nn.Parameter):
            value = self._weights[target] = nn.Parameter(value, requires_grad=False)
        return value

    @staticmethod
    def _own_name(key: str) -> str:
        """What its author calls an input, where that is a name."""
        return key if _NAME.fullmatch(key) and not iskeyword(key) else "given"

    def _placeholder(self, key: str, name: str, value: Any) -> fx.Node:
        if key in self._nodes:
            raise ValueError("two values have one name")
        node = self._graph.placeholder(name)
        node.target = node.name
        node.meta["val"] = value
        self._nodes[key] = node
        return node

    def _calls(self, nodes: Sequence[Mapping[str, Any]], depth: int) -> None:
        self._left -= len(nodes)
        if self._left < 0 or depth > _DEEPEST:
            refuse("file-nodes", got=self._most - self._left, expected=self._most)
        for each in nodes:
            target = each["target"]
            if target in (_NO_GRAD, _AUTOCAST):
                self._block(each, target, depth)
            elif target in calls():
                self._call(each, target)
            else:
                raise self._refused(each, shown(target))

    def _call(self, told: Mapping[str, Any], target: str) -> None:
        call = calls()[target]
        operands, named = self._arguments.of(told["inputs"], call)
        if (at := _TRAINING.get(call)) is not None and operands[at : at + 1] == (True,):
            raise self._refused(told, f"{shown(target)} as in training")
        node = self._graph.call_function(call, operands, named)
        node.meta |= self._place(told)
        outputs = told["outputs"]
        if not outputs:
            return
        if gives_one_tensor(call):
            self._name(self._arguments.name(outputs[0]), node)
            return
        several = outputs[0].get("as_tensors", outputs)
        for k, each in enumerate(several):
            name = each["name"] if "name" in each else self._arguments.name(each)
            if name is not None:
                part = self._graph.call_function(operator.getitem, (node, k))
                part.meta |= node.meta
                self._name(name, part)

    def _block(self, told: Mapping[str, Any], target: str, depth: int) -> None:
        """The calls of a `with` block, in its place; what a block without gradients gives is detached."""
        operands = [each["arg"] for each in told["inputs"]]
        at = next(k for k, each in enumerate(operands) if "as_graph" in each)
        if target == _AUTOCAST and operands[at - 2].get("as_bool") is not False:
            raise self._refused(told, "autocast, which changes the type of numbers")
        graph = operands[at]["as_graph"]["graph"]
        outside = [self._arguments.value(each) for each in operands[at + 1 :]]
        inner = zip(graph["inputs"], outside, strict=True)
        before = dict(self._nodes)
        self._nodes.clear()
        for each, node in inner:
            if isinstance(node, fx.Node):
                self._name(self._arguments.name(each), node)
        self._calls(graph["nodes"], depth + 1)
        results = [self._arguments.value(each) for each in graph["outputs"]]
        self._nodes.clear()
        self._nodes |= before
        stops = target == _NO_GRAD and operands[0].get("as_bool") is False
        for each, node in zip(self._results(told["outputs"]), results, strict=True):
            if each is not None:
                self._name(each, self._detached(node, told) if stops else node)

    def _detached(self, node: fx.Node, told: Mapping[str, Any]) -> fx.Node:
        detached = self._graph.call_function(torch.ops.aten.detach.default, (node,))
        detached.meta |= self._place(told)
        return detached

    def _results(self, outputs: Sequence[Mapping[str, Any]]) -> list[str | None]:
        if outputs and "as_tensors" in outputs[0]:
            return [each["name"] for each in outputs[0]["as_tensors"]]
        return [self._arguments.name(each) for each in outputs]

    def _name(self, name: str | None, node: fx.Node) -> None:
        if name is None:
            return
        if name in self._nodes:
            raise ValueError("two values have one name")
        self._nodes[name] = node

    def _outputs(
        self, outputs: Sequence[Mapping[str, Any]], specs: Sequence[Mapping[str, Any]]
    ) -> Iterator[tuple[fx.Node, OutputSpec]]:
        """The results that are tensors; what else a program gives, or writes into its buffers, no pass shows."""
        for each, spec in zip(outputs, specs, strict=True):
            if "user_output" in spec and "as_tensor" in each:
                node = self._nodes[each["as_tensor"]["name"]]
                yield node, OutputSpec(OutputKind.USER_OUTPUT, TensorArgument(node.name), None)

    @staticmethod
    def _place(told: Mapping[str, Any]) -> dict[str, Any]:
        """Module and line, as the tracer leaves them at a call; only what was found in the file's text, cut short."""
        found: dict[str, Any] = {"val": None}
        module, source = _origin(told)
        if module is not None:
            found["nn_module_stack"] = {"own": (module, "torch.nn.Module")}
        if source is not None:
            found["stack_trace"] = f'File "{source.file}", line {source.line}, in forward\n    {source.text}'
        return found

    @staticmethod
    def _refused(told: Mapping[str, Any], what: str) -> NetworkFault:
        module, source = _origin(told)
        return not_in_the_list(module or "forward", what, None if source is None else str(source))


def _origin(told: Mapping[str, Any]) -> tuple[str | None, Source | None]:
    """The module that a call stands in ("key,path,type;key,path,type"), and its author's line."""
    metadata = told.get("metadata") or {}
    stack, trace = (str(metadata.get(key, ""))[:_LONGEST_STACK] for key in ("nn_module_stack", "stack_trace"))
    parts = [each.split(",") for each in stack.split(";")]
    return innermost([each[1] for each in parts if len(each) > 1]), source_in(trace)
