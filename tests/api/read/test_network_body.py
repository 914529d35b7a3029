"""What reads a network that a body holds, by its type, and what its sender may choose."""

from typing import Any

import pytest
import torch
from safetensors.torch import save

from adelante.formats.opened import Note, Opened
from adelante.formats.safetensors import opened_from_safetensors
from adelante.network.errors import NetworkError
from adelante.network.presets import chain_named
from app.api.read.network_body import (
    KeptDocument,
    activations_in,
    decided,
    file_limits,
    network_reader,
    with_activations,
)
from app.compute.pool import drained
from app.settings import Settings
from tests.adelante.network.convolution import convolution

JSON = b'{"layers": [{"weights": [[1], [2]], "activation": "tanh"}], "dtype": "float64"}'
FILE = save({"weight": torch.ones(1, 2), "bias": torch.zeros(1)})
FORM = (
    b'--limit\r\nContent-Disposition: form-data; name="file"; filename="net.json"\r\n\r\n' + JSON + b"\r\n--limit--\r\n"
)


def read(content_type: bytes | None, body: bytes, **choices: Any) -> Opened:
    found = network_reader(content_type, Settings())(body, choices)
    return found if isinstance(found, Opened) else drained(found)


@pytest.mark.parametrize(
    ("content_type", "body", "dtype"),
    [
        (b"application/json", JSON, torch.float64),
        (b" Application/JSON ; charset=utf-8", JSON, torch.float64),
        (b"application/vnd.safetensors", FILE, torch.float32),
        (b"application/octet-stream", FILE, torch.float32),
        (b"application/octet-stream", JSON, torch.float64),
        (b"multipart/form-data; boundary=limit", FORM, torch.float64),
        (None, JSON, torch.float64),
        (None, FILE, torch.float32),
    ],
)
def test_a_body_is_read_as_what_it_is(content_type: bytes | None, body: bytes, dtype: torch.dtype) -> None:
    network = read(content_type, body).network
    assert (network.shapes["inputs"], network.inputs[0].dtype) == ((2,), dtype)


def test_the_schema_of_a_network_that_is_kept_asks_for_its_layers() -> None:
    schema = KeptDocument.model_json_schema()
    layers = schema["properties"]["layers"]
    assert (layers["type"], layers["minItems"], schema["required"]) == ("array", 1, ["layers"])
    assert {"$ref": "#/$defs/LayerDocument"} in layers["items"]["anyOf"]


def test_safetensors_have_their_own_reader() -> None:
    assert network_reader(b"application/vnd.safetensors", Settings()) is opened_from_safetensors


@pytest.mark.parametrize("kind", [b"text/plain", b"x" * 200])
def test_another_type_is_named(kind: bytes) -> None:
    with pytest.raises(NetworkError) as caught:
        network_reader(kind, Settings())
    (fault,) = caught.value.faults
    assert (fault.type, fault.key, fault.pointer) == ("unsupported-media-type", "content-type", "")
    assert (fault.hint, fault.values) == ("content-type-network", {"got": kind.decode()[:100]})


def test_json_has_layers_and_nothing_to_choose() -> None:
    for body, choices, key in ((b"{}", {}, "missing-field"), (JSON, {"order": ["a"]}, None)):
        with pytest.raises(NetworkError) as caught:
            read(b"application/json", body, **choices)
        (fault,) = caught.value.faults
        if key is not None:
            assert (fault.type, fault.key, fault.pointer, fault.values) == (key, key, "/layers", {"name": "layers"})
    kinds = b'{"layers": [{"kind": "relu"}], "input": {"shape": [3]}, "dtype": "float64"}'
    (wanted,) = read(b"application/json", kinds).network.inputs
    assert (wanted.shape, wanted.dtype) == ((3,), torch.float64)


def test_a_file_is_opened_by_its_name_with_what_came_beside_it_within_the_settings_limits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[Any] = []
    opened = Opened(chain_named("xor").network)

    def opening(*given: Any) -> Opened:
        asked.extend(given)
        return opened

    monkeypatch.setattr("app.api.read.network_body.opened_in_steps", opening)
    form = b"".join(
        b'--limit\r\nContent-Disposition: form-data; name="%s"; filename="%s"\r\n\r\n%s\r\n' % part
        for part in ((b"file", b"net.onnx.data", b"2"), (b"file", b"net.onnx", b"1"), (b"choices", b"", b'{"a": 1}'))
    )
    settings = Settings(max_parameters=1234)
    read = network_reader(b"multipart/form-data; boundary=limit", settings)
    assert read(form + b"--limit--\r\n", {"b": 2}) is opened
    data, name, beside, choices, limits = asked
    assert (bytes(data[:]), name, {other: bytes(each[:]) for other, each in beside.items()}) == (
        b"1",
        "net.onnx",
        {"net.onnx.data": b"2"},
    )
    assert (choices, limits) == ({"a": 1, "b": 2}, file_limits(settings))


@pytest.mark.parametrize(("asked", "pass_seconds", "seconds"), [(60, 30.0, 30), (5, 30.0, 5), (60, 0.5, 1)])
def test_a_file_computes_no_longer_than_who_waits_for_it(asked: int, pass_seconds: float, seconds: int) -> None:
    limits = file_limits(
        Settings(
            file_seconds=asked, pass_timeout_seconds=pass_seconds, max_parameters=1234, file_memory_bytes=2**26 + 1
        )
    )
    assert (limits.apart_seconds, limits.parameters, limits.apart_memory) == (seconds, 1234, 2**26 + 1)


def test_activations_are_one_for_all_or_one_for_each() -> None:
    network = chain_named("multilayer").network
    count = len(network.layers)
    assert activations_in(" relu, identity") == ["relu", "identity"]
    for named in (["tanh"], ["tanh"] * count):
        found = with_activations(network, named, "/p")
        assert [layer.activation.name for layer in found.layers] == ["tanh"] * count
    mixed = with_activations(network, ["relu", "sigmoid"], "/p")
    assert [layer.activation.name for layer in mixed.layers] == ["relu", "sigmoid"]
    wrong: list[tuple[Any, list[str], tuple[str, str], dict[str, Any]]] = [
        (network, ["tanh"] * 3, ("shape-mismatch", "activations-count"), {"got": 3, "expected": count}),
        (convolution(), ["tanh"], ("invalid-value", "activations-of-dense"), {}),
    ]
    for given, named, told, values in wrong:
        with pytest.raises(NetworkError) as caught:
            with_activations(given, named, "/p")
        (fault,) = caught.value.faults
        assert ((fault.type, fault.key), fault.pointer, fault.values) == (told, "/p", values)


def test_an_activation_is_put_in_place_or_read_again_with_it() -> None:
    assumed, other = Note("activations-assumed", ("",), {}), Note("order-by-names", ("",), {})
    asked: list[dict[str, Any]] = []

    def opened(network: Any) -> Any:
        def reading(choices: Any) -> Opened:
            asked.append(dict(choices))
            return Opened(network, (assumed, other))

        return reading

    dense, kinds = chain_named("multilayer").network, convolution()
    assert drained(decided(opened(kinds), {"order": 1}, None, "/p")) == Opened(kinds, (assumed, other))
    assert drained(decided(opened(kinds), {"order": 1}, "relu,tanh", "/p")).network is kinds
    assert asked == [{"order": 1}] * 2 + [{"order": 1, "activation": ["relu", "tanh"]}]
    found = drained(decided(opened(dense), {}, "tanh", "/p"))
    assert found.notes == (other,)
    assert [layer.activation.name for layer in found.network.layers] == ["tanh"] * len(dense.layers)
