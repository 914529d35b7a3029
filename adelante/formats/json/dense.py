"""A network as a JSON document: the one that every operation of the API takes."""

from typing import Any

import numpy as np
from torch import Tensor

from adelante.formats.literals import host_array
from adelante.network.dense.network import DenseNetwork


def network_to_document(network: DenseNetwork) -> dict[str, Any]:
    """`layers` (name, weights (n_in, n_out), biases, activation) and `dtype`.

    Numbers are NumPy arrays, float32 or float64, which orjson writes in the shortest digits that give them back; half
    precisions are widened to float32, which changes no value.
    """
    return {
        "layers": [
            {
                "name": layer.name,
                "weights": _array(layer.weights),
                "biases": _array(layer.biases),
                "activation": layer.activation.name,
            }
            for layer in network.layers
        ],
        "dtype": str(network.dtype).removeprefix("torch."),
    }


def _array(tensor: Tensor) -> np.ndarray[Any, np.dtype[Any]]:
    return np.ascontiguousarray(host_array(tensor))
