"""Adelante: what happens inside a neural network during its forward pass."""

__version__ = "0.1.0"
