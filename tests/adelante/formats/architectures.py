"""Modules drawn at random: stages of many kinds one after another, some with a skip around them, some side by side."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from hypothesis import strategies as st
from torch import Tensor, nn

Draw = Callable[[st.SearchStrategy[Any]], Any]
SIDE = st.integers(1, 4)
ACTIVATIONS = (
    *(nn.ReLU, nn.Tanh, nn.Sigmoid, nn.GELU, nn.SiLU, nn.ELU, nn.SELU, nn.LeakyReLU, nn.Softplus, nn.Softsign),
    *(nn.Hardtanh, nn.Hardsigmoid, nn.Hardswish, nn.Mish, nn.ReLU6, nn.LogSigmoid, nn.CELU, nn.Identity),
)


class Skip(nn.Module):
    """What a stage gives, and what it took, added or side by side."""

    def __init__(self, stage: nn.Module, *, joined: bool) -> None:
        super().__init__()
        self.stage = stage
        self.joined = joined

    def forward(self, x: Tensor) -> Tensor:
        found = self.stage(x)
        return torch.cat((x, found), 1) if self.joined else x + found


class Attention(nn.Module):
    """Each row attends to all of them."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.attend = nn.MultiheadAttention(width, heads, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.attend(x, x, x, need_weights=False)[0]
        return found


class Steps(nn.Module):
    """A recurrent layer, all its steps."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.layer(x)[0]
        return found


class Mean(nn.Module):
    """The mean over the rows."""

    def forward(self, x: Tensor) -> Tensor:
        return x.mean(1)


@dataclass
class Drawn:
    """A module, and a batch of two inputs for it."""

    module: nn.Module
    example: Tensor


@st.composite
def architectures(draw: Draw) -> Drawn:
    """A picture, rows or a vector in; a vector out."""
    torch.manual_seed(draw(st.integers(0, 10_000)))
    kind = draw(st.sampled_from(("picture", "rows", "words", "vector")))
    stages: list[nn.Module] = []
    example: Tensor
    if kind == "picture":
        shape = (draw(SIDE), draw(st.integers(5, 8)), draw(st.integers(5, 8)))
        example = torch.randn(2, *shape)
        for _ in range(draw(st.integers(1, 3))):
            stages.append(_of_pictures(draw, *shape))
            shape = tuple(_shape_after(stages[-1], shape))  # type: ignore[assignment]
        stages.append(nn.Flatten())
        width = shape[0] * shape[1] * shape[2]
    elif kind == "vector":
        width = draw(st.integers(1, 6))
        example = torch.randn(2, width)
    else:
        width = 2 * draw(st.integers(1, 3))
        count = draw(st.integers(1, 4))
        example = torch.randn(2, count, width)
        if kind == "words":
            stages.append(nn.Embedding(7, width))
            example = torch.randint(0, 7, (2, count))
        stages += [_of_rows(draw, width) for _ in range(draw(st.integers(1, 2)))]
        stages.append(draw(st.sampled_from((Mean(), nn.Flatten()))))
        width *= count if isinstance(stages[-1], nn.Flatten) else 1
    for _ in range(draw(st.integers(1, 3))):
        stages.append(_of_vectors(draw, width))
        width = _shape_after(stages[-1], (width,))[0]
    module = nn.Sequential(*stages).eval()
    for each in module.modules():
        if isinstance(each, nn.BatchNorm1d | nn.BatchNorm2d):
            assert each.running_mean is not None
            assert each.running_var is not None
            each.running_mean.normal_()
            each.running_var.uniform_(0.5, 2)
    return Drawn(module, example)


def _shape_after(stage: nn.Module, shape: tuple[int, ...]) -> tuple[int, ...]:
    with torch.no_grad():
        return tuple(stage.eval()(torch.zeros(2, *shape)).shape[1:])


def _activation(draw: Draw) -> nn.Module:
    return draw(st.sampled_from(ACTIVATIONS))()  # type: ignore[no-any-return]


def _of_vectors(draw: Draw, width: int) -> nn.Module:
    wide = draw(st.integers(1, 6))
    made: Callable[[], nn.Module] = draw(
        st.sampled_from(
            (
                lambda: nn.Sequential(nn.Linear(width, wide, bias=draw(st.booleans())), _activation(draw)),
                lambda: nn.Sequential(nn.Linear(width, wide), nn.BatchNorm1d(wide), nn.ReLU()),
                lambda: nn.LayerNorm(width),
                lambda: nn.Softmax(1),
                lambda: nn.LogSoftmax(1),
                lambda: nn.Sequential(nn.Dropout(0.5), nn.Linear(width, wide)),
                lambda: Skip(nn.Sequential(nn.Linear(width, width), _activation(draw)), joined=draw(st.booleans())),
            )
        )
    )
    return made()


def _of_rows(draw: Draw, width: int) -> nn.Module:
    made: Callable[[], nn.Module] = draw(
        st.sampled_from(
            (
                lambda: Skip(Attention(width, draw(st.sampled_from((1, 2)))), joined=False),
                lambda: Skip(
                    nn.Sequential(nn.LayerNorm(width), nn.Linear(width, width), _activation(draw)), joined=False
                ),
                lambda: Steps(nn.LSTM(width, width, batch_first=True)),
                lambda: Steps(nn.GRU(width, width, batch_first=True)),
                lambda: Steps(nn.RNN(width, width, batch_first=True)),
                lambda: nn.TransformerEncoderLayer(
                    width, 1, 2 * width, batch_first=True, norm_first=draw(st.booleans())
                ),
            )
        )
    )
    return made()


def _of_pictures(draw: Draw, channels: int, height: int, width: int) -> nn.Module:
    more = draw(SIDE)
    side = min(height, width)
    kernel = draw(st.integers(1, min(3, side)))
    small = side < 3

    def convolution() -> nn.Module:
        groups = channels if draw(st.booleans()) else 1
        padding = draw(st.integers(0, kernel // 2))
        mode = draw(st.sampled_from(("zeros", "reflect", "replicate", "circular")))
        options = {"stride": draw(st.integers(1, 2)), "padding": padding, "groups": groups, "padding_mode": mode}
        return nn.Sequential(nn.Conv2d(channels, more * groups, kernel, **options), _activation(draw))

    made: Callable[[], nn.Module] = draw(
        st.sampled_from(
            (
                convolution,
                lambda: nn.Sequential(nn.Conv2d(channels, more, 1), nn.BatchNorm2d(more), _activation(draw)),
                lambda: Skip(nn.Conv2d(channels, channels, 3, padding=1), joined=draw(st.booleans())),
                lambda: nn.Identity() if small else nn.MaxPool2d(2, stride=draw(st.integers(1, 2))),
                lambda: nn.Identity() if small else nn.AvgPool2d(2, stride=draw(st.integers(1, 2))),
                lambda: nn.AdaptiveAvgPool2d(1),
                lambda: nn.GroupNorm(1, channels),
                lambda: nn.Upsample(scale_factor=2) if side < 5 else nn.Identity(),
                lambda: nn.ConvTranspose2d(channels, more, 2) if side < 8 else nn.Identity(),
                lambda: nn.Softmax(1),
                lambda: nn.ZeroPad2d((0, 1, 1, 0)),
            )
        )
    )
    return made()
