"""Small modules as people write them."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

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


class Factorials(nn.Module):
    """It needs an operation that is not in the list."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.lgamma(x)


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


class Graph(nn.Module):
    """A layer of a graph network: every node's result depends on its neighbours', by a matrix that all share."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(4, 3)

    def forward(self, nodes: Tensor, adjacent: Tensor) -> Tensor:
        weights = adjacent / adjacent.sum(1, keepdim=True)
        return torch.relu(weights @ self.linear(nodes))


class Experts(nn.Module):
    """The two of four that a gate finds best, mixed."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = nn.Linear(6, 4)
        self.experts = nn.ModuleList(nn.Linear(6, 5) for _ in range(4))

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        best, places = self.gate(x).topk(2)
        shares = torch.zeros(x.shape[0], 4).scatter(1, places, best.softmax(-1))
        each = torch.stack([expert(x) for expert in self.experts], 1)
        return {"mixed": torch.einsum("be,beo->bo", shares, each), "best": places}


class Written(nn.Module):
    """It writes into what it is given, and counts its calls."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("calls", torch.zeros(1))
        self.calls: Tensor

    def forward(self, x: Tensor) -> Tensor:
        self.calls += 1
        x[:, 0] = 0.5
        x[:, [1, 3]] = x[:, [2, 0]]
        x += 1
        return x * 2


class Placed(nn.Module):
    """Parameters beside buffers: a table, a mask, places, running means, and numbers in the line itself."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Linear(4, 4)
        self.norm = nn.BatchNorm1d(4)
        self.words = nn.Embedding(3, 4)
        self.register_buffer("table", torch.randn(10, 4), persistent=False)
        self.register_buffer("mixed", torch.randn(4, 4))
        self.register_buffer("places", torch.arange(3))
        self.table: Tensor
        self.mixed: Tensor
        self.places: Tensor

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm(self.inner(x + self.table[0])) + self.words(self.places)[1]
        return F.linear(x, self.mixed) * torch.tensor([1.0, 2.0, 3.0, 4.0])


class Repeated(nn.Module):
    """Rows as often as numbers say, and each number twice."""

    def __init__(self, count: int | None) -> None:
        super().__init__()
        self.count = count

    def forward(self, x: Tensor, often: Tensor) -> tuple[Tensor, Tensor]:
        return x.repeat_interleave(often, dim=0, output_size=self.count), x.repeat_interleave(2)


class Masked(nn.Module):
    """What a mask leaves, and the same in ways that can be followed."""

    def __init__(self, way: str) -> None:
        super().__init__()
        self.way = way
        self.register_buffer("mask", torch.tensor([True, False, True]))
        self.mask: Tensor
        self.register_buffer("places", self.mask.nonzero().squeeze(1))
        self.places: Tensor

    def forward(self, x: Tensor) -> Tensor:
        if self.way == "where":
            return torch.where(self.mask, x, 0)
        return x[:, self.mask if self.way == "mask" else self.places]


class Averaged(nn.Module):
    """What it gives depends on its calls before, which it keeps: one written into, one set anew."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("calls", torch.zeros(1))
        self.register_buffer("seen", torch.zeros(4))
        self.calls: Tensor
        self.seen: Tensor

    def forward(self, x: Tensor) -> Tensor:
        self.calls += 1
        self.seen = 0.9 * self.seen + 0.1 * x.mean(0)
        return x * self.seen / self.calls


class Noisy(nn.Module):
    """A variational autoencoder's middle."""

    def forward(self, mean: Tensor, log_variance: Tensor) -> Tensor:
        return mean + torch.randn_like(mean) * torch.exp(log_variance / 2)


class Named(nn.Module):
    """Arguments that are told by name, or stand within others."""

    def forward(self, x: Tensor, *, state: tuple[Tensor, dict[str, Tensor]]) -> Tensor:
        return x * state[0] + state[1]["shift"]


