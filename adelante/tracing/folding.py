"""What depends on parameters alone, by a call that is not in the list: worked out once, and from then on a parameter.

So the weights of torch.nn.utils.parametrizations.orthogonal come in, which are made of a product of reflections, and
those that are standardised, as a batch of themselves, before they convolve.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, fx
from torch.utils import _pytree as pytree

from adelante.network.operations.moves import DTYPES

_HELD = frozenset(DTYPES.values())


class Folding:
    """Works calls out by torch. `kept` are the parameters' numbers by the placeholders that stand for them."""

    def __init__(self, kept: Mapping[fx.Node, Tensor]) -> None:
        self._kept = kept
        self._found: dict[fx.Node, Any] = {}

    def value(self, node: fx.Node) -> Any:
        """What a call gives, a tensor or several; None where it depends on an input, on chance, or on sizes."""
        if not self._settled(node.meta.get("val")) or not node.all_input_nodes:
            return None
        for each in (*self._before(node), node):
            if each not in self._found:
                if not self._can(each):
                    return None
                args, kwargs = fx.map_arg((each.args, each.kwargs), self._of)
                with torch.no_grad():
                    self._found[each] = each.target(*args, **kwargs)  # type: ignore[operator]
        return self._found[node]

    def _of(self, node: fx.Node) -> Any:
        return self._kept[node] if node in self._kept else self._found[node]

    def _before(self, node: fx.Node) -> list[fx.Node]:
        """The calls that a call depends on, each after those that it depends on itself."""
        needed, left = set(), [node]
        while left:
            for each in left.pop().all_input_nodes:
                if each not in needed and each not in self._kept and each not in self._found:
                    needed.add(each)
                    left.append(each)
        return [each for each in node.graph.nodes if each in needed] if needed else []

    @staticmethod
    def _can(node: fx.Node) -> bool:
        if node.op != "call_function":
            return False
        chance = torch.Tag.nondeterministic_seeded
        return not isinstance(node.target, torch._ops.OpOverload) or chance not in node.target.tags

    @staticmethod
    def _settled(value: Any) -> bool:
        """Whether its sizes are numbers, and its numbers of a type that networks have."""
        tensors = [each for each in pytree.tree_leaves(value) if isinstance(each, Tensor)]
        fixed = all(isinstance(size, int) for each in tensors for size in each.shape)
        return bool(tensors) and fixed and all(each.dtype in _HELD for each in tensors)
