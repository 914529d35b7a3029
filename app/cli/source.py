"""FILE|PRESET and --inputs: the network that a command is about and what goes into it."""

import codecs
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import Field
from torch import Tensor

from adelante.formats.choices import check_unchosen
from adelante.formats.opening import Note as Decision
from adelante.formats.opening import Opened, beside, opened
from adelante.formats.safetensors import opened_from_tensors
from adelante.formats.safetensors import tells as is_safetensors
from adelante.formats.tensors import DESCRIPTION, tensors_from_safetensors
from adelante.network.checks import held
from adelante.network.dense.names import neuron_names
from adelante.network.dense.network import DenseNetwork
from adelante.network.errors import Fault, NetworkError, shape_text
from adelante.network.network import Network
from adelante.network.precision import in_precision
from adelante.network.presets import PRESET_NAMES, Preset, preset_named
from app.api.read.checked import validated
from app.api.read.decode import decode_json
from app.api.read.documents import Inputs, network_in
from app.api.read.forward_request import ForwardDocument, read_inputs
from app.api.read.kinds import is_of_other_kinds, network_of, taken_from
from app.api.read.network_body import activations_in, decided, file_limits, with_activations
from app.api.write.called import Called, called_in
from app.cli.files import STANDARD, read_bytes, utf_8
from app.cli.inputs_in import Pictures, inputs_in
from app.cli.usage import sizes_in
from app.cli.words import Words
from app.compute.devices import dtype_named
from app.compute.pool import drained
from app.settings import Settings
from app.typed.words import Note

# What `adelante presets NAME --json` tells of a preset beside its layers and inputs.
_PRESET_FIELDS = {
    *("name", "title", "description", "seed", "samples"),
    *("input_names", "input_ranges", "input_units", "output_names", "class_names"),
    *("group", "data_set", "known", "known_in_words"),
}
_MAX_NAME_LENGTH = 40
# How JSON in UTF-16 begins, with its mark or with a bracket.
_UTF_16 = (b"\xff\xfe", b"\xfe\xff", b"{\0", b"\0{")


class FileDocument(ForwardDocument):
    """A request of POST /api/v1/forward, with or without inputs."""

    inputs: Inputs = Field(None, description="(n_in,) or (batch, n_in)")


@dataclass(frozen=True)
class Source:
    """A network under its name; `inputs` are those it came with, by name where it takes several.

    Names are empty where none are known.
    """

    name: str
    network: Network
    inputs: Tensor | Mapping[str, Tensor] | None
    input_names: tuple[str, ...] = ()
    output_names: tuple[str, ...] = ()
    device: str = "auto"
    outputs_only: bool = False
    notes: tuple[Note, ...] = ()
    decisions: tuple[Decision, ...] = ()
    sentences: tuple[str, ...] = ()
    """What is to be told of how pictures were read."""
    data_set: str | None = None
    """What a preset learnt from."""
    called: Called | None = None
    """What a preset's numbers are called in the reader's language, where that is more than letters."""


@dataclass(frozen=True)
class Wanted:
    """What the command line says of the network: its file or name, and what goes before the file's own, where given."""

    target: str
    inputs: list[str]
    dtype: str | None = None
    activation: str | None = None
    resize: bool = False
    order: str | None = None
    head: str | None = None
    sizes: str | None = None

    @property
    def choices(self) -> dict[str, Any]:
        """What it decides where the file leaves it open. Raises UsageFault for sizes that are none."""
        given = (("order", self.order), ("head", self.head), ("sizes", sizes_in(self.sizes)))
        return {name: value for name, value in given if value is not None}


def read_source(words: Words, settings: Settings, wanted: Wanted) -> Source:
    """The network of a file, of standard input or of a preset, with the inputs for it.

    Raises NetworkError with a pointer to each fault.
    """
    target, inputs, dtype = wanted.target, wanted.inputs, wanted.dtype
    if target in PRESET_NAMES:
        check_unchosen(wanted.choices)
        source = _of_preset(words.language, preset_named(target), dtype)
        if wanted.activation is not None:
            source = replace(source, network=with_activations(source.network, activations_in(wanted.activation), ""))
    elif target != STANDARD and not Path(target).exists():
        values = {"name": target[:200], "known": list(PRESET_NAMES)}
        raise NetworkError(Fault("unknown-network", "no-file-or-preset", "", values))
    else:
        data = read_bytes(target, settings.max_body_bytes)
        source = _of_file(wanted, data, settings)
    if not inputs:
        return source
    names: tuple[str, ...] = ()
    if isinstance(source.network, DenseNetwork):
        names = neuron_names(source.network.sizes, source.input_names)[0]
    ways = Pictures(resize=wanted.resize, characters=source.data_set == "digits")
    given = inputs_in(words, settings, source.network, names, inputs, ways)
    return replace(source, inputs=given.inputs, notes=given.notes, sentences=given.sentences)


