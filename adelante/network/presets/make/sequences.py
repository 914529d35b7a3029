"""The presets of sequences: the parity of bits by a recurrent layer, digits put in order by attention."""

from collections.abc import Callable
from math import sqrt

import torch
from torch import Tensor, nn

from adelante.datasets import data_set_named
from adelante.datasets.sequences import BITS, DIGITS, parity_of, sorting_rows
from adelante.network.forward import forward
from adelante.network.network import Network
from adelante.network.presets.make.fitting import Made, Recipe, fit, share, yes_or_no
from adelante.tracing import trace

_PLACES = 2 * DIGITS
_TOKENS = 11
_WIDTH = 16
_HEADS = 2


class Parity(nn.Module):
    """A GRU reads the bits one after another; one neuron says whether the number of ones is odd."""

    def __init__(self) -> None:
        super().__init__()
        self.memory = nn.GRU(1, 3, batch_first=True)
        self.odd = nn.Linear(3, 1)

    def forward(self, bits: Tensor) -> Tensor:
        """Bits (batch, length, 1)."""
        states, _ = self.memory(bits)
        z: Tensor = self.odd(states[:, -1])
        return z if self.training else z.sigmoid()


class Block(nn.Module):
    """Attention in two heads, then a dense layer in between; each is added to what came in."""

    def __init__(self) -> None:
        super().__init__()
        self.before_attention = nn.LayerNorm(_WIDTH)
        self.query = nn.Linear(_WIDTH, _WIDTH)
        self.key = nn.Linear(_WIDTH, _WIDTH)
        self.value = nn.Linear(_WIDTH, _WIDTH)
        self.mix = nn.Linear(_WIDTH, _WIDTH)
        self.before_wide = nn.LayerNorm(_WIDTH)
        self.wide = nn.Linear(_WIDTH, 4 * _WIDTH)
        self.narrow = nn.Linear(4 * _WIDTH, _WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        """Values (batch, places, width)."""
        normal = self.before_attention(x)
        query, key, value = (_heads(each(normal)) for each in (self.query, self.key, self.value))
        scores = query @ key.transpose(-2, -1) / sqrt(_WIDTH / _HEADS)
        later = torch.ones(_PLACES, _PLACES, dtype=torch.bool).triu(1)
        weights = scores.masked_fill(later, -torch.inf).softmax(-1)
        x = x + self.mix((weights @ value).transpose(1, 2).flatten(2))
        wide: Tensor = self.narrow(self.wide(self.before_wide(x)).relu())
        return x + wide


def _heads(x: Tensor) -> Tensor:
    """From (batch, places, width) to (batch, heads, places, width / heads)."""
    return x.view(*x.shape[:2], _HEADS, _WIDTH // _HEADS).transpose(1, 2)


class Sorting(nn.Module):
    """Two blocks of attention: which token follows each place, where no place sees a later one."""

    def __init__(self) -> None:
        super().__init__()
        self.token = nn.Embedding(_TOKENS, _WIDTH)
        self.place = nn.Embedding(_PLACES, _WIDTH)
        self.blocks = nn.ModuleList([Block(), Block()])
        self.last = nn.LayerNorm(_WIDTH)
        self.next = nn.Linear(_WIDTH, _TOKENS)

    def forward(self, tokens: Tensor) -> Tensor:
        """Tokens (batch, 12)."""
        x = self.token(tokens) + self.place.weight
        for block in self.blocks:
            x = block(x)
        z: Tensor = self.next(self.last(x))
        return z if self.training else z.softmax(-1)


def parity() -> Made:
    """Learns from strings of 2 to 8 bits that are not held out; `longer` says how it does on those it never saw."""
    data = data_set_named("parity")
    recipe = Recipe(4000, 0.02, 2)
    torch.manual_seed(recipe.seed)
    module = Parity()
    bits, _ = data.training
    draws = torch.Generator().manual_seed(recipe.seed)

    def rows() -> tuple[Tensor, Tensor]:
        length = int(torch.randint(1, BITS + 1, (1,), generator=draws))
        cut = bits[:, :length]
        return cut, parity_of(cut)

    fit(module, rows, yes_or_no, recipe)
    held_out, odd = data.held_out_rows
    network = trace(module, (held_out[:2],))
    known = {
        "measure": "accuracy",
        "value": share((forward(network, held_out)[network.outputs[0]][:, 0] > 0.5).long() == odd),
    }
    with torch.no_grad():
        longer = {
            str(length): share((module(each)[:, 0] > 0.5).long() == parity_of(each))
            for length in (16, 64)
            for each in [torch.randint(0, 2, (1000, length, 1), generator=draws).float()]
        }
    return Made(network, {**known, "rows": len(odd), "seed": recipe.seed, "length": BITS, "longer": longer})


def written(network: Network, digits: Tensor) -> Tensor:
    """What the network writes after the bar, digit by digit: each is read again before the next. (rows, 6) both."""
    tokens = sorting_rows(len(digits), torch.Generator().manual_seed(0))[:, :-1]
    tokens[:, :DIGITS] = digits
    tokens[:, DIGITS + 1 :] = 0
    found = []
    for k in range(DIGITS):
        said = forward(network, tokens)[network.outputs[0]][:, DIGITS + k].argmax(-1)
        found.append(said)
        if k < DIGITS - 1:
            tokens[:, DIGITS + 1 + k] = said
    return torch.stack(found, 1)


def sorting() -> Made:
    """Learns from rows that are drawn anew at each step. A row counts as right where all six digits are."""
    recipe = Recipe(3000, 0.01, 1)
    torch.manual_seed(recipe.seed)
    module = Sorting()
    draws = torch.Generator().manual_seed(recipe.seed + 1000)

    def rows() -> tuple[Tensor, Tensor]:
        tokens = sorting_rows(128, draws)
        return tokens[:, :-1], tokens[:, 1:]

    def loss(z: Tensor, targets: Tensor) -> Tensor:
        return nn.functional.cross_entropy(z[:, DIGITS:].flatten(0, 1), targets[:, DIGITS:].flatten())

    fit(module, rows, loss, recipe)
    data = data_set_named("sorting")
    network = trace(module, (data.inputs[:2],))
    digits = data.inputs[:, :DIGITS]
    right = (written(network, digits) == digits.sort(1).values).all(1)
    known = {"measure": "accuracy", "value": share(right), "rows": len(digits), "seed": recipe.seed, "length": DIGITS}
    return Made(network, known)


MAKERS: dict[str, Callable[[], Made]] = {"parity": parity, "sorting": sorting}
