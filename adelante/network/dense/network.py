"""Layer and Network: the shapes and their rules, in one place."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from adelante.network.activations import ACTIVATIONS, Activation
from adelante.network.errors import Fault, NetworkError, shape_text, torch_words_of_product, torch_words_of_sum


@dataclass(frozen=True, slots=True)
class DenseLayer:
    """activations = activation(inputs @ weights + biases).

    `weights` has shape (n_in, n_out), the notebook's convention; `torch.nn.Linear` keeps (n_out, n_in).
    `biases` has shape (n_out,). Both share one dtype and device.
    """

    weights: Tensor
    biases: Tensor
    activation: Activation = ACTIVATIONS["identity"]
    name: str | None = None

    @property
    def n_in(self) -> int:
        return self.weights.shape[0]

    @property
    def n_out(self) -> int:
        return self.weights.shape[1]


@dataclass(frozen=True, eq=False)
class DenseNetwork:
    """An ordered list of layers, each fitting the one before. Two are equal where they are the same object.

    Raises NetworkError with every fault that was found, its pointer counted from the network ("/layers/0/weights").
    """

    layers: tuple[DenseLayer, ...]

    sizes: tuple[int, ...] = field(init=False)
    """Neurons of every layer, the inputs first: (3, 2, 1)."""
    parameters: int = field(init=False)
    """How many numbers the network holds, weights and biases together."""
    units: int = field(init=False)
    """How many neurons it computes: those of all layers but the inputs."""

    def __init__(self, layers: Iterable[DenseLayer]) -> None:
        layers = tuple(layers)
        sizes = _sizes(layers)
        if sizes is None:
            raise NetworkError(list(_faults(layers)))
        parameters, units, n_in = 0, 0, sizes[0]
        for n_out in sizes[1:]:
            parameters += (n_in + 1) * n_out
            units += n_out
            n_in = n_out
        # A frozen dataclass forbids assignment: write `__dict__` once.
        self.__dict__.update(layers=layers, sizes=sizes, parameters=parameters, units=units)

    @property
    def n_in(self) -> int:
        return self.sizes[0]

    @property
    def n_out(self) -> int:
        return self.sizes[-1]

    @property
    def dtype(self) -> torch.dtype:
        return self.layers[0].weights.dtype

    @property
    def device(self) -> torch.device:
        return self.layers[0].weights.device

    def to(self, device: torch.device | str | None = None, dtype: torch.dtype | None = None) -> "DenseNetwork":
        """The same network elsewhere or in another precision; itself where nothing changes.

        Raises NetworkError (out-of-range) for a weight or bias that a narrower dtype can't hold.
        """
        device = self.device if device is None else torch.device(device)
        dtype = dtype or self.dtype
        if device == self.device and dtype == self.dtype:
            return self
        moved = DenseNetwork(
            DenseLayer(layer.weights.to(device, dtype), layer.biases.to(device, dtype), layer.activation, layer.name)
            for layer in self.layers
        )
        if torch.finfo(dtype).max < torch.finfo(self.dtype).max:
            _check_held(self, moved)
        return moved


def _check_held(network: DenseNetwork, narrowed: DenseNetwork) -> None:
    """Raises NetworkError (out-of-range) with the place of the first number that became infinite."""
    for k, (layer, narrow) in enumerate(zip(network.layers, narrowed.layers, strict=True)):
        for name, own, held in (("weights", layer.weights, narrow.weights), ("biases", layer.biases, narrow.biases)):
            if bool(held.isinf().any()):
                place = held.isinf().nonzero()[0].tolist()
                pointer = "/".join(map(str, ("/layers", k, name, *place)))
                values = {
                    "name": f"layers[{k}].{name}" + "".join(f"[{i}]" for i in place),
                    "value": own[tuple(place)].item(),
                    "dtype": str(held.dtype).removeprefix("torch."),
                    "largest": torch.finfo(held.dtype).max,
                    "own": str(own.dtype).removeprefix("torch."),
                }
                raise NetworkError(Fault("out-of-range", "network-not-held", pointer, values))


def _sizes(layers: tuple[DenseLayer, ...]) -> tuple[int, ...] | None:
    """The sizes of layers that fit one another, None where any does not: then `_faults` finds the words."""
    sizes: list[int] = []
    for layer in layers:
        shape = layer.weights.shape
        if len(shape) != 2 or layer.biases.shape != shape[1:] or 0 in shape or (sizes and sizes[-1] != shape[0]):
            return None
        if not sizes:
            sizes.append(shape[0])
        sizes.append(shape[1])
    return tuple(sizes) or None


def _faults(layers: tuple[DenseLayer, ...]) -> Iterable[Fault]:
    if not layers:
        yield Fault("empty", "no-layers", "/layers")
    n_before = None
    for k, layer in enumerate(layers):
        weights, biases, pointer = layer.weights.shape, layer.biases.shape, f"/layers/{k}"
        if len(weights) != 2:
            values = {"layer": k, "got": shape_text(weights)}
            yield Fault("shape-mismatch", "weights-not-a-matrix", f"{pointer}/weights", values)
            return
        n_in, n_out = weights
        if n_in == 0 or n_out == 0:
            yield Fault("empty", "empty-weights", f"{pointer}/weights", {"layer": k})
            return
        if biases != (n_out,):
            yield Fault(
                "shape-mismatch",
                "biases",
                f"{pointer}/biases",
                {"layer": k, "expected": shape_text((n_out,)), "got": shape_text(biases), "n_out": n_out},
                torch_words=torch_words_of_sum((1, n_out), biases),
            )
        if n_before is not None and n_in != n_before:
            yield Fault(
                "shape-mismatch",
                "chain",
                f"{pointer}/weights",
                {
                    "layer": k,
                    "before": k - 1,
                    "n_before": n_before,
                    "n_in": n_in,
                    "expected": shape_text((n_before, n_out)),
                    "got": shape_text(weights),
                },
                hint="transposed" if n_out == n_before else None,
                torch_words=torch_words_of_product((1, n_before), weights),
            )
        n_before = n_out


def check_inputs(network: DenseNetwork, inputs: Tensor, pointer: str = "/inputs") -> None:
    """Raises NetworkError, at pointer, unless inputs has shape (n_in,) or (batch, n_in), batch at least 1."""
    shape = inputs.shape
    if not (len(shape) in (1, 2) and shape[-1] == network.sizes[0] and shape[0] > 0):
        fault = _inputs_fault(network, inputs)
        raise NetworkError(replace(fault, pointer=pointer + fault.pointer.removeprefix("/inputs")))


def _inputs_fault(network: DenseNetwork, inputs: Tensor) -> Fault:
    shape, n_in = inputs.shape, network.n_in
    values = {
        "n_in": n_in,
        "n_got": shape[-1] if shape else 1,
        "expected": shape_text((n_in,)),
        "expected_batch": f"(batch, {n_in})",
        "got": shape_text(shape),
        "weights": shape_text(network.layers[0].weights.shape),
    }
    if inputs.numel() == 0:
        return Fault("empty", "empty-inputs", "/inputs", values)
    if inputs.dim() not in (1, 2):
        return Fault("shape-mismatch", "inputs-rank", "/inputs", values)
    rows = shape if inputs.dim() == 2 else (1, *shape)
    words = torch_words_of_product(rows, network.layers[0].weights.shape)
    # A column of n_in values is the notebook's own slip: the numbers are right, only the shape is not.
    hint = (
        "view-as-row"
        if inputs.numel() == n_in
        else "transposed-first"
        if shape[-1] == network.layers[0].n_out
        else None
    )
    return Fault("shape-mismatch", "inputs", "/inputs", values, hint=hint, torch_words=words)
