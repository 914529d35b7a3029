"""What a test of the page for networks of any kind reads from it, and the networks that it opens."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import requests
import torch
from playwright.sync_api import Page
from torch import Tensor, nn
from torch.nn import functional as F

import adelante
from adelante.network.network import Network


class Convolutions(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.edges = nn.Conv2d(1, 4, 3, padding=1)
        self.again = nn.Conv2d(4, 8, 3, padding=1)
        self.out = nn.Linear(8 * 7 * 7, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(F.relu(self.edges(x)), 2)
        x = F.max_pool2d(F.relu(self.again(x)), 2)
        found: Tensor = self.out(x.flatten(1))
        return found


class Encoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(12, 16)
        self.encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(16, 2, 32, batch_first=True), 2)
        self.head = nn.Linear(16, 12)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.head(self.encoder(self.embed(x)))
        return found


class Recurrent(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.LSTM(4, 6, batch_first=True)
        self.head = nn.Linear(6, 2)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.head(self.cell(x)[0][:, -1])
        return found


class Residual(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.inner, self.outer = nn.Linear(6, 8), nn.Linear(8, 8), nn.Linear(8, 8)
        self.side, self.out = nn.Linear(8, 3), nn.Linear(11, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.tanh(self.first(x))
        y = x + self.outer(torch.relu(self.inner(x)))
        found: Tensor = self.out(torch.cat([y, torch.sigmoid(self.side(x))], -1))
        return found


def large_dense() -> nn.Module:
    return nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10))


def large_picture() -> nn.Module:
    return nn.Sequential(nn.Conv2d(1, 2, 3, padding=1), nn.ReLU(), nn.AvgPool2d(16), nn.Flatten(), nn.Linear(200, 3))


MAKERS: dict[str, tuple[Callable[[], nn.Module], Callable[[], Tensor]]] = {
    "convolutions": (Convolutions, lambda: torch.rand(2, 1, 28, 28)),
    "encoder": (Encoder, lambda: torch.randint(0, 12, (2, 16))),
    "recurrent": (Recurrent, lambda: torch.randn(2, 5, 4)),
    "residual": (Residual, lambda: torch.randn(2, 6)),
    "dense": (large_dense, lambda: torch.rand(2, 784)),
    # More numbers than a page is told by itself, and more cells than are drawn one by one.
    "blocks": (large_picture, lambda: torch.rand(2, 1, 160, 160)),
}


def made(kind: str, folder: Path) -> tuple[Path, Network]:
    """A network of a kind as a file, and as the library reads it."""
    file = folder / f"{kind}.safetensors"
    file.write_bytes(_saved(*MAKERS[kind]))
    return file, adelante.load(file)


@cache
def _saved(maker: Callable[[], nn.Module], example: Callable[[], Tensor]) -> bytes:
    """Torch takes seconds to trace one of them, and each has the same numbers every time."""
    torch.manual_seed(0)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "network.safetensors"
        adelante.save(maker().eval(), example(), file)
        return file.read_bytes()


def kept(server_url: str, file: Path) -> str:
    """The id under which the server keeps a file's network."""
    headers = {"Content-Type": "application/vnd.safetensors"}
    answer = requests.post(f"{server_url}/api/v1/networks", data=file.read_bytes(), headers=headers, timeout=60)
    return str(answer.json()["id"])


def world(page: Page, url: str) -> None:
    """Opens the page and waits until its first numbers are on screen."""
    page.goto(url)
    painted(page, 0)


def painted(page: Page, before: int) -> None:
    """Waits for a picture of newer numbers than the one before."""
    page.wait_for_function(
        "before => Number(document.querySelector('[data-diagram]')?.dataset.painted ?? 0) > before", arg=before
    )


def paintings(page: Page) -> int:
    return int(page.locator("[data-diagram]").get_attribute("data-painted") or 0)


def gives(page: Page, wanted: list[float], *, other: bool = False) -> None:
    """Waits until the outputs on screen are these, or any `other` ones."""
    page.wait_for_function(
        """([wanted, other]) => {
          const now = document.querySelector('[data-diagram]').dataset.outputs?.split(' ').map(Number) ?? [];
          const same = now.length === wanted.length && now.every((value, k) => Math.abs(value - wanted[k]) < 1e-6);
          return same !== other;
        }""",
        arg=[wanted, other],
    )


def outputs(page: Page) -> list[float]:
    text = page.locator("[data-diagram]").get_attribute("data-outputs") or ""
    return [float(each) for each in text.split()]
