"""A network of any kind as source text which, when run, prints the outputs that the forward pass gives.

A chain of dense layers is written as `dense` says; every other network by the rules of its operations (`rules`).
"""

from collections.abc import Mapping

from torch import Tensor

import adelante.code.kinds  # noqa: F401  (it fills the rules)
from adelante.code import dense
from adelante.code.comments import Names, Say, english, with_names
from adelante.code.dense import DEFAULT_URL, Language, Style
from adelante.code.functional import numpy_text, pytorch_text
from adelante.code.module import module_text
from adelante.code.program import FILE, MOST_INLINE, Program
from adelante.code.request import curl_text, json_text
from adelante.code.rules import NUMPY, PYTORCH
from adelante.network.dense.network import DenseNetwork
from adelante.network.forward import forward
from adelante.network.network import Network

Inputs = Tensor | Mapping[str, Tensor]


def generate(
    network: Network,
    inputs: Inputs,
    language: Language,
    *,
    style: Style = "notebook",
    url: str = DEFAULT_URL,
    file: str = FILE,
    say: Say = english,
    names: Names | None = None,
) -> str:
    """Source text for one input or a batch: a Python program, a shell command, or a JSON document.

    "pytorch" comes in two styles: "notebook", a function of torch's functions that gives the digits of the pass, and
    "module", a class of torch.nn's modules. Where the parameters are many they are read from `file`, our safetensors,
    which has to stand beside the program. "curl" sends the pass to `url`; "json" is the body it sends. `say` gives the
    comments in another language; `names` are told in comments of their own, in PyTorch and NumPy.
    Raises NetworkFault where the inputs do not fit, NetworkError (unsupported-dtype) for what a language lacks.
    """
    text = _generate(network, inputs, language, style, url, file, say)
    return text if names is None or language in ("json", "curl") else with_names(text, names, say)


def _generate(network: Network, inputs: Inputs, language: Language, style: Style, url: str, file: str, say: Say) -> str:
    if isinstance(network, DenseNetwork):
        assert isinstance(inputs, Tensor)
        return dense.generate(network, inputs, language, style=style, url=url, say=say)
    trace = forward(network, inputs, keep=())
    given = {each.name: trace.values[each.name] for each in network.inputs}
    outputs = [trace.values[name] for name in network.outputs]
    match language:
        case "pytorch":
            program = Program(network, given, trace.batch, "torch", PYTORCH, file, say)
            return module_text(program, outputs) if style == "module" else pytorch_text(program, outputs)
        case "numpy":
            return numpy_text(Program(network, given, trace.batch, "np", NUMPY, file, say), outputs)
        case "json":
            return json_text(network, given, single=trace.single)
        case "curl":
            return curl_text(json_text(network, given, single=trace.single), url)


def code_size(network: Network, inputs: Inputs, language: Language) -> int:
    """How many numbers the text lists."""
    if isinstance(network, DenseNetwork):
        assert isinstance(inputs, Tensor)
        return dense.code_size(network, inputs)
    given = [inputs] if isinstance(inputs, Tensor) else inputs.values()
    listed = network.size if language in ("json", "curl") or network.size <= MOST_INLINE else 0
    return sum(each.numel() for each in given) + listed


def needs_file(network: Network, language: Language) -> bool:
    """Whether the program reads its parameters from a file beside it."""
    many = not isinstance(network, DenseNetwork) and network.size > MOST_INLINE
    return many and language in ("pytorch", "numpy")