class Spreads(nn.Module):
    """Standard deviations and variances in all the ways to ask for them."""

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        return x.std(1, unbiased=False), x.var(-1), torch.std(x, (1, 2), keepdim=True), x.var(1, False), x[0].std(False)


class Beside(nn.Module):
    """Every row of one tensor beside every row of the other."""

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        return a @ b.t()


class Unpooled(nn.Module):
    """As in SegNet: what pooling leaves out, at the places that it has kept."""

    def __init__(self) -> None:
        super().__init__()
        self.pool = nn.MaxPool2d(2, return_indices=True)
        self.unpool = nn.MaxUnpool2d(2)

    def forward(self, x: Tensor) -> Tensor:
        pooled, places = self.pool(x)
        return self.unpool(pooled * 2, places, output_size=x.size())  # type: ignore[no-any-return]


@dataclass
class Seen:
    """What `Answers` gives."""

    logits: Tensor
    value: Tensor | None = None
    hidden: tuple[Tensor, ...] = ()


class Found(OrderedDict[str, Any]):
    """A mapping of its author's own, as ModelOutput is."""


class Answers(nn.Module):
    """Its results, as `kind` has them."""

    def __init__(self, kind: Callable[..., Any]) -> None:
        super().__init__()
        self.inner = nn.Linear(3, 2)
        self.kind = kind

    def forward(self, x: Tensor) -> Any:
        y = self.inner(x)
        return self.kind(logits=y, hidden=(y * 2,))


class Frozen(nn.Module):
    """Gradients get through the second layer alone, and through one of two ways around it."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(3, 3), nn.Linear(3, 3)

    def forward(self, x: Tensor) -> Tensor:
        with torch.no_grad():
            features = torch.relu(self.first(x))
        found: Tensor = self.second(features) + x.detach() * x
        return found


class InMiddle(nn.Module):
    """Places in order of size, one at a time."""

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        edges = torch.tensor([-1.0, 0.0, 1.0])
        return (
            x.median(-1).values,
            x.kthvalue(2, dim=1, keepdim=True).values,
            torch.searchsorted(edges, x.contiguous()),
            torch.round(x, decimals=2),
            (x * 10).long() & 3,
        )


class Strided(nn.Module):
    """Where numbers lie in memory."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.as_strided(x, (1, 2), (3, 1))


class Ratio(nn.Module):
    """A division by 0, where x is less."""

    def forward(self, x: Tensor) -> Tensor:
        return x / torch.relu(x)


class Short(nn.Module):
    """Looks rows up that may not be longer than so much, by one norm and by another."""

    def __init__(self) -> None:
        super().__init__()
        self.ids = nn.Embedding(50, 3, max_norm=1.0)
        self.places = nn.Embedding(4, 3, max_norm=0.5, norm_type=1.0)
        self.head = nn.Linear(3, 2)

    def forward(self, ids: Tensor) -> Tensor:
        found: Tensor = self.head(self.ids(ids) + self.places(torch.arange(ids.shape[1])))
        return found


class Either(nn.Module):
    """One of two parts, by what the numbers are."""

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = torch.cond(x.sum() > 0, lambda x: 2 * x, lambda x: x - 1, (x,))
        return found


class Forgetful(nn.Module):
    """Attention that leaves some of it out in every pass."""

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.scaled_dot_product_attention(x, x, x, dropout_p=0.5)


class Turned(nn.Module):
    """Complex numbers within; they are kept as a buffer where `kept` says so."""

    turn: Tensor

    def __init__(self, kept: bool) -> None:
        super().__init__()
        self.kept = kept
        self.register_buffer("turn", torch.tensor(1j))

    def forward(self, x: Tensor) -> Tensor:
        return (x * self.turn if self.kept else x * 1j).imag


class Told(nn.Module):
    """Prints a number of the pass."""

    def forward(self, x: Tensor) -> Tensor:
        print(f"{x.mean().item():.3f}")
        return 2 * x


class Silent(nn.Module):
    """Gives nothing."""

    def forward(self, x: Tensor) -> None:
        _ = 2 * x
