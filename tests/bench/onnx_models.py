"""Other people's models through both of torch's ONNX exporters: opened, and their outputs compared with the module's.

`MODELS=words` chooses models, `EXPORTER=older` or `today` one exporter. What an exporter itself can't write is told.
"""

import logging
import os
import time
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from torch import Tensor, nn

import adelante
from adelante.tracing.comparing import flat
from tests.bench.model_zoo import MODELS, Model
from tests.bench.models import _difference, _lived

_OPSET = 17
_TOLERANCE = 1e-4
_EXPORTERS = ("older", "today")


def main() -> None:
    wanted = os.environ.get("MODELS", "").split() or list(MODELS)
    exporters = os.environ.get("EXPORTER", "").split() or _EXPORTERS
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    print("| model | exporter | file, MB | opened, s | layers | batch | outputs |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    failed = []
    for name in wanted:
        for exporter in exporters:
            row, right = _row(MODELS[name], exporter)
            print(f"| {name} | {exporter} | {row} |", flush=True)
            if not right:
                failed.append(f"{name} ({exporter})")
    print(f"not right: {', '.join(failed) or 'none'}")


def _row(model: Model, exporter: str) -> tuple[str, bool]:
    """What is told of one model, and whether it is right; what torch can't export is."""
    torch.manual_seed(0)
    module = model.make().eval()
    _lived(module)
    example = model.example()
    with TemporaryDirectory() as folder:
        path = Path(folder) / "net.onnx"
        try:
            _export(module, example, path, exporter)
        except Exception as error:
            return f"torch: {str(error).splitlines()[0][:80]}", True
        size = sum(file.stat().st_size for file in Path(folder).iterdir()) / 1e6
        try:
            begun = time.perf_counter()
            network = adelante.load(path)
            seconds = time.perf_counter() - begun
            found = _compared(network, module, example)
        except Exception as error:
            return f"{type(error).__name__}: {str(error)[:200]}", False
    told = f"{size:.1f} | {seconds:.1f} | {len(network.layers)} | {network.batch} | {found:.0e}"
    return told, found <= _TOLERANCE


def _export(module: nn.Module, example: tuple[Tensor, ...], path: Path, exporter: str) -> None:
    names = [f"x{k}" for k in range(len(example))]
    if exporter == "older":
        free = {name: {0: "batch"} for name in names}
        torch.onnx.export(
            module, example, path, dynamo=False, input_names=names, dynamic_axes=free, opset_version=_OPSET
        )
    else:
        dims = tuple({0: torch.export.Dim("batch")} for _ in example)
        torch.onnx.export(module, example, path, dynamo=True, verbose=False, dynamic_shapes=dims)


def _compared(network: adelante.Network, module: nn.Module, example: tuple[Tensor, ...]) -> float:
    """The largest difference of an output, relative to its largest number."""
    given = dict(zip((each.name for each in network.inputs), example, strict=True))
    trace = adelante.forward(network, given)
    with torch.no_grad():
        wanted = flat(module(*example))
    return max(_difference(trace[name], value) for name, value in zip(network.outputs, wanted, strict=True))
