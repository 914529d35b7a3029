"""What is written in a step's arguments, checked piece by piece before anything runs.

Every reader takes a JSON value, its pointer and the Reading, and gives the argument. Raises NetworkError.
"""

import re
from collections.abc import Iterator
from math import isfinite
from typing import Any, NoReturn

import torch

from adelante.network.errors import Fault, NetworkError
from adelante.tensors.call import Limits, Operation, Reading, Reference

DTYPES: dict[str, torch.dtype] = {
    "float32": torch.float32,
    "float64": torch.float64,
    "float16": torch.float16,
    "bfloat16": torch.bfloat16,
    "int64": torch.int64,
    "int32": torch.int32,
    "uint8": torch.uint8,
}
MOST_DIMENSIONS = 8
SMALLEST_INTEGER, LARGEST_INTEGER, LARGEST_SEED = -(2**63), 2**63 - 1, 2**64 - 1
# A letter first: what Python itself gives meaning to starts with an underscore.
NAME = re.compile(r"[^\W\d_]\w{0,63}")


def read_value(written: Any, pointer: str, reading: Reading) -> Reference:
    """A tensor or array: "$name"."""
    if not isinstance(written, str) or not written.startswith("$"):
        refuse("invalid-value", "lab-tensor-expected", pointer)
    name = written[1:]
    if name not in reading.names:
        if not reading.names:
            refuse("invalid-value", "lab-no-names-yet", pointer, name=written[:70])
        known = sorted(f"${known}" for known in reading.names)[:50]
        refuse("invalid-value", "lab-unknown-name", pointer, name=written[:70], known=known)
    return Reference(name)


def read_operand(written: Any, pointer: str, reading: Reading) -> Reference | int | float:
    """What an arithmetic operation takes: "$name", or a bare number."""
    if type(written) in (int, float):
        return read_number(written, pointer, reading)
    if not isinstance(written, str) or not written.startswith("$"):
        refuse("invalid-value", "lab-operand-expected", pointer)
    return read_value(written, pointer, reading)


def read_number(written: Any, pointer: str, reading: Reading) -> int | float:
    """A finite number; integers are those of 64 bits."""
    if type(written) is int:
        return _integer(written, LARGEST_INTEGER, pointer)
    if type(written) is not float:
        refuse("not-a-number", "lab-number-expected", pointer)
    _check_held(written, torch.float64, pointer)
    return written


def read_integer(written: Any, pointer: str, reading: Reading) -> int:
    """A whole number. 1.0 is one to JSON; only among a tensor's numbers does the point decide the dtype."""
    return _integer(written, LARGEST_INTEGER, pointer)


def read_seed(written: Any, pointer: str, reading: Reading) -> int:
    """What torch.manual_seed takes; negative ones count from the end."""
    return _integer(written, LARGEST_SEED, pointer)


def read_shape(written: Any, pointer: str, reading: Reading) -> tuple[int, ...]:
    """A list of integers. Whether they are sizes at all is torch's to say."""
    if not isinstance(written, list) or not all(_is_whole(size) for size in written):
        refuse("invalid-value", "lab-shape-expected", pointer)
    if len(written) > MOST_DIMENSIONS:
        refuse("invalid-value", "lab-too-many-dimensions", pointer, limit=MOST_DIMENSIONS)
    return tuple(read_integer(size, f"{pointer}/{k}", reading) for k, size in enumerate(written))


def read_dimensions(written: Any, pointer: str, reading: Reading) -> int | tuple[int, ...]:
    """One dimension, or a list of them."""
    if isinstance(written, list) and written:
        return read_shape(written, pointer, reading)
    return read_integer(written, pointer, reading)


def read_data(written: Any, pointer: str, reading: Reading) -> Any:
    """A number or nested lists of numbers. Ragged ones are left to torch, which says what it thinks of them."""
    before = reading.literals
    for number, path in _numbers_in(written, pointer, 0):
        read_number(number, path, reading)
        if type(number) is float and reading.dtype is not None and reading.dtype.is_floating_point:
            _check_held(number, reading.dtype, path)
        reading.literals += 1
        check_elements(reading.literals - before, reading.literals, reading.limits, pointer)
    return written


