"""Which of our operations each of ONNX's operators stands for. Whatever is not in this table is refused by name."""

from adelante.formats.onnx.operators import (
    choosing,
    learned,
    making,
    moves,
    norms,
    pointwise,
    products,
    recurrent,
    resizing,
    scatter,
    windows,
)
from adelante.formats.onnx.operators.registry import ML, OPERATORS
from adelante.formats.onnx.operators.sizes import of_sizes

# Importing these modules fills the table.
__all__ = [
    "ML",
    "OPERATORS",
    "choosing",
    "learned",
    "making",
    "moves",
    "norms",
    "of_sizes",
    "pointwise",
    "products",
    "recurrent",
    "resizing",
    "scatter",
    "windows",
]
