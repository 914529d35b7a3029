"""What networks of every kind cost in this process: passes, questions, changes and files, each beside what decides it.

    python -m tests.bench networks            with torchvision installed; without it a small network stands in

Rounds alternate between the two sides; the ratio of their CPU times is shown, so that other work on the machine shows
less. `resnet18` has drawn weights: what a number is does not change what it costs.
"""

import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn

import adelante
from adelante.formats.safetensors import network_from_safetensors, network_to_safetensors
from adelante.network.forward import forward
from adelante.network.network import Network

ROUNDS = 9


def main() -> None:
    """A row for each measurement, with what it may be at most."""
    warnings.simplefilter("ignore", FutureWarning)
    torch.manual_seed(0)
    torch.set_num_threads(1)
    name, module, shape = _picture_network()
    network = adelante.trace(module, torch.randn(1, *shape))
    print(f"{'what':68s} {'ratio':>7s} {'least':>7s} {'most':>7s} {'wanted':>7s}")
    _passes(name, module, network, shape)
    _questions(name, network, torch.randn(1, *shape))
    for kind, deep, example in _deep():
        _reading(kind, adelante.trace(deep, example), example)
    _memory()


def _picture_network() -> tuple[str, nn.Module, tuple[int, ...]]:
    try:
        from torchvision.models import resnet18  # type: ignore[import-not-found]
    except ImportError:
        layers = [nn.Conv2d(3, 64, 7, 2, 3), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
        layers += [each for _ in range(8) for each in (nn.Conv2d(64, 64, 3, padding=1), nn.BatchNorm2d(64), nn.ReLU())]
        head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 1000)]
        return "nine convolutions", nn.Sequential(*layers, *head).eval(), (3, 112, 112)
    return "resnet18", resnet18().eval(), (3, 224, 224)


def _passes(name: str, module: nn.Module, network: Network, shape: tuple[int, ...]) -> None:
    for batch in (1, 8):
        x = torch.randn(batch, *shape)
        itself = partial(module, x)
        with torch.inference_mode():
            _row(f"{name}, batch {batch}, trace kept / the module itself", partial(forward, network, x), itself, 1.10)
            kept = partial(forward, network, x, ())
            _row(f"{name}, batch {batch}, trace not kept / the module itself", kept, itself, 1.10)
            keeping = partial(_keeping, module, x)
            _row(
                f"{name}, batch {batch}, trace kept / the module, hooks keep",
                partial(forward, network, x),
                keeping,
                1.10,
            )


def _keeping(module: nn.Module, x: Tensor) -> list[Tensor]:
    """What every layer of the module gives, kept until its pass is over: what keeping alone costs."""
    found: list[Tensor] = []
    leaves = [each for each in module.modules() if not list(each.children())]
    hooks = [each.register_forward_hook(lambda _, __, given: found.append(given)) for each in leaves]
    try:
        module(x)
    finally:
        for hook in hooks:
            hook.remove()
    return found


def _questions(name: str, network: Network, x: Tensor) -> None:
    with torch.inference_mode():
        trace = forward(network, x)
        last = [node for node in network.nodes if node.operation.kind == "conv2d"][-1].name
        at = tuple(size // 2 for size in network.shapes[last])
        _row(
            f"{name}, a cell of the last convolution explained / a pass",
            lambda: adelante.explain(network, trace, last, at),
            lambda: forward(network, x),
            0.15,
        )
        weights = network.layers[-1].nodes[0].rsplit(".", 1)[0] + ".weights"

        def moved() -> None:
            changed = trace.values[weights].clone()
            changed[0, 0] += 1.0
            adelante.changed(trace, {weights: changed})

        _row(f"{name}, a weight of the last layer changed / a pass", moved, lambda: forward(network, x), 0.05)


def _deep() -> list[tuple[str, nn.Module, Tensor]]:
    """Networks of some 800 nodes whose pass costs little more than its calls, and one whose pass does."""

    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.sums, self.norm = nn.Conv2d(8, 8, 3, padding=1), nn.BatchNorm2d(8)

        def forward(self, x: Tensor) -> Tensor:
            return torch.relu(self.norm(self.sums(x))) + x

    layer = nn.TransformerEncoderLayer(64, 4, 128, batch_first=True)
    chain = [nn.LayerNorm(32), *(each for _ in range(400) for each in (nn.Linear(32, 32), nn.Tanh()))]
    return [
        ("200 residual blocks", nn.Sequential(*(Block() for _ in range(200))).eval(), torch.randn(1, 8, 16, 16)),
        ("400 dense layers of 32", nn.Sequential(*chain).eval(), torch.randn(1, 32)),
        (
            "a transformer of 20 layers",
            nn.TransformerEncoder(layer, 20, enable_nested_tensor=False).eval(),
            torch.randn(1, 32, 64),
        ),
    ]


def _reading(kind: str, network: Network, x: Tensor) -> None:
    data = network_to_safetensors(network)

    def first_pass() -> float:
        fresh = network_from_safetensors(data)
        begun = time.process_time()
        forward(fresh, x)
        return time.process_time() - begun

    _row(
        f"{kind}, {len(network.nodes)} nodes, read and checked / its first pass",
        lambda: network_from_safetensors(data),
        first_pass,
        3.0,
    )


def _row(what: str, here: Callable[[], object], beside: Callable[[], object], wanted: float) -> None:
    ratios = []
    for round_ in range(ROUNDS + 1):
        ratio = _seconds(here) / _seconds(beside)
        if round_:  # the first round warms up
            ratios.append(ratio)
    _tell(what, ratios, wanted)


def _seconds(work: Callable[[], object]) -> float:
    """CPU seconds of one call, or those that it gives."""
    begun = time.process_time()
    told = work()
    return told if isinstance(told, float) else time.process_time() - begun


_OPENED = """
import sys
from adelante import load  # and with it torch

def told(name):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(name))

with open("/proc/self/clear_refs", "w") as clear:
    clear.write("5")  # the peak is forgotten
before = told("VmRSS")
network = load(sys.argv[1])
print(told("VmHWM") - before)
"""


def _memory() -> None:
    """The peak memory of a process that opens a file of some 45 MB, beyond what it had (Linux)."""
    sides = ((8, 3300), (3300, 3300), (3300, 8))
    layers = [nn.Unflatten(1, (1, 8)), nn.Flatten(), *(nn.Linear(n_in, n_out) for n_in, n_out in sides)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.safetensors"
        adelante.save(nn.Sequential(*layers).eval(), torch.randn(1, 8), path)
        size = path.stat().st_size
        command = [sys.executable, "-c", _OPENED, str(path)]
        added = [
            1024 * int(subprocess.run(command, capture_output=True, text=True, check=True).stdout) for _ in range(3)
        ]
    _tell(f"memory of opening a file of {size / 1e6:.0f} MB / its size", [each / size for each in added], 2.5)


def _tell(what: str, ratios: list[float], wanted: float) -> None:
    middle = statistics.median(ratios)
    print(f"{what:68s} {middle:7.3f} {min(ratios):7.3f} {max(ratios):7.3f} {wanted:7.2f}", flush=True)
