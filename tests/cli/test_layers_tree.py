"""The tree of layers: modules in the order of the pass, what comes again once."""

from typing import Any

import torch

from adelante.network.network import Input, Layer, Network, Node
from adelante.network.operations import operation_named
from app.cli.layers_tree import Branch, Fold, Item, Leaf, kinds_of, tree_of


def network_of(*layers: tuple[str, str | None], shared: bool = False) -> Network:
    """A chain of layers, each told by its kind and module; `linear` has weights of its own, (4, 4), or shares them."""
    nodes, told, before = [], [], "inputs"
    parameters: dict[str, torch.Tensor] = {}
    for k, (kind, module) in enumerate(layers):
        taken = []
        if kind == "linear":
            taken = [f"layers.{0 if shared else k}.weights"]
            parameters.setdefault(taken[0], torch.ones(4, 4))
        node = Node(f"layers.{k}.activations", operation_named(kind), (before, *taken))
        nodes.append(node)
        told.append(Layer(kind, (node.name,), None, module))
        before = node.name
    return Network((Input("inputs", (4,)),), parameters, tuple(nodes), (before,), tuple(told))


def shown(items: list[Item]) -> list[Any]:
    """Leaves as their numbers and labels, modules as (label, …), folds as (times, first, last, …)."""
    found: list[Any] = []
    for item in items:
        match item:
            case Leaf(k, label):
                found.append((k, label))
            case Fold(items=inner, times=times):
                found.append((times, item.first, item.last, shown(inner)))
            case Branch(label, inner):
                found.append((label, shown(inner)))
    return found


def test_modules_hold_their_layers_in_the_order_of_the_pass() -> None:
    network = network_of(("linear", "body.first"), ("relu", "body"), ("linear", "body.second"), ("tanh", None))
    assert shown(tree_of(network)) == [("body", [(0, "first"), (1, ""), (2, "second")]), (3, "")]


def test_a_module_that_is_come_back_to_is_told_again() -> None:
    network = network_of(("linear", "a.x"), ("relu", "b.y"), ("linear", "a.z"))
    assert shown(tree_of(network)) == [("a", [(0, "x")]), ("b", [(1, "y")]), ("a", [(2, "z")])]


def test_blocks_alike_are_folded_whatever_their_number() -> None:
    blocks = [each for k in range(5) for each in (("linear", f"blocks.{k}.fc"), ("relu", f"blocks.{k}.act"))]
    network = network_of(*blocks, ("tanh", "head"))
    assert shown(tree_of(network)) == [("blocks", [(5, 0, 9, [("0", [(0, "fc"), (1, "act")])])]), (10, "head")]
    (branch, _) = tree_of(network)
    assert isinstance(branch, Branch)
    assert branch.parameters == 5 * 16
    whole = tree_of(network, folded=False)
    assert isinstance(whole[0], Branch)
    assert len(whole[0].items) == 5


def test_a_pattern_of_layers_in_one_module_is_folded() -> None:
    # The steps of a recurrent layer, which share their weights: only the first has numbers of its own.
    network = network_of(*[(kind, "rnn") for _ in range(4) for kind in ("linear", "tanh")], shared=True)
    (branch,) = tree_of(network)
    assert shown([branch]) == [("rnn", [(4, 0, 7, [(0, ""), (1, "")])])]
    assert branch.parameters == 16


def test_what_is_not_alike_or_too_short_stays() -> None:
    network = network_of(("linear", "a.first"), ("linear", "a.second"), ("relu", None), ("relu", None))
    assert shown(tree_of(network)) == [("a", [(0, "first"), (1, "second")]), (2, ""), (3, "")]


def test_the_activation_is_told_with_its_layer() -> None:
    nodes = (
        Node("layers.0.pre_activations", operation_named("linear"), ("inputs", "layers.0.weights")),
        Node("layers.0.activations", operation_named("relu"), ("layers.0.pre_activations",)),
    )
    layer = Layer("linear", tuple(node.name for node in nodes))
    weights = {"layers.0.weights": torch.ones(2, 3)}
    network = Network((Input("inputs", (3,)),), weights, nodes, (nodes[-1].name,), (layer,))
    assert kinds_of(network, layer) == ("linear", "relu")
