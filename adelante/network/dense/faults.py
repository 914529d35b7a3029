"""What is wrong with layers that do not fit one another, or with inputs that do not fit the first, in words."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from torch import Tensor

from adelante.network.errors import Fault, shape_text, torch_words_of_product, torch_words_of_sum

if TYPE_CHECKING:
    from adelante.network.dense.network import DenseLayer, DenseNetwork


def layers_faults(layers: "tuple[DenseLayer, ...]") -> Iterable[Fault]:
    """Every fault of layers of which some do not fit, with pointers counted from the network."""
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
                    "n_before": n_before,
                    "n_in": n_in,
                    "expected": shape_text((n_before, n_out)),
                    "got": shape_text(weights),
                },
                hint="transposed" if n_out == n_before else None,
                torch_words=torch_words_of_product((1, n_before), weights),
            )
        n_before = n_out


def inputs_fault(network: "DenseNetwork", inputs: Tensor) -> Fault:
    """The fault of inputs that the network does not take."""
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
