"""Steps as a client writes them, checked whole before the first one runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from adelante.tensors.call import Limits, Operation, Reading
from adelante.tensors.operations import OPERATIONS, SEED
from adelante.tensors.reading import NAME, read_arguments, read_dtype, refuse


@dataclass(frozen=True, slots=True)
class Written:
    """One step: an operation's name, its arguments in order and by keyword, and the name that its result gets."""

    operation: str
    arguments: Sequence[Any]
    keywords: Mapping[str, Any] = field(default_factory=dict)
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A checked step: its arguments are References, numbers, shapes and lists, of the kinds that it takes."""

    operation: Operation
    arguments: tuple[Any, ...]
    keywords: Mapping[str, Any]
    name: str | None
    pointer: str


def read_steps(written: Sequence[Written], limits: Limits) -> list[Step]:
    """The steps, ready to run.

    Raises NetworkError with the pointer of the first fault: an operation or a name that is not there, arguments of
    another kind or number, numbers that cannot be held (out-of-range), too many steps or numbers (too-large).
    """
    check_count(len(written), limits)
    reading = Reading(limits)
    return [_step(each, f"/steps/{k}", reading) for k, each in enumerate(written)]


def check_count(count: int, limits: Limits) -> None:
    """Raises NetworkError (too-large) where there are more steps than allowed."""
    if count > limits.steps:
        values = {"size": count, "limit": limits.steps, "setting": "ADELANTE_MAX_LAB_STEPS"}
        refuse("too-large", "lab-too-many-steps", "/steps", **values)


def _step(written: Written, pointer: str, reading: Reading) -> Step:
    operation = OPERATIONS.get(written.operation)
    if operation is None:
        values = {"name": written.operation[:40], "known": list(OPERATIONS)}
        refuse("invalid-value", "lab-unknown-operation", f"{pointer}/op", **values)
    reading.dtype = _dtype(operation, written, f"{pointer}/kwargs/dtype", reading)
    arguments = read_arguments(operation, list(written.arguments), f"{pointer}/args", reading)
    keywords = {
        name: _keyword(operation, name, value, f"{pointer}/kwargs/{_escaped(name)}", reading)
        for name, value in written.keywords.items()
    }
    if written.name is not None:
        _check_name(written.name, operation, f"{pointer}/as")
        reading.names.add(written.name)
    return Step(operation, tuple(arguments), keywords, written.name, pointer)


def _dtype(operation: Operation, written: Written, pointer: str, reading: Reading) -> torch.dtype:
    """The type that literal numbers will have; NumPy makes them float64."""
    if "dtype" in written.keywords and "dtype" in operation.keywords:
        return read_dtype(written.keywords["dtype"], pointer, reading)
    return torch.float64 if operation.name == "array" else torch.float32


def _keyword(operation: Operation, name: str, value: Any, pointer: str, reading: Reading) -> Any:
    parameter = operation.keywords.get(name)
    if parameter is None:
        values = {"operation": operation.name, "name": name[:40], "known": list(operation.keywords)}
        refuse("unknown-field", "lab-unknown-keyword", pointer, **values)
    return parameter.read(value, pointer, reading)


def _check_name(name: str, operation: Operation, pointer: str) -> None:
    if operation is SEED:
        refuse("invalid-value", "lab-gives-nothing", pointer, operation=operation.name)
    if NAME.fullmatch(name) is None:
        refuse("invalid-value", "lab-name", pointer, got=name[:70])


def _escaped(name: str) -> str:
    return name[:40].replace("~", "~0").replace("/", "~1")
