"""A network that is taken apart: who takes which tensor, and how often, stays true at each change."""

from adelante.network.activations import ACTIVATIONS
from adelante.network.edits.draft import Draft, DraftLayer

RELU = ACTIVATIONS["relu"].operation


def draft(*takes: tuple[str, ...], outputs: tuple[str, ...] = ()) -> Draft:
    layers = [DraftLayer(RELU, operands, f"r{k}") for k, operands in enumerate(takes)]
    return Draft((), layers, {}, outputs, "any")


def takes_of(made: Draft) -> list[tuple[str, ...]]:
    return [layer.operands for layer in made.layers]


def test_whoever_takes_a_tensor_takes_the_other_one() -> None:
    made = draft(("x",), ("old", "x"), ("x",), ("old", "old"), ("old",), ("new",), outputs=("x", "old", "r4"))
    untouched = [made.layers[k] for k in (0, 2, 5)]
    made.renamed("old", "new", 1)
    assert takes_of(made) == [("x",), ("new", "x"), ("x",), ("new", "new"), ("new",), ("new",)]
    assert [made.layers[k] for k in (0, 2, 5)] == untouched
    assert made.outputs == ("x", "new", "r4")
    assert made.read == {"x": 3, "new": 5}


def test_nobody_is_asked_after_the_last_who_takes_it() -> None:
    made = draft(("old",), ("x",))
    # The layers after the last taker are not looked at, and those before `since` neither.
    made.renamed("old", "new", 0)
    assert takes_of(made) == [("new",), ("x",)]
    made.renamed("nowhere", "x", 2)
    assert takes_of(made) == [("new",), ("x",)]
    assert made.read["nowhere"] == 0
    assert made.read["x"] == 1


def test_an_output_that_no_layer_takes_is_renamed_too() -> None:
    made = draft(("x",), outputs=("r0",))
    made.renamed("r0", "y", 1)
    assert made.outputs == ("y",)
    assert takes_of(made) == [("x",)]
