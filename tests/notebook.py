"""The figures that the notebook prints, for every test that reproduces them."""

from typing import Any

ONE_NEURON_FEATURES = [-0.1468, 0.7861, 0.9468, -1.1143, 1.6908]
ONE_NEURON_WEIGHTS = [-0.8948, -0.3556, 1.2324, 0.1382, -1.6822]
ONE_NEURON_BIAS = 0.3177
ONE_NEURON_OUTPUT = 0.1595

FEATURES = [-0.14679509, 0.78614128, 0.94682163]
HIDDEN_WEIGHTS = [[-1.11434400, 1.69079018], [-0.89482790, -0.35562503], [1.23238575, 0.13817266]]
OUTPUT_WEIGHTS = [[-1.68219852], [0.31767830]]
HIDDEN_BIASES = [0.13280697, 0.13732409]
OUTPUT_BIASES = [0.24054612]
HIDDEN_ACTIVATIONS = [0.68130499, 0.43545660]
OUTPUT = 0.31708315

MULTILAYER: dict[str, Any] = {
    "inputs": FEATURES,
    "layers": [
        {"weights": HIDDEN_WEIGHTS, "biases": HIDDEN_BIASES, "activation": "sigmoid"},
        {"weights": OUTPUT_WEIGHTS, "biases": OUTPUT_BIASES, "activation": "sigmoid"},
    ],
}
