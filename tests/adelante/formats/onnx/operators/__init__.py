"""A case for each operator, in `cases.CASES`: the modules enter theirs when they are imported."""

from tests.adelante.formats.onnx.operators import elementwise, moves, sums

__all__ = ["elementwise", "moves", "sums"]
