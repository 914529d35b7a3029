"""Real files of each format, the same with bytes changed, and a watch over what reading one does.

A file is read in this process, by what the process that is thrown away runs for .pt2 and state_dicts: there a crash, an
opened file or an error of Python's own would be hidden.
"""

import io
import random
import signal
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

import torch
from torch import nn

import adelante
from adelante.formats.apart.state_dict import read as read_state_dict
from adelante.formats.exported.reading import opened_from_package
from adelante.formats.json import document_of
from adelante.formats.onnx.writing import network_to_onnx
from adelante.formats.opening import opened
from adelante.formats.safetensors import network_to_safetensors
from adelante.locale import LANGUAGES
from adelante.network.errors import NetworkError, NetworkFault
from app.api.http.problems import sentence
from app.api.write.encode import encode_json

LIMITS = adelante.formats.opened.Limits(parameters=1 << 20, nodes=2000)
SECONDS = 20
"""The longest that a file may take of a processor, however busy the machine is: they are a few kilobytes each."""
# What a file may never have done. Imports open files and run what stands in them, and are told apart.
_NEVER = ("os.", "subprocess.", "socket.", "shutil.", "ctypes.dlopen", "open", "exec", "compile", "pickle.find_class")


class Picture(nn.Module):
    """Convolution, batch norm, pooling, a skip, a reshape with the batch in it."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(1, 3, 3, padding=1)
        self.norm = nn.BatchNorm2d(3)
        self.second = nn.Conv2d(3, 3, 1)
        self.last = nn.Linear(12, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.relu(self.norm(self.first(x)))
        x = nn.functional.max_pool2d(x + self.second(x), 2)
        return torch.softmax(self.last(x.reshape(x.shape[0], -1)), -1)


@cache
def seeds(format: str) -> tuple[bytes, ...]:
    """The files of a format that are changed."""
    return tuple(_SEEDS[format]())


def _modules() -> list[tuple[nn.Module, torch.Tensor]]:
    torch.manual_seed(0)
    layer = nn.TransformerEncoderLayer(4, 2, 6, batch_first=True)
    chain = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    return [
        (Picture().eval(), torch.randn(2, 1, 4, 4)),
        (layer.eval(), torch.randn(2, 3, 4)),
        (chain, torch.ones(2, 3)),
    ]


@cache
def _networks() -> list[Any]:
    return [adelante.trace(module, example) for module, example in _modules()]


def _onnx() -> Iterator[bytes]:
    yield from map(network_to_onnx, _networks())
    for module, example in _modules()[::2]:
        file = io.BytesIO()
        axes = {"dynamic_axes": {"x": {0: "n"}}, "input_names": ["x"]}
        torch.onnx.export(module, (example,), file, dynamo=False, **axes)  # type: ignore[arg-type]
        yield file.getvalue()


def _exported() -> Iterator[bytes]:
    for module, example in _modules():
        file = io.BytesIO()
        torch.export.save(torch.export.export(module, (example,), strict=False), file)
        yield file.getvalue()


def _state_dict() -> Iterator[bytes]:
    for zipped in (True, False):
        for module, _ in _modules()[::2]:
            file = io.BytesIO()
            torch.save(module.state_dict(), file, _use_new_zipfile_serialization=zipped)
            yield file.getvalue()


_SEEDS: Mapping[str, Callable[[], Iterator[bytes]]] = {
    "json": lambda: (encode_json(document_of(each)) for each in _networks()),
    "safetensors": lambda: map(network_to_safetensors, _networks()),
    "onnx": _onnx,
    "exported": _exported,
    "state_dict": _state_dict,
}
FORMATS = tuple(_SEEDS)


def changed(data: bytes, draw: random.Random) -> bytes:
    """The file with some bytes other, gone, more or twice; of an archive those of one of its files as often."""
    if data[:2] == b"PK" and draw.random() < 0.5:
        parts = parts_of(data)
        if parts:
            name = draw.choice(list(parts))
            return archived({**parts, name: _changed(parts[name], draw)})
    return _changed(data, draw)


def _changed(data: bytes, draw: random.Random) -> bytes:
    found = bytearray(data)
    for _ in range(draw.randint(1, 4)):
        at = draw.randrange(len(found) or 1)
        kind = draw.randrange(6)
        if kind == 0:
            found[at : at + 1] = bytes([draw.randrange(256)])
        elif kind == 1:
            del found[at : at + draw.randint(1, 8)]
        elif kind == 2:
            found[at:at] = draw.randbytes(draw.randint(1, 8))
        elif kind == 3 and found:
            found[at % len(found)] ^= 1 << draw.randrange(8)
        elif kind == 4:
            del found[at:]
        else:
            begin = draw.randrange(len(found) or 1)
            found[at:at] = found[begin : begin + draw.randint(1, 64)]
    return bytes(found)


def parts_of(data: bytes) -> dict[str, bytes]:
    """The files of an archive, by their names; none of one that is broken."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    except Exception:
        return {}


def archived(parts: Mapping[str, bytes]) -> bytes:
    """An archive of these files, as torch writes them: stored."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def survives(format: str, data: bytes) -> bool:
    """Whether the file opens; else it was refused in words. Whatever else happens is raised."""
    with watched():
        try:
            _read(format, data)
        except (NetworkError, NetworkFault) as refusal:
            faults = refusal.faults if isinstance(refusal, NetworkError) else (refusal.fault,)
        else:
            return True
    for fault in faults[:1]:
        for language in LANGUAGES:
            assert sentence(language, fault)
    return False


def _read(format: str, data: bytes) -> None:
    if format == "exported":
        opened_from_package(data, LIMITS)
    elif format == "state_dict":
        read_state_dict(bytearray(data), LIMITS)
    else:
        opened(data, limits=LIMITS)


class Forbidden(BaseException):
    """Reading a file opened another one, ran something, started something; nobody catches it."""


_on = False
_hooked = False


def _hook(event: str, given: tuple[Any, ...]) -> None:
    if _on and event.startswith(_NEVER) and not _by("importlib"):
        # torch makes functions of graphs, with names of our own in them; what those do is watched all the same.
        if event in ("compile", "exec") and _by("/torch/", "/collections/__init__.py"):
            return
        if event == "open" and _by("/linecache.py") and given[0] in _own_files():
            # torch notes where it was called.
            return
        raise Forbidden(event, *(str(each)[:200] for each in given))


def _own_files() -> set[str | None]:
    return {getattr(each, "__file__", None) for each in list(sys.modules.values())}


def _by(*files: str) -> bool:
    """Whether something of these files is at work."""
    frame: Any = sys._getframe()
    while frame is not None:
        if any(each in frame.f_code.co_filename for each in files):
            return True
        frame = frame.f_back
    return False


@contextmanager
def watched() -> Iterator[None]:
    """Raises Forbidden where anything is opened or run meanwhile, Hang where it takes too long."""
    global _on, _hooked
    if not _hooked:
        sys.addaudithook(_hook)
        _hooked = True
    before = signal.signal(signal.SIGPROF, _too_long)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    _on = True
    try:
        yield
    finally:
        _on = False
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _too_long(*_: object) -> None:
    raise Hang(f"over {SECONDS} s")


class Hang(BaseException):
    """Reading a file takes too long; nobody catches it."""
