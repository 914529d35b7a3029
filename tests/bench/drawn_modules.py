"""Modules of torch.nn for the page to draw, with drawn weights: each as a file, and one input."""

import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

import adelante


class Residual(nn.Module):
    """Two convolutions and what went into them, added."""

    def __init__(self, n_in: int, n_out: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(n_in, n_out, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(n_out)
        self.conv2 = nn.Conv2d(n_out, n_out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(n_out)
        self.relu = nn.ReLU()
        self.downsample = (
            nn.Sequential(nn.Conv2d(n_in, n_out, 1, stride, bias=False), nn.BatchNorm2d(n_out)) if stride > 1 else None
        )

    def forward(self, x: Tensor) -> Tensor:
        way = x if self.downsample is None else self.downsample(x)
        changed: Tensor = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        return torch.relu(changed + way)


class ResNet18(nn.Module):
    """He and others, 2015, as torchvision names its parts."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU()
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        sizes = (64, 64, 128, 256, 512)
        for k in range(1, 5):
            first = Residual(sizes[k - 1], sizes[k], 1 if k == 1 else 2)
            setattr(self, f"layer{k}", nn.Sequential(first, Residual(sizes[k], sizes[k], 1)))
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(512, 1000)

    def forward(self, x: Tensor) -> Tensor:
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        for k in range(1, 5):
            x = getattr(self, f"layer{k}")(x)
        found: Tensor = self.fc(torch.flatten(self.avgpool(x), 1))
        return found


class Attention(nn.Module):
    """Every place looks at those before it and at itself."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value, self.mix = (nn.Linear(width, width) for _ in range(4))

    def forward(self, x: Tensor) -> Tensor:
        batch, steps, width = x.shape
        q, k, v = (
            each(x).view(batch, steps, self.heads, width // self.heads).transpose(1, 2)
            for each in (self.query, self.key, self.value)
        )
        scores = q @ k.transpose(-2, -1) / (width // self.heads) ** 0.5
        hidden = torch.ones(steps, steps, dtype=torch.bool).triu(1)
        shares = scores.masked_fill(hidden, float("-inf")).softmax(-1)
        mixed: Tensor = self.mix((shares @ v).transpose(1, 2).reshape(batch, steps, width))
        return mixed


class Block(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = Attention(width, heads)
        self.feed = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attention(self.norm1(x))
        fed: Tensor = x + self.feed(self.norm2(x))
        return fed


class Transformer(nn.Module):
    """Two layers over sixteen steps; its input is embedded already, so that it can be moved."""

    def __init__(self, width: int = 16, heads: int = 2, classes: int = 10) -> None:
        super().__init__()
        self.blocks = nn.Sequential(Block(width, heads), Block(width, heads))
        self.head = nn.Linear(width, classes)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.head(self.blocks(x))
        return found


@cache
def file_of(make: Callable[[], nn.Module], *shape: int) -> tuple[bytes, str, list[Any]]:
    """The module as a file, its type, and an input of this shape."""
    torch.manual_seed(0)
    example = torch.rand(1, *shape)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.safetensors"
        adelante.save(make().eval(), example, path)
        return path.read_bytes(), "application/vnd.safetensors", example[0].tolist()
