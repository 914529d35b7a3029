"""The still picture of a pass: an SVG for a document, a slide or a report, with the studio's inks and numbers."""

from adelante.diagram.drawing import draw, tensors_drawn

__all__ = ["draw", "tensors_drawn"]
