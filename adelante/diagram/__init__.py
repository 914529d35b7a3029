"""The still picture of a pass: an SVG for a document, a slide or a report, with the studio's inks and numbers."""

from adelante.diagram.drawing import draw, pieces, size_drawn, tensors_drawn

__all__ = ["draw", "pieces", "size_drawn", "tensors_drawn"]
