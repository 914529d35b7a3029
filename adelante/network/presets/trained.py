"""The presets that learnt something: weights/NAME.safetensors, and in NAME.json how well they know it.

Both are written by `python -m adelante.network.presets.make NAME`.
"""

import json
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from adelante.datasets import DataSet, data_set_named
from adelante.datasets.digits import enlarged
from adelante.formats.safetensors import opened_from_safetensors
from adelante.network.network import Network
from adelante.network.presets.preset import Group, Maker, Preset, Sample

FOLDER = Path(__file__).parent / "weights"
# Each with the data set that it learnt from.
_DATA: dict[Group, dict[str, str]] = {
    "points": {
        **{name: name for name in ("gate-and", "gate-or", "gate-nand", "gate-nor")},
        **{name: name for name in ("circle", "moons", "spiral", "line", "curve")},
    },
    "tables": {"rain": "rain", "iris": "iris"},
    "pictures": {"digits": "digits", "digits-conv": "digits", "digits-large": "digits"},
    "sequences": {"parity": "parity", "sorting": "sorting"},
}
_SAMPLES = 3


def _preset(name: str, group: Group, data_set: str) -> Preset[Network]:
    data = data_set_named(data_set)
    known = json.loads((FOLDER / f"{name}.json").read_text())
    network = opened_from_safetensors((FOLDER / f"{name}.safetensors").read_bytes()).network
    samples = _samples(data)
    if network.inputs[0].shape != data.shape:
        samples = tuple(Sample(each.name, enlarged(each.inputs[None])[0]) for each in samples)
    return Preset(
        name=name,
        network=network,
        inputs=samples[0].inputs,
        input_names=tuple(each.name for each in data.columns),
        input_ranges=tuple((each.low, each.high) for each in data.columns),
        input_units=tuple(each.unit for each in data.columns),
        output_names=_output_names(data, network.shapes[network.outputs[0]]),
        class_names=data.class_names,
        samples=samples,
        seed=known["seed"],
        group=group,
        data_set=data.name,
        known=known,
    )


def _output_names(data: DataSet, shape: tuple[int, ...]) -> tuple[str, ...]:
    """The classes where each has its output; else what the one output says, a gate where its classes are 0 and 1."""
    if shape and shape[-1] == len(data.class_names):
        return data.class_names
    named = len(data.class_names) == 2 and not data.class_names[1].isdigit()
    return (data.class_names[1] if named else data.target,)


def _samples(data: DataSet) -> tuple[Sample, ...]:
    """Rows that are held out: one of each class where there are few classes, else the first."""
    rows, targets = data.held_out_rows
    if not data.class_names or targets.dim() > 1:
        return tuple(Sample(str(k + 1), row) for k, row in enumerate(rows[:_SAMPLES]))
    return tuple(Sample(name, row) for name, row in zip(data.class_names, _firsts(rows, targets), strict=True))


def _firsts(rows: Tensor, targets: Tensor) -> list[Tensor]:
    return [rows[int((targets == each).nonzero()[0])] for each in torch.arange(int(targets.max()) + 1)]


MAKERS: dict[str, Maker] = {
    name: partial(_preset, name, group, data_set) for group, each in _DATA.items() for name, data_set in each.items()
}
