"""The one door: each format is told by its content, and a file that is none is refused as what it is."""

import gzip
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
import torch
from torch import nn

import adelante
from adelante.formats.json import document_of
from adelante.formats.opening import beside, is_json, opened, with_its_other_file
from adelante.formats.safetensors import network_to_safetensors
from adelante.network.dense.network import DenseNetwork
from adelante.network.errors import NetworkError, NetworkFault
from adelante.network.presets import chain_named

CHAIN = chain_named("multilayer").network


def chain() -> adelante.Network:
    return CHAIN


def picture() -> adelante.Network:
    module = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten())
    return adelante.trace(module, (torch.zeros(1, 1, 5, 5),))


def as_json(network: adelante.Network) -> bytes:
    return orjson.dumps(document_of(network), option=orjson.OPT_SERIALIZE_NUMPY)


@pytest.mark.parametrize("made", [chain, picture], ids=["dense", "picture"])
@pytest.mark.parametrize("written", [network_to_safetensors, as_json], ids=["safetensors", "json"])
@pytest.mark.parametrize("name", [None, "a.onnx", "a.json"])
def test_a_file_is_what_its_content_says(
    made: Callable[[], adelante.Network], written: object, name: str | None
) -> None:
    network = made()
    assert callable(written)
    found, notes = opened(written(network), name)
    given = torch.rand(network.inputs[0].shape)
    (outputs,) = network.outputs
    assert torch.equal(adelante.forward(found, given)[found.outputs[0]], adelante.forward(network, given)[outputs])
    assert isinstance(found, DenseNetwork) == isinstance(network, DenseNetwork)
    assert notes == ()


def test_what_was_decided_is_told() -> None:
    import safetensors.torch

    _, (note,) = opened(safetensors.torch.save(nn.Sequential(nn.Linear(2, 1)).state_dict()))
    assert note.key == "activations-assumed"


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"", "file-empty"),
        (b"\0" * 100, "file-unknown"),
        (b"PK\x03\x04", "file-archive"),
        (gzip.compress(b"x", mtime=0), "file-compressed"),
        (b"1,2\n3,4\n", "file-table"),
        (b'{"layers": [}', "not-json"),
        (b'{"a": 1}', "missing-field"),
        (b"[" * 10_000, "file-unknown"),
        (b'{"a":' * 10_000, "not-json"),
        (b"\x10" + b"\0" * 7 + b"{", "file-header-truncated"),
    ],
)
def test_what_is_no_network_is_refused_as_what_it_is(data: bytes, key: str) -> None:
    with pytest.raises(NetworkError) as refused:
        opened(data)
    assert refused.value.faults[0].key == key


def test_of_two_files_the_network_is_the_one_whose_name_the_other_goes_on_from() -> None:
    first, second = ("net.onnx.data", b"data"), ("net.onnx", b"net")
    for files in ([first, second], [second, first]):
        assert with_its_other_file(files) == ("net.onnx", b"net", {"net.onnx.data": b"data"})
    assert with_its_other_file([("m.onnx_data", b"data"), ("m.onnx", b"net")])[0] == "m.onnx"
    assert with_its_other_file([(None, b"net"), (None, b"data")]) == (None, b"net", {"file 1": b"data"})
    assert with_its_other_file([("a", b"net")]) == ("a", b"net", {})


def test_a_path_is_loaded_with_the_file_that_torch_lays_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    assert beside(path) == {}
    (tmp_path / "net.onnx.data").write_bytes(b"data")
    assert beside(path) == {"net.onnx.data": b"data"}


def test_a_network_is_loaded_from_json_and_safetensors(tmp_path: Path) -> None:
    for written in (network_to_safetensors(CHAIN), as_json(CHAIN)):
        path = tmp_path / "net"
        path.write_bytes(written)
        assert isinstance(adelante.load(path), DenseNetwork)


def test_who_loads_is_told_where_and_why(tmp_path: Path) -> None:
    path = tmp_path / "net"
    path.write_bytes(b'{"layers": [{"weights": [[1, "x"]]}]}')
    with pytest.raises(NetworkFault) as refused:
        adelante.load(path)
    assert refused.value.fault.pointer.startswith("/layers/0/weights")


@pytest.mark.parametrize(
    ("data", "json"), [(b' \r\n\t{"a"', True), (b"\xef\xbb\xbf{", True), (b"{\0\0\0", False), (b"[{", False)]
)
def test_json_is_text_that_begins_with_a_brace(data: bytes, json: bool) -> None:
    assert is_json(data) == json
