"""What most people would write first, as the base of every ratio: pydantic lists of floats in, `.tolist()` out."""

from typing import Any

import torch
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()
FUNCTIONS = {"identity": lambda z: z, "relu": torch.relu, "sigmoid": torch.sigmoid, "tanh": torch.tanh}
KEPT: dict[str, list[Any]] = {}


class LayerIn(BaseModel):
    weights: list[list[float]]
    biases: list[float]
    activation: str = "identity"


class NetworkIn(BaseModel):
    layers: list[LayerIn]


class ForwardIn(BaseModel):
    inputs: list[list[float]]
    layers: list[LayerIn] | None = None
    network: str | None = None


class LayerOut(BaseModel):
    pre_activations: list[list[float]]
    activations: list[list[float]]


class ForwardOut(BaseModel):
    outputs: list[list[float]]
    layers: list[LayerOut]


def _tensors(layers: list[LayerIn]) -> list[Any]:
    return [(torch.tensor(each.weights), torch.tensor(each.biases), FUNCTIONS[each.activation]) for each in layers]


@app.post("/api/v1/networks")
def keep(network: NetworkIn) -> dict[str, str]:
    """Keeps a network in memory."""
    KEPT[str(len(KEPT))] = _tensors(network.layers)
    return {"id": str(len(KEPT) - 1)}


@app.post("/api/v1/forward")
def forward(request: ForwardIn) -> ForwardOut:
    """The trace of a batch."""
    layers = _tensors(request.layers) if request.layers is not None else KEPT[str(request.network)]
    a, trace = torch.tensor(request.inputs), []
    with torch.no_grad():
        for weights, biases, function in layers:
            z = a @ weights + biases
            a = function(z)
            trace.append(LayerOut(pre_activations=z.tolist(), activations=a.tolist()))
    return ForwardOut(outputs=a.tolist(), layers=trace)


@app.get("/v2/health/ready")
def ready() -> dict[str, bool]:
    """For who waits for it."""
    return {"ready": True}
