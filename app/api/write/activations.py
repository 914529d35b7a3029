"""The activation functions as documents."""

from typing import Any

from adelante.locale import translate
from adelante.network.activations import ACTIVATIONS


def activation_list(language: str) -> list[dict[str, Any]]:
    """The registry in its own order; `note` says what the notebook says of a function, null where it is silent."""
    return [
        {
            "name": each.name,
            "formula": each.formula,
            "mathml": each.mathml,
            "derivative": each.derivative,
            "range": [each.low, each.high],
            "elementwise": each.elementwise,
            "module": f"torch.nn.{each.module}",
            "note": translate(language, "activation.sigmoid.note") if each.name == "sigmoid" else None,
        }
        for each in ACTIVATIONS.values()
    ]
