"""Two nodes that are one layer: a dense layer's product, and the biases that are added to it."""

from collections import Counter
from collections.abc import Collection, Mapping

import torch
from torch import Tensor

from adelante.network.layering import Made
from adelante.network.operations import arithmetic, dense


def fused(
    made: list[Made], parameters: dict[str, Tensor], ranks: Mapping[str, int], kept: Collection[str]
) -> list[Made]:
    """The nodes, dense layers with their biases. `kept` are the results that are needed by themselves.

    Biases that stand as a matrix of one row, or as one number, get a twin among the parameters that is a row.
    """
    readers = Counter(name for each in made for name in each.operands)
    products = {
        each.name: each
        for each in made
        if each.operation == dense.Dense() and len(each.operands) == 2 and readers[each.name] == 1
    }
    for name in kept:
        products.pop(name, None)
    merged: dict[str, Made] = {}
    gone: set[str] = set()
    for each in made:
        found = _merged(each, products, parameters, ranks)
        if found is not None:
            product, merged[each.name] = found
            gone.add(product)
    return [merged.get(each.name, each) for each in made if each.name not in gone]


def _merged(
    added: Made, products: dict[str, Made], parameters: dict[str, Tensor], ranks: Mapping[str, int]
) -> tuple[str, Made] | None:
    """The product's name, and the dense layer that it is with what is added to it; None where that is no biases."""
    if not isinstance(added.operation, arithmetic.Add) or added.operation.alpha != 1:
        return None
    for name, *other in (added.operands, added.operands[::-1]):
        product = products.get(name)
        if product is None:
            continue
        biases = _row(added.operation.scalar, other, parameters, product, ranks[name])
        if biases is None:
            return None
        del products[name]
        return name, added._replace(
            operation=product.operation,
            operands=(*product.operands, biases),
            module=product.module or added.module,
            source=product.source or added.source,
            label=added.label or product.label,
        )
    return None


def _row(scalar: float | None, other: list[str], parameters: dict[str, Tensor], product: Made, rank: int) -> str | None:
    """The parameter that is the biases (n_out,) of a product; None where what is added is more than a row."""
    weights = parameters[product.operands[1]]
    width = weights.shape[1]
    if scalar is not None:
        if width != 1:
            return None
        name = f"{product.name} biases"
        parameters[name] = torch.tensor([scalar], dtype=weights.dtype)
        return name
    found = parameters.get(other[0])
    if found is None or found.numel() != width or found.shape[-1:] != (width,) or found.dim() > rank:
        return None
    if found.dim() == 1:
        return other[0]
    name = f"{other[0]} as a row"
    parameters[name] = found.reshape(width)
    return name
