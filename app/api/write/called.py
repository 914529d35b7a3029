"""What the numbers of a preset are called: its inputs with their units, its outputs, and the classes they stand for."""

from dataclasses import dataclass
from typing import Any

from torch import Tensor

from adelante.code.comments import Names
from adelante.network.network import Network
from adelante.network.presets import PRESET_NAMES, Preset, preset_named
from app.api.read.documents import NamesDocument
from app.api.write.datasets import word_in

# A lone output that tells two classes apart says the second one from here on.
_HALF = 0.5


@dataclass(frozen=True, slots=True)
class Called:
    """In one language. `inputs` and `units` have one entry a number; of pictures and sequences they are empty."""

    inputs: tuple[str, ...]
    units: tuple[str | None, ...]
    outputs: tuple[str, ...]
    classes: tuple[str, ...]

    @property
    def measured(self) -> tuple[str, ...]:
        """The inputs, each with what it is measured in: petal width (cm)."""
        return tuple(map(with_unit, self.inputs, self.units))

    @property
    def in_code(self) -> Names:
        """The same for the comments of a program."""
        return Names(self.measured, self.outputs, self.classes)

    def says(self, output: Tensor) -> str | None:
        """The class that one input's output (n,) stands for; None where it tells none apart."""
        if output.dim() != 1 or not self.classes or not output.isfinite().all():
            return None
        if len(output) == len(self.classes):
            return self.classes[int(output.argmax())]
        if len(output) == 1 and len(self.classes) == 2:
            return self.classes[int(output[0] >= _HALF)]
        return None

    def cell(self, network: Network, tensor: str, at: tuple[int, ...]) -> str | None:
        """What one number is called, an input with its unit; None for a number without a name of its own."""
        if tensor == network.inputs[0].name and len(at) == 1:
            return self.measured[at[0]] if self.inputs else None
        if not at or tensor not in _of_outputs(network):
            return None
        names = self.classes if network.shapes[tensor][-1] == len(self.classes) else self.outputs
        return names[at[-1]] if len(names) == network.shapes[tensor][-1] else None

    def document(self, output: Tensor | None) -> dict[str, Any]:
        """As the API tells it; `says` is the class of the output, null where it tells none apart."""
        return {
            "input_names": self.inputs,
            "input_units": self.units,
            "output_names": self.outputs,
            "class_names": self.classes,
            "says": None if output is None else self.says(output),
        }


def _of_outputs(network: Network) -> set[str]:
    """The outputs, and what the last function takes: z of the same neurons."""
    last = [network.by_name[name] for name in network.outputs if name in network.by_name]
    before = {name: node for node in last for name in node.inputs[:1]}
    return {
        *network.outputs,
        *(name for name, node in before.items() if network.shapes.get(name) == network.shapes[node.name]),
    }


def with_unit(name: str, unit: str | None) -> str:
    """A name with what its numbers are measured in: petal width (cm)."""
    return f"{name} ({unit})" if unit else name


def called_in(language: str, preset: Preset[Network]) -> Called | None:
    """A preset's names in a language; None where they are letters alone, as in the notebook's."""
    if not preset.class_names and not any(preset.input_units):
        return None
    each_number = preset.inputs.shape == (len(preset.input_names),)
    inputs, outputs, classes = (
        tuple(word_in(language, name) for name in names)
        for names in (preset.input_names, preset.output_names, preset.class_names)
    )
    return Called(inputs if each_number else (), preset.input_units if each_number else (), outputs, classes)


def called_by(language: str, network: str | None) -> Called | None:
    """The same for what a request names as its network: a preset, an id, or nothing."""
    return called_in(language, preset_named(network)) if network in PRESET_NAMES else None


def names_of(given: NamesDocument | None, language: str, network: str | None) -> Names | None:
    """What a request says that its numbers are called; where it says nothing, a preset's own names."""
    if given is not None:
        return Names(given.inputs, given.outputs, given.classes)
    called = called_by(language, network)
    return called.in_code if called else None
