"""Files of other kinds are told by their content, by the right name, with a way to a file that opens."""

import gzip
import io
import pickle
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from adelante.formats.dense_safetensors import network_from_safetensors
from adelante.formats.kinds import FOREIGN, foreign_kind
from adelante.locale import LANGUAGES, catalog
from adelante.network.errors import NetworkError

MODEL = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.ReLU(), torch.nn.Linear(2, 1))


def saved(*, zipped: bool) -> bytes:
    file = io.BytesIO()
    torch.save(MODEL.state_dict(), file, _use_new_zipfile_serialization=zipped)
    return file.getvalue()


def scripted() -> bytes:
    file = io.BytesIO()
    torch.jit.save(torch.jit.trace(MODEL, torch.ones(1, 3)), file)  # type: ignore[no-untyped-call]
    return file.getvalue()


def exported() -> bytes:
    file = io.BytesIO()
    torch.export.save(torch.export.export(MODEL, (torch.ones(1, 3),)), file)
    return file.getvalue()


def arrays() -> bytes:
    file = io.BytesIO()
    named: dict[str, Any] = {"layers.0.weights": np.ones((3, 1), "f4"), "layers.0.biases": np.ones(1, "f4")}
    np.savez(file, **named)
    return file.getvalue()


def one_array() -> bytes:
    file = io.BytesIO()
    np.save(file, np.ones(3))
    return file.getvalue()


def archive(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for name in names:
            made.writestr(name, b"x" * 100)
    return file.getvalue()


# The first bytes that the format's own library writes.
ONNX = b"\x08\x08\x12\x07pytorch\x1a\x052.4.0:\xd8\x01\n\x1c"
ONNX_OF_SKL2ONNX = b"\x08\x09\x12\x08skl2onnx\x1a\x061.17.0"
TFLITE = b"\x1c\x00\x00\x00TFL3\x14\x00 \x00"
SAVED_MODEL = b"\x08\x01\x12\xb0\x8d\x02\n\xa5\x12"


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_what_torch_and_numpy_write_is_told_apart() -> None:
    assert foreign_kind(saved(zipped=True)) == "file-pickle"
    assert foreign_kind(saved(zipped=False)) == "file-pickle"
    assert foreign_kind(scripted()) == "file-torchscript"
    assert foreign_kind(exported()) == "file-exported"
    assert foreign_kind(arrays()) == "file-npz"
    assert foreign_kind(one_array()) == "file-npy"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (pickle.dumps({"coefs_": [1.0]}), "file-other-pickle"),
        (ONNX, "file-onnx"),
        (ONNX_OF_SKL2ONNX, "file-onnx"),
        (TFLITE, "file-tflite"),
        (SAVED_MODEL, "file-saved-model"),
        (b"\x89HDF\r\n\x1a\n\x00\x00", "file-hdf5"),
        (b"GGUF\x03\x00\x00\x00", "file-gguf"),
        (archive("metadata.json", "config.json", "model.weights.h5"), "file-keras"),
        (archive("[Content_Types].xml", "xl/workbook.xml"), "file-office"),
        (archive("mimetype", "content.xml"), "file-office"),
        (archive("network.safetensors"), "file-zip"),
        (gzip.compress(b"x" * 100, mtime=0), "file-compressed"),
        (b"1,2,3\n4,5,6\n", "file-table"),
        (b"\xef\xbb\xbfx1;x2\r\n0,5;1,25\r\n", "file-table"),
        (b"x1\tx2\n" + b"1.5\t-2e3\n" * 1000, "file-table"),
        (b"Two lines of words\nbefore the first number:\n1,2,3\n", "not-safetensors"),
        (b"hello", "not-safetensors"),
        (b'{"layers": []}', "not-safetensors"),
        (b"", "file-empty"),
        (b"GIF89a", "file-picture"),
        (b"RIFF\x24\x00\x00\x00WEBPVP8 ", "file-picture"),
        (b"\n<!DOCTYPE html>\n<html>", "file-web-page"),
        (b"<HTML lang=en>", "file-web-page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0a\nsize 12\n", "file-lfs"),
        (b"\x00" * 100, "not-safetensors"),
        (b"PK\x03\x04" + b"PK\x01\x02" * 20, "file-zip"),
    ],
)
def test_each_kind_by_its_own_name(data: bytes, kind: str) -> None:
    assert foreign_kind(data) == kind


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_has_a_name_and_a_way_to_a_file_that_opens(language: str) -> None:
    texts = catalog(language)
    for kind in FOREIGN:
        assert f"fault.{kind}" in texts
        assert f"hint.{kind}" in texts


def test_the_way_that_is_told_leads_to_a_file_that_opens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import safetensors.numpy
    import safetensors.torch

    monkeypatch.chdir(tmp_path)
    names = {"numpy": np, "safetensors": safetensors, "torch": torch, "model": MODEL}
    Path("network.npz").write_bytes(arrays())
    for kind in ("file-npz", "file-pickle"):
        line = re.search(r"safetensors\.\w+\.save_file\(.*\)", catalog("en")[f"hint.{kind}"])
        assert line is not None
        eval(line[0], names)
        assert network_from_safetensors(Path("network.safetensors").read_bytes()).n_in == 3


def test_a_weights_file_of_keras_can_be_written_as_the_hint_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import safetensors.numpy

    class Layer:
        def __init__(self, *weights: "np.ndarray[tuple[int, ...], np.dtype[np.float32]]") -> None:
            self.weights = list(weights)

        def get_weights(self) -> list["np.ndarray[tuple[int, ...], np.dtype[np.float32]]"]:
            return self.weights

    class Model:
        layers = (
            Layer(),
            Layer(np.ones((3, 2), "f4"), np.ones(2, "f4")),
            Layer(np.ones((2, 1), "f4"), np.ones(1, "f4")),
        )

    monkeypatch.chdir(tmp_path)
    line = re.search(r"safetensors\.\w+\.save_file\(.*\)", catalog("en")["hint.file-keras"])
    assert line is not None
    eval(line[0], {"safetensors": safetensors, "model": Model})
    assert network_from_safetensors(Path("network.safetensors").read_bytes()).sizes == (3, 2, 1)


def test_the_error_names_the_kind() -> None:
    with pytest.raises(NetworkError) as caught:
        network_from_safetensors(ONNX)
    assert [fault.key for fault in caught.value.faults] == ["file-onnx"]
