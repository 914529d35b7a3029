"""What a question about a network may ask: one input vector, things that are there, and no more than a limit."""

from functools import cache

import torch
from torch import Tensor

from adelante.network.dense.network import DenseNetwork, check_inputs
from adelante.network.errors import Fault, NetworkError, shape_text


def single_inputs(network: DenseNetwork, inputs: Tensor) -> Tensor:
    """The inputs as one vector (n_in,); (1, n_in) will do. Raises NetworkError (shape-mismatch, empty)."""
    check_inputs(network, inputs)
    if inputs.dim() == 1:
        return inputs
    if inputs.shape[0] == 1:
        return inputs[0]
    values = {"expected": shape_text((network.n_in,)), "got": shape_text(inputs.shape), "n_in": network.n_in}
    raise NetworkError(Fault("shape-mismatch", "one-input-vector", "/inputs", values, hint="one-input-vector"))


def check_index(index: int, count: int, key: str, pointer: str) -> None:
    """Raises NetworkError (out-of-range) unless 0 <= index < count; `key` names the sentence that says so."""
    if not 0 <= index < count:
        values = {"index": index, "count": count, "last": count - 1}
        raise NetworkError(Fault("out-of-range", key, pointer, values))


def check_held(value: float, dtype: torch.dtype, pointer: str) -> None:
    """Raises NetworkError (out-of-range) for a number that dtype can't hold."""
    least, largest = _ends(dtype)
    if not least <= value <= largest:
        raise _not_held(dtype, pointer)


def held(tensor: Tensor, dtype: torch.dtype, pointer: str) -> Tensor:
    """The same numbers in dtype; what is infinite or NaN stays so where that has it.

    Raises NetworkError (out-of-range) at the first number that it can't hold.
    """
    if tensor.dtype == dtype:
        return tensor
    least, largest = _ends(dtype)
    # torch takes the number beside a tensor for one of its dtype: 300 for 44 beside uint8.
    wide = tensor if tensor.is_floating_point() else tensor.long()
    outside = (wide < least) | (wide > largest)
    outside = outside & tensor.isfinite() if dtype.is_floating_point else outside | tensor.isnan()
    if bool(outside.any()):
        raise _not_held(dtype, pointer + "".join(f"/{index}" for index in outside.nonzero()[0].tolist()))
    return tensor.to(dtype)


@cache
def _ends(dtype: torch.dtype) -> tuple[float, float]:
    """The least and the largest number that dtype holds."""
    if dtype == torch.bool:
        return 0, 1
    known = torch.finfo(dtype) if dtype.is_floating_point else torch.iinfo(dtype)
    return known.min, known.max


def _not_held(dtype: torch.dtype, pointer: str) -> NetworkError:
    least, largest = _ends(dtype)
    values = {"dtype": str(dtype).removeprefix("torch."), "largest": largest}
    if dtype.is_floating_point:
        return NetworkError(Fault("out-of-range", "not-held", pointer, values))
    return NetworkError(Fault("out-of-range", "not-held-whole", pointer, {**values, "least": least}))


def check_range(low: float, high: float, steps: int, dtype: torch.dtype, pointer: str = "") -> None:
    """Raises NetworkError (out-of-range) unless dtype holds `steps` evenly spaced numbers from low to high.

    The pointer is that of what has `from`, `to` and `steps`. Of whole numbers every step has to be one.
    """
    check_held(low, dtype, f"{pointer}/from")
    check_held(high, dtype, f"{pointer}/to")
    if not dtype.is_floating_point:
        for name, value in (("from", low), ("to", high), ("steps", (high - low) / (steps - 1))):
            if value != int(value):
                values = {"dtype": str(dtype).removeprefix("torch."), "low": low, "high": high, "steps": steps}
                raise NetworkError(Fault("out-of-range", "steps-not-whole", f"{pointer}/{name}", values))


def check_size(size: int, limit: int, key: str, setting: str, pointer: str = "") -> None:
    """Raises NetworkError (too-large) where size is past limit; names the setting that raises the limit."""
    if size > limit:
        values = {"size": size, "limit": limit, "setting": f"ADELANTE_{setting.upper()}"}
        raise NetworkError(Fault("too-large", key, pointer, values, hint=key))
