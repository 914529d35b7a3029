"""ONNX, in: a model's graph as operations of our own. The `onnx` package only takes the bytes apart."""

from adelante.formats.kinds import Bytes, is_onnx
from adelante.formats.opened import File, Opened

__all__ = ["opened_from_onnx", "tells"]


def tells(data: Bytes) -> bool:
    """Whether it is an ONNX model: a protobuf message that begins as one."""
    return is_onnx(data)


def opened_from_onnx(file: File) -> Opened:
    """The network of a model, and notes on what was decided to read it. Raises NetworkError or NetworkFault."""
    # onnx takes a while to import, and most files need none of it.
    from adelante.formats.onnx.reading import opened_from_onnx

    return opened_from_onnx(file)
