"""Networks on other devices, kept there for as long as their original lives."""

from typing import TypeVar, cast
from weakref import WeakKeyDictionary

import torch

from adelante.network.network import Network

N = TypeVar("N", bound=Network)
_copies: WeakKeyDictionary[Network, dict[torch.device, Network]] = WeakKeyDictionary()


def placed(network: N, device: torch.device) -> N:
    """The network on this device. A copy is made once: moving the weights costs more than most passes."""
    if network.device == device:
        return network
    copies = _copies.setdefault(network, {})
    if device not in copies:
        copies[device] = network.on(device)
    return cast(N, copies[device])


def leave_devices() -> None:
    """Drops all copies; passes that run keep theirs until they end."""
    _copies.clear()
