"""What every format takes and gives: a file with what came with it, and the network with what reading it decided."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from adelante.formats.choices import Question
from adelante.formats.kinds import Bytes
from adelante.network.network import Network


@dataclass(frozen=True, slots=True)
class Note:
    """What was decided for the sender of a file, where the file does not say it.

    `key` names the sentence and the way to choose otherwise, `values` fill their places; `pointers` say what it is
    about, counted from the network.
    """

    key: str
    pointers: tuple[str, ...]
    values: dict[str, Any]
    question: Question | None = None
    """What could have been answered otherwise, where there is more than one answer."""


class Opened(NamedTuple):
    """A file's network, and what had to be decided to read it."""

    network: Network
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may ask for. Each is checked before the memory is spent."""

    nodes: int = 65_536
    """How many operations its graph may have, those of its functions and branches included."""
    depth: int = 32
    """How deep its messages may lie in one another."""
    parameters: int = 1 << 31
    """How many numbers its parameters may hold, constants that are worked out from them included."""
    name_length: int = 1024
    """The longest name of a tensor or a node, in characters."""
    apart_seconds: int = 60
    """How long a process of its own may compute that reads a file (`apart`): a .pt2, a state_dict."""
    apart_memory: int = 1 << 30
    """How many bytes it may take, beside what torch takes, and four times the file."""


@dataclass(frozen=True, slots=True)
class File:
    """A file's bytes, and what its sender said with them."""

    data: Bytes
    name: str | None = None
    beside: Mapping[str, Bytes] = field(default_factory=dict)
    """The files that came with it, by name: net.onnx.data beside net.onnx. No other file is ever read."""
    choices: Mapping[str, Any] = field(default_factory=dict)
    """What the sender decided where a file leaves it open."""
    limits: Limits = Limits()
