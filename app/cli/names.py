"""What tables call layers and inputs, and which class an output stands for."""

from collections.abc import Sequence

from rich.text import Text
from torch import Tensor

from adelante.formats.literals import quoted
from adelante.network.dense.network import DenseNetwork
from app.api.write.datasets import word_in
from app.cli.tables import heading
from app.cli.words import Words

# A lone output that tells two classes apart says the second one from here on.
_HALF = 0.5


def with_unit(name: str, unit: str | None) -> str:
    """A name with what its numbers are measured in: petal width (cm)."""
    return f"{name} ({unit})" if unit else name


def class_said(words: Words, output: Tensor, class_names: Sequence[str]) -> list[Text]:
    """The class that one input's output, (n,), stands for; no line where it tells none apart."""
    if output.dim() != 1 or not class_names or not output.isfinite().all():
        return []
    if len(output) == len(class_names):
        name = class_names[int(output.argmax())]
    elif len(output) == 1 and len(class_names) == 2:
        name = class_names[int(output[0] >= _HALF)]
    else:
        return []
    return [Text(""), Text(words("cli.forward.says", name=word_in(words.language, name)))]


def layer_heading(words: Words, network: DenseNetwork, k: int) -> Text:
    """Which layer it is, its own name, its activation, the shape of its weights."""
    layer, last = network.layers[k], len(network.layers) - 1
    if k == last:
        title = words("cli.layer-output")
    else:
        title = words("cli.layer-hidden") if last == 1 else words("cli.layer-hidden-numbered", number=k + 1)
    name = [quoted(layer.name)] if layer.name else []
    return heading(
        title, " · ".join([*name, layer.activation.name, f"{words('cli.weights')} {tuple(layer.weights.shape)}"])
    )
