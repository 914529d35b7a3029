"""The presets of points and tables: chains of dense layers that learn in seconds."""

from collections.abc import Callable
from functools import partial

from torch import Tensor, nn

from adelante.datasets import DataSet, data_set_named
from adelante.datasets.rain import chance
from adelante.network.dense.network import DenseNetwork
from adelante.network.forward import forward
from adelante.network.presets.make.fitting import Chain, Loss, Made, Recipe, share, yes_or_no


def _classes(outputs: Tensor) -> Tensor:
    return (outputs[:, 0] > 0.5).long() if outputs.shape[1] == 1 else outputs.argmax(1)


def _accuracy(network: DenseNetwork, data: DataSet) -> float:
    inputs, targets = data.held_out_rows
    return share(_classes(forward(network, inputs).outputs) == targets)


def _learnt(name: str, chain: Chain, loss: Loss, recipe: Recipe, *, scaled: bool = False) -> Made:
    data = data_set_named(name)
    chain.learn(*data.training, loss, recipe, scaled=scaled)
    known = {"measure": "accuracy", "value": _accuracy(chain.network, data)}
    return Made(chain.network, {**known, "rows": int(data.held_out.sum()), "seed": recipe.seed})


def gate(name: str) -> Made:
    """One neuron that learns a gate."""
    return _learnt(f"gate-{name}", Chain((2, 1), ("sigmoid",)), yes_or_no, Recipe(600, 0.1, 1))


def circle() -> Made:
    """2-4-1: four half planes around a disk."""
    return _learnt("circle", Chain((2, 4, 1), ("tanh", "sigmoid")), yes_or_no, Recipe(1500, 0.03, 2))


def moons() -> Made:
    """2-6-1."""
    return _learnt("moons", Chain((2, 6, 1), ("tanh", "sigmoid")), yes_or_no, Recipe(1500, 0.03, 1))


def spiral() -> Made:
    """2-8-8-2 with softmax."""
    chain = Chain((2, 8, 8, 2), ("tanh", "tanh", "softmax"))
    return _learnt("spiral", chain, nn.functional.cross_entropy, Recipe(6000, 0.02, 1))


def iris() -> Made:
    """4-6-3 with softmax, of lengths in centimetres as they are."""
    chain = Chain((4, 6, 3), ("tanh", "softmax"))
    recipe = Recipe(800, 0.02, 2, decay=0.001)
    return _learnt("iris", chain, nn.functional.cross_entropy, recipe, scaled=True)


def rain() -> Made:
    """2-3-1, of readings as they are. `limit` is how often the rule that drew the rain would be right itself."""
    chain = Chain((2, 3, 1), ("tanh", "sigmoid"))
    made = _learnt("rain", chain, yes_or_no, Recipe(800, 0.03, 1, decay=0.001), scaled=True)
    inputs, targets = data_set_named("rain").held_out_rows
    return Made(made.network, {**made.known, "limit": share((chance(inputs) > 0.5).long() == targets)})


def _function(name: str, chain: Chain, recipe: Recipe) -> Made:
    data = data_set_named(name)
    chain.learn(*data.training, nn.functional.mse_loss, recipe)
    inputs, targets = data.held_out_rows
    error = (forward(chain.network, inputs).outputs - targets).square().mean().sqrt().item()
    known = {"measure": "error", "value": round(error, 4), "rows": len(inputs), "seed": recipe.seed}
    return Made(chain.network, known)


def line() -> Made:
    """One neuron without an activation function: linear regression."""
    return _function("line", Chain((1, 1), ("identity",)), Recipe(600, 0.05, 1))


def curve() -> Made:
    """1-10-1: ten bends that add up to a curve."""
    return _function("curve", Chain((1, 10, 1), ("tanh", "identity")), Recipe(4000, 0.02, 3))


MAKERS: dict[str, Callable[[], Made]] = {
    **{f"gate-{name}": partial(gate, name) for name in ("and", "or", "nand", "nor")},
    "rain": rain,
    "circle": circle,
    "moons": moons,
    "spiral": spiral,
    "iris": iris,
    "line": line,
    "curve": curve,
}
