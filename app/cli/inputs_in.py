"""--inputs: numbers as people type them, JSON, NumPy's files and pictures, as tensors that a network takes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np
import torch
from torch import Tensor

from adelante.datasets.handwriting import ink_of, picture_of
from adelante.formats.json.arrays import tensor, tensor_of_any_rank
from adelante.network.checks import check_held, held
from adelante.network.errors import Fault, NetworkError, pointer_of_place, shape_text
from adelante.network.network import Input, Network
from app.api.read.inputs import Inputs, inputs_for
from app.cli import arrays_in, pictures_in
from app.cli.files import STANDARD, read_bytes
from app.cli.numbers_in import TypedReader, json_inputs
from app.cli.words import Words
from app.settings import Settings
from app.typed.words import Note

# Of inputs with more numbers than this nobody types the names of the columns.
_MOST_NAMED = 100_000
# What inputs are called in a file of several arrays, and the parts of a data set that stand before or after that.
_USUAL = ("inputs", "x", "images", "data", "features", "arr_0")
_PARTS = ("", "test", "val", "valid", "validation", "train")
_PART = re.compile(rf"(?:({'|'.join(_PARTS[1:])})_)?(.+?)(?:_({'|'.join(_PARTS[1:])}))?|", re.DOTALL)
# A drawn character is looked at in so many pixels, as on the page.
_LOOKED_AT = (160, 160)
_CHANNELS = {1: "cli.picture.grey", 3: "cli.picture.colours", 4: "cli.picture.colours-and-alpha"}


@dataclass(frozen=True)
class Given:
    """What goes into a network: one tensor, or several by name, and what is to be told of how they were read."""

    inputs: Inputs
    notes: tuple[Note, ...] = ()
    sentences: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pictures:
    """How pictures are read: `resize` to the wanted size, or as `characters` on paper, for the presets of digits."""

    resize: bool = False
    characters: bool = False


def inputs_in(
    words: Words, settings: Settings, network: Network, names: tuple[str, ...], texts: list[str], pictures: Pictures
) -> Given:
    """What the --inputs say. Each is an input or a batch; of a network with several inputs, NAME=… or all by name.

    Given more than once for a network with one input, each is one input vector. Raises NetworkError or
    NetworkFault with a pointer to what is wrong.
    """
    reader = _Reader(words, settings, network, names, pictures)
    if len(network.inputs) == 1:
        wanted = network.inputs[0]
        read = [reader.read(text, wanted, "/inputs" + f"/{i}" * (len(texts) > 1)) for i, text in enumerate(texts)]
        found = _together(read, wanted) if len(read) > 1 else _as_tensor(read[0], wanted, "/inputs")
        return Given(found, tuple(reader.notes), tuple(reader.sentences))
    return Given(reader.by_name(texts), tuple(reader.notes), tuple(reader.sentences))


def _array_of(values: Any, pointer: str, wanted: Input) -> Tensor:
    """An array of the input's rank, or of one more for a batch."""
    if len(wanted.shape) == 1 and wanted.dtype.is_floating_point:
        return tensor(values, pointer, (1, 2), wanted.dtype)
    return tensor_of_any_rank(values, pointer, wanted.dtype)


def _named(key: str, wanted: Mapping[str, Input]) -> Input:
    """The input that a name means. Raises NetworkError."""
    if _bare(key) not in wanted:
        values = {"name": key[:100], "known": list(wanted)}
        raise NetworkError(Fault("unknown-field", "unknown-field", f"/inputs/{key[:100]}", values))
    return wanted[_bare(key)]


def _together(read: list[Any], wanted: Input) -> Tensor:
    """An input from each text."""
    if not any(isinstance(each, Tensor) for each in read):
        return _as_tensor(read, wanted, "/inputs")
    found = [_as_tensor(each, wanted, f"/inputs/{i}") for i, each in enumerate(read)]
    for i, each in enumerate(found):
        if each.shape != wanted.shape:
            values = {"expected": shape_text(wanted.shape), "got": shape_text(each.shape)}
            raise NetworkError(Fault("shape-mismatch", "same-shape", f"/inputs/{i}", values))
    return torch.stack(found)


