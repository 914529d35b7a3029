"""ONNX, in: a model's graph as operations of our own. The `onnx` package only takes the bytes apart."""

from adelante.formats.kinds import Bytes, is_onnx
from adelante.formats.opened import File, Opened
from adelante.network.errors import Fault, NetworkError

__all__ = ["opened_from_onnx", "tells"]


def tells(data: Bytes) -> bool:
    """Whether it is an ONNX model: a protobuf message that begins as one."""
    return is_onnx(data)


def opened_from_onnx(file: File) -> Opened:
    """The network of a model. Raises NetworkError or NetworkFault."""
    raise NetworkError(Fault("unsupported-file", "file-onnx", ""))