def inputs_needed(source: Source) -> Tensor | Mapping[str, Tensor]:
    """What goes into the network. Raises NetworkError (missing-field) where nothing was given."""
    if source.inputs is not None:
        return source.inputs
    if isinstance(source.network, DenseNetwork):
        fault = Fault("missing-field", "no-inputs", "/inputs", {"n_in": source.network.n_in})
    else:
        shapes = "; ".join(f"{each.name} {shape_text(each.shape)}" for each in source.network.inputs)
        fault = Fault("missing-field", "no-inputs-of-shape", "/inputs", {"shapes": shapes})
    raise NetworkError(fault)


def _of_preset(language: str, preset: Preset[Network], dtype: str | None) -> Source:
    inputs = preset.inputs
    network = converted(preset.network, dtype or "float32")
    if inputs.is_floating_point():
        inputs = inputs.to(network.dtype)
    return Source(
        preset.name,
        network,
        inputs,
        preset.input_names,
        preset.output_names,
        data_set=preset.data_set,
        called=called_in(language, preset),
    )


def _of_file(wanted: Wanted, data: bytes, settings: Settings) -> Source:
    name, choices = wanted.target, wanted.choices
    is_binary = is_safetensors(data)
    begin = data.removeprefix(codecs.BOM_UTF8).lstrip()[:1]
    if not is_binary and (begin == b"{" or data[:2] in _UTF_16 or Path(name).suffix.lower() == ".json"):
        check_unchosen(choices)
        source = _of_json(name, utf_8(name, data), wanted.dtype, settings.max_depth, with_inputs=not wanted.inputs)
        if wanted.activation is None:
            return source
        return replace(source, network=with_activations(source.network, activations_in(wanted.activation), ""))
    tensors: dict[str, Tensor] = {}
    metadata: dict[str, str] = {}
    if is_binary:
        tensors, metadata = tensors_from_safetensors(data)
    inputs = None if DESCRIPTION in metadata else tensors.pop("inputs", None)
    others = {} if is_binary or name == STANDARD else beside(name)

    def read(choices: Mapping[str, Any]) -> Opened:
        if is_binary:
            return opened_from_tensors(tensors, metadata, choices)
        return opened(data, Path(name).name, others, choices, file_limits(settings))

    network, notes = drained(decided(read, choices, wanted.activation, ""))
    if wanted.dtype is not None:
        network = converted(network, wanted.dtype)
    given = None if inputs is None else held(inputs, network.dtype, "/inputs")
    return Source(name, network, given, decisions=notes)


def converted(network: Network, dtype: str) -> Network:
    """The network in another precision. Raises NetworkError where that can't hold a parameter."""
    wanted = dtype_named(dtype)
    return network.to(dtype=wanted) if isinstance(network, DenseNetwork) else in_precision(network, wanted)


def _of_json(name: str, data: bytes, dtype: str | None, max_depth: int, *, with_inputs: bool) -> Source:
    found = decode_json(data, max_depth)
    names = {key: found[key] for key in _PRESET_FIELDS & found.keys()} if "input_names" in found else {}
    part = taken_from(found) if is_of_other_kinds(found) else None
    document = validated(FileDocument, {key: value for key, value in found.items() if key not in names})
    torch_dtype = dtype_named(dtype or document.dtype)
    carried = part is not None or document.layers is not None
    if carried and document.network is not None:
        raise NetworkError(Fault("invalid-value", "layers-and-network", "/network"))
    network: Network
    if part is not None:
        network = network_of(part, torch_dtype)
    elif document.layers is not None:
        network = network_in(document.layers, torch_dtype)
    elif document.network is not None:
        network = converted(preset_named(document.network).network, dtype or document.dtype)
    else:
        raise NetworkError(Fault("missing-field", "layers-or-network", "/layers"))
    inputs = None
    if with_inputs and document.inputs is not None:
        inputs = read_inputs(network, document.inputs)
    return Source(
        name,
        network,
        inputs,
        _texts(names, "input_names"),
        _texts(names, "output_names"),
        device=document.device,
        outputs_only=document.return_ == "outputs",
    )


def _texts(document: Mapping[str, Any], key: str) -> tuple[str, ...]:
    found = document.get(key)
    if not isinstance(found, list) or not all(isinstance(each, str) and each.isprintable() for each in found):
        return ()
    return tuple(each[:_MAX_NAME_LENGTH] for each in found)
