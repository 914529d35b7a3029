"""The quick reader and the thorough one: what the first takes, the second reads the same."""

import asyncio
import json
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from adelante.network.activations import ACTIVATIONS
from adelante.network.dense.network import DenseNetwork
from app.api.read.checked import validated
from app.api.read.decode import decode_json
from app.api.read.fast_forward import RequestCache, fast_request
from app.api.read.forward_request import ForwardDocument, ForwardRequest, request_of
from app.store.networks import Networks
from tests import notebook
from tests.long import examples

DEPTH = 32
LARGE = 4096  # so much white space makes any body a large one, which is read in another way
NETWORKS = Networks()


def quick(body: bytes) -> ForwardRequest | None:
    return fast_request(body, DEPTH, NETWORKS.ready)


def thorough(body: bytes) -> ForwardRequest:
    document = validated(ForwardDocument, decode_json(body, DEPTH))

    async def run(work: Callable[[], Any], *, cost: int, memory: int = 0, gone: Any = None) -> Any:
        return work()

    return asyncio.run(request_of(document, NETWORKS, run, None))


def assert_same(one: ForwardRequest, other: ForwardRequest) -> None:
    assert (one.device, one.told, one.resident) == (other.device, other.told, other.resident)
    assert isinstance(one.inputs, Tensor)
    assert isinstance(other.inputs, Tensor)
    assert isinstance(one.network, DenseNetwork)
    assert isinstance(other.network, DenseNetwork)
    assert one.inputs.dtype == other.inputs.dtype
    assert torch.equal(one.inputs, other.inputs)
    assert one.network.sizes == other.network.sizes
    for mine, yours in zip(one.network.layers, other.network.layers, strict=True):
        assert (mine.activation, mine.name) == (yours.activation, yours.name)
        assert mine.weights.dtype == yours.weights.dtype
        assert mine.biases.dtype == yours.biases.dtype
        assert torch.equal(mine.weights, yours.weights)
        assert torch.equal(mine.biases, yours.biases)


NUMBER = st.one_of(
    st.floats(-1e38, 1e38), st.floats(-1, 1, width=16), st.integers(-(2**53), 2**53), st.sampled_from([0, -0.0, 5e-324])
)
SIZE = st.integers(1, 4)


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    sizes = draw(st.lists(SIZE, min_size=2, max_size=4))

    def vector(n: int) -> list[Any]:
        return draw(st.lists(NUMBER, min_size=n, max_size=n))

    def matrix(rows: int, columns: int) -> list[list[Any]]:
        return [vector(columns) for _ in range(rows)]

    layers = []
    for n_in, n_out in pairwise(sizes):
        turned = draw(st.booleans())
        layer: dict[str, Any] = {"weights": matrix(n_out, n_in) if turned else matrix(n_in, n_out)}
        if turned:
            layer["layout"] = "out_in"
        if draw(st.booleans()):
            layer["biases"] = vector(n_out)
        if draw(st.booleans()):
            layer["activation"] = draw(st.sampled_from(list(ACTIVATIONS)))
        if draw(st.booleans()):
            layer["name"] = draw(st.sampled_from([None, "hidden", "capa ñ", "a[1]", "null", "\ud800", "x" * 201]))
        layers.append(layer)
    document: dict[str, Any] = {"inputs": draw(st.sampled_from([vector(sizes[0]), matrix(2, sizes[0])]))}
    document["layers"] = layers
    if draw(st.booleans()):
        document["dtype"] = draw(st.sampled_from(["float32", "float64", "float16", "bfloat16"]))
    if draw(st.booleans()):
        document["return"] = draw(st.sampled_from(["trace", "outputs"]))
    if draw(st.booleans()):
        document["device"] = draw(st.sampled_from(["auto", "cpu"]))
    return document


@pytest.mark.parametrize("padding", [0, LARGE])
@given(document=documents())
@settings(max_examples=examples(40, 200), deadline=None)
def test_what_it_takes_is_what_the_thorough_reader_reads(document: dict[str, Any], padding: int) -> None:
    body = json.dumps(document).encode() + b" " * padding
    request = quick(body)
    if request is not None:
        assert_same(request, thorough(body))


@pytest.mark.parametrize("padding", [0, LARGE])
@given(document=documents(), data=st.data())
@settings(max_examples=examples(60, 300), deadline=None)
def test_a_damaged_text_is_never_taken_for_another(document: dict[str, Any], data: st.DataObject, padding: int) -> None:
    body = bytearray(json.dumps(document).encode()) + b" " * padding
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, max(0, len(body) - padding - 1)))
        with_what = data.draw(st.sampled_from([b"", b"[", b"]", b"0", b"1", b",", b'"', b"{", b"}", b"e", b"-", b" "]))
        body[place : place + data.draw(st.integers(0, 1))] = with_what
        if not body:
            return
    request = quick(bytes(body))
    if request is not None:
        assert_same(request, thorough(bytes(body)))


