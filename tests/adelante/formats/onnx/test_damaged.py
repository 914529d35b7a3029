"""Files that are changed at random open or are refused, in words; nothing else happens."""

import random
from collections.abc import Iterator

import numpy as np
import pytest
from onnx import helper

from adelante.formats.opening import Limits, opened
from adelante.locale import LANGUAGES
from adelante.network.errors import NetworkError, NetworkFault
from app.api.http.problems import sentence
from tests.adelante.formats.onnx.models import model
from tests.adelante.formats.onnx.test_hostile import (
    DATA,
    calling,
    external,
)


def mutated(data: bytes, seed: int) -> bytes:
    draw = random.Random(seed)
    found = bytearray(data)
    for _ in range(draw.randint(1, 4)):
        at = draw.randrange(len(found))
        kind = draw.randrange(4)
        if kind == 0:
            found[at] = draw.randrange(256)
        elif kind == 1:
            del found[at : at + draw.randint(1, 8)]
        elif kind == 2:
            found[at:at] = bytes(draw.randrange(256) for _ in range(draw.randint(1, 8)))
        else:
            found[at] ^= 1 << draw.randrange(8)
    return bytes(found)


def seeds() -> Iterator[bytes]:
    conv = helper.make_node("Conv", ["x", "w"], ["c"], pads=[1, 1, 1, 1])
    rest = [
        helper.make_node("Relu", ["c"], ["r"]),
        helper.make_node("Shape", ["r"], ["s"]),
        helper.make_node("Gather", ["s", "zero"], ["b"]),
        helper.make_node("Concat", ["b", "minus"], ["shape"], axis=0),
        helper.make_node("Reshape", ["r", "shape"], ["f"]),
        helper.make_node("Gemm", ["f", "v"], ["y"]),
    ]
    known = {
        "w": np.ones((2, 1, 3, 3), "f4"),
        "zero": np.array([0]),
        "minus": np.array([-1]),
        "v": np.ones((32, 2), "f4"),
    }
    yield model([conv, *rest], {"x": np.ones((1, 1, 4, 4), "f4")}, ["y"], known, batch="n").SerializeToString()
    yield calling(["Relu", "Neg"], depth=2)
    yield external("net.onnx.data")


def survives(data: bytes) -> None:
    """It opens or is refused; nothing else happens."""
    try:
        opened(data, beside=DATA, limits=Limits(parameters=1 << 20, nodes=200))
    except (NetworkError, NetworkFault) as refusal:
        fault = refusal.faults[0] if isinstance(refusal, NetworkError) else refusal.fault
        for language in LANGUAGES:
            assert sentence(language, fault)


@pytest.mark.parametrize("which", range(3))
def test_mutations_open_or_are_refused(which: int) -> None:
    data = list(seeds())[which]
    opened(data, beside=DATA)
    for seed in range(170):
        survives(mutated(data, seed))
