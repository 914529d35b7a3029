"""A network as source text which, when run, prints the outputs that the forward pass gives.

What a client sends is written as data only: numbers as digits, names as quoted text in comments or JSON, never as
identifiers. Activations come from the registry by name.
"""

from itertools import pairwise
from typing import Literal, get_args

import torch
from torch import Tensor

from adelante.code.comments import Say, english, one_line
from adelante.code.printing import torch_print_options
from adelante.code.request import curl_text
from adelante.code.sources import sources_of
from adelante.formats.literals import matrix_literal, quoted, rows_text, vector_literal
from adelante.network.activations import Activation
from adelante.network.dense.network import DenseLayer, DenseNetwork
from adelante.network.dense.random import ORDERS, Order, draw
from adelante.network.errors import Fault, NetworkError
from adelante.network.forward import forward
from adelante.network.presets import NOTEBOOK_SEED

Language = Literal["pytorch", "numpy", "curl", "json"]
Style = Literal["notebook", "module"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
STYLES: tuple[Style, ...] = get_args(Style)
DEFAULT_URL = "http://127.0.0.1:8000/api/v1/forward"
_LARGEST_DRAWN = 10_000
_TORCH_CALLS = {
    "identity": "z",
    "sigmoid": "torch.sigmoid(z)",
    "tanh": "torch.tanh(z)",
    "relu": "torch.relu(z)",
    "softmax": "torch.softmax(z, dim=-1)",
    "log_softmax": "torch.log_softmax(z, dim=-1)",
    "gelu_tanh": 'torch.nn.functional.gelu(z, approximate="tanh")',
    "log_sigmoid": "torch.nn.functional.logsigmoid(z)",
}


def generate(
    network: DenseNetwork,
    inputs: Tensor,
    language: Language,
    *,
    style: Style = "notebook",
    url: str = DEFAULT_URL,
    say: Say = english,
) -> str:
    """Source text for inputs (n_in,) or (batch, n_in): a Python program, a shell command, or a JSON document.

    "pytorch" comes in two styles: "notebook", layer by layer with torch.mm (torch.addmm where the digits need it), and
    "module", with nn.Sequential. "curl" sends the pass to `url`; "json" is the body it sends. A single vector is
    written as one row, (1, n_in). `say` gives the comments in another language.
    Raises NetworkError (shape-mismatch, out-of-range for numbers that are not finite, unsupported-dtype).
    """
    outputs = forward(network, inputs).outputs
    _check_finite(network, inputs)
    match language:
        case "pytorch":
            write = _module if style == "module" else _notebook
            return write(network, inputs, outputs, say)
        case "numpy":
            return _numpy(network, inputs, say)
        case "json":
            return _json(network, inputs)
        case "curl":
            return curl_text(_json(network, inputs), url)


def code_size(network: DenseNetwork, inputs: Tensor) -> int:
    """How many numbers the text lists."""
    return network.size + inputs.numel()


def _check_finite(network: DenseNetwork, inputs: Tensor) -> None:
    places = {"/inputs": inputs}
    for k, layer in enumerate(network.layers):
        places |= {f"/layers/{k}/weights": layer.weights, f"/layers/{k}/biases": layer.biases}
    faults = [Fault("out-of-range", "code-not-finite", at) for at, values in places.items() if not _finite(values)]
    if faults:
        raise NetworkError(faults)


def _finite(values: Tensor) -> bool:
    return bool(torch.isfinite(values).all())


def _as_rows(inputs: Tensor) -> Tensor:
    return inputs if inputs.dim() == 2 else inputs.unsqueeze(0)


def _distinct(network: DenseNetwork) -> list[Activation]:
    return list({layer.activation.name: layer.activation for layer in network.layers}.values())


def _title(network: DenseNetwork, say: Say) -> str:
    return f"# {say('chain', sizes=' - '.join(map(str, network.sizes)))}"


def _about(k: int, layer: DenseLayer, say: Say) -> str:
    name = f" {quoted(layer.name)}" if layer.name else ""
    sizes = {"n_in": layer.n_in, "n_out": layer.n_out}
    return f"# {say('layer', number=k + 1, name=name, formula=layer.activation.formula, **sizes)}"


# PyTorch


def _torch_dtype(network: DenseNetwork) -> str:
    return "" if network.dtype == torch.float32 else f", dtype={network.dtype}"


def _notebook(network: DenseNetwork, inputs: Tensor, outputs: Tensor, say: Say) -> str:
    """The notebook's own steps: features, W1, B1, h = activation(torch.mm(features, W1) + B1), …"""
    activations, count = _distinct(network), len(network.layers)
    shared = len(activations) == 1
    lines = [_title(network, say), "import torch", ""]
    for activation in activations:
        name = "activation" if shared else activation.name
        lines += ["", f"def {name}(z):", f"    # {activation.name}: {activation.formula}"]
        lines += [f"    return {torch_call(activation)}", ""]
    lines += ["", *_notebook_numbers(network, inputs), ""]
    before, in_two_steps = "features", _same_in_two_steps(network, inputs, outputs)
    if not in_two_steps:
        lines += [f"# {say('one-step')}", ""]
    for k, layer in enumerate(network.layers):
        after = "output" if k == count - 1 else "h" if count == 2 else f"h{k + 1}"
        function = "activation" if shared else layer.activation.name
        z = f"torch.mm({before}, W{k + 1}) + B{k + 1}" if in_two_steps else f"torch.addmm(B{k + 1}, {before}, W{k + 1})"
        lines += [_about(k, layer, say), f"{after} = {function}({z})"]
        before = after
    return "\n".join([*lines, "", *_torch_print("output", outputs)]) + "\n"


def _same_in_two_steps(network: DenseNetwork, inputs: Tensor, outputs: Tensor) -> bool:
    """Whether the notebook's own line, torch.mm(features, W1) + B1, gives the outputs of the pass to the last digit.

    It rounds the product before the bias is added, which can cost more than a digit where they nearly cancel.
    """
    a = _as_rows(inputs)
    for layer in network.layers:
        a = layer.activation(torch.mm(a, layer.weights) + layer.biases)
    return torch.equal(a.nan_to_num(), _as_rows(outputs).nan_to_num())


def _notebook_numbers(network: DenseNetwork, inputs: Tensor) -> list[str]:
    order = drawn_order(network, inputs)
    if order is not None:
        layers = [(f"W{k}", pair) for k, pair in enumerate(pairwise(network.sizes), 1)]
        biases = [(f"B{k}", (1, pair[1])) for k, (_, pair) in enumerate(layers, 1)]
        in_turn = [item for pair in zip(layers, biases, strict=True) for item in pair]
        names = [("features", (1, network.n_in)), *(in_turn if order == "layerwise" else layers + biases)]
        return [f"torch.manual_seed({NOTEBOOK_SEED})", *(f"{name} = torch.randn({shape})" for name, shape in names)]
    dtype = _torch_dtype(network)
    lines = [f"features = torch.tensor({matrix_literal(rows_text(_as_rows(inputs)))}{dtype})"]
    for k, layer in enumerate(network.layers, 1):
        lines.append(f"W{k} = torch.tensor({matrix_literal(rows_text(layer.weights))}{dtype})")
        lines.append(f"B{k} = torch.tensor({matrix_literal(rows_text(layer.biases.unsqueeze(0)))}{dtype})")
    return lines


def drawn_order(network: DenseNetwork, inputs: Tensor) -> Order | None:
    """The order in which the notebook's seed gives exactly these features, weights and biases; None if neither does."""
    features = _as_rows(inputs)
    if network.dtype != torch.float32 or features.shape[0] != 1 or network.size > _LARGEST_DRAWN:
        return None
    activations = [layer.activation for layer in network.layers]
    for order in ("weights-first", *ORDERS):
        drawn = draw(network.sizes, NOTEBOOK_SEED, activations, order=order, inputs=True)
        if (
            drawn.inputs is not None
            and torch.equal(drawn.inputs, features[0].cpu())
            and all(
                torch.equal(one.weights, other.weights.cpu()) and torch.equal(one.biases, other.biases.cpu())
                for one, other in zip(drawn.network.layers, network.layers, strict=True)
            )
        ):
            return order
    return None


def _module(network: DenseNetwork, inputs: Tensor, outputs: Tensor, say: Say) -> str:
    dtype = _torch_dtype(network)
    lines = [_title(network, say), "import torch", "from torch import nn", "", *_sequential(network, say)]
    lines += ["", f"# {say('transpose')}", "model.load_state_dict({"]
    for k, layer in enumerate(network.layers):
        weights = matrix_literal(rows_text(layer.weights), "    ")
        biases = vector_literal(rows_text(layer.biases.unsqueeze(0))[0], "    ")
        lines += [
            f'    "{2 * k}.weight": torch.tensor({weights}{dtype}).T,',
            f'    "{2 * k}.bias": torch.tensor({biases}{dtype}),',
        ]
    lines += ["})", "", f"features = torch.tensor({matrix_literal(rows_text(_as_rows(inputs)))}{dtype})", ""]
    lines += ["with torch.no_grad():", "    output = model(features)"]
    return "\n".join([*lines, "", *_torch_print("output", outputs)]) + "\n"


def _sequential(network: DenseNetwork, say: Say) -> list[str]:
    lines, dtype = ["model = nn.Sequential("], _torch_dtype(network)
    for k, layer in enumerate(network.layers):
        lines += [
            f"    {_about(k, layer, say)}",
            f"    nn.Linear({layer.n_in}, {layer.n_out}{dtype}),",
            f"    nn.{layer.activation.module},",
        ]
    return [*lines, ")"]


def sequential_and_state(network: DenseNetwork, file: str, say: Say = english) -> tuple[str, dict[str, Tensor]]:
    """nn.Sequential, its state_dict read from the file beside it, run on zeros; and that state_dict."""
    lines = [_title(network, say), f"# {say('file', file=one_line(file))}"]
    lines += ["import torch", "from safetensors.torch import load_file", "from torch import nn", ""]
    lines += [*_sequential(network, say), f"model.load_state_dict(load_file({quoted(file)}))", ""]
    lines += [f"# {say('example')}", f"features = torch.zeros((1, {network.n_in}){_torch_dtype(network)})", ""]
    lines += ["with torch.no_grad():", "    output = model(features)", "print(output)"]
    state: dict[str, Tensor] = {}
    for k, layer in enumerate(network.layers):
        # nn.Linear keeps the transpose.
        state |= {f"{2 * k}.weight": layer.weights.T, f"{2 * k}.bias": layer.biases}
    return "\n".join(lines) + "\n", state


def torch_call(activation: Activation) -> str:
    """The activation of z as a PyTorch expression."""
    return _TORCH_CALLS.get(activation.name, f"torch.nn.functional.{activation.name}(z)")


def _torch_print(name: str, outputs: Tensor) -> list[str]:
    return [torch_print_options([outputs]), f"print({name})"]


# NumPy


def _numpy(network: DenseNetwork, inputs: Tensor, say: Say) -> str:
    if network.dtype not in (torch.float32, torch.float64):
        values = {"name": str(network.dtype).removeprefix("torch.")}
        raise NetworkError(Fault("unsupported-dtype", "code-dtype", "/dtype", values))
    dtype = "np.float64" if network.dtype == torch.float64 else "np.float32"
    functions = sources_of((activation.name for activation in _distinct(network)), say)
    lines = [_title(network, say)]
    if any("math." in function for function in functions):
        lines += ["import math", ""]
    lines += ["import numpy as np", ""]
    for function in functions:
        lines += ["", function, ""]
    lines += ["", f"features = np.array({matrix_literal(rows_text(_as_rows(inputs)))}, dtype={dtype})", ""]
    before = "features"
    for k, layer in enumerate(network.layers, 1):
        after = "output" if k == len(network.layers) else f"h{k}"
        biases = vector_literal(rows_text(layer.biases.unsqueeze(0))[0], "")
        lines += [
            _about(k - 1, layer, say),
            f"W{k} = np.array({matrix_literal(rows_text(layer.weights))}, dtype={dtype})",
            f"B{k} = np.array({biases}, dtype={dtype})",
            f"{after} = {layer.activation.name}({before} @ W{k} + B{k})",
            "",
        ]
        before = after
    count = _as_rows(inputs).shape[0] * network.n_out
    threshold = f", threshold={count}" if count > 1000 else ""
    lines += [f'np.set_printoptions(floatmode="unique"{threshold})', "print(output)"]
    return "\n".join(lines) + "\n"


# JSON


def _json(network: DenseNetwork, inputs: Tensor) -> str:
    layers = []
    for layer in network.layers:
        name = f'      "name": {quoted(layer.name)},\n' if layer.name is not None else ""
        biases = vector_literal(rows_text(layer.biases.unsqueeze(0))[0], "      ")
        layers.append(
            f"    {{\n{name}"
            f'      "weights": {matrix_literal(rows_text(layer.weights), "      ")},\n'
            f'      "biases": {biases},\n'
            f'      "activation": "{layer.activation.name}"\n'
            "    }"
        )
    rows = rows_text(_as_rows(inputs))
    given = matrix_literal(rows, "  ") if inputs.dim() == 2 else vector_literal(rows[0], "  ")
    more = "" if network.dtype == torch.float32 else f',\n  "dtype": "{str(network.dtype).removeprefix("torch.")}"'
    listed = ",\n".join(layers)
    return f'{{\n  "layers": [\n{listed}\n  ],\n  "inputs": {given},\n  "return": "outputs"{more}\n}}\n'