@given(st.lists(documents(), min_size=2, max_size=8), st.data())
@settings(max_examples=examples(12, 60))
def test_what_comes_out_of_the_cache_is_the_request_that_went_in(
    found: list[dict[str, Any]], data: st.DataObject
) -> None:
    cache = RequestCache()
    # Each comes again after others, with other numbers and with its own.
    for document in data.draw(st.permutations([*found, *found])):
        for inputs in (document["inputs"], [1.0] * len(document["inputs"]), document["inputs"]):
            body = json.dumps({**document, "inputs": inputs}).encode()
            request = fast_request(body, DEPTH, NETWORKS.ready, cache)
            assert (request is None) == (quick(body) is None)
            if request is not None:
                assert_same(request, thorough(body))


def test_many_cached_requests_do_not_mix() -> None:
    cache = RequestCache()
    for k in [*range(600), *range(600)]:
        body = json.dumps(
            {
                **notebook.MULTILAYER,
                "inputs": [k, 0, 0],
                "layers": [{**layer, "name": f"layer {k}"} for layer in notebook.MULTILAYER["layers"]],
            }
        ).encode()
        request = fast_request(body, DEPTH, NETWORKS.ready, cache)
        assert request is not None
        assert isinstance(request.inputs, Tensor)
        assert (request.inputs[0].item(), request.network.layers[0].name) == (k, f"layer {k}")


