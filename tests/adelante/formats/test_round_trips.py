"""Random architectures: torch's module, each format, the network; what was read is written again and read again."""

import io
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import onnx
import pytest
import torch
from hypothesis import HealthCheck, Phase, given, settings
from torch import Tensor

import adelante
from adelante.formats.exported.reading import opened_from_package
from adelante.formats.onnx.writing import network_to_onnx
from adelante.formats.opening import opened
from adelante.formats.safetensors import network_to_safetensors
from adelante.network.forward import forward
from adelante.network.network import Network
from tests.adelante.formats.architectures import Drawn, architectures
from tests.adelante.operations.test_properties import DEEP
from tests.long import examples

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]
few = settings(
    max_examples=300 if DEEP else examples(3, 6),
    deadline=None,
    database=None,
    derandomize=not DEEP,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@contextmanager
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        yield


def by_trace(drawn: Drawn) -> Network:
    return adelante.trace(drawn.module, drawn.example)


def by_onnx(drawn: Drawn) -> Network:
    """Through torch's older exporter, ten times as fast as the newer one; it knows no fused attention."""
    file = io.BytesIO()
    fused = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    names = {"input_names": ["x"], "output_names": ["y"], "dynamic_axes": {"x": {0: "n"}, "y": {0: "n"}}}
    try:
        torch.onnx.export(drawn.module, (drawn.example,), file, dynamo=False, **names)  # type: ignore[arg-type]
    finally:
        torch.backends.mha.set_fastpath_enabled(fused)
    return opened(file.getvalue(), "net.onnx").network


def by_export(drawn: Drawn) -> Network:
    file = io.BytesIO()
    torch.export.save(torch.export.export(drawn.module, (drawn.example,), strict=False), file)
    return opened_from_package(file.getvalue()).network


def outputs(network: Network, x: Tensor) -> Tensor:
    """What the network gives, whole, whether it takes a batch or one input at a time."""
    whole = forward(network, {network.inputs[0].name: x}).outputs
    assert isinstance(whole, Tensor)
    return whole


def close(found: Any, expected: Tensor) -> None:
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5, equal_nan=True)


def _anybodys(data: bytes) -> bytes:
    model = onnx.load_from_string(data)
    del model.metadata_props[:]
    return bytes(model.SerializeToString())


@pytest.mark.parametrize("way", [by_trace, by_onnx, by_export])
@few
@given(drawn=architectures())
def test_each_way_in_and_out_again_gives_what_torch_gives(way: Callable[[Drawn], Network], drawn: Drawn) -> None:
    with _quiet():
        expected = drawn.module(drawn.example)
        network = way(drawn)
        trace = forward(network, {network.inputs[0].name: drawn.example})
        close(trace.outputs, expected)
        again = opened(network_to_safetensors(network), "net.safetensors").network
        same = forward(again, {again.inputs[0].name: drawn.example})
        for node in network.nodes:
            # All of them are there; a chain of dense layers has a z beside each a, also where they are the same.
            # Numbers that lie in another order in memory may be summed in another.
            close(same.values[node.name], trace.values[node.name])
        written = network_to_onnx(network)
        # A file of ours is the same network, to the bit; read as anybody's it gives the same numbers.
        assert network_to_safetensors(opened(written, "net.onnx").network) == network_to_safetensors(network)
        close(outputs(opened(_anybodys(written), "net.onnx").network, drawn.example), expected)
