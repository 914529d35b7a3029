"""The file format: in both directions with the safetensors library, and closed to damaged files."""

import json
from contextlib import suppress
from typing import Any

import pytest
import safetensors.torch
import torch
from hypothesis import given
from hypothesis import strategies as st

from adelante.formats.tensors import DTYPES, MAX_HEADER_BYTES, tensors_from_safetensors, tensors_to_safetensors
from adelante.network.errors import NetworkError

SHAPES = st.lists(st.integers(0, 4), max_size=3)
TENSORS = st.dictionaries(
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=12).filter(lambda name: name != "__metadata__"),
    st.builds(
        lambda shape, dtype: torch.randn(shape, dtype=torch.float64).to(dtype),
        SHAPES,
        st.sampled_from(list(DTYPES.values())),
    ),
    max_size=5,
)
METADATA = st.dictionaries(
    st.text(st.characters(codec="utf-8"), max_size=8), st.text(st.characters(codec="utf-8"), max_size=8), max_size=5
)


def file(header: Any, data: bytes = b"", length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return (len(text) if length is None else length).to_bytes(8, "little") + text + data


def entry(dtype: Any = "F32", shape: Any = (2,), offsets: Any = (0, 8)) -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": offsets}


def key_of(data: bytes, type: str = "unsupported-file") -> str:
    with pytest.raises(NetworkError) as raised:
        tensors_from_safetensors(data)
    assert raised.value.faults[0].type == type
    return raised.value.faults[0].key


@given(TENSORS, METADATA)
def test_what_is_written_is_read_back_here_and_by_the_library(
    tensors: dict[str, torch.Tensor], metadata: dict[str, str]
) -> None:
    data = tensors_to_safetensors(tensors, metadata)
    found, found_metadata = tensors_from_safetensors(data)
    theirs = safetensors.torch.load(data)
    assert found_metadata == metadata
    assert found.keys() == theirs.keys() == tensors.keys()
    for name, tensor in tensors.items():
        assert found[name].dtype == theirs[name].dtype == tensor.dtype
        assert torch.equal(found[name], tensor)
        assert torch.equal(theirs[name], tensor)


@given(TENSORS)
def test_files_of_the_library_are_read(tensors: dict[str, torch.Tensor]) -> None:
    found, metadata = tensors_from_safetensors(safetensors.torch.save(tensors, {"format": "pt"}))
    assert metadata == {"format": "pt"}
    assert found.keys() == tensors.keys()
    assert all(torch.equal(found[name], tensor) for name, tensor in tensors.items())


def test_one_dtype_without_metadata_gives_the_librarys_own_bytes() -> None:
    tensors = {"b": torch.randn(3), "a": torch.randn(2, 5), "c": torch.tensor(1.5)}
    assert tensors_to_safetensors(tensors) == safetensors.torch.save(tensors)


def test_the_order_of_names_and_metadata_does_not_show() -> None:
    a, b = torch.randn(3), torch.randn(3, 2)
    one = tensors_to_safetensors({"a": a, "b": b}, {"x": "1", "y": "2", "z": "3"})
    assert one == tensors_to_safetensors({"b": b, "a": a}, {"z": "3", "y": "2", "x": "1"})


def test_a_header_as_long_as_a_pickles_mark_is_no_pickle() -> None:
    data = file(b"{}" + b" " * 0x27E)
    assert data.startswith(b"\x80\x02")
    assert tensors_from_safetensors(data) == ({}, {})


def test_views_are_written_as_what_they_show() -> None:
    tensor = torch.arange(6.0).view(2, 3)
    found, _ = tensors_from_safetensors(tensors_to_safetensors({"t": tensor.T, "row": tensor[1]}))
    assert torch.equal(found["t"], tensor.T)
    assert torch.equal(found["row"], tensor[1])


def test_tensors_share_the_memory_of_the_file() -> None:
    data = bytearray(tensors_to_safetensors({"t": torch.zeros(4)}))
    found, _ = tensors_from_safetensors(data)
    data[-4:] = torch.tensor([2.5]).numpy().tobytes()
    assert found["t"].tolist() == [0, 0, 0, 2.5]


def test_a_tensor_at_an_odd_place_is_read() -> None:
    header = b'{"t":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} '
    assert len(header) % 4
    found, _ = tensors_from_safetensors(file(header, torch.tensor([1.5, -2.0]).numpy().tobytes()))
    assert found["t"].tolist() == [1.5, -2.0]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("dtype", list(DTYPES.values()))
def test_numbers_that_are_not_finite_are_refused_with_their_place(value: float, dtype: torch.dtype) -> None:
    tensor = torch.ones(2, 3, dtype=dtype)
    tensor[1, 2] = value
    data = tensors_to_safetensors({"layers.3.weights": tensor})
    with pytest.raises(NetworkError) as raised:
        tensors_from_safetensors(data)
    fault = raised.value.faults[0]
    assert (fault.type, fault.pointer) == ("out-of-range", "/layers/3/weights/1/2")
    found, _ = tensors_from_safetensors(data, finite=False)
    assert torch.equal(found["layers.3.weights"].isfinite(), tensor.isfinite())


def test_finite_numbers_whose_sum_is_not_are_accepted() -> None:
    largest = torch.full((4,), torch.finfo(torch.float32).max)
    found, _ = tensors_from_safetensors(tensors_to_safetensors({"t": largest}))
    assert torch.equal(found["t"], largest)


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"", "file-empty"),
        (b"{}", "not-safetensors"),
        (b'{"layers": [{"weights": [[1]]}]}', "not-safetensors"),
        (b"\x00" * 100, "not-safetensors"),
        (b"PK\x03\x04" + b"\x00" * 60, "file-zip"),
        (b"\x80\x02}q\x00.", "file-pickle"),
        (file({}, length=MAX_HEADER_BYTES + 1), "file-header-too-large"),
        (file({}, length=2**64 - 1), "file-header-too-large"),
        (file({}, length=3), "file-header-truncated"),
        (file(b"{]"), "file-header-not-json"),
        (file(b'{"a": NaN}'), "file-header-not-json"),
        (file(b'{"\xff": 1}'), "file-header-not-json"),
        (file(b'{"\\ud800": 1}'), "file-header-not-json"),
        (file(b'{"a": 1, "a": 2}'), "file-header-not-json"),
        (file(b'{"a":' + b"[" * 100_000), "file-header-not-json"),
        (file(b'{"a": ' + b"9" * 10_000 + b"}"), "file-header-not-json"),
        (file({"__metadata__": {"a": 1}}), "file-metadata"),
        (file({"__metadata__": []}), "file-metadata"),
        (file({"a": 1}), "file-entry"),
        (file({"a": {"dtype": "F32"}}), "file-entry"),
        (file({"a": {**entry(), "more": 1}}, b"\0" * 8), "file-entry"),
        (file({"a": entry(dtype=5)}, b"\0" * 8), "file-entry"),
        (file({"a": entry(dtype="I64", shape=[1])}, b"\0" * 8), "file-dtype"),
        (file({"a": entry(dtype="F8_E4M3", shape=[8])}, b"\0" * 8), "file-dtype"),
        (file({"a": entry(shape=[3])}, b"\0" * 8), "file-entry"),
        (file({"a": entry(shape=[-2])}, b"\0" * 8), "file-entry"),
        (file({"a": entry(shape=[True, 2])}, b"\0" * 8), "file-entry"),
        (file({"a": entry(shape=[1] * 9 + [2])}, b"\0" * 8), "file-entry"),
        (file({"a": entry(shape=[0, 2**62, 2**62], offsets=[0, 0])}), "file-entry"),
        (file({"a": entry(shape=[10**30], offsets=[0, 4 * 10**30])}), "file-entry"),
        (file({"a": entry(offsets=[8, 0])}, b"\0" * 8), "file-entry"),
        (file({"a": entry(offsets=[0])}, b"\0" * 8), "file-entry"),
        (file({"a": entry()}, b"\0" * 7), "file-truncated"),
        (file({"a": entry(), "b": entry()}, b"\0" * 8), "file-overlap"),
        (file({"a": entry(offsets=[4, 12])}, b"\0" * 12), "file-overlap"),
        (file({"a": entry()}, b"\0" * 9), "file-extra-bytes"),
        (file({}, b"\0"), "file-extra-bytes"),
    ],
)
def test_damaged_files_are_refused(data: bytes, key: str) -> None:
    assert key_of(data) == key


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    # Anything but a NetworkError fails the test.
    with suppress(NetworkError):
        tensors_from_safetensors(data)


@given(st.data())
def test_a_damaged_byte_is_read_or_refused(data: st.DataObject) -> None:
    whole = bytearray(tensors_to_safetensors({"a": torch.ones(2, 2), "b": torch.ones(3).half()}, {"k": "v"}))
    for place in data.draw(st.lists(st.integers(0, len(whole) - 1), min_size=1, max_size=3)):
        whole[place] = data.draw(st.integers(0, 255))
    with suppress(NetworkError):
        tensors, _ = tensors_from_safetensors(bytes(whole))
        assert all(bool(torch.isfinite(tensor).all()) for tensor in tensors.values())


@given(st.integers(0, 10_000))
def test_every_shortened_file_is_refused(length: int) -> None:
    whole = tensors_to_safetensors({"a": torch.ones(2, 2)}, {"k": "v"})
    with pytest.raises(NetworkError):
        tensors_from_safetensors(whole[: length % len(whole)])
