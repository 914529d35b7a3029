"""Networks of many kinds as programs: traced, kept in a file, written, run."""

import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import adelante
from adelante.code.program import MOST_INLINE
from adelante.code.text import code_size, generate
from adelante.formats.safetensors import network_from_safetensors, network_to_safetensors
from adelante.network.errors import NetworkError
from adelante.network.network import Input, Layer, Network, Node
from adelante.network.operations import operation_named
from tests import warm
from tests.adelante.code.running import HOSTILE, results
from tests.adelante.modules import OneAtATime
from tests.adelante.traced import traced

LANGUAGES = [("pytorch", "notebook"), ("pytorch", "module"), ("numpy", "notebook")]


class Wide(nn.Module):
    """More numbers than a text should list."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(40, 60), nn.Tanh(), nn.LayerNorm(60), nn.Linear(60, 3))

    def forward(self, x: Tensor) -> Tensor:
        scores: Tensor = self.body(x)
        return scores - scores.mean(-1, keepdim=True)


MODULES = ("digits", "residual", "lstm", "words", "twins", "one-at-a-time", "wide")


@cache
def case(name: str) -> tuple[Network, tuple[Tensor, ...]]:
    """A traced module as a file gives it, its parameters laid out as a program lays them out; and inputs for it."""
    torch.manual_seed(3)
    inputs: tuple[Tensor, ...]
    if name == "one-at-a-time":
        inputs = (torch.randn(1, 2, 3),)
        given = adelante.trace(OneAtATime(), inputs)
    elif name == "wide":
        inputs = (torch.randn(2, 40),)
        given = adelante.trace(Wide(), inputs)
    else:
        given = traced(name)[2]
        inputs = {
            "digits": (torch.randn(3, 1, 10, 10),),
            "residual": (torch.randn(3, 3, 4),),
            "lstm": (torch.randn(3, 2, 3),),
            "words": (torch.randint(0, 11, (3, 6)),),
            "twins": (torch.randn(3, 3), torch.randn(3, 4)),
        }[name]
    network = network_from_safetensors(network_to_safetensors(given))
    # Numbers that lie elsewhere in memory than a program's own may be summed in another order.
    return replace(network, parameters={name: each.clone() for name, each in network.parameters.items()}), inputs


def held(network: Network, language: str) -> dict[str, Any]:
    """What a program reads from the file beside it."""
    return {name: each if language == "pytorch" else each.numpy() for name, each in network.parameters.items()}


def named(network: Network, inputs: tuple[Tensor, ...]) -> dict[str, Tensor]:
    return {each.name: value for each, value in zip(network.inputs, inputs, strict=True)}


@pytest.mark.parametrize("name", MODULES)
@pytest.mark.parametrize(("language", "style"), LANGUAGES)
def test_a_traced_module(name: str, language: Any, style: Any) -> None:
    network, inputs = case(name)
    for count in {1, len(inputs[0])}:
        given = named(network, tuple(each[:count] for each in inputs))
        trace = adelante.forward(network, given)
        expected = [trace.values[name] for name in network.outputs]
        found = results(generate(network, given, language, style=style), held(network, language))
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            if (language, style) == ("pytorch", "notebook"):
                assert torch.equal(one, other)
            elif language == "pytorch":
                torch.testing.assert_close(one, other, rtol=1e-6, atol=1e-6)
            else:
                assert one.dtype == other.numpy().dtype
                np.testing.assert_allclose(one, other.numpy(), rtol=2e-5, atol=1e-5)


@pytest.mark.parametrize(("language", "style"), LANGUAGES)
def test_many_parameters_are_read_from_the_file_beside(tmp_path: Path, language: Any, style: Any) -> None:
    network, (inputs,) = case("wide")
    assert network.size > MOST_INLINE
    text = generate(network, inputs, language, style=style, file='sp aced".safetensors')
    assert len(text) < 4000
    assert code_size(network, inputs, language) == inputs.numel()
    (tmp_path / 'sp aced".safetensors').write_bytes(network_to_safetensors(network))
    (tmp_path / "program.py").write_text(text)
    done = warm.run(warm.Program(path="program.py", folder=str(tmp_path), strict=True))
    assert (done.returncode, done.stderr) == (0, b"")
    printed = [float(each) for each in re.findall(r"-?\d+\.\d+(?:e-?\d+)?", done.stdout.decode())]
    outputs = adelante.forward(network, inputs).outputs
    assert isinstance(outputs, Tensor)
    np.testing.assert_allclose(printed, outputs.flatten().numpy(), rtol=2e-6 if language == "pytorch" else 1e-4)


def test_a_module_that_is_used_twice_is_one() -> None:
    network, _ = case("twins")
    given = {each.name: torch.ones(1, *each.shape) for each in network.inputs}
    text = generate(network, given, "pytorch", style="module")
    assert text.count("nn.Linear(3, 2)") == 1
    assert text.count("self.layer0(inputs1)") == 2


def test_what_others_wrote_is_never_code(tmp_path: Path) -> None:
    nodes, layers, before = [], [], "inputs"
    parameters = {}
    for k, name in enumerate(HOSTILE):
        parameters[name] = torch.tensor(0.5)
        nodes.append(Node(f"layers.{k}.activations", operation_named("add"), (before, name)))
        layers.append(Layer("add", (nodes[-1].name,), name, name, name))
        before = nodes[-1].name
    more = Node(HOSTILE[0] + "!", operation_named("neg"), (before,))
    network = Network((Input("inputs", (1,)),), parameters, (*nodes, more), (more.name, before), tuple(layers), "any")
    for language, style in LANGUAGES:
        text = generate(network, torch.ones(1), language, style=style)  # type: ignore[arg-type]
        first, second = results(text)
        assert float(first[0, 0]) == -float(second[0, 0]) == -1 - 0.5 * len(HOSTILE)
        assert len({line for line in text.splitlines() if "owned" in line and not line.lstrip().startswith("#")}) <= 40
    assert not (Path.cwd() / "owned").exists()


def test_half_precision_is_torchs_alone() -> None:
    network = Network(
        (Input("inputs", (2,), torch.bfloat16),),
        {},
        (Node("layers.0.activations", operation_named("relu"), ("inputs",)),),
        ("layers.0.activations",),
    )
    inputs = torch.tensor([-1.0, 1.5], dtype=torch.bfloat16)
    (found,) = results(generate(network, inputs, "pytorch"))
    assert found.dtype == torch.bfloat16
    assert found.tolist() == [[0.0, 1.5]]
    with pytest.raises(NetworkError) as caught:
        generate(network, inputs, "numpy")
    assert (caught.value.faults[0].type, caught.value.faults[0].values) == ("unsupported-dtype", {"name": "bfloat16"})
