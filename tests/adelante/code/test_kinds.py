"""Every kind is written in every language, and the text gives what the pass gives."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from adelante.code.rules import NUMPY, PYTORCH
from adelante.code.text import generate
from adelante.network.forward import forward
from adelante.network.network import Input, Layer, Network, Node
from adelante.network.operations import OPERATIONS, operation_named
from tests.adelante.code.running import results
from tests.adelante.operations.test_explanations import ALL, UNEVEN, Case
from tests.cases import each
from tests.long import crossed

PARAMETERS = {"weights", "biases", "mean", "variance", "scale", "shift"}


def network_of(case: Case, dtype: torch.dtype = torch.float64) -> tuple[Network, dict[str, Tensor]]:
    """One operation on its own: its parameters as parameters, the rest as inputs."""
    kind, options, given = case
    operation = operation_named(kind, **options)
    operands = [each if isinstance(each, Tensor) else torch.randn(each, dtype=torch.float64) for each in given]
    operands = [each.to(dtype) if each.is_floating_point() else each for each in operands]
    names = [f"x{k}" for k in range(len(operands))]
    roles = [operation.operand(k) for k in range(len(operands))]
    named = dict(zip(names, operands, strict=True))
    parameters = {name: named[name] for name, role in zip(names, roles, strict=True) if role in PARAMETERS}
    inputs = {name: each for name, each in named.items() if name not in parameters} or {"beside": torch.ones(1)}
    node = Node("layers.0.activations", operation, tuple(names))
    layer = Layer(kind, (node.name,))
    network = Network(
        tuple(Input(name, tuple(each.shape), each.dtype) for name, each in inputs.items()),
        parameters,
        (node,),
        (node.name,),
        (layer,),
        "none",
    )
    return network, inputs


EVERY: list[Case] = [*ALL, *UNEVEN]
CASES = {f"{kind} {options}": case for case in EVERY for kind, options, _ in [case]}


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
@each(("name", "style"), crossed(CASES, ["notebook", "module"]))
def test_pytorch_gives_the_digits_of_the_pass(name: str, style: Any) -> None:
    case = CASES[name]
    network, inputs = network_of(case)
    expected = forward(network, inputs).outputs
    (found,) = results(generate(network, inputs, "pytorch", style=style))
    assert isinstance(expected, Tensor)
    assert found.dtype == expected.dtype
    assert torch.equal(found.double().nan_to_num(), expected.double().nan_to_num()) or style == "module"
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
@each(("name", "dtype"), crossed(CASES, [torch.float64, torch.float32]))
def test_numpy_gives_the_pass_within_rounding(name: str, dtype: torch.dtype) -> None:
    case = CASES[name]
    network, inputs = network_of(case, dtype)
    expected = forward(network, inputs).outputs
    assert isinstance(expected, Tensor)
    with np.errstate(all="ignore"):
        (found,) = results(generate(network, inputs, "numpy"))
    wanted = expected.numpy()
    assert found.dtype == wanted.dtype
    tolerance = 1e-11 if dtype == torch.float64 else 2e-5
    np.testing.assert_allclose(found, wanted, rtol=tolerance, atol=tolerance)


def test_every_kind_has_its_rules() -> None:
    assert PYTORCH.keys() == NUMPY.keys() == OPERATIONS.keys()


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
@pytest.mark.parametrize(
    ("kind", "module"),
    [
        ("dense", "Linear"),
        ("linear", "Linear"),
        ("conv1d", "Conv1d"),
        ("conv2d", "Conv2d"),
        ("conv3d", "Conv3d"),
        ("conv_transpose2d", "ConvTranspose2d"),
        ("batch_norm", "BatchNorm"),
        ("layer_norm", "LayerNorm"),
        ("rms_norm", "RMSNorm"),
        ("group_norm", "GroupNorm"),
        ("embedding", "Embedding"),
    ],
)
def test_what_torch_nn_has_a_module_for_is_written_as_that(kind: str, module: str) -> None:
    networks = [network_of(case) for case in EVERY if case[0] == kind]
    texts = [generate(network, inputs, "pytorch", style="module") for network, inputs in networks]
    assert any(f" = nn.{module}" in text for text in texts)
