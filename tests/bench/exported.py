"""Other people's models through .pt2: exported and saved by torch, read by our own code, every number compared.

Of each: the network's nodes and the tracer's, the largest difference of the outputs from the module's, the file's size,
and the seconds that reading it takes beside those that torch takes to load it. `MODELS=words` chooses.
"""

import io
import os
import time
import warnings
from typing import NamedTuple

import torch
from torch import Tensor, nn

import adelante
from adelante.formats.exported.reading import opened_from_package
from adelante.network.network import Network
from adelante.tracing.called import Called
from adelante.tracing.comparing import flat
from adelante.tracing.trace import _exported
from tests.bench.model_zoo import MODELS, Model
from tests.bench.models import _difference, _lived

TOLERANCE = 1e-4


class Found(NamedTuple):
    """What one model gave."""

    network: Network
    same: bool
    size: int
    seconds: float
    torchs: float
    outputs: float


def main() -> None:
    wanted = os.environ.get("MODELS", "").split() or list(MODELS)
    heads = [
        "model",
        "layers",
        "nodes",
        "parameters",
        "batch",
        "as_traced",
        "file,_MB",
        "read,_s",
        "torch_loads_it,_s",
        "outputs",
    ]
    print(f"| {' | '.join(each.replace('_', ' ') for each in heads)} |")
    print(f"|{' --- |' * len(heads)}")
    failed = []
    for name in wanted:
        try:
            found = measured(MODELS[name])
        except Exception as error:
            print(f"| {name} | {type(error).__name__}: {str(error)[:300]} |", flush=True)
            failed.append(name)
            continue
        print(_row(name, found), flush=True)
        if not found.outputs <= TOLERANCE or not found.same:
            failed.append(name)
    print(f"{len(wanted)} models; not right: {', '.join(failed) or 'none'}")


def _row(name: str, found: Found) -> str:
    network = found.network
    cells = [name, str(len(network.layers)), str(len(network.nodes)), f"{network.learned:,}", network.batch]
    cells += ["yes" if found.same else "no", f"{found.size / 1e6:.1f}", f"{found.seconds:.1f}", f"{found.torchs:.1f}"]
    return f"| {' | '.join([*cells, f'{found.outputs:.0e}'])} |"


def measured(model: Model) -> Found:
    """The model exported, saved and read."""
    torch.manual_seed(0)
    module = model.make().eval()
    _lived(module)
    example = tuple(model.example())
    traced = adelante.trace(module, example)
    data = _saved(module, example, batched=traced.batch == "any")
    begun = time.perf_counter()
    network = opened_from_package(data).network
    seconds = time.perf_counter() - begun
    begun = time.perf_counter()
    torch.export.load(io.BytesIO(data))
    torchs = time.perf_counter() - begun
    given = example if network.batch != "one" else tuple(each[:1] for each in example)
    with torch.no_grad():
        wanted = flat(module(*given))
        names = [each.name for each in network.inputs]
        found = adelante.forward(network, dict(zip(names, given, strict=True)))
    outputs = max(_difference(found.values[name], each) for name, each in zip(network.outputs, wanted, strict=True))
    return Found(network, same(network, traced), len(data), seconds, torchs, outputs)


def _saved(module: nn.Module, example: tuple[Tensor, ...], batched: bool) -> bytes:
    with torch.no_grad():
        many = tuple(torch.cat([each[:1], each[:1].flip(-1)]) if batched else each for each in example)
        program = _exported(Called(module, many), many, batched)
    buffer = io.BytesIO()
    torch.export.save(program, buffer)
    return buffer.getvalue()


def same(one: Network, other: Network) -> bool:
    """Whether both have the same nodes over the same tensors, the same layers, and parameters equal to the bit."""
    graphs = [
        [(node.name, node.operation.kind, repr(node.operation), node.inputs) for node in each.nodes]
        for each in (one, other)
    ]
    layers = [[(each.kind, each.nodes, each.module) for each in network.layers] for network in (one, other)]
    return (
        graphs[0] == graphs[1]
        and layers[0] == layers[1]
        and one.parameters.keys() == other.parameters.keys()
        and all(torch.equal(each, other.parameters[name]) for name, each in one.parameters.items())
    )


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
