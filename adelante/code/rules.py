"""How an operation is written, as PyTorch and as NumPy: two tables by kind, filled by the modules of `kinds`.

A rule is a template, or a function of the call where a template can't say it. A template's places are the operands by
their names in `Operation.OPERANDS` (`{inputs}`, `{weights}`), the options by theirs, and two more:

{operands}  all operands, with commas between them
{options}   the options that are not at their defaults: `, stride=2`
"""

from collections.abc import Callable, Sequence
from dataclasses import MISSING, dataclass, fields
from math import inf, isinf, isnan
from typing import Any

import torch

from adelante.network.operations import Operation, PerBatch
from adelante.network.operations.functions import FUNCTIONS, Function
from adelante.network.operations.moves import DTYPES
from adelante.network.operations.operation import Shape
from adelante.network.operations.written import Written

BATCH = "batch"
"""What a program calls the size of its batch."""


@dataclass(frozen=True)
class Call(Written):
    """One operation in a program: `operands` are the program's names of what it takes.

    `shapes` and `dtypes` are those of the operands in the pass that is written, `result` and `result_dtype` those of
    what it gives. `library` is how the language names its types: "torch" or "np".
    """

    shapes: tuple[Shape, ...]
    dtypes: tuple[torch.dtype, ...]
    result: Shape
    result_dtype: torch.dtype
    library: str

    @property
    def rank(self) -> int:
        """How many dimensions the first operand has."""
        return len(self.shapes[0])

    def literal(self, value: Any) -> str:
        """A number, a tuple of them, a name or a size as both languages write it."""
        return literal(value, self.library)

    def listed(self, values: Sequence[Any]) -> str:
        """Numbers as arguments, with commas between them."""
        return ", ".join(map(self.literal, values))


Rule = Callable[[Call], str]
PYTORCH: dict[str, Rule] = {}
NUMPY: dict[str, Rule] = {}


def write(kind: str, pytorch: str | Rule, numpy: str | Rule) -> None:
    """Says how a kind is written in both languages."""
    PYTORCH[kind] = _rule(pytorch)
    NUMPY[kind] = _rule(numpy)


def _rule(given: str | Rule) -> Rule:
    if not isinstance(given, str):
        return given
    template = given
    return lambda call: filled(template, call)


def filled(template: str, call: Call) -> str:
    """The template with the call's operands and options in its places."""
    operation = call.operation
    places = {name: call.literal(value) for name, value in operation.options.items()}
    places |= dict(zip(operation.operands, call.operands, strict=False))
    places |= {"operands": ", ".join(call.operands), "options": options(call)}
    return template.format_map(places)


def options(call: Call, leave: Sequence[str] = ()) -> str:
    """`, name=value` for each option that is not at its default."""
    usual = _defaults(call.operation)
    told = {name: value for name, value in call.operation.options.items() if name not in leave}
    return "".join(
        f", {name}={call.literal(value)}" for name, value in told.items() if name not in usual or usual[name] != value
    )


def _defaults(operation: Operation) -> dict[str, Any]:
    if isinstance(operation, Function):
        return dict(FUNCTIONS[operation.function].defaults)
    return {each.name: each.default for each in fields(operation) if each.default is not MISSING}


def after(call: Call) -> str:
    """The NumPy index by which one number a channel broadcasts over (batch, channels, …): [:, None, None]."""
    following = call.rank - 2
    return f"[:{', None' * following}]" if following > 0 else ""


def literal(value: Any, library: str) -> str:
    """A value of an option as Python source. A type's name becomes the type."""
    if isinstance(value, PerBatch):
        times = BATCH if value.times == 1 else f"{value.times} * {BATCH}"
        return times + (f" + {value.plus}" if value.plus > 0 else f" - {-value.plus}" if value.plus else "")
    if isinstance(value, tuple | list):
        inner = ", ".join(literal(each, library) for each in value)
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, float) and (isinf(value) or isnan(value)):
        return "nan" if isnan(value) else "inf" if value == inf else "-inf"
    if isinstance(value, str) and value in DTYPES:
        return f"{library}.{value}"
    return repr(value) if not isinstance(value, str) else f'"{_plain(value)}"'


def _plain(text: str) -> str:
    # The options that are texts are names of modes. Anything else could not have been run.
    if not text.isidentifier() or not text.isascii():
        raise ValueError(f"{text!r} is no mode")
    return text
