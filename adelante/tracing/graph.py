"""An exported program's graph as a network: each call becomes the operations that it stands for."""

import inspect
import operator
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, fx
from torch._decomp import decomposition_table
from torch.export import ExportedProgram
from torch.export.graph_signature import InputKind, OutputKind

from adelante.network.errors import Fault, said
from adelante.network.layering import Made, layered
from adelante.network.metas import Bounds
from adelante.network.network import Batch, Input, Network, NetworkFault
from adelante.network.operations import Operation, PerBatch
from adelante.network.operations.operation import Size
from adelante.tracing.aten import ATEN, DTYPE_NAMES, Refused
from adelante.tracing.folding import Folding
from adelante.tracing.refusals import not_held, not_in_the_list
from adelante.tracing.results import output_names
from adelante.tracing.source import module_of, source_of

# What a call was taken apart into may have to be taken apart again, this many times at most.
_ROUNDS = 8
# Calls that check something and give nothing.
_CHECKS = {
    "_assert_tensor_metadata",
    "_assert_scalar",
    "sym_constrain_range_for_size",
    "_assert_async",
    "_linalg_check_errors",
}
_PYTHON = {
    operator.mul: operator.mul,
    operator.add: operator.add,
    operator.sub: operator.sub,
    operator.floordiv: operator.floordiv,
}


def network_of(program: ExportedProgram, batch: Batch, bounds: Bounds | None = None) -> Network:
    """The network of a program that `opened` has taken apart; `bounds` are for those of strangers.

    Raises NetworkFault for what is not in the list of operations.
    """
    # What a stranger's file makes of its parameters is computed in no pass.
    reader = Reader(program, batch, folds=bounds is None)
    reader.read()
    if not reader.made or not reader.outputs:
        raise NetworkFault(
            "outputs",
            "forward gives no tensor." if not reader.outputs else "forward computes nothing.",
            "Trace a module whose forward returns a tensor that it computes, or several.",
        )
    given = (reader.inputs, reader.parameters, reader.made, reader.outputs, batch)
    return layered(*given, bounds=bounds, registered=reader.registered)


def opened(program: ExportedProgram) -> ExportedProgram:
    """The program with in-place calls made functional, and those calls decomposed that are not in the list.

    The rest stays whole: a convolution is to be a convolution.
    """
    try:
        program = program.run_decompositions({})
    except Exception as error:
        # A torch.autograd.Function of its author's own, say; torch raises errors of many classes here.
        reason = said(error)[:600]
        fault = Fault("unsupported-file", "operation-whole", "", {"reason": reason})
        raise NetworkFault("module", f"torch can't take it apart: {reason}", fault=fault) from error
    for _ in range(_ROUNDS):
        # A call that gives a number (a size, say) is worked out by torch, and read as that number.
        tensors = [node for node in program.graph.nodes if _is_call(node) and not _is_number(node.meta.get("val"))]
        unknown = {node.target for node in tensors if _name(node) not in ATEN}
        if not unknown:
            break
        usual = torch.export.default_decompositions()
        # torch has more decompositions than it uses by default.
        table = {target: usual[target] for target in unknown if target in usual} or {
            target: decomposition_table[target] for target in unknown if target in decomposition_table
        }
        try:
            if not table:
                break
            program = program.run_decompositions(table)
        except Exception:
            # Export does not accept all of them, nor all that is done with them: what is left is refused by its name.
            break
    return program


def _fits(translation: Callable[..., Any], *arguments: Any, **named: Any) -> bool:
    """Whether a translation takes these arguments."""
    try:
        inspect.signature(translation).bind(*arguments, **named)
    except TypeError:
        return False
    return True


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | bool | torch.SymInt)


def _is_call(node: fx.Node) -> bool:
    return node.op == "call_function" and isinstance(node.target, torch._ops.OpOverload)


def _name(node: fx.Node) -> str:
    """aten.conv2d.default is conv2d."""
    assert isinstance(node.target, torch._ops.OpOverload)
    namespace, _, name = node.target._schema.name.partition("::")
    return name if namespace == "aten" else f"{namespace}::{name}"


