"""Which of our operations each of ATen's stands for. Whatever is not in this table is refused by name."""

from adelante.tracing.aten import bags, choosing, making, placing, pointwise, shapes, weighted
from adelante.tracing.aten.registry import ATEN, DTYPE_NAMES, Refused

# Importing these modules fills the table.
__all__ = ["ATEN", "DTYPE_NAMES", "Refused", "bags", "choosing", "making", "placing", "pointwise", "shapes", "weighted"]
