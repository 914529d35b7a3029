"""Property: a dense chain under any naming scheme, its tensors in any order, opens as what it is, or is asked about."""

from itertools import pairwise
from typing import NamedTuple

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from adelante.formats.choices import ChoiceNeeded
from adelante.formats.modules.chains import fits, has_order, orders
from adelante.formats.modules.words import guess_of, order_of
from adelante.formats.safetensors import opened_from_tensors
from adelante.network.dense.network import DenseNetwork

WORDS = ("one", "two", "three", "four", "five", "six")
SCHEMES = (
    "{k}",
    "layers.{k}",
    "fc{k}",
    "net.{twice}",
    "module.{k}",
    "_orig_mod.net.{k}",
    "dense{keras}",
    "model/dense{keras}",
    "layer_{word}",
    "layer{Word}",
    "{role}_layer",
    "fc_{role}",
    "{half}.{k}",
    "{half}.layers.{k}.linear",
    "block{k}.fc",
)
UNTOLD = ("{letters}", "part_{letters}", "{letters}.{k}")
"""Schemes that tell no order, or not all of it."""


class Drawn(NamedTuple):
    names: list[str]
    sizes: list[int]
    tensors: dict[str, Tensor]


def name_of(scheme: str, k: int, count: int) -> str:
    role = "in" if k == 0 else "out" if k == count - 1 else f"hidden{k}"
    return scheme.format(
        k=k,
        twice=2 * k,
        keras=f"_{k}" if k else "",
        word=WORDS[k],
        Word=WORDS[k].capitalize(),
        role=role,
        half="encoder" if k < (count + 1) // 2 else "decoder",
        letters=("zeta", "rho", "kappa", "eta", "beta", "alpha")[k],
    )


@st.composite
def chains(draw: st.DrawFn, schemes: tuple[str, ...]) -> Drawn:
    count = draw(st.integers(1, 6))
    sizes = draw(st.lists(st.integers(1, 3), min_size=count + 1, max_size=count + 1))
    scheme = draw(st.sampled_from(schemes))
    names = [name_of(scheme, k, count) for k in range(count)]
    generator = torch.Generator().manual_seed(draw(st.integers(0, 2**32)))
    tensors: dict[str, Tensor] = {}
    for name, (n_in, n_out) in zip(names, pairwise(sizes), strict=True):
        tensors[f"{name}.weight"] = torch.randn(n_out, n_in, generator=generator)
        tensors[f"{name}.bias"] = torch.randn(n_out, generator=generator)
    order = draw(st.permutations(list(tensors)))
    return Drawn(names, sizes, {name: tensors[name] for name in order})


def same(network: object, drawn: Drawn) -> bool:
    return (
        isinstance(network, DenseNetwork)
        and list(network.sizes) == drawn.sizes
        and all(
            torch.equal(layer.weights.T, drawn.tensors[f"{name}.weight"])
            for layer, name in zip(network.layers, drawn.names, strict=True)
        )
    )


@given(chains(SCHEMES))
def test_names_that_tell_the_order_are_taken_at_their_word(drawn: Drawn) -> None:
    assert same(opened_from_tensors(drawn.tensors, {}).network, drawn)


@given(chains(UNTOLD))
def test_others_open_right_or_are_asked_about(drawn: Drawn) -> None:
    try:
        network = opened_from_tensors(drawn.tensors, {}).network
    except ChoiceNeeded as needed:
        (question,) = needed.questions
        assert {each.name for each in question.layers} == set(drawn.names)
        if question.name == "order":
            for option in question.options:
                assert opened_from_tensors(drawn.tensors, {}, {"order": option}).network
        network = opened_from_tensors(drawn.tensors, {}, {"order": drawn.names}).network
    assert same(network, drawn)


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4)), min_size=1, max_size=6))
def test_orders_are_found_where_there_are_any(shapes: list[tuple[int, int]]) -> None:
    found = orders(shapes, range(len(shapes)), 3)
    assert bool(found) is has_order(shapes)
    for order in found:
        assert sorted(order) == list(range(len(shapes)))
        assert fits([shapes[k] for k in order])
    assert len({tuple(order) for order in found}) == len(found)


@given(st.lists(st.text(max_size=12), min_size=1, max_size=8))
def test_any_names_at_all(names: list[str]) -> None:
    order = order_of(names)
    assert order is None or sorted(order) == list(range(len(names)))
    assert sorted(guess_of(names)) == list(range(len(names)))


def test_thousands_of_layers_are_asked_about_at_once() -> None:
    count = 4000
    weights = torch.ones(2, 2)
    tensors = {f"part{chr(97 + k % 26)}.{k}.weight": weights for k in range(count)}
    with pytest.raises(ChoiceNeeded) as needed:
        opened_from_tensors(tensors, {})
    assert len(needed.value.questions[0].layers) == count