def _as_tensor(read: Any, wanted: Input, pointer: str) -> Tensor:
    """Nested lists as a tensor; rows of numbers as inputs of their own shape."""
    return _shaped(read if isinstance(read, Tensor) else _array_of(read, pointer, wanted), wanted)


@dataclass
class _Reader:
    words: Words
    settings: Settings
    network: Network
    names: tuple[str, ...]
    pictures: Pictures
    notes: list[Note] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)

    def by_name(self, texts: list[str]) -> dict[str, Tensor]:
        """Several inputs: NAME=text each, or one file or JSON object with all of them."""
        wanted = {_bare(each.name): each for each in self.network.inputs}
        found: dict[str, Tensor] = {}
        for text in texts:
            name, equals, rest = text.partition("=")
            if equals and name in wanted:
                pointer = f"/inputs/{name}"
                found[wanted[name].name] = _as_tensor(self.read(rest, wanted[name], pointer), wanted[name], pointer)
            else:
                found |= self._all(text, wanted)
        if missing := [name for name, each in wanted.items() if each.name not in found]:
            values = {"name": missing[0], "expected": ", ".join(wanted)}
            raise NetworkError(Fault("missing-field", "input-missing", f"/inputs/{missing[0]}", values))
        return found

    def _all(self, text: str, wanted: Mapping[str, Input]) -> dict[str, Tensor]:
        """Every input, from one file or JSON object."""
        content: str | bytes = text
        if self._is_file(text):
            name, content = self._content(text)
            if content.startswith(arrays_in.ZIP):
                arrays = arrays_in.arrays_in(name, content, self.settings.max_body_bytes)
                named = {key: _named(key, wanted) for key in arrays}
                return {
                    each.name: self._array(arrays[key], each, pointer_of_place(each.name))
                    for key, each in named.items()
                }
        found = inputs_for(self.network, json_inputs(content, self.settings.max_depth))
        assert not isinstance(found, Tensor)
        return dict(found)

    def read(self, text: str, wanted: Input, pointer: str) -> Any:
        """One --inputs for one input, or for a batch of it: a tensor, or nested lists as JSON has them."""
        if not self._is_file(text):
            return self._text_reader(wanted).typed(text, pointer)
        name, content = self._content(text)
        limit = self.settings.max_body_bytes
        if content.startswith(arrays_in.NPY):
            return self._array(arrays_in.array_in(name, content, limit), wanted, pointer)
        if content.startswith(arrays_in.ZIP):
            return self._array(_only(name, arrays_in.arrays_in(name, content, limit), wanted), wanted, pointer)
        if content.startswith((pictures_in.PNG, pictures_in.JPEG)):
            return self._picture(name, content, wanted)
        pictures_in.check_format(name, content)
        return self._text_reader(wanted).file(name, content, pointer)

    def _text_reader(self, wanted: Input) -> TypedReader:
        count = prod(wanted.shape)
        names = self.names if len(self.names) == count else tuple(f"x{i + 1}" for i in range(min(count, _MOST_NAMED)))

        def check(got: int) -> None:
            self.network.given(torch.zeros(got, dtype=wanted.dtype))

        reader = TypedReader(self.words, self.settings, names, check)
        reader.notes = self.notes
        return reader

    def _array(self, values: Any, wanted: Input, pointer: str) -> Tensor:
        """An array as the network's own kind of numbers; whole numbers may become fractions, never the other way.

        Raises NetworkError (out-of-range) for a number that this kind can't hold.
        """
        if values.dtype.kind == "u":
            # torch counts without a sign up to 255 alone.
            if not wanted.dtype.is_floating_point:
                check_held(int(values.max(initial=0)), wanted.dtype, pointer)
            values = values.astype(np.float64 if wanted.dtype.is_floating_point else np.int64)
        tensor = torch.from_numpy(np.ascontiguousarray(values))
        if tensor.is_floating_point() and not wanted.dtype.is_floating_point:
            return tensor
        return held(tensor, wanted.dtype, pointer)

    def _picture(self, name: str, content: bytes, wanted: Input) -> Tensor:
        if not wanted.dtype.is_floating_point:
            values = {"name": name[:200], "shape": shape_text(wanted.shape)}
            raise NetworkError(Fault("shape-mismatch", "picture-not-wanted", "/inputs", values))
        limit = self.settings.max_body_bytes
        if self.pictures.characters:
            return self._character(name, content, wanted)
        picture = pictures_in.picture_in(name, content, wanted.shape, limit, resize=self.pictures.resize)
        colours = self.words(_CHANNELS[picture.channels])
        key = "cli.picture.resized" if picture.resized else "cli.picture.read"
        side = pictures_in.wanted_of(wanted.shape)
        assert side is not None
        size = {"width": picture.width, "height": picture.height, "to_width": side.width, "to_height": side.height}
        self.sentences.append(self.words(key, name=name, channels=colours, **size))
        return torch.from_numpy(np.ascontiguousarray(picture.values)).to(wanted.dtype)

    def _character(self, name: str, content: bytes, wanted: Input) -> Tensor:
        """A digit on paper, by the recipe of the data set's pictures."""
        limit = self.settings.max_body_bytes
        picture = pictures_in.picture_in(name, content, _LOOKED_AT, limit, resize=True)
        found = picture_of(ink_of(torch.from_numpy(np.array(picture.values))), wanted.shape)
        assert found is not None
        side = found.shape[-1]
        size = {"width": picture.width, "height": picture.height, "side": side}
        self.sentences.append(self.words("cli.picture.character", name=name, **size))
        return found.to(wanted.dtype)

    @staticmethod
    def _is_file(text: str) -> bool:
        return text == STANDARD or text.startswith("@")

    def _content(self, text: str) -> tuple[str, bytes]:
        name = text if text == STANDARD else text.removeprefix("@")
        return name, read_bytes(name, self.settings.max_body_bytes)


