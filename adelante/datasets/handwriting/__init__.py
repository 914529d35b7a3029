"""Drawn characters as the pictures that networks for handwritten digits know."""

from adelante.datasets.handwriting.pen import PAD, PEN, Stroke, ink_of, inked
from adelante.datasets.handwriting.recipe import Written, picture_of, written

__all__ = ["PAD", "PEN", "Stroke", "Written", "ink_of", "inked", "picture_of", "written"]
