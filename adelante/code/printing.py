"""How a PyTorch program prints its outputs: with the digits that give the same numbers back, and no more."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from adelante.formats.literals import host_array

_DIGITS = {torch.float64: 16}
# Up to this many numbers torch prints all; of more, only the first and the last ones.
MANY = 1000


def torch_print_options(outputs: Sequence[Tensor]) -> str:
    """The line that has torch print every digit of these outputs, or else in scientific form."""
    floating = [each for each in outputs if each.is_floating_point()]
    finite = [x for each in floating for x in host_array(each[torch.isfinite(each)])]
    decimals = max((len(np.format_float_positional(x).partition(".")[2]) for x in finite), default=4)
    digits = max((_DIGITS.get(each.dtype, 8) for each in floating), default=8)
    fits = decimals <= digits + 4 and (max(map(abs, finite), default=0) < 1e8)
    options = f"precision={max(decimals, 4)}, sci_mode=False" if fits else f"precision={digits}, sci_mode=True"
    largest = max(each.numel() for each in outputs)
    if largest > MANY:
        options += f", threshold={largest}"
    return f"torch.set_printoptions({options})"
