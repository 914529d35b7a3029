"""Handwritten digits: 1,797 pictures of 8x8 pixels from 0 to 16, each of a digit from 0 to 9.

The data set is the test part of "Optical Recognition of Handwritten Digits" (E. Alpaydin and C. Kaynak, 1998), which
scikit-learn brings too. Each pixel counts the ink in a block of 4x4 of a 32x32 bitmap.
"""

from importlib.resources import files

from safetensors.torch import load
from torch import Tensor
from torch.nn import functional

from adelante.datasets.dataset import Column, DataSet, Maker, drawn_of_each

_SPLIT_SEED = 5
_NAMES = tuple("0123456789")
SMALL, LARGE = 8, 28
"""Pixels along a picture's sides, and along those of an enlarged one."""


def digits() -> DataSet:
    """Inputs (1797, 1, 8, 8), ten classes."""
    tensors = load(files("adelante.datasets").joinpath("digits.safetensors").read_bytes())
    classes = tensors["classes"].long()
    return DataSet(
        name="digits",
        inputs=tensors["pixels"].float().unsqueeze(1),
        targets=classes,
        held_out=drawn_of_each(classes, _SPLIT_SEED),
        columns=(Column("pixel", 0, 16),),
        target="digit",
        class_names=_NAMES,
        origin="digits",
        licence="CC-BY-4.0",
    )


def enlarged(pictures: Tensor) -> Tensor:
    """Pictures (rows, 1, 8, 8) as (rows, 1, 28, 28), by bilinear interpolation as torch does it."""
    return functional.interpolate(pictures, size=(LARGE, LARGE), mode="bilinear", align_corners=False)


MAKERS: dict[str, Maker] = {"digits": digits}