def sized(count: int, **layer: Any) -> dict[str, Any]:
    """A request of so many numbers in all."""
    return {"inputs": [1], "layers": [{"weights": [[2] * ((count - 1) // 2)], "biases": [3] * (count // 2), **layer}]}


@pytest.mark.parametrize(
    ("document", "kept"),
    [
        (sized(9), True),
        ({**sized(9), "return": "outputs", "dtype": "float16"}, True),
        ({**sized(9), "dtype": "bfloat16"}, False),
        ({"inputs": [1], "layers": [{"weights": [[2]], "layout": "out_in"}]}, False),
        (sized(8191), True),
        ({"inputs": [[1] * 8] * 1023, "layers": [{"weights": [[1]] * 8}]}, True),
        (sized(8193), False),
    ],
)
def test_a_small_request_s_tensors_are_used_for_the_next_one_like_it(document: dict[str, Any], kept: bool) -> None:
    cache = RequestCache()
    first, second = (fast_request(json.dumps(document).encode(), DEPTH, NETWORKS.ready, cache) for _ in "12")
    assert first is not None
    assert second is not None
    assert (second is first) == kept


def test_the_tensors_of_64_requests_are_kept_and_then_none() -> None:
    def request(width: int) -> ForwardRequest | None:
        body = json.dumps({"inputs": [1] * width, "layers": [{"weights": [[1]] * width}]}).encode()
        return fast_request(body, DEPTH, NETWORKS.ready, cache)

    cache = RequestCache()
    first = request(1)
    for width in range(2, 65):
        request(width)
    assert request(1) is first
    request(65)
    again = request(1)
    assert again is not first
    assert request(1) is again


@pytest.mark.parametrize(
    "said",
    [
        {"device": "cpu"},
        {"return": "outputs"},
        {"dtype": "float64"},
        {"dtype": "bfloat16"},
        {"device": "auto", "return": "trace"},
    ],
)
def test_what_a_request_says_beside_its_numbers_is_read_at_speed(said: dict[str, Any]) -> None:
    for document in (notebook.MULTILAYER, {"network": "multilayer", "inputs": notebook.FEATURES}):
        body = json.dumps({**document, "inputs": notebook.FEATURES, **said}).encode()
        request = quick(body)
        assert request is not None
        assert_same(request, thorough(body))


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "bfloat16"])
@pytest.mark.parametrize("inputs", [notebook.FEATURES, [notebook.FEATURES] * 3])
def test_good_requests_are_taken(dtype: str, inputs: Any) -> None:
    body = json.dumps({**notebook.MULTILAYER, "inputs": inputs, "dtype": dtype}).encode()
    for text in (body, body + b" " * LARGE):
        request = quick(text)
        assert request is not None
        assert_same(request, thorough(text))
    named = quick(json.dumps({"network": "multilayer", "inputs": inputs, "dtype": dtype}).encode())
    assert named is not None
    assert named.resident


@pytest.mark.parametrize("text", ["-0", "-0.0", "5e-324", "1E+2", "9007199254740993", "123456789012345678901234567890"])
def test_numbers_of_every_spelling_are_read_the_same(text: str) -> None:
    for dtype in ("float32", "float64"):
        small = f'{{"inputs": [1, {text}], "network": "xor", "dtype": "{dtype}"}}'.encode()
        for body in (small, small + b" " * LARGE):
            request = quick(body)
            if request is not None:
                assert_same(request, thorough(body))
        assert quick(small) is not None


LAYER = '{"weights":[[1,2],[3,4]],"biases":[1,2]}'


@pytest.mark.parametrize(
    "text",
    [
        '{"inputs":[1,2],"inputs":[1,2],"layers":[' + LAYER + "]}",
        '{"inputs":[1,2],"layers":[{"weights":[[1,2],[3,4]],"weights":[[1,2],[3,4]]}]}',
        '{"inputs":[1,[2]],"layers":[' + LAYER + "]}",
        '{"inputs":[[1,2],[3]],"layers":[' + LAYER + "]}",
        '{"inputs":[[1,[2]],[3,4]],"layers":[' + LAYER + "]}",
        '{"inputs":[[[1,2]]],"layers":[' + LAYER + "]}",
        '{"inputs":[1,true],"layers":[' + LAYER + "]}",
        '{"inputs":[1,null],"layers":[' + LAYER + "]}",
        '{"inputs":[1,"2"],"layers":[' + LAYER + "]}",
        '{"inputs":["ab","cd"],"layers":[' + LAYER + "]}",
        '{"inputs":[1,{}],"layers":[' + LAYER + "]}",
        '{"inputs":[],"layers":[' + LAYER + "]}",
        '{"inputs":[[]],"layers":[' + LAYER + "]}",
        '{"inputs":[1,2],"layers":[{"weights":[1,2,3,4]}]}',
        '{"inputs":[1,2],"layers":[{"weights":[1,2],"biases":[1,2]}]}',
        '{"inputs":[1,2],"layers":[{"weights":[1,2],"biases":[1],"layout":"out_in"}]}',
        '{"inputs":[1],"layers":[{"weights":[[1]],"biases":[[1]]}]}',
        '{"inputs":[1,2],"layers":[{"weights":[[1,2],[3,4]],"biases":[[1,2]]}]}',
        '{"inputs":[1,2],"layers":[{"weights":[[1,2],[3,4]],"biases":[1]}]}',
        '{"inputs":[1,2],"layers":[{"weights":[[1,2],[3,4]],"biases":null}]}',
        '{"inputs":[1,2],"layers":[{"weights":[[1,2],[3,4]],"activation":"nope"}]}',
        '{"inputs":[1,2],"layers":[{"weights":[[1,2],[3,4]],"name":7}]}',
        '{"inputs":[1,2],"layers":[{"weights":[[1,2],[3,4]],"typo":7}]}',
        '{"inputs":[1,2],"layers":[' + LAYER + '],"network":null}',
        '{"inputs":[1,2],"layers":{}}',
        '{"inputs":[1,2],"layers":"weights"}',
        '{"inputs":[1,2],"layers":[]}',
        '{"inputs":[1,2],"network":"nope"}',
        '{"inputs":[1,2],"network":7}',
        '{"inputs":[1,2],"network":["xor"]}',
        '{"inputs":[1,2],"network":"xor","dtype":null}',
        '{"inputs":[1,2],"network":"xor","device":null}',
        '{"inputs":[1,2],"network":"xor","return":["trace"]}',
        '{"inputs":[1,1e39],"network":"xor"}',
        '{"inputs":[1,1e309],"network":"xor"}',
        '{"inputs":[1,1e309],"network":"xor","dtype":"float64"}',
        '{"inputs":[1,2],"network":"xor"} x',
        '\ufeff{"inputs":[1,2],"network":"xor"}',
        '[{"inputs":[1,2],"network":"xor"}]',
        '{"inputs":[1,NaN],"network":"xor"}',
        "",
        " ",
        "{}",
    ],
)
def test_whatever_is_not_plain_is_left_to_the_thorough_reader(text: str) -> None:
    assert quick(text.encode()) is None
    assert quick(text.encode() + b" " * LARGE) is None


def test_a_limit_on_depth_holds() -> None:
    body = json.dumps(notebook.MULTILAYER).encode()
    assert fast_request(body, 4, NETWORKS.ready) is None
    assert fast_request(body, 5, NETWORKS.ready) is not None


@pytest.mark.parametrize("count", [256, 257])
def test_more_than_256_layers_are_left_to_the_thorough_reader(count: int) -> None:
    body = json.dumps({"inputs": [1], "layers": [{"weights": [[1]]}] * count}).encode()
    assert (quick(body) is None) == (count > 256)


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"biases": [1, -1]},
        {"layout": "out_in"},
        {"layout": "in_out"},
        {"activation": "softmax"},
        {"name": None},
        {"name": "x" * 200},
    ],
)
def test_what_a_layer_says_beside_its_numbers_is_read_at_speed(said: dict[str, Any]) -> None:
    document = {"inputs": [1, 2], "layers": [{"weights": [[1, 2], [3, 4]], **said}], "dtype": "float64"}
    body = json.dumps(document).encode()
    request = quick(body)
    assert request is not None
    assert_same(request, thorough(body))
