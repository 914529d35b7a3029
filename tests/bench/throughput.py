"""Forward passes a second over HTTP, as ratios to the naive endpoint, both measured in turn in one run.

`BESIDE=folder` has another checkout's server take its turns too.
"""

import json
import os
import statistics
from collections.abc import Callable
from contextlib import ExitStack

import numpy as np
import torch

from adelante.formats.tensors import tensors_to_safetensors
from tests.bench.servers import JSON, SIZES, dump, inputs, keep, layers, load, naive, ours, post, raw

FILE = "application/vnd.safetensors"
ROUNDS, SECONDS, CONNECTIONS = 5, 2.0, 16


def sent(port: int, name: str) -> bytes:
    """The network in the request."""
    sizes = SIZES[name]
    return raw("/api/v1/forward", dump({"inputs": inputs(1, sizes[0]), "layers": layers(sizes)}))


def resident(port: int, name: str, batch: int) -> bytes:
    """A kept network by its id."""
    return raw("/api/v1/forward", dump({"inputs": inputs(batch, SIZES[name][0]), "network": keep(port, SIZES[name])}))


def safetensors(port: int, name: str, batch: int) -> bytes:
    """The same as a safetensors file."""
    metadata = {"network": keep(port, SIZES[name])}
    return raw("/api/v1/forward", tensors_to_safetensors({"inputs": _tensor(name, batch)}, metadata), FILE)


def protocol(port: int, name: str, batch: int) -> bytes:
    """The same as the Open Inference Protocol's binary extension, every value of the trace asked for."""
    data = inputs(batch, SIZES[name][0])
    names = [f"layers.{k}.{kind}" for k in range(len(SIZES[name]) - 1) for kind in ("pre_activations", "activations")]
    head = dump(
        {
            "inputs": [
                {
                    "name": "inputs",
                    "shape": data.shape,
                    "datatype": "FP32",
                    "parameters": {"binary_data_size": data.nbytes},
                }
            ],
            "outputs": [{"name": each, "parameters": {"binary_data": True}} for each in ("outputs", *names)],
        }
    )
    path = f"/v2/models/{keep(port, SIZES[name])}/infer"
    body = head + data.tobytes()
    return raw(path, body, "application/octet-stream", Inference_Header_Content_Length=str(len(head)))


def _tensor(name: str, batch: int) -> torch.Tensor:
    return torch.from_numpy(inputs(batch, SIZES[name][0]))


Work = tuple[str, Callable[[int], bytes], Callable[[int], bytes], float]
WORK: list[Work] = [
    ("3-2-1 sent", lambda p: sent(p, "3-2-1"), lambda p: sent(p, "3-2-1"), 6),
    ("5-8-8-2 sent", lambda p: sent(p, "5-8-8-2"), lambda p: sent(p, "5-8-8-2"), 0),
    ("64-64-10 sent", lambda p: sent(p, "64-64-10"), lambda p: sent(p, "64-64-10"), 11),
    ("784-128-64-10 sent", lambda p: sent(p, "784-128-64-10"), lambda p: sent(p, "784-128-64-10"), 11),
    (
        "784-128-64-10 resident, batch 1",
        lambda p: resident(p, "784-128-64-10", 1),
        lambda p: resident(p, "784-128-64-10", 1),
        6,
    ),
    (
        "784-128-64-10 resident, batch 256",
        lambda p: resident(p, "784-128-64-10", 256),
        lambda p: resident(p, "784-128-64-10", 256),
        8,
    ),
    (
        "the same as safetensors",
        lambda p: safetensors(p, "784-128-64-10", 256),
        lambda p: resident(p, "784-128-64-10", 256),
        40,
    ),
    (
        "the same in the Open Inference Protocol",
        lambda p: protocol(p, "784-128-64-10", 256),
        lambda p: resident(p, "784-128-64-10", 256),
        40,
    ),
]


def main() -> None:
    """Prints a row for each kind of work: median ratio of rounds, its spread, and the bar."""
    print(f"{CONNECTIONS} connections, {ROUNDS} rounds of {SECONDS:g} s each in turn, one process each")
    print(f"{'work':42s} {'naive/s':>9s} {'ours/s':>9s} {'ratio':>7s} {'least':>7s} {'most':>7s} {'bar':>5s}")
    with ExitStack() as servers:
        base, port = servers.enter_context(naive()), servers.enter_context(ours())
        other = servers.enter_context(ours(folder=folder)) if (folder := os.environ.get("BESIDE")) else None
        _check(port)
        for name, mine, theirs, bar in WORK:
            requests = {port: mine(port), base: theirs(base)} | ({other: mine(other)} if other else {})
            rates = _rates(name, requests)
            _tell(name, rates[base], rates[port], f"{bar:g}x" if bar else "")
            if other:
                _tell(f"  {folder}", rates[base], rates[other])
                _tell("  this one beside that one", rates[other], rates[port])


def _tell(name: str, theirs: list[float], mine: list[float], bar: str = "") -> None:
    ratios = [here / there for here, there in zip(mine, theirs, strict=True) if there]
    rates = f"{statistics.median(theirs):9.1f} {statistics.median(mine):9.1f}"
    spread = f"{statistics.median(ratios):6.2f}x {min(ratios):6.2f}x {max(ratios):6.2f}x"
    print(f"{name:42.42s} {rates} {spread} {bar:>5s}", flush=True)


def _rates(name: str, requests: dict[int, bytes]) -> dict[int, list[float]]:
    """Passes a second of each port's server, a value a round; who begins changes from round to round."""
    seconds = SECONDS * (3 if name.startswith(("784", "the")) else 1)
    for at, request in requests.items():
        load(at, request, CONNECTIONS, 1)
    rates: dict[int, list[float]] = {at: [] for at in requests}
    for k in range(ROUNDS):
        for at in list(requests) if k % 2 else reversed(requests):
            found = load(at, requests[at], CONNECTIONS, seconds)
            assert found["bad"] == 0, f"{name}: answers other than 200"
            rates[at].append(found["rate"])
    return rates


def _check(port: int) -> None:
    """The quick way's numbers are NumPy's in float64."""
    sizes = SIZES["784-128-64-10"]
    a = inputs(4, sizes[0]).astype("f8")
    for layer in layers(sizes):
        z = a @ layer["weights"].astype("f8") + layer["biases"]
        a = np.maximum(z, 0) if layer["activation"] == "relu" else 1 / (1 + np.exp(-z))
    body = dump({"inputs": inputs(4, sizes[0]), "layers": layers(sizes)})
    outputs = json.loads(post(port, "/api/v1/forward", body, JSON)[0])["outputs"]
    np.testing.assert_allclose(outputs, a, rtol=1e-4)
