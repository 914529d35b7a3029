"""A .pt2 file, read apart: torch follows its graph in Python, which takes seconds and whatever the file asks for."""

from adelante.formats.apart.exchange import Reading
from adelante.formats.exported.reading import opened_from_package
from adelante.formats.opened import Limits
from adelante.formats.safetensors import network_to_parts


def read(data: bytearray, limits: Limits) -> Reading:
    """The network as our own safetensors file. Raises NetworkError or NetworkFault."""
    network, notes = opened_from_package(data, limits)
    return Reading(network_to_parts(network), (), notes)
