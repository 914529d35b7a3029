"""A network as a program and the file of its parameters, for whatever inputs come; and as torch's state_dict."""

from typing import Literal

import torch
from torch import Tensor

import adelante.code.kinds  # noqa: F401  (it fills the rules)
from adelante.code.comments import Say, english
from adelante.code.dense import sequential_and_state
from adelante.code.functional import numpy_text
from adelante.code.module import module_and_state
from adelante.code.program import Program
from adelante.code.rules import NUMPY, PYTORCH
from adelante.formats.safetensors import network_to_safetensors
from adelante.formats.tensors import tensors_to_safetensors
from adelante.network.dense.chain import dense_chain
from adelante.network.network import Network

Written = Literal["pytorch", "numpy"]
_TORCHS = {"format": "pt"}


def parameters_file(stem: str) -> str:
    """The name of the file that the program `stem`.py reads: not the network's own, which may lie beside it."""
    return f"{stem}.parameters.safetensors"


def program_text(network: Network, language: Written, stem: str, say: Say = english) -> str:
    """The program alone. Raises NetworkError (unsupported-dtype) for what NumPy lacks."""
    file = parameters_file(stem)
    if language == "numpy":
        return numpy_text(_example(dense_chain(network) or network, "numpy", file, say), ())
    return _torchs(network, file, say)[0]


def program_files(network: Network, language: Written, stem: str, say: Say = english) -> dict[str, bytes]:
    """The program `stem`.py, and the file that it reads its parameters from if it has any; by their names.

    The program runs the network on zeros, in whose place the reader's own input goes. In PyTorch it is a module, and
    the file its state_dict; in NumPy a function, and the file Adelante's own. Raises NetworkError as `program_text`.
    """
    text = program_text(network, language, stem, say).encode()
    if not network.parameters:
        return {f"{stem}.py": text}
    file = network_to_safetensors(network) if language == "numpy" else state_dict_file(network)
    return {f"{stem}.py": text, parameters_file(stem): file}


def state_dict(network: Network) -> dict[str, Tensor]:
    """The parameters as the program's module names and keeps them: for a chain of dense layers nn.Sequential's."""
    return _torchs(network, "", english)[1]


def state_dict_file(network: Network) -> bytes:
    """The state_dict as a safetensors file: `model.load_state_dict(load_file(name))`.

    Of a chain of dense layers it also says which activations follow, so that Adelante opens it as the same network.
    """
    metadata, chain = dict(_TORCHS), dense_chain(network)
    if chain is not None:
        for k, layer in enumerate(chain.layers):
            metadata[f"{2 * k}.activation"] = layer.activation.name
            if layer.name is not None:
                metadata[f"{2 * k}.name"] = layer.name
    return tensors_to_safetensors(state_dict(network), metadata)


def _torchs(network: Network, file: str, say: Say) -> tuple[str, dict[str, Tensor]]:
    chain = dense_chain(network)
    if chain is not None:
        return sequential_and_state(chain, file, say)
    return module_and_state(_example(network, "torch", file, say))


def _example(network: Network, library: Literal["torch", "numpy"], file: str, say: Say) -> Program:
    before = () if network.batch == "none" else (1,)
    inputs = {each.name: torch.zeros((), dtype=each.dtype).expand((*before, *each.shape)) for each in network.inputs}
    rules, called = (PYTORCH, "torch") if library == "torch" else (NUMPY, "np")
    return Program(network, inputs, 1, called, rules, file, say, example=True)
