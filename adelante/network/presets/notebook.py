"""The notebook's two networks, and exclusive or.

The notebook's two are drawn by torch's generator in the notebook's own order, so its printed figures come out;
none of their numbers is typed in.
"""

import torch
from torch import Tensor

from adelante.network.activations import ACTIVATIONS
from adelante.network.dense.network import DenseLayer, DenseNetwork
from adelante.network.presets.preset import Chain, Maker, Preset, Sample

NOTEBOOK_SEED = 7


def _numbered(letter: str, count: int) -> tuple[str, ...]:
    return tuple(f"{letter}{i + 1}" for i in range(count))


def one_neuron() -> Chain:
    """The notebook's first network: five features, one sigmoid neuron, y = 0.1595."""
    generator = torch.Generator().manual_seed(NOTEBOOK_SEED)
    features = torch.randn((1, 5), generator=generator)
    weights = torch.randn((1, 5), generator=generator)
    bias = torch.randn((1, 1), generator=generator)
    layer = DenseLayer(weights.view(5, 1), bias.view(1), ACTIVATIONS["sigmoid"], "output")
    return _notebook("one-neuron", DenseNetwork([layer]), features[0])


def multilayer() -> Chain:
    """The notebook's second network: 3 inputs, 2 hidden units, 1 output, y = 0.3171.

    Both weight matrices are drawn before both biases, as the notebook does.
    """
    generator = torch.Generator().manual_seed(NOTEBOOK_SEED)
    features = torch.randn((1, 3), generator=generator)
    hidden_weights = torch.randn((3, 2), generator=generator)
    output_weights = torch.randn((2, 1), generator=generator)
    hidden_biases = torch.randn((1, 2), generator=generator)
    output_biases = torch.randn((1, 1), generator=generator)
    sigmoid = ACTIVATIONS["sigmoid"]
    network = DenseNetwork(
        [
            DenseLayer(hidden_weights, hidden_biases.view(2), sigmoid, "hidden"),
            DenseLayer(output_weights, output_biases.view(1), sigmoid, "output"),
        ]
    )
    return _notebook("multilayer", network, features[0])


def _notebook(name: str, network: DenseNetwork, features: Tensor) -> Chain:
    n = network.n_in
    return Preset(
        name=name,
        network=network,
        inputs=features,
        input_names=_numbered("x", n),
        input_ranges=((-3.0, 3.0),) * n,
        input_units=(None,) * n,
        output_names=("y",),
        samples=(
            Sample("notebook", features),
            Sample("zeros", torch.zeros(n)),
            Sample("ones", torch.ones(n)),
        ),
        seed=NOTEBOOK_SEED,
    )


def xor() -> Chain:
    """Exclusive or of two inputs: what no single neuron can do and two hidden ones can.

    The hidden neurons are soft OR and AND gates; the output is OR and not AND. The weights are chosen, not drawn.
    """
    sigmoid = ACTIVATIONS["sigmoid"]
    network = DenseNetwork(
        [
            DenseLayer(torch.tensor([[8.0, 8.0], [8.0, 8.0]]), torch.tensor([-4.0, -12.0]), sigmoid, "hidden"),
            DenseLayer(torch.tensor([[10.0], [-10.0]]), torch.tensor([-5.0]), sigmoid, "output"),
        ]
    )
    corners = [(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)]
    return Preset(
        name="xor",
        network=network,
        inputs=torch.tensor([0.0, 1.0]),
        input_names=("x1", "x2"),
        input_ranges=((-0.5, 1.5),) * 2,
        input_units=(None, None),
        output_names=("y",),
        data_set="gate-xor",
        samples=tuple(Sample(f"{p:.0f}-{q:.0f}", torch.tensor([p, q])) for p, q in corners),
    )


MAKERS: dict[str, Maker] = {"multilayer": multilayer, "one-neuron": one_neuron, "xor": xor}
