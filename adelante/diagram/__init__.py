"""The still picture of a pass: an SVG for a document, a slide or a report, with the studio's inks and numbers."""

from adelante.code.comments import Names
from adelante.diagram.drawing import draw, pieces, size_drawn, tensors_drawn

__all__ = ["Names", "draw", "pieces", "size_drawn", "tensors_drawn"]
