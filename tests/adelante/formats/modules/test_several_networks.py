"""Several networks, or several heads of one, in a file of tensors: what is asked, and what is not."""

import pytest
import torch
from torch import Tensor

from adelante.formats.choices import ChoiceNeeded
from adelante.network.dense.network import DenseNetwork
from tests.adelante.formats.modules.test_cases import keys, linear, opened


def heads_of(tensors: dict[str, Tensor]) -> tuple[str, ...]:
    with pytest.raises(ChoiceNeeded) as raised:
        opened(tensors)
    assert raised.value.faults[0].key == "file-heads"
    question, *_ = raised.value.questions
    assert question.name == "head"
    return question.options


def test_two_networks_in_a_file() -> None:
    tensors = {
        **linear("actor.0", 4, 8),
        **linear("actor.2", 8, 2),
        **linear("critic.0", 4, 8),
        **linear("critic.2", 8, 1),
    }
    assert heads_of(tensors) == ("actor", "critic")
    found = opened(tensors, {"head": "critic"})
    assert isinstance(found.network, DenseNetwork)
    assert found.network.sizes == (4, 8, 1)
    assert keys(found) == ["layers-left-out", "activations-assumed"]
    assert found.notes[0].values == {"names": "actor.0, actor.2"}


@pytest.mark.parametrize("widths", [(3, 2, 3, 4, 1), (3, 3, 3, 3, 3), (3, 2, 4, 2, 1)])
def test_two_networks_whose_shapes_would_make_one_chain(widths: tuple[int, ...]) -> None:
    a, b, c, d, e = widths
    tensors = {
        **linear("actor.0", a, b),
        **linear("actor.2", b, c),
        **linear("critic.0", c, d),
        **linear("critic.2", d, e),
    }
    assert heads_of(tensors) == ("actor", "critic")


@pytest.mark.parametrize(
    "names", [("net1", "net2"), ("q_1", "q_2"), ("models.0.net", "models.1.net"), ("agent.critic1", "agent.critic2")]
)
def test_numbered_networks_that_would_make_a_chain_are_asked_about(names: tuple[str, str]) -> None:
    tensors: dict[str, Tensor] = {}
    for name in names:
        tensors |= {**linear(f"{name}.0", 4, 8), **linear(f"{name}.2", 8, 4)}
    heads = heads_of(tensors)
    assert len(heads) == 2
    for head, name in zip(heads, names, strict=True):
        network = opened(tensors, {"head": head}).network
        assert isinstance(network, DenseNetwork)
        assert torch.equal(network.layers[-1].weights, tensors[f"{name}.2.weight"].T)
    with pytest.raises(ChoiceNeeded) as raised:
        opened(tensors)
    every = [f"{name}.{k}" for name in names for k in (0, 2)]
    assert raised.value.questions[1].options[0] == every
    assert len(opened(tensors, {"order": every}).network.layers) == 4


@pytest.mark.parametrize("names", [("block1", "block2"), ("layer1", "layer2"), ("net.0", "net.1"), ("fc_1", "fc_2")])
def test_numbered_blocks_are_a_chain(names: tuple[str, str]) -> None:
    tensors: dict[str, Tensor] = {}
    for name in names:
        tensors |= {**linear(f"{name}.0", 4, 8), **linear(f"{name}.2", 8, 4)}
    assert len(opened(tensors).network.layers) == 4


@pytest.mark.parametrize(
    ("heads", "trunk"),
    [
        (("policy_head", "value_head"), ("shared.0", "shared.2")),
        (("pi", "vf"), ("mlp_extractor.0", "mlp_extractor.2")),
        (("fc_mu", "fc_logvar"), ("fc1", "fc2")),
        (("left", "right"), ("fc1", "fc2")),
        (("digits", "parity"), ("body.0", "body.2")),
        (("head1", "head2"), ("body.0", "body.2")),
    ],
)
@pytest.mark.parametrize("sizes", [(2, 1), (5, 5)])
def test_one_network_with_two_heads(heads: tuple[str, str], trunk: tuple[str, str], sizes: tuple[int, int]) -> None:
    tensors = {**linear(trunk[0], 4, 6), **linear(trunk[1], 6, 8), **linear(heads[0], 8, sizes[0])}
    tensors |= linear(heads[1], 8, sizes[1])
    assert sorted(heads_of(tensors)) == sorted(heads)
    for head, size in zip(heads, sizes, strict=True):
        found = opened(tensors, {"head": head})
        assert isinstance(found.network, DenseNetwork)
        assert found.network.sizes == (4, 6, 8, size)
        assert torch.equal(found.network.layers[-1].weights, tensors[f"{head}.weight"].T)


def test_two_modules_that_nobody_ordered() -> None:
    tensors = {**linear("alpha.0", 4, 4), **linear("alpha.2", 4, 4), **linear("beta.0", 4, 4), **linear("beta.2", 4, 4)}
    assert heads_of(tensors) == ("alpha", "beta")
    # Who means one chain says its order.
    chain = ["beta.0", "beta.2", "alpha.0", "alpha.2"]
    assert len(opened(tensors, {"order": chain}).network.layers) == 4


def test_a_variational_autoencoder_by_the_tutorial() -> None:
    tensors = {**linear("fc1", 7, 4), **linear("fc21", 4, 2), **linear("fc22", 4, 2), **linear("fc3", 2, 4)}
    tensors |= linear("fc4", 4, 7)
    assert heads_of(tensors) == ("fc21", "fc22")
    with pytest.raises(ChoiceNeeded) as raised:
        opened(tensors, {"head": "fc21"})
    (question,) = raised.value.questions
    assert question.options[0] == ["fc1", "fc21", "fc3", "fc4"]
    found = opened(tensors, {"order": question.options[0]})
    assert isinstance(found.network, DenseNetwork)
    assert found.network.sizes == (7, 4, 2, 4, 7)
    assert found.notes[0].values == {"names": "fc22"}
