"""Small modules and their networks, each traced once a process: that takes seconds."""

from functools import cache

import torch
from torch import Tensor, nn

import adelante
from adelante import Network
from tests.adelante import modules


def case(name: str) -> tuple[nn.Module, tuple[Tensor, ...]]:
    torch.manual_seed(3)
    match name:
        case "digits":
            return modules.Digits(), (torch.randn(1, 1, 10, 10),)
        case "residual":
            return modules.Residual(), (torch.randn(1, 3, 4),)
        case "words":
            return modules.Words(), (torch.randint(11, (1, 6)),)
        case "twins":
            return modules.Twins(), (torch.randn(1, 3), torch.randn(1, 4))
        case "encoder":
            return nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), (torch.randn(2, 3, 8),)
        case "attention":
            return nn.Sequential(nn.Linear(4, 8), _SelfAttention()), (torch.randn(2, 3, 4),)
        case _:
            return modules.Recurrent({"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}[name]), (torch.randn(2, 2, 3),)


@cache
def traced(name: str) -> tuple[nn.Module, tuple[Tensor, ...], Network]:
    module, example = case(name)
    return module, example, adelante.trace(module, example)


class _SelfAttention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return self.inner(x, x, x)  # type: ignore[no-any-return]