class Reader:
    """Reads the calls in order. It is the builder that `aten` translates into."""

    def __init__(self, program: ExportedProgram, batch: Batch, folds: bool = False) -> None:
        self._program = program
        self.batch = batch
        self.inputs: list[Input] = []
        self.parameters: dict[str, Tensor] = {}
        self.made: list[Made] = []
        self.outputs: list[str] = []
        self.registered: set[str] = set()
        self._values: dict[fx.Node, Any] = {}
        self._shapes: dict[str, tuple[Size, ...]] = {}
        self._dtypes: dict[str, torch.dtype] = {}
        self._read_by: dict[str, set[str]] = {}
        self._with_gradient: set[str] = set()
        self._kept: dict[fx.Node, Tensor] = {}
        self._folding = Folding(self._kept) if folds else None
        self._at: fx.Node | None = None

    def read(self) -> None:
        signature = self._program.graph_signature
        kinds = {spec.arg.name: spec for spec in signature.input_specs}
        for node in self._program.graph.nodes:
            self._at = node
            if node.op == "placeholder":
                self._placeholder(node, kinds[node.name])
            elif node.op == "get_attr":
                # A part of the program that a call runs or not, as torch.cond's; the call is refused.
                self._values[node] = node.target
            elif node.op == "call_function":
                self._values[node] = self._called(node)
            elif node.op == "output":
                self._end(node)

    # What `aten` asks of a builder.

    def emit(self, operation: Operation, *operands: str) -> str:
        """A node of this operation; its result's name until layers are named."""
        assert self._at is not None
        name = f"{self._at.name}.{len(self.made)}"
        self.made.append(Made(name, operation, operands, module_of(self._at), source_of(self._at)))
        if operation.kind != "detach" and not self._with_gradient.isdisjoint(operands):
            self._with_gradient.add(name)
        if operation.kind in ("tril", "full", "mul", "copy") or len(operands) == 1:
            # Good enough for what is asked within one translation: most operations keep shape and dtype.
            self._shapes.setdefault(name, self._shapes.get(operands[0], ()) if operands else ())
            self._dtypes.setdefault(name, self._dtypes.get(operands[0], torch.float32) if operands else torch.float32)
        return name

    def shape(self, tensor: str) -> tuple[Size, ...]:
        """A tensor's shape, sizes that grow with the batch as PerBatch."""
        return self._shapes[tensor]

    def dtype(self, tensor: str) -> torch.dtype:
        """A tensor's dtype."""
        return self._dtypes[tensor]

    def operation(self, tensor: str) -> Operation | None:
        """The operation that gives a tensor; None of an input or a parameter."""
        return next((each.operation for each in reversed(self.made) if each.name == tensor), None)

    def has_gradient(self, tensor: str) -> bool:
        """Whether a gradient can get through a tensor to an input or a parameter; to what torch keeps, it can't."""
        return tensor in self._with_gradient

    def own_weights(self, tensor: str) -> str | None:
        """The parameter turned to (n_in, n_out), where linear layers are its only readers."""
        return self._viewed(tensor, "linear", f"{tensor}.T", Tensor.t)

    def own_slopes(self, tensor: str, rank: int) -> str | None:
        """A slope for each channel, shaped for maps of this rank, where PReLU layers are its only readers."""
        shape = (-1, *(1,) * (rank - 2))
        return self._viewed(tensor, "prelu", f"{tensor}.{rank}", lambda slopes: slopes.reshape(shape))

    def _viewed(self, tensor: str, reader: str, name: str, view: Callable[[Tensor], Tensor]) -> str | None:
        """The same numbers as a parameter of another shape, where calls of this name are their only readers."""
        if self._read_by.get(tensor) != {reader}:
            return None
        if name not in self.parameters:
            self.parameters[name] = view(self.parameters[tensor])
            self._know(name, self.parameters[name])
            self._with_gradient.add(name)
            if tensor in self.registered:
                self.registered.add(name)
        return name

    def _placeholder(self, node: fx.Node, spec: Any) -> None:
        value = node.meta["val"]
        if spec.kind == InputKind.USER_INPUT:
            if not isinstance(value, Tensor):
                sort = type(value).__name__
                raise NetworkFault(
                    node.name,
                    f"an input of type {sort}; only tensors can be followed.",
                    fault=Fault(
                        "unsupported-file", "traced-input", "", {"name": node.name, "type": sort}, hint="traced-input"
                    ),
                )
            shape = value.shape if self.batch == "none" else value.shape[1:]
            self.inputs.append(Input(node.name, tuple(int(size) for size in shape), value.dtype))
            self._with_gradient.add(node.name)
        else:
            if spec.kind == InputKind.TOKEN:
                # It only keeps calls in their order.
                self._values[node] = node.name
                return
            kept = {**self._program.state_dict, **self._program.constants}
            numbers = kept[spec.target].detach()
            if numbers.dtype not in DTYPE_NAMES and node.users:
                raise not_held(spec.target, numbers.dtype)
            if spec.target in self._program.graph_signature.buffers_to_mutate.values():
                # The module counts on in it with each call.
                numbers = numbers.clone()
            self.parameters[node.name] = self._kept[node] = numbers
            if spec.kind == InputKind.PARAMETER:
                self._with_gradient.add(node.name)
            else:
                self.registered.add(node.name)
            self._read_by[node.name] = {
                _name(user) if _is_call(user) and node in user.args[1:2] and node not in user.args[2:] else ""
                for user in node.users
            }
        self._know(node.name, value)
        self._values[node] = node.name

    def _know(self, name: str, value: Any) -> None:
        if isinstance(value, Tensor):
            self._shapes[name] = tuple(self._size(size) for size in value.shape)
            self._dtypes[name] = value.dtype

    def _size(self, size: Any) -> Size:
        """A size as the export knows it: a number, or one that grows with the batch."""
        if isinstance(size, int):
            return size
        expression = size.node.expr
        symbols = list(expression.free_symbols)
        at = [int(expression.subs(dict.fromkeys(symbols, n))) for n in (2, 3, 5)]
        times = at[1] - at[0]
        if at[2] - at[1] != 2 * times:
            raise NetworkFault(
                str(size),
                "a size that does not grow evenly with the batch.",
                fault=Fault("unsupported-file", "traced-size", "", {"size": str(size)[:100]}, hint="traced-size"),
            )
        return PerBatch(times, at[0] - 2 * times) if times else at[0]

    def _called(self, node: fx.Node) -> Any:
        value = node.meta.get("val")
        if _is_number(value):
            # Sizes, and arithmetic with them: torch has worked them out already.
            return self._size(value) if isinstance(value, torch.SymInt) else value
        arguments = [self._argument(each) for each in node.args]
        if node.target is operator.getitem:
            found = arguments[0][arguments[1]]
            if found is None:
                raise self._refused(node, f"the results of {_name(node.args[0])} beside the first")  # type: ignore[arg-type]
            return found
        if not _is_call(node):
            # A call with an effect, as an assertion of torch's own has, stands within another.
            within = next((each for each in node.args if isinstance(each, torch._ops.OpOverload)), node.target)
            if isinstance(within, torch._ops.OpOverload) and within._schema.name.partition("::")[2] in _CHECKS:
                return arguments[:1]
            raise self._refused(node, str(within).removeprefix("aten.").removesuffix(".default"))
        name = _name(node)
        if name in _CHECKS:
            return None
        if name == "embedding_renorm":
            return self._shortened(node)
        if name not in ATEN:
            return self._folded(node, name)
        named = {key: self._argument(each) for key, each in node.kwargs.items() if each is not None}
        try:
            found = ATEN[name](self, *arguments, **named)
        except Refused as reason:
            return self._folded(node, str(reason))
        except TypeError:
            if _fits(ATEN[name], self, *arguments, **named):
                raise
            raise self._refused(node, f"{name} called so") from None
        for each, known in zip(*self._paired(found, value), strict=False):
            if each is not None:
                if isinstance(known, Tensor) and known.dtype not in DTYPE_NAMES:
                    raise self._refused(node, f"{name} with numbers of type {str(known.dtype).removeprefix('torch.')}")
                self._know(each, known)
        return found

    def _shortened(self, node: fx.Node) -> str:
        """nn.Embedding(max_norm=…) shortens, in place, each row that a pass reads: here every row, once and for all."""
        weights, _, max_norm, norm_type = node.args
        while isinstance(weights, fx.Node) and _is_call(weights) and _name(weights) == "detach":
            weights = weights.args[0]
        if not isinstance(weights, fx.Node) or weights not in self._kept:
            raise self._refused(node, "embedding with max_norm, of weights that are computed,")
        numbers = self._kept[weights].clone()
        with torch.no_grad():
            rows = torch.arange(len(numbers), device=numbers.device)
            torch.embedding_renorm_(numbers, rows, float(max_norm), float(norm_type))  # type: ignore[arg-type]
        self._with_gradient.add(node.name)
        return str(self._kept_as(node.name, numbers))

    def _folded(self, node: fx.Node, name: str) -> Any:
        """A parameter, or several, for a call that is not in the list, or not so. Raises NetworkFault."""
        found = None if self._folding is None else self._folding.value(node)
        if found is None:
            raise self._refused(node, name)
        return self._kept_as(node.name, found)

    def _kept_as(self, name: str, found: Any) -> Any:
        if isinstance(found, Tensor):
            self.parameters[name] = found
            self._know(name, found)
            return name
        return tuple(self._kept_as(f"{name}.{k}", each) for k, each in enumerate(found))

    @staticmethod
    def _paired(found: Any, value: Any) -> tuple[Sequence[str], Sequence[Any]]:
        if isinstance(found, str):
            return [found], [value]
        return (found, value) if isinstance(found, tuple) else ((), ())

    def _argument(self, argument: Any) -> Any:
        if isinstance(argument, fx.Node):
            return self._values[argument]
        if isinstance(argument, list | tuple):
            return [self._argument(each) for each in argument]
        return argument

    def _refused(self, node: fx.Node, what: str) -> NetworkFault:
        return not_in_the_list(module_of(node) or node.name, what, source_of(node))

    def _end(self, node: fx.Node) -> None:
        specs = self._program.graph_signature.output_specs
        given = zip(specs, node.args[0], strict=True)  # type: ignore[arg-type]
        called = iter(output_names(self._program))
        for spec, value in given:
            if spec.kind == OutputKind.USER_OUTPUT:
                name = next(called, None)
                if isinstance(value, fx.Node) and isinstance(value.meta.get("val"), Tensor):
                    self.outputs.append(self._values[value])
                    self._label(self._values[value], name)

    def _label(self, tensor: str, name: str | None) -> None:
        """Has the layer that gives an output be called as its author calls that."""
        for k in reversed(range(len(self.made))):
            if name is not None and self.made[k].name == tensor:
                self.made[k] = self.made[k]._replace(label=name)
