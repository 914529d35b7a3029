"""NumPy's files: what is in them, and nothing that could run or burst."""

import io
import json
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from adelante.network.errors import NetworkError
from app.cli.arrays_in import ZIP, array_in, arrays_in
from tests.cli.conftest import Adelante

LIMIT = 1 << 16


def npy(values: Any, **options: Any) -> bytes:
    file = io.BytesIO()
    np.save(file, np.asarray(values), **options)
    return file.getvalue()


def npz(**arrays: Any) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def refused(content: bytes, *, many: bool = False) -> tuple[str, str]:
    with pytest.raises(NetworkError) as caught:
        (arrays_in if many else array_in)("x", content, LIMIT)
    return caught.value.faults[0].type, caught.value.faults[0].key


@pytest.mark.parametrize("dtype", ["<f4", ">f8", "<i8", ">i4", "|u1", "|b1", "<f2"])
def test_an_array_of_every_kind_of_number(dtype: str) -> None:
    values = np.array([[0, 1, 1], [1, 0, 1]], dtype=dtype)
    found = array_in("x", npy(values), LIMIT)
    assert found.dtype == values.dtype.newbyteorder("=")
    np.testing.assert_array_equal(found, values)
    fortran = np.asfortranarray(np.arange(12.0).reshape(3, 4))
    np.testing.assert_array_equal(array_in("x", npy(fortran), LIMIT), fortran)
    assert array_in("x", npy(2.5), LIMIT).shape == ()


def test_several_by_name() -> None:
    found = arrays_in("x", npz(ids=np.arange(3), mask=np.ones((1, 2), dtype=bool)), LIMIT)
    assert {name: each.tolist() for name, each in found.items()} == {"ids": [0, 1, 2], "mask": [[True, True]]}


class Trap:
    def __reduce__(self) -> Any:
        return (pytest.fail, ("unpickled",))


def test_nothing_is_unpickled() -> None:
    held = npy(np.array([Trap()], dtype=object), allow_pickle=True)
    assert refused(held) == ("unsupported-file", "npy-type")
    assert refused(pickle.dumps(Trap())) == ("unsupported-file", "npy-unreadable")
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("x.npy", held)
        archive.writestr("y.pkl", pickle.dumps(Trap()))
    assert refused(file.getvalue(), many=True) == ("unsupported-file", "npy-type")


def test_what_bursts_is_refused_before_it_is_unpacked() -> None:
    bomb = npz(x=np.zeros(1_000_000))
    assert len(bomb) < LIMIT
    assert refused(bomb, many=True) == ("too-large", "unpacked-too-large")
    # A header that promises more than there is.
    header = npy(np.zeros(4)).replace(b"(4,)", b"(4000000000000,)"[:16], 1)
    assert refused(header)[0] in ("too-large", "unsupported-file")
    assert refused(npy(np.zeros(100))[:-8]) == ("unsupported-file", "npy-unreadable")
    # An entry that says it is small, and is not.
    lying = bytearray(npz(x=np.zeros(1)))
    lying[22:26] = (20).to_bytes(4, "little")
    where = lying.rindex(b"PK\x01\x02")
    lying[where + 24 : where + 28] = (20).to_bytes(4, "little")
    assert refused(bytes(lying), many=True) == ("unsupported-file", "npz-unreadable")


def test_what_is_no_such_file() -> None:
    assert refused(b"\x93NUMPY\x09\x00") == ("unsupported-file", "npy-unreadable")
    assert refused(b"PK\x03\x04nothing", many=True) == ("unsupported-file", "npz-unreadable")
    assert refused(npz(), many=True) == ("unsupported-file", "npz-empty")
    assert npz().startswith(ZIP)
    spreadsheet = io.BytesIO()
    with zipfile.ZipFile(spreadsheet, "w") as archive:
        archive.writestr("xl/workbook.xml", "")
    assert refused(spreadsheet.getvalue(), many=True) == ("unsupported-file", "spreadsheet")
    assert refused(npy(np.array(["text"]))) == ("unsupported-file", "npy-type")
    assert refused(npy(np.array([1j]))) == ("unsupported-file", "npy-type")


def test_fractions_of_more_than_64_bits_are_as_near_as_can_be() -> None:
    found = array_in("x", npy(np.array([1, -0.5], np.longdouble)), LIMIT)
    assert found.dtype == np.float64
    assert found.tolist() == [1, -0.5]


@pytest.mark.parametrize(
    ("dtype", "values", "pointer"),
    [
        ("float32", np.array([0.0, 1e300]), "/inputs/1"),
        ("float16", np.array([65520.0, 0.0], "f4"), "/inputs/0"),
        ("int8", np.array([0, 128]), "/inputs/1"),
        ("uint8", np.array([-1, 0]), "/inputs/0"),
        ("bool", np.array([0, 2]), "/inputs/1"),
        ("int64", np.array([0, 2**63], "u8"), "/inputs"),
    ],
)
def test_a_number_that_the_networks_type_does_not_hold_is_never_another_in_silence(
    adelante: Adelante, tmp_path: Path, dtype: str, values: Any, pointer: str
) -> None:
    network = {"input": {"shape": [2], "dtype": dtype}, "layers": [{"kind": "cast", "dtype": "float64"}]}
    (tmp_path / "network.json").write_text(json.dumps(network))
    for name, given in (("good", np.zeros_like(values)), ("bad", values)):
        (tmp_path / f"{name}.npy").write_bytes(npy(given))
        result = adelante("forward", tmp_path / "network.json", "--json", "--inputs", f"@{tmp_path / name}.npy")
        if name == "good":
            assert json.loads(result.out)["outputs"] == [0, 0], result.err
        else:
            assert result.status == 1
            assert f"{dtype} cannot hold this number" in result.err
            assert pointer.removeprefix("/") in result.err or pointer == "/inputs"


def test_of_several_arrays_the_inputs_are_told_by_their_name(adelante: Adelante, tmp_path: Path) -> None:
    """What was held out before what was learnt from, and what is right for them is none of them."""
    network = {"input": {"shape": [2]}, "layers": [{"kind": "relu"}]}
    (tmp_path / "network.json").write_text(json.dumps(network))
    x, y, z = np.array([[1.0, 2.0]]), np.array([0, 1]), np.array([[3.0, 4.0]])
    for arrays in (
        {"y": y, "X": x},
        {"in\nlines": z, "x": x},
        {"x_train": z, "y_train": y, "x_test": x, "y_test": y},
        {"arr_0": x, "arr_1": y},
    ):
        (tmp_path / "both.npz").write_bytes(npz(**arrays))
        result = adelante("forward", tmp_path / "network.json", "--json", "--inputs", f"@{tmp_path / 'both.npz'}")
        assert json.loads(result.out)["outputs"] == [[1, 2]], result.err
