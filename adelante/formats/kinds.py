"""What a file is that is no safetensors file, told by its content: each kind by its own name, so that its sender knows
what to do. Nothing is opened: the first bytes are compared, and of a zip archive its list of names is read."""

import re
from mmap import mmap

Bytes = bytes | bytearray | mmap
"""A file's bytes."""
_HEAD = 4096
# A zip archive's list of names is at its end; this many bytes of it are read. torch's begin with what tells them.
_TAIL = 1 << 20
_LOCAL, _LOCAL_SIZE = b"PK\x03\x04", 30
_RECORD, _RECORD_SIZE = b"PK\x01\x02", 46

_ARCHIVES = (
    # TorchScript has data.pkl too, so it is looked for first.
    ("file-torchscript", re.compile(r"(?:^|/)(?:constants\.pkl|code/__torch__\S*)$")),
    ("file-exported", re.compile(r"(?:^|/)(?:models/\S*\.json|serialized_exported_program\.json|archive_format)$")),
    ("file-pickle", re.compile(r"(?:^|/)data\.pkl$")),
    ("file-saved-model", re.compile(r"(?:^|/)saved_model\.pb$")),
    ("file-npz", re.compile(r"\.npy$")),
    ("file-keras", re.compile(r"^model\.weights\.h5$")),
    ("file-office", re.compile(r"^(?:\[Content_Types\]\.xml|content\.xml)$")),
)
_BEGINNINGS = (
    (b"\x80\x02", "file-pickle"),  # torch.save before its zip archives; others write newer pickles
    (b"\x89HDF\r\n\x1a\n", "file-hdf5"),
    (b"\x93NUMPY", "file-npy"),
    (b"GGUF", "file-gguf"),
    (b"\x1f\x8b", "file-compressed"),
    (b"(\xb5/\xfd", "file-compressed"),
    (b"version https://git-lfs.github.com/spec/", "file-lfs"),
)
# What a download brings where an address leads to a page about a file.
_WEB_PAGE = re.compile(rb"\s*<(?:!doctype html|html)\b", re.IGNORECASE)
_PICTURE = re.compile(
    rb"\x89PNG\r\n|\xff\xd8\xff|GIF8|RIFF....WEBP|II\*\0|MM\0\*|....ftyp(?:heic|avif|mif1)", re.DOTALL
)
# Programs for devices say what they are after the place where they begin.
_FLATBUFFERS = {b"TFL3": "file-tflite", b"ET12": "file-executorch"}
# A protobuf message: the version of the format (field 1, a small number) and the field after it.
_ONNX = re.compile(rb"\x08[\x03-\x20][\x12\x1a\x22\x2a\x32\x3a\x42]")
_SAVED_MODEL = re.compile(rb"\x08\x01\x12")
_OTHER_PICKLE = re.compile(rb"\x80[\x03-\x05]")
_NUMBERS = re.compile(r"[-+.\d][-+.,;eE\d\s\"']*", re.ASCII)

FOREIGN = (
    *dict.fromkeys([kind for kind, _ in _ARCHIVES] + [kind for _, kind in _BEGINNINGS]),
    *_FLATBUFFERS.values(),
    *("file-zip", "file-onnx", "file-other-pickle"),
    *("file-empty", "file-web-page", "file-picture", "file-table", "not-safetensors", "file-unknown"),
)
"""Every kind that `foreign_kind` gives, and what of them is said where any format would do: "file-unknown"."""


def is_onnx(data: Bytes) -> bool:
    """Whether it is an ONNX model: a protobuf message that begins as those do."""
    return _ONNX.match(data) is not None


def foreign_kind(data: Bytes) -> str:
    """The kind of a file that is no safetensors file; "not-safetensors" where it is none that is known here."""
    head = bytes(data[:_HEAD])
    if not head:
        return "file-empty"
    for beginning, kind in _BEGINNINGS:
        if head.startswith(beginning):
            return kind
    if head.startswith(b"PK\x03\x04"):
        names = _first_names(head) + _names(bytes(data[-_TAIL:]))
        found = next((kind for kind, name in _ARCHIVES if any(map(name.search, names))), None)
        # An archive that was cut off is most likely torch.save's.
        return found or ("file-zip" if names else "file-pickle")
    if head[4:8] in _FLATBUFFERS:
        return _FLATBUFFERS[head[4:8]]
    if _OTHER_PICKLE.match(head):
        return "file-other-pickle"
    if is_onnx(head):
        return "file-onnx"
    if _SAVED_MODEL.match(head):
        return "file-saved-model"
    if _PICTURE.match(head):
        return "file-picture"
    if _WEB_PAGE.match(head):
        return "file-web-page"
    return "file-table" if _is_table(head) else "not-safetensors"


def _first_names(head: bytes) -> list[str]:
    """The names of the archive's first files, as they stand before each."""
    names, place = [], 0
    while place >= 0:
        length = int.from_bytes(head[place + 26 : place + 28], "little")
        start = place + _LOCAL_SIZE
        if start + length <= len(head):
            names.append(head[start : start + length].decode("utf-8", "replace"))
        place = head.find(_LOCAL, start)
    return names


def _names(tail: bytes) -> list[str]:
    """The names that a zip archive lists, whose last bytes these are, and those of archives inside it."""
    names, place = [], tail.find(_RECORD)
    while place >= 0:
        record = tail[place : place + _RECORD_SIZE]
        length = int.from_bytes(record[28:30], "little")
        start = place + _RECORD_SIZE
        names.append(tail[start : start + length].decode("utf-8", "replace"))
        place = tail.find(_RECORD, start)
    return names


def _is_table(head: bytes) -> bool:
    """Whether it is lines of numbers; the first one may be a heading."""
    # The last character may be cut.
    text = head.decode("utf-8-sig", "ignore" if len(head) == _HEAD else "replace")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return any(_NUMBERS.fullmatch(line) for line in lines[:2])
