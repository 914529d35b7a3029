"""What tables call layers, and which class an output stands for."""

from rich.text import Text
from torch import Tensor

from adelante.formats.literals import quoted
from adelante.network.dense.network import DenseNetwork
from app.api.write.called import Called
from app.cli.tables import heading
from app.cli.words import Words


def class_said(words: Words, output: Tensor, called: Called | None) -> list[Text]:
    """The class that one input's output, (n,), stands for; no line where it tells none apart."""
    name = called.says(output) if called else None
    return [Text(""), Text(words("cli.forward.says", name=name))] if name else []


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
