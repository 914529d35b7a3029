"""What is known of an operation while it is written down, in whatever language."""

from dataclasses import dataclass
from typing import Any

from adelante.network.operations.operation import Operation


@dataclass(frozen=True)
class Written:
    """An operation with the names of what it takes; its options are there as fields of their own names."""

    operation: Operation
    operands: tuple[str, ...]

    def __getattr__(self, name: str) -> Any:
        """An option's value."""
        try:
            return self.operation.options[name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def x(self) -> str:
        """The first operand."""
        return self.operands[0]
