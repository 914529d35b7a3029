"""Networks on other devices, kept there for as long as their original lives."""

from weakref import WeakKeyDictionary

import torch

from adelante.network.dense.network import DenseNetwork

_copies: WeakKeyDictionary[DenseNetwork, dict[torch.device, DenseNetwork]] = WeakKeyDictionary()


def placed(network: DenseNetwork, device: torch.device) -> DenseNetwork:
    """The network on this device. A copy is made once: moving the weights costs more than most passes."""
    if network.device == device:
        return network
    copies = _copies.setdefault(network, {})
    if device not in copies:
        copies[device] = network.to(device)
    return copies[device]
