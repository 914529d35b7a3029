"""Other people's models: traced, saved, loaded, and every number compared with torch's own.

Each model has random weights, and is taken in float32 and float64. Of each: every node is compared with torch's value
of that very node (the exported graph, run by torch.fx), the outputs with the module's, and 50 random cells are
explained, whose parts have to add up. `MODELS=words` chooses; `SERVER=http://…` posts each to a running server too.
"""

import os
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import torch
from torch import Tensor, fx, nn
from torch.export.graph_signature import InputKind

import adelante
from adelante.network.layering import layered, needed
from adelante.network.network import Batch, Network
from adelante.tracing.called import Called
from adelante.tracing.comparing import flat
from adelante.tracing.graph import Reader, opened
from adelante.tracing.trace import _exported
from tests.bench.model_zoo import MODELS, Model
from tests.bench.posted import Posted, posted

CELLS = 50
TOLERANCES = {torch.float32: 1e-4, torch.float64: 1e-10}


class Found(NamedTuple):
    """What one model in one dtype gave: the largest differences, relative to the largest number of each tensor."""

    network: Network
    seconds: float
    size: int
    nodes: float
    outputs: float
    parts: float
    posted: Posted | None


def main() -> None:
    wanted = os.environ.get("MODELS", "").split() or list(MODELS)
    print("| model | layers | nodes | parameters | batch | traced, s | file, MB | nodes | outputs | parts |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    failed = []
    for name in wanted:
        for dtype in TOLERANCES:
            try:
                found = measured(MODELS[name], dtype)
            except Exception as error:
                print(f"| {name} | {type(error).__name__}: {str(error)[:200]} |", flush=True)
                failed.append(name)
                continue
            print(_row(name, dtype, found), flush=True)
            if not max(found.nodes, found.outputs) <= TOLERANCES[dtype] or not found.parts <= 1:
                failed.append(name)
    print(f"{len(wanted)} models; not right: {', '.join(dict.fromkeys(failed)) or 'none'}")


def _row(name: str, dtype: torch.dtype, found: Found) -> str:
    network = found.network
    figures = [f"{found.seconds:.1f}", f"{found.size / 1e6:.1f}", f"{found.nodes:.0e}", f"{found.outputs:.0e}"]
    cells = [f"{name} {str(dtype)[6:]}", str(len(network.layers)), str(len(network.nodes)), f"{network.learned:,}"]
    told = " | ".join([*cells, network.batch, *figures, f"{found.parts:.2f}"])
    return f"| {told} |" + (f" {found.posted} |" if found.posted else "")


def measured(model: Model, dtype: torch.dtype) -> Found:
    """The model traced, saved, loaded and compared."""
    torch.manual_seed(0)
    module = model.make().eval().to(dtype)
    _lived(module)
    example = tuple(each.to(dtype) if each.is_floating_point() else each for each in model.example())
    begun = time.perf_counter()
    network = adelante.trace(module, example)
    seconds = time.perf_counter() - begun
    with TemporaryDirectory() as folder:
        path = Path(folder) / "network.safetensors"
        adelante.write(network, path)
        size = path.stat().st_size
        loaded = adelante.load(path)
        server = os.environ.get("SERVER")
        given = example if network.batch != "one" else tuple(each[:1] for each in example)
        with torch.no_grad():
            wanted = flat(module(*given))
            pass_ = adelante.forward(loaded, dict(zip((each.name for each in loaded.inputs), given, strict=True)))
            outputs = max(
                _difference(pass_.values[name], value) for name, value in zip(loaded.outputs, wanted, strict=True)
            )
            nodes = max(_difference(ours, theirs) for ours, theirs in _nodes(module, given, network.batch))
        told = None
        if server:
            # Not every tensor has the batch in front: a cell is one of a pass of one input.
            first = given if network.batch == "none" else tuple(each[:1] for each in given)
            alone = adelante.forward(loaded, dict(zip((each.name for each in loaded.inputs), first, strict=True)))
            cells = {cell: adelante.explain(loaded, alone, *cell).value for cell in _cells(loaded)}
            told = posted(server, path, loaded, given, wanted, cells)
    return Found(loaded, seconds, size, nodes, outputs, _parts(loaded, pass_), told)


def _lived(module: nn.Module) -> None:
    """Batch normalisation as after some training: means and variances that are not 0 and 1."""
    for each in module.modules():
        if isinstance(each, nn.modules.batchnorm._BatchNorm) and each.running_mean is not None:
            each.running_mean.normal_(0, 0.1)
            each.running_var.uniform_(0.5, 1.5)  # type: ignore[union-attr]


def _difference(ours: Tensor, theirs: Tensor) -> float:
    """The largest, relative to the largest number; infinite where the shapes, or what is not finite, differ."""
    ours, theirs = ours.double(), theirs.double()
    if ours.shape != theirs.shape or not torch.equal(ours[~theirs.isfinite()], theirs[~theirs.isfinite()]):
        return float("inf")
    finite = theirs.isfinite()
    if not bool(finite.any()):
        return 0.0
    return float((ours - theirs)[finite].abs().max()) / max(float(theirs[finite].abs().max()), 1e-30)


class _Recorded(fx.Interpreter):
    """Runs a graph by torch itself, and keeps each call's result."""

    def __init__(self, graph: fx.GraphModule) -> None:
        super().__init__(graph)
        self.values: dict[fx.Node, Any] = {}

    def run_node(self, n: fx.Node) -> Any:
        self.values[n] = super().run_node(n)
        return self.values[n]


def _nodes(module: nn.Module, example: tuple[Tensor, ...], batch: Batch) -> Iterator[tuple[Tensor, Tensor]]:
    """Each call's result by our network, and by torch."""
    program = opened(_exported(Called(module, example), example, batched=batch == "any"))
    reader = Reader(program, batch)
    reader.read()
    network = layered(reader.inputs, reader.parameters, reader.made, reader.outputs, batch)
    names = {
        made.name: node.name for made, node in zip(needed(reader.made, reader.outputs), network.nodes, strict=True)
    }
    trace = adelante.forward(network, dict(zip((each.name for each in network.inputs), example, strict=True)))
    torchs = _Recorded(program.graph_module)
    kept = {**program.state_dict, **program.constants}
    given = iter(example)
    specs = program.graph_signature.input_specs
    torchs.run(*(next(given) if spec.kind == InputKind.USER_INPUT else kept[spec.target] for spec in specs))
    for node, value in torchs.values.items():
        made = reader._values.get(node)
        if node.op == "call_function" and isinstance(made, str) and made in names:
            yield trace.values[names[made]], value


def _cells(network: Network) -> list[tuple[str, tuple[int, ...]]]:
    random = Random(0)
    nodes = random.choices(network.nodes, k=CELLS)
    return [(node.name, tuple(random.randrange(size) for size in network.shapes[node.name])) for node in nodes]


def _parts(network: Network, trace: adelante.Trace) -> float:
    """How far explained cells are from the sum of their parts, at most; 1 is a hundred roundings of the largest."""
    worst = 0.0
    for name, at in _cells(network):
        found = adelante.explain(network, trace, name, at)
        if abs(found.value) == float("inf"):
            continue
        eps = torch.finfo(trace.values[name].dtype).eps if trace.values[name].is_floating_point() else 1e-9
        sizes = [float(part.contributions.double().abs().sum()) for part in found.parts]
        size = max(abs(found.value), *sizes, 1e-30) if sizes else max(abs(found.value), 1e-30)
        worst = max(worst, abs(found.total() - found.value) / (100 * eps * size))
    return worst


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
