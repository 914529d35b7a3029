"""What a program is written from, in either language: names, shapes, literals, comments.

Nothing that a file or a client says becomes a name: names come from the closed list of operations and from numbers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import torch
from torch import Tensor

from adelante.code.comments import Say, english, one_line
from adelante.code.rules import BATCH, Call, Rule
from adelante.formats.literals import array_literal, quoted
from adelante.network.metas import metas_of
from adelante.network.network import Layer, Network, Node
from adelante.network.operations import PerBatch

MOST_INLINE = 2000
"""Networks of at most so many numbers stand in the text; those of others are read from a file."""
FILE = "network.safetensors"
TENSORS = "tensors"
_LINE = 110
# What is looked up or chosen keeps its type. Other operations make floats of whole numbers: torch of its default dtype,
# NumPy float64.
_KEEPS_TYPE = {
    *("embedding", "gather", "index", "index_select", "copy", "masked_fill"),
    *("scatter", "scatter_add", "index_put", "index_add"),
}


@dataclass(frozen=True, eq=False)
class Program:
    """A network and its inputs, ready to be written. `library` is "torch" or "np", `rules` that language's table."""

    network: Network
    inputs: Mapping[str, Tensor]
    batch: int
    library: str
    rules: Mapping[str, Rule]
    file: str = FILE
    say: Say = english
    example: bool = False
    """Whether it is written for whatever inputs: with zeros in their place, and all its parameters in the file."""

    @cached_property
    def inline(self) -> bool:
        """Whether the parameters stand in the text."""
        return self.network.size <= (0 if self.example else MOST_INLINE)

    @cached_property
    def used(self) -> tuple[str, ...]:
        """The parameters that the pass uses, in the order in which it does."""
        read = dict.fromkeys(name for node in self.network.nodes for name in node.inputs)
        handed_out = dict.fromkeys(self.network.outputs)
        return tuple(name for name in {**read, **handed_out} if name in self.network.parameters)

    @cached_property
    def names(self) -> Mapping[str, str]:
        """What the program calls each tensor: inputs, weights0, z0, a0."""
        single = len(self.network.inputs) == 1
        found = {each.name: "inputs" if single else f"inputs{k}" for k, each in enumerate(self.network.inputs, 1)}
        taken = set(found.values())
        in_layer = {name: (k, layer) for k, layer in enumerate(self.network.layers) for name in layer.nodes}
        for position, node in enumerate(self.network.nodes):
            k, layer = in_layer.get(node.name, (position, None))
            for i, name in enumerate(node.inputs):
                if name not in found:
                    found[name] = _free(f"{node.operation.operand(i)}{k}", taken)
            found[node.name] = _free(_result_name(node, k, layer), taken)
        for k, name in enumerate(name for name in self.network.outputs if name not in found):
            found[name] = _free(f"given{k}", taken)
        return found

    @cached_property
    def calls(self) -> Mapping[str, Call]:
        """Every node's call, by its result's name."""
        network, names, found = self.network, self.names, {}
        batch = None if network.batch == "none" else self.batch
        metas = metas_of(network.inputs, network.parameters, network.nodes, batch)
        for node in network.nodes:
            operands, result = [metas[name] for name in node.inputs], metas[node.name]
            found[node.name] = Call(
                node.operation,
                tuple(names[name] for name in node.inputs),
                tuple(each.shape for each in operands),
                tuple(each.dtype for each in operands),
                result.shape,
                result.dtype,
                self.library,
            )
        return found

    @cached_property
    def uses_batch(self) -> bool:
        """Whether a size in it is counted from the batch."""
        sizes = (
            each
            for node in self.network.nodes
            for value in node.operation.options.values()
            if isinstance(value, tuple)
            for each in value
        )
        return any(isinstance(each, PerBatch) for each in sizes)

    def steps(self, renamed: Mapping[str, str] | None = None, given: Mapping[str, str] | None = None) -> list[str]:
        """The lines of the pass: `a0 = …` for each node, under their author's lines.

        `renamed` says what an operand is called here (`self.mask0`), `given` the whole text of some nodes' results.
        """
        lines = [f"{BATCH} = len({self.names[self.network.inputs[0].name]})"] if self.uses_batch else []
        begins = {layer.nodes[0]: layer for layer in self.network.layers if layer.nodes}
        source = None
        for node in self.network.nodes:
            layer = begins.get(node.name)
            if layer is not None and layer.source != source:
                source = layer.source
                lines += [f"# {one_line(source)}"] if source else []
            line = f"{self.names[node.name]} = {self._result(node, renamed or {}, given or {})}"
            lines += _with_comment(line, self._about(layer)) if layer is not None else [line]
        return lines

    def _result(self, node: Node, renamed: Mapping[str, str], given: Mapping[str, str]) -> str:
        if node.name in given:
            return given[node.name]
        call = self.calls[node.name]
        if renamed:
            call = replace(call, operands=tuple(renamed.get(each, each) for each in call.operands))
        text = self.rules[call.operation.kind](call)
        return _narrowed(text, call) if self.library == "np" else text

    def _about(self, layer: Layer) -> str:
        """Its name or its place in the author's code, and the shape of what it gives."""
        shape = str(self.network.shapes[layer.nodes[-1]])
        named = quoted(layer.name) if layer.name else one_line(layer.module) if layer.module else ""
        return f"{named} {shape}".lstrip()

    def title(self) -> list[str]:
        """What it is, in a line."""
        count = len(self.network.layers) or len(self.network.nodes)
        told = [self.say("network", layers=count, parameters=self.network.learned)]
        if not self.inline:
            told.append(self.say("file", file=one_line(self.file)))
        if self.library == "np":
            told.append(self.say("needs-numpy"))
        return [f"# {each}" for each in told]

    def parameter(self, name: str) -> str:
        """A parameter's numbers, or where they are read."""
        if not self.inline:
            return f"{TENSORS}[{quoted(name)}]"
        return self.array(self.network.parameters[name])

    def array(self, tensor: Tensor, indent: str = "") -> str:
        """A tensor's numbers as the language makes an array of them."""
        dtype = str(tensor.dtype).removeprefix("torch.")
        numbers = array_literal(tensor, indent)
        if self.library == "np":
            return f"np.array({numbers}, dtype=np.{dtype})"
        usual = tensor.dtype in (torch.float32, torch.int64, torch.bool) and tensor.numel() > 0
        return f"torch.tensor({numbers}" + (")" if usual else f", dtype=torch.{dtype})")

    def given(self) -> list[str]:
        """The lines that make the inputs."""
        several = len(self.network.inputs) > 1
        if self.example:
            zeros = [f"{self.names[each.name]} = {self._zeros(self.inputs[each.name])}" for each in self.network.inputs]
            return [f"# {self.say('example')}", *zeros]
        return [
            f"{self.names[each.name]} = {self.array(self.inputs[each.name])}"
            + (f"  # {one_line(each.name)}" if several else "")
            for each in self.network.inputs
        ]

    def _zeros(self, tensor: Tensor) -> str:
        usual = self.library == "torch" and tensor.dtype == torch.float32
        dtype = "" if usual else f", dtype={self.library}.{str(tensor.dtype).removeprefix('torch.')}"
        return f"{self.library}.zeros({tuple(tensor.shape)!r}{dtype})"

    def taken(self) -> str:
        """The pass's parameters, as a function lists them."""
        return ", ".join(self.names[each.name] for each in self.network.inputs)

    def returned(self, renamed: Mapping[str, str] | None = None) -> str:
        """What it gives."""
        names = [self.names[name] for name in self.network.outputs]
        return ", ".join((renamed or {}).get(name, name) for name in names)

    def results(self) -> list[str]:
        """What the outputs are called outside."""
        count = len(self.network.outputs)
        return ["output"] if count == 1 else [f"output{k}" for k in range(1, count + 1)]

    def prints(self) -> list[str]:
        """The lines that print the outputs, each after its name where there are several."""
        if len(self.network.outputs) == 1:
            return ["print(output)"]
        pairs = zip(self.network.outputs, self.results(), strict=True)
        return [f'print({quoted(name)}, {result}, sep="\\n")' for name, result in pairs]


def _with_comment(line: str, comment: str) -> list[str]:
    return [f"{line}  # {comment}"] if len(line) + len(comment) + 4 <= _LINE else [f"# {comment}", line]


def _narrowed(text: str, call: Call) -> str:
    """The text with torch's type where NumPy would make a wider one."""
    whole = [each for each in call.dtypes if not each.is_floating_point]
    wider = whole and call.result_dtype.is_floating_point and call.operation.kind not in _KEEPS_TYPE
    if not wider or (len(whole) < len(call.dtypes) and set(whole) == {torch.bool}):
        return text
    return f"np.asarray({text}, dtype={call.literal(str(call.result_dtype).removeprefix('torch.'))})"


def _free(name: str, taken: set[str]) -> str:
    found, n = name, 2
    while found in taken:
        found, n = f"{name}_{n}", n + 1
    taken.add(found)
    return found


def _result_name(node: Node, k: int, layer: Layer | None) -> str:
    """a of a layer's last node, z of the ones before; v of a node that is of no layer."""
    if layer is None:
        return f"v{k}"
    return f"a{k}" if node.name == layer.nodes[-1] else f"z{k}"