def _bare(name: str) -> str:
    """inputs.ids as people call it: ids."""
    return name.removeprefix("inputs.")


def _shaped(found: Tensor, wanted: Input) -> Tensor:
    """Rows of numbers in a row as inputs of their shape: 784 numbers as (1, 28, 28), and the other way round."""
    count = prod(wanted.shape)
    if len(wanted.shape) == 1 and found.dim() > 1 and found.shape[-1] != count:
        if found.dim() > 2 and prod(found.shape[1:]) == count:
            return found.reshape(found.shape[0], count)
        if prod(found.shape) == count and 1 not in found.shape[:2]:
            return found.reshape(count)
    if len(wanted.shape) != 1 and found.dim() in (1, 2) and found.shape[-1:] == (count,) and _ambiguous(found, wanted):
        return found.reshape(*found.shape[:-1], *wanted.shape)
    return found


def _ambiguous(found: Tensor, wanted: Input) -> bool:
    """Whether the shape as it is would not do."""
    return found.shape != wanted.shape and found.shape[1:] != wanted.shape


def _only(name: str, arrays: Mapping[str, Any], wanted: Input) -> Any:
    """The one array of a .npz, or that of the input's name, or of a usual one."""
    if len(arrays) == 1:
        return next(iter(arrays.values()))
    usual = sorted((rank, key) for key in arrays if (rank := _rank(key)))
    for key in (wanted.name, _bare(wanted.name), *(key for _, key in usual)):
        if key in arrays:
            return arrays[key]
    values = {"name": name[:200], "known": list(arrays)}
    raise NetworkError(Fault("unsupported-file", "npz-several", "/inputs", values))


def _rank(key: str) -> tuple[int, int] | None:
    """How likely an array of this name holds inputs, the likeliest first, as on the page; None for other names."""
    before, bare, after = _PART.fullmatch(key.lower()).groups()  # type: ignore[union-attr]
    part = before or after or ""
    return (_PARTS.index(part), _USUAL.index(bare)) if bare in _USUAL else None
