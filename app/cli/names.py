"""What layers and neurons are called: by the file's or the preset's own names, or else the page's: x1, h1, h2.1, y1."""

from rich.text import Text

from adelante.formats.literals import quoted
from adelante.network.dense.network import DenseNetwork
from app.cli.tables import heading
from app.cli.words import Words


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


def neuron_names(
    network: DenseNetwork, inputs: tuple[str, ...] = (), outputs: tuple[str, ...] = ()
) -> list[tuple[str, ...]]:
    """Names for every layer, the inputs first; names that are not as many as the neurons are not used."""
    sizes, last = network.sizes, len(network.layers)
    names = []
    for k, size in enumerate(sizes):
        given = inputs if k == 0 else outputs if k == last else ()
        letter = "x" if k == 0 else "y" if k == last else "h" if last == 2 else f"h{k}."
        names.append(given if len(given) == size else tuple(f"{letter}{j + 1}" for j in range(size)))
    return names
