"""A network of any kind as an nn.Module: what has parameters becomes the module that torch.nn has for it.

A rule gives that module's constructor and its state: which of its tensors is which operand.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from torch import Tensor

from adelante.code.functional import finished, torch_imports
from adelante.code.printing import torch_print_options
from adelante.code.program import TENSORS, Program
from adelante.code.rules import Call, options
from adelante.formats.literals import quoted
from adelante.network.network import Node
from adelante.network.operations.windows import each


class Written(NamedTuple):
    """A module: its constructor, and which operand each of its tensors is; `turned`: its weight is the transpose."""

    constructor: str
    state: Mapping[str, int]
    turned: bool = False


_WEIGHT_AND_BIAS = ("weight", "bias")


def _weights(call: Call, first: int = 1) -> dict[str, int]:
    return {name: first + k for k, name in zip(range(len(call.operands) - first), _WEIGHT_AND_BIAS, strict=False)}


def _no_bias(call: Call) -> str:
    return "" if len(call.operands) == 3 else ", bias=False"


def _has_usual_biases(call: Call, n_out: int) -> bool:
    """Whether nn.Linear has biases of this shape; torch's function takes what broadcasts."""
    return len(call.operands) < 3 or tuple(call.shapes[2]) == (n_out,)


def _dense(call: Call) -> Written | None:
    n_in, n_out = call.shapes[1]
    if not _has_usual_biases(call, n_out):
        return None
    return Written(f"nn.Linear({n_in}, {n_out}{_no_bias(call)})", _weights(call), turned=True)


def _linear(call: Call) -> Written | None:
    n_out, n_in = call.shapes[1]
    if not _has_usual_biases(call, n_out):
        return None
    return Written(f"nn.Linear({n_in}, {n_out}{_no_bias(call)})", _weights(call))


def _conv(call: Call) -> Written | None:
    if call.padding == "same" and {*each(call.stride, call.rank - 2)} != {1}:
        return None  # torch.nn refuses it; the pass computes the padding itself
    out, per_group, *kernel = call.shapes[1]
    sizes = f"{per_group * call.groups}, {out}, {_kernel(kernel)}"
    return Written(f"nn.Conv{len(kernel)}d({sizes}{options(call)}{_no_bias(call)})", _weights(call))


def _conv_transpose(call: Call) -> Written:
    channels, per_group, *kernel = call.shapes[1]
    sizes = f"{channels}, {per_group * call.groups}, {_kernel(kernel)}"
    return Written(f"nn.ConvTranspose2d({sizes}{options(call)}{_no_bias(call)})", _weights(call))


def _sizes(shape: Sequence[int]) -> str:
    return str(shape[0]) if len(shape) == 1 else repr(tuple(shape))


def _kernel(sizes: Sequence[int]) -> str:
    return str(sizes[0]) if len(set(sizes)) == 1 else repr(tuple(sizes))


def _batch_norm(call: Call) -> Written | None:
    if len(call.operands) == 4 or call.rank > 5:
        return None
    affine = "" if len(call.operands) == 5 else ", affine=False"
    state = {"running_mean": 1, "running_var": 2, **_weights(call, 3)}
    return Written(f"nn.BatchNorm{max(call.rank - 2, 1)}d({call.shapes[1][0]}{options(call)}{affine})", state)


def _layer_norm(call: Call) -> Written:
    shape, eps = _sizes(call.normalized_shape), options(call, ("normalized_shape",))
    return Written(f"nn.LayerNorm({shape}{eps}{_no_bias(call)})", _weights(call))


def _rms_norm(call: Call) -> Written:
    return Written(f"nn.RMSNorm({_sizes(call.normalized_shape)}, eps={call.eps!r})", _weights(call))


def _group_norm(call: Call) -> Written | None:
    if len(call.operands) != 3:
        return None
    eps = options(call, ("num_groups",))
    return Written(f"nn.GroupNorm({call.num_groups}, {call.shapes[0][1]}{eps})", _weights(call))


def _embedding(call: Call) -> Written:
    entries, features = call.shapes[0]
    return Written(f"nn.Embedding({entries}, {features})", {"weight": 0})


MODULES: dict[str, Callable[[Call], Written | None]] = {
    "dense": _dense,
    "linear": _linear,
    "conv1d": _conv,
    "conv2d": _conv,
    "conv3d": _conv,
    "conv_transpose2d": _conv_transpose,
    "batch_norm": _batch_norm,
    "layer_norm": _layer_norm,
    "rms_norm": _rms_norm,
    "group_norm": _group_norm,
    "embedding": _embedding,
}


def module_text(program: Program, outputs: Sequence[Tensor]) -> str:
    """The network as a class of torch.nn's modules, its parameters in a state_dict."""
    modules = _modules(program)
    body = [
        *_class(program, modules),
        *_state(program, modules),
        "",
        *_run(program),
        "",
        torch_print_options(outputs),
        *program.prints(),
    ]
    return finished([*program.title(), *torch_imports(body), ""], body)


