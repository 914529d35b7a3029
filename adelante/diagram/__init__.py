"""The still picture of a pass, SVG or PNG, for a document, a slide or a report, with the studio's inks and numbers."""

from adelante.code.comments import Names
from adelante.diagram.drawing import draw, pieces, size_drawn, tensors_drawn
from adelante.diagram.pixels import png

__all__ = ["Names", "draw", "pieces", "png", "size_drawn", "tensors_drawn"]