def read_dtype(written: Any, pointer: str, reading: Reading) -> torch.dtype:
    """One of DTYPES, by name."""
    if not isinstance(written, str):
        refuse("invalid-value", "text-expected", pointer, name="dtype")
    if written not in DTYPES:
        refuse("unsupported-dtype", "unsupported-dtype", pointer, name=written[:40], known=list(DTYPES))
    return DTYPES[written]


def read_flag(written: Any, pointer: str, reading: Reading) -> bool:
    if not isinstance(written, bool):
        refuse("invalid-value", "lab-flag-expected", pointer)
    return written


def read_arguments(operation: Operation, written: list[Any], pointer: str, reading: Reading) -> list[Any]:
    """The arguments in order. Raises NetworkError where there are too few, too many, or one of another kind."""
    parameters = operation.parameters
    least = sum(parameter.required for parameter in parameters)
    open_ended = bool(parameters) and parameters[-1].rest
    if len(written) < least or (len(written) > len(parameters) and not open_ended):
        most = "∞" if open_ended else len(parameters)
        values = {"operation": operation.name, "got": len(written), "least": least, "most": most}
        refuse("invalid-value", "lab-arguments", pointer, **values)
    arguments: list[Any] = []
    for k, parameter in enumerate(parameters[: len(written)]):
        as_list = len(written) == k + 1 and isinstance(written[k], list)
        if not parameter.rest or as_list:
            arguments.append(parameter.read(written[k], f"{pointer}/{k}", reading))
        else:
            arguments.append(parameter.read(written[k:], pointer, reading))
    return arguments


def check_elements(size: int, total: int, limits: Limits, pointer: str) -> None:
    """Raises NetworkError (too-large) where one tensor, or all of a request's, would be past their limit."""
    if size > limits.tensor_elements:
        limit, setting = limits.tensor_elements, "ADELANTE_MAX_LAB_TENSOR_ELEMENTS"
        refuse("too-large", "lab-tensor-too-large", pointer, size=size, limit=limit, setting=setting)
    if total > limits.elements:
        limit, setting = limits.elements, "ADELANTE_MAX_LAB_ELEMENTS"
        refuse("too-large", "lab-too-many-elements", pointer, size=total, limit=limit, setting=setting)


def refuse(type: str, key: str, pointer: str, **values: Any) -> NoReturn:
    """Raises the NetworkError with this one fault."""
    raise NetworkError(Fault(type, key, pointer, values))


def _numbers_in(written: Any, pointer: str, depth: int) -> Iterator[tuple[Any, str]]:
    if not isinstance(written, list):
        yield written, pointer
        return
    if depth == MOST_DIMENSIONS:
        refuse("invalid-value", "lab-too-many-dimensions", pointer, limit=MOST_DIMENSIONS)
    for k, item in enumerate(written):
        yield from _numbers_in(item, f"{pointer}/{k}", depth + 1)


def _is_whole(written: Any) -> bool:
    return type(written) is int or (type(written) is float and written.is_integer())


def _integer(written: Any, most: int, pointer: str) -> int:
    if not _is_whole(written):
        refuse("not-a-number", "lab-integer-expected", pointer)
    if not SMALLEST_INTEGER <= written <= most:
        refuse("out-of-range", "lab-integer-range", pointer, least=str(SMALLEST_INTEGER), most=str(most))
    return int(written)


def _check_held(number: float, dtype: torch.dtype, pointer: str) -> None:
    largest = torch.finfo(dtype).max
    if not isfinite(number) or not -largest <= number <= largest:
        name = str(dtype).removeprefix("torch.")
        refuse("out-of-range", "not-held", pointer, dtype=name, largest=largest)