def module_and_state(program: Program) -> tuple[str, dict[str, Tensor]]:
    """The same, its state_dict read as it is from the program's file; and that state_dict, by torch's names."""
    modules = _modules(program)
    entries = _entries(program, modules)
    body = [
        *_class(program, modules),
        *([f"model.load_state_dict(load_file({quoted(program.file)}), assign=True)"] if entries else []),
        "",
        *_run(program),
        *program.prints(),
    ]
    parameters = program.network.parameters
    state = {key: parameters[name].T if turned else parameters[name] for key, name, turned in entries}
    return finished([*program.title(), *torch_imports(body), ""], body), state


def _class(program: Program, modules: "Sequence[_Found]") -> list[str]:
    """The class, and the model that is made of it."""
    beside = _beside(program, modules)
    renamed = {program.names[name]: f"self.{program.names[name]}" for name in beside}
    given = {name: text for found in modules for name, text in found.calls.items()}
    return [
        "class Network(nn.Module):",
        *_constructor(program, modules, beside),
        "",
        f"    def forward(self, {program.taken()}):",
        *(f"        {line}" for line in program.steps(renamed, given)),
        f"        return {program.returned(renamed)}",
        "",
        "",
        "model = Network().eval()",
    ]


def _beside(program: Program, modules: "Sequence[_Found]") -> list[str]:
    """The parameters that no module has."""
    return [name for name in program.used if not any(name in found.state for found in modules)]


def _run(program: Program) -> list[str]:
    return [
        *program.given(),
        "",
        "with torch.no_grad():",
        f"    {', '.join(program.results())} = model({program.taken()})",
    ]


class _Found(NamedTuple):
    """A module: its name, the call that stands for each node it computes, and each parameter's key in its state."""

    name: str
    written: Written
    calls: Mapping[str, str]
    state: Mapping[str, str]


def _modules(program: Program) -> list[_Found]:
    """What torch.nn has modules for, if nothing else reads their parameters. Nodes that share all of theirs are one."""
    readers = Counter(name for node in program.network.nodes for name in node.inputs)
    readers.update(program.network.outputs)
    sharing: dict[tuple[str, ...], list[tuple[Node, Written]]] = {}
    for node in program.network.nodes:
        rule = MODULES.get(node.operation.kind)
        written = rule(program.calls[node.name]) if rule is not None else None
        if written is not None and written.state:
            parameters = (node.inputs[position] for position in written.state.values())
            sharing.setdefault((written.constructor, *parameters), []).append((node, written))
    found = []
    for (_, *own), nodes in sharing.items():
        first, written = nodes[0]
        if all(name in program.network.parameters and readers[name] == len(nodes) for name in own):
            name = f"layer{program.names[first.name][1:]}"
            calls = {node.name: f"self.{name}({_moved(program, node, written)})" for node, _ in nodes}
            state = {parameter: f"{name}.{key}" for key, parameter in zip(written.state, own, strict=True)}
            found.append(_Found(name, written, calls, state))
    return found


def _moved(program: Program, node: Node, written: Written) -> str:
    """What a module is called with: the one operand that is not its own."""
    operands = enumerate(program.calls[node.name].operands)
    return next(name for k, name in operands if k not in written.state.values())


def _constructor(program: Program, modules: Sequence[_Found], beside: Sequence[str]) -> list[str]:
    lines: list[str] = [f"self.{found.name} = {found.written.constructor}" for found in modules]
    for name in beside:
        tensor, called = program.network.parameters[name], program.names[name]
        shape = ", ".join(map(str, tensor.shape))
        if tensor.is_floating_point():
            lines.append(f"self.{called} = nn.Parameter(torch.empty({shape or '()'}))")
        else:
            lines.append(f'self.register_buffer("{called}", torch.empty({shape or "()"}, dtype={tensor.dtype}))')
    if not lines:
        return [f"    # {program.say('no-parameters')}"]
    return ["    def __init__(self):", *(f"        {line}" for line in ("super().__init__()", *lines))]


def _entries(program: Program, modules: Sequence[_Found]) -> list[tuple[str, str, bool]]:
    """The state_dict: each key, the parameter that it is, and whether it is the transpose."""
    found = [
        (key, parameter, each.written.turned and key.endswith(".weight"))
        for each in modules
        for parameter, key in each.state.items()
    ]
    return found + [(program.names[name], name, False) for name in _beside(program, modules)]


def _state(program: Program, modules: Sequence[_Found]) -> list[str]:
    """load_state_dict, with assign: the tensors as they are, in their own types, and not copied."""
    entries = _entries(program, modules)
    if not entries:
        return []
    lines = [] if program.inline else [f"{TENSORS} = load_file({quoted(program.file)})"]
    if any(turned for _, _, turned in entries):
        lines.append(f"# {program.say('transpose')}")
    listed = [f'    "{key}": {_parameter(program, name)}{".T" if turned else ""},' for key, name, turned in entries]
    return [*lines, "state = {", *listed, "}", "model.load_state_dict(state, assign=True)"]


def _parameter(program: Program, name: str) -> str:
    return program.parameter(name) if not program.inline else program.array(program.network.parameters[name], "    ")
