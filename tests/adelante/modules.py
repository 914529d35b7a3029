"""Small modules as people write them."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Digits(nn.Module):
    """Two convolutions, pooling, dropout, two linear layers."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 4, 3)
        self.conv2 = nn.Conv2d(4, 6, 3)
        self.norm = nn.BatchNorm2d(6)
        self.drop = nn.Dropout(0.5)
        self.fc1 = nn.Linear(54, 8)
        self.fc2 = nn.Linear(8, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.conv1(x))
        x = F.relu(self.norm(self.conv2(x)))
        x = torch.flatten(F.max_pool2d(self.drop(x), 2), 1)
        return F.log_softmax(self.fc2(torch.tanh(self.fc1(x))), dim=1)


class Residual(nn.Module):
    """A gate, a skip, and a parameter that is added."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = nn.Linear(4, 4)
        self.body = nn.Sequential(nn.Linear(4, 4), nn.GELU())
        self.place = nn.Parameter(torch.randn(3, 4))

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.place
        gated: Tensor = torch.sigmoid(self.gate(x)) * self.body(x)
        return x + gated


class Recurrent(nn.Module):
    """One of torch's recurrent layers, its last step read out."""

    def __init__(self, layer: type[nn.RNN] | type[nn.LSTM] | type[nn.GRU]) -> None:
        super().__init__()
        self.layer = layer(3, 4, batch_first=True)
        self.out = nn.Linear(4, 2)

    def forward(self, x: Tensor) -> Tensor:
        read: Tensor = self.out(self.layer(x)[0][:, -1])
        return read


class Words(nn.Module):
    """A transformer of one block, causal, whose last layer shares the embedding's weights."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(11, 8)
        self.places = nn.Embedding(6, 8)
        self.norm = nn.LayerNorm(8)
        self.qkv = nn.Linear(8, 24)
        self.out = nn.Linear(8, 8)
        self.head = nn.Linear(8, 11, bias=False)
        self.head.weight = self.words.weight

    def forward(self, tokens: Tensor) -> Tensor:
        x = self.words(tokens) + self.places(torch.arange(tokens.shape[1]))
        batch, steps, width = x.shape
        split = self.qkv(self.norm(x)).split(width, dim=2)
        q, k, v = (each.view(batch, steps, 2, 4).transpose(1, 2) for each in split)
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(mixed.transpose(1, 2).contiguous().view(batch, steps, width))
        logits: Tensor = self.head(x)
        return logits


class Twins(nn.Module):
    """Two inputs, two outputs."""

    def __init__(self) -> None:
        super().__init__()
        self.left = nn.Linear(3, 2)
        self.right = nn.Linear(4, 2)

    def forward(self, a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
        return self.left(a) - self.right(b), torch.maximum(self.left(a), self.right(b))


class Undecided(nn.Module):
    """What it computes depends on the numbers: no graph can say it."""

    def forward(self, x: Tensor) -> Tensor:
        return x if x.sum() > 0 else -x


class Sorting(nn.Module):
    """It needs an operation that is not in the list."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.sort(x).values


class OneAtATime(nn.Module):
    """Only a batch of one goes through."""

    def forward(self, x: Tensor) -> Tensor:
        return x.view(6) * 2


class TwoTypes(nn.Module):
    """A product of float64 and float32, which torch.export does not notice and torch refuses."""

    def forward(self, x: Tensor) -> Tensor:
        return x @ torch.eye(3)


class Roots(nn.Module):
    """What has no root is no number."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.sqrt(x)


class Rounded(nn.Module):
    """Rounding to two places after the point is not in the list."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.round(x, decimals=2)


class Shares(nn.Module):
    """Softmax of a linear layer, along a dimension; `also` reads the layer's z once more."""

    def __init__(self, dim: int = -1, *, also: bool = False) -> None:
        super().__init__()
        self.linear, self.dim, self.also = nn.Linear(3, 2), dim, also

    def forward(self, x: Tensor) -> Tensor:
        z = self.linear(x)
        shares = torch.softmax(z, self.dim)
        return shares * z if self.also else shares


class Together(nn.Module):
    """Takes any number of tensors."""

    def forward(self, *args: Tensor) -> Tensor:
        return torch.cat(args, 1) * 2
