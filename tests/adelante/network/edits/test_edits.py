"""Edits of networks: new numbers are torch.nn's own for the seed, what was set stays, what does not fit is refused."""

from functools import cache

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

import adelante
from adelante.network.dense.network import DenseNetwork
from adelante.network.edits import Add, Change, Move, Remove, edited
from adelante.network.errors import NetworkError
from adelante.network.network import Network
from adelante.network.operations import operation_named
from adelante.network.presets import preset_named


class Pictures(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.edges = nn.Conv2d(1, 4, 3, padding=1)
        self.out = nn.Linear(4 * 4 * 4, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(F.relu(self.edges(x)), 2)
        found: Tensor = self.out(x.flatten(1))
        return found


class Residual(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.inner = nn.Linear(6, 8), nn.Linear(8, 8)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.tanh(self.first(x))
        found: Tensor = x + self.inner(x)
        return found


def outputs(network: Network, inputs: Tensor) -> Tensor:
    found = adelante.forward(network, inputs).outputs
    assert isinstance(found, Tensor)
    return found


@cache
def pictures() -> Network:
    torch.manual_seed(0)
    return adelante.trace(Pictures().eval(), (torch.rand(2, 1, 8, 8),))


@cache
def residual() -> Network:
    torch.manual_seed(0)
    return adelante.trace(Residual().eval(), (torch.rand(2, 6),))


def test_a_new_layer_has_the_numbers_of_torch_nn() -> None:
    convolution = operation_named("conv2d", padding=2)
    relu = operation_named("relu")
    add = Add(1, convolution, {"out_channels": 4, "kernel_size": 5}, activation=relu, name="again")
    network = edited(pictures(), [add], seed=7)
    torch.manual_seed(7)
    module = nn.Conv2d(4, 4, 5, padding=2)
    assert [layer.kind for layer in network.layers] == ["conv2d", "max_pool2d", "conv2d", "reshape", "dense"]
    assert torch.equal(network.parameters["layers.2.weights"], module.weight)
    assert torch.equal(network.parameters["layers.2.biases"], module.state_dict()["bias"])
    x = torch.rand(2, 1, 8, 8)
    trace = adelante.forward(network, x)
    expected = F.relu(module(trace["layers.1.activations"]))
    assert torch.allclose(trace["layers.2.activations"], expected, atol=1e-6)
    assert network.layers[2].name == "again"


def test_what_follows_is_resized_and_what_was_set_stays() -> None:
    before = pictures()
    add = Add(1, operation_named("conv2d", padding=1), {"out_channels": 6, "kernel_size": 3})
    after = edited(before, [add], seed=3)
    torch.manual_seed(3)
    nn.Conv2d(4, 6, 3, padding=1)
    out = nn.Linear(6 * 4 * 4, 3)
    weights = after.parameters["layers.4.weights"]
    assert weights.shape == (96, 3)
    # The four channels that there were keep their weights; the two new ones have those that torch.nn draws next.
    assert torch.equal(weights[:64], before.parameters["layers.3.weights"])
    assert torch.equal(weights[64:], out.weight.t()[64:])
    assert torch.equal(after.parameters["layers.4.biases"], before.parameters["layers.3.biases"])


def test_pixels_keep_their_weights_where_a_picture_gets_another_size() -> None:
    before = pictures()
    stride = Change(1, operation_named("max_pool2d", kernel_size=3))
    after = edited(before, [stride], seed=0)
    now = after.parameters["layers.3.weights"].reshape(4, 2, 2, 3)
    assert torch.equal(now, before.parameters["layers.3.weights"].reshape(4, 4, 4, 3)[:, :2, :2])


def test_a_kernel_grows_around_what_was_set() -> None:
    before = pictures()
    convolution = operation_named("conv2d", padding=2)
    after = edited(before, [Change(0, convolution, {"kernel_size": 5, "out_channels": 5})], seed=11)
    torch.manual_seed(11)
    module = nn.Conv2d(1, 5, 5)
    weights = after.parameters["layers.0.weights"]
    assert weights.shape == (5, 1, 5, 5)
    assert torch.equal(weights[:4, :, 1:4, 1:4], before.parameters["layers.0.weights"])
    assert torch.equal(weights[4], module.weight[4])
    rim = torch.ones(5, 5, dtype=torch.bool)
    rim[1:4, 1:4] = False
    assert torch.equal(weights[:, :, rim], module.weight[:, :, rim])
    # What was its middle is its middle again.
    back = edited(after, [Change(0, operation_named("conv2d", padding=1), {"kernel_size": 3, "out_channels": 4})])
    assert torch.equal(back.parameters["layers.0.weights"], before.parameters["layers.0.weights"])


@pytest.mark.parametrize(("before", "after"), [(3, 4), (4, 5), (5, 4), (2, 3), (3, 2), (1, 6)])
def test_a_kernels_middle_stays_over_its_number_where_it_is_padded_to_the_same_size(before: int, after: int) -> None:
    torch.manual_seed(0)
    module = nn.Conv1d(1, 1, before, padding="same").requires_grad_(requires_grad=False)
    network = adelante.trace(nn.Sequential(module).eval(), (torch.rand(2, 1, 9),))
    changed = edited(network, [Change(0, sizes={"kernel_size": after})]).parameters["layers.0.weights"].flatten()
    kept = [number for number in changed.tolist() if number in module.weight.flatten().tolist()]
    assert len(kept) == min(before, after)
    # A single one among zeros is moved as far by either: torch pads ⌊(n − 1) / 2⌋ on the left.
    middle = float(module.weight.flatten()[(before - 1) // 2])
    assert changed.tolist().index(middle) == (after - 1) // 2


def test_a_removed_layer_hands_on_what_it_took() -> None:
    network = edited(pictures(), [Remove(1)], seed=0)
    assert [layer.kind for layer in network.layers] == ["conv2d", "reshape", "dense"]
    assert network.parameters["layers.2.weights"].shape == (256, 3)
    assert outputs(network, torch.rand(1, 1, 8, 8)).shape == (1, 3)


def test_a_networks_other_outputs_stay() -> None:
    class Both(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.second = nn.Linear(3, 4), nn.Linear(4, 4)

        def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
            hidden = self.first(x)
            return hidden, self.second(hidden)

    before = adelante.trace(Both().eval(), (torch.rand(2, 3),))
    after = edited(before, [Add(1, operation_named("tanh"))])
    x = torch.rand(2, 3)
    hidden, last = map(adelante.forward(before, x).__getitem__, before.outputs)
    now = map(adelante.forward(after, x).__getitem__, after.outputs)
    assert all(map(torch.equal, now, (hidden, last.tanh())))


def test_an_activation_is_changed_and_taken_away() -> None:
    network = edited(pictures(), [Change(0, activation=operation_named("tanh"))])
    x = torch.rand(1, 1, 8, 8)
    trace = adelante.forward(network, x)
    assert torch.equal(trace["layers.0.activations"], trace["layers.0.pre_activations"].tanh())
    bare = edited(network, [Change(0, activation=None)])
    assert bare.layers[0].nodes == ("layers.0.activations",)
    assert torch.equal(adelante.forward(bare, x)["layers.0.activations"], trace["layers.0.pre_activations"])


def test_a_chain_stays_a_chain_and_becomes_one() -> None:
    chain = preset_named("multilayer").network
    dense = operation_named("dense")
    taller = edited(chain, [Add(0, dense, {"out_features": 4}, activation=operation_named("tanh"))], seed=5)
    assert isinstance(taller, DenseNetwork)
    assert taller.sizes == (3, 2, 4, 1)
    torch.manual_seed(5)
    assert torch.equal(taller.parameters["layers.1.weights"], nn.Linear(2, 4).weight.t())
    normed = edited(taller, [Add(1, operation_named("layer_norm", normalized_shape=(4,)))])
    assert not isinstance(normed, DenseNetwork)
    assert isinstance(edited(normed, [Remove(2)]), DenseNetwork)


def test_a_residual_addition_is_added() -> None:
    network = residual()
    add = next(k for k, layer in enumerate(network.layers) if layer.kind == "add")
    again = edited(network, [Add(add, operation_named("add"), others=("layers.0.activations",))])
    x = torch.rand(1, 6)
    trace = adelante.forward(again, x)
    assert torch.allclose(outputs(again, x), trace[f"layers.{add}.activations"] + trace["layers.0.activations"])


def test_a_layer_goes_into_one_branch_alone() -> None:
    """A residual connection's shortcut gets a layer of its own: the inner one goes on to take what it took."""
    before = residual()
    shortcut = Add(0, operation_named("dense"), {"out_features": 8}, into=(2,), activation=operation_named("relu"))
    network = edited(before, [shortcut], seed=4)
    torch.manual_seed(4)
    own = nn.Linear(8, 8)
    x = torch.rand(3, 6)
    hidden = torch.tanh(x @ before.parameters["layers.0.weights"] + before.parameters["layers.0.biases"])
    inner = hidden @ before.parameters["layers.1.weights"] + before.parameters["layers.1.biases"]
    torch.testing.assert_close(outputs(network, x), F.relu(own(hidden)) + inner)
    assert [layer.kind for layer in network.layers] == ["dense", "dense", "dense", "add"]
    with pytest.raises(NetworkError) as refused:
        edited(before, [Add(1, operation_named("tanh"), into=(1,))])
    assert refused.value.faults[0].key == "edited-into"


def test_a_layer_is_moved_with_all_that_was_set_of_it() -> None:
    before = pictures()
    earlier = edited(before, [Move(1, -1, into=(0,))])
    assert [layer.kind for layer in earlier.layers] == ["max_pool2d", "conv2d", "reshape", "dense"]
    x = torch.rand(2, 1, 8, 8)
    weights, biases = (before.parameters[f"layers.0.{each}"] for each in ("weights", "biases"))
    seen = F.relu(F.conv2d(F.max_pool2d(x, 2), weights, biases, padding=1)).flatten(1)
    torch.testing.assert_close(
        outputs(earlier, x), seen @ before.parameters["layers.3.weights"] + before.parameters["layers.3.biases"]
    )
    later = edited(earlier, [Move(0, 1)])
    assert torch.equal(outputs(later, x), outputs(before, x))
    assert [(each.name, each.module) for each in later.layers] == [(each.name, each.module) for each in before.layers]


def test_a_layer_before_a_fork_is_moved_into_one_branch() -> None:
    before = residual()
    moved = edited(before, [Add(0, operation_named("relu"), name="new"), Move(1, 2)])
    assert [layer.name or layer.kind for layer in moved.layers] == ["dense", "dense", "new", "add"]
    x = torch.rand(2, 6)
    hidden = torch.tanh(x @ before.parameters["layers.0.weights"] + before.parameters["layers.0.biases"])
    inner = hidden @ before.parameters["layers.1.weights"] + before.parameters["layers.1.biases"]
    torch.testing.assert_close(outputs(moved, x), hidden + F.relu(inner))


@pytest.mark.parametrize(
    ("edit", "key"),
    [
        (Move(7, 0), "edited-layer"),
        (Move(0, 7), "edited-layer"),
        (Move(1, 1), "edited-after-itself"),
        (Move(1, 0, into=(1,)), "edited-after-itself"),
        (Move(2, -1, into=(0,)), "edited-too-early"),
        (Move(1, 0, into=(0,)), "edited-into"),
    ],
)
def test_a_place_that_is_none_for_a_layer_is_refused(edit: Move, key: str) -> None:
    network = residual()
    with pytest.raises(NetworkError) as refused:
        edited(network, [edit])
    assert refused.value.faults[0].key == key


def test_a_move_that_does_not_fit_is_said_in_torchs_words() -> None:
    with pytest.raises(NetworkError) as refused:
        edited(pictures(), [Move(0, 3)])
    (fault,) = refused.value.faults
    assert (fault.key, fault.hint, fault.pointer) == ("layer-shapes", "edited-shapes", "/layers/3")
    assert fault.torch_words


def test_which_of_several_inputs_a_new_layer_takes_is_said_or_seen() -> None:
    class Two(nn.Module):
        def forward(self, left: Tensor, right: Tensor) -> Tensor:
            return left * torch.tanh(right)

    network = adelante.trace(Two().eval(), (torch.rand(2, 3), torch.rand(2, 3)))
    x = {"left": torch.rand(1, 3), "right": torch.rand(1, 3)}
    for edit in (
        Add(-1, operation_named("exp"), into=(0,)),
        Add(-1, operation_named("exp"), input="right"),
        Add(-1, operation_named("exp"), input="inputs.right", into=(0,)),
    ):
        found = adelante.forward(edited(network, [edit]), x).outputs
        assert isinstance(found, Tensor)
        torch.testing.assert_close(found, x["left"] * torch.tanh(x["right"].exp()))
    for wrong, key in (
        (Add(-1, operation_named("exp")), "edited-after-inputs"),
        (Add(-1, operation_named("exp"), input="up"), "no-such-tensor"),
    ):
        with pytest.raises(NetworkError) as refused:
            edited(network, [wrong])
        assert refused.value.faults[0].key == key


def test_a_moved_layer_parts_no_module() -> None:
    inner = nn.Sequential(nn.Linear(3, 3), nn.LayerNorm(3))
    network = adelante.trace(nn.Sequential(inner, nn.Linear(3, 3)).eval(), (torch.rand(2, 3),))
    out = edited(network, [Move(1, 2)])
    assert [(each.name, each.module) for each in out.layers] == [(None, "0.0"), (None, "1"), ("layer_norm", None)]
    within = edited(network, [Move(2, 0)])
    assert [(each.name, each.module) for each in within.layers] == [(None, "0.0"), ("dense", "0"), (None, "0.1")]
    around = edited(network, [Move(0, 1)])
    assert [each.module for each in around.layers] == ["0.1", "0.0", "1"]


def test_what_does_not_fit_is_said_in_torchs_words() -> None:
    with pytest.raises(NetworkError) as refused:
        edited(residual(), [Change(1, sizes={"out_features": 9})])
    fault = refused.value.faults[0]
    assert (fault.type, fault.hint) == ("shape-mismatch", "edited-shapes")
    assert "must match the size of tensor b" in str(fault.torch_words)
    with pytest.raises(NetworkError) as refused:
        edited(pictures(), [Change(1, operation_named("max_pool2d", kernel_size=9))])
    assert refused.value.faults[0].pointer == "/layers/1"
    assert refused.value.faults[0].torch_words


def test_what_torch_refuses_only_of_numbers_is_refused_when_it_is_made() -> None:
    network = adelante.trace(nn.ConvTranspose1d(3, 2, 3).eval(), (torch.rand(2, 3, 5),))
    for stride, dilation, fits in ((1, 1, False), (2, 1, True), ((1,), (2,), True)):
        operation = operation_named("conv_transpose1d", output_padding=1, stride=stride, dilation=dilation)
        if fits:
            assert outputs(edited(network, [Change(0, operation)]), torch.rand(2, 3, 5)).shape[:2] == (2, 2)
            continue
        with pytest.raises(NetworkError) as refused:
            edited(network, [Change(0, operation)])
        assert "output padding must be smaller" in str(refused.value.faults[0].torch_words)


@pytest.mark.parametrize("edit", [Remove(9), Change(-1), Add(40, operation_named("relu"))])
def test_a_layer_that_is_not_there_is_refused(edit: Remove | Change | Add) -> None:
    with pytest.raises(NetworkError) as refused:
        edited(pictures(), [edit])
    assert refused.value.faults[0].key == "edited-layer"


def test_the_last_layer_stays() -> None:
    network = preset_named("one-neuron").network
    with pytest.raises(NetworkError) as refused:
        edited(network, [Remove(0)])
    assert refused.value.faults[0].key == "edited-last-layer"


def test_an_embedding_gets_another_width() -> None:
    torch.manual_seed(0)
    network = adelante.trace(
        nn.Sequential(nn.Embedding(5, 4), nn.Linear(4, 2)).eval(), (torch.zeros(2, 3, dtype=torch.int64),)
    )
    wider = edited(network, [Change(0, sizes={"embedding_dim": 6})], seed=2)
    torch.manual_seed(2)
    drawn = nn.Embedding(5, 6).weight
    weights = wider.parameters["layers.0.weights"]
    assert torch.equal(weights[:, :4], network.parameters["layers.0.weights"])
    assert torch.equal(weights[:, 4:], drawn[:, 4:])
    assert wider.parameters["layers.1.weights"].shape == (6, 2)


def test_a_norms_sizes_follow() -> None:
    torch.manual_seed(0)
    module = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 36, 2))
    network = adelante.trace(module.eval(), (torch.rand(2, 1, 8, 8),))
    wider = edited(network, [Change(0, sizes={"out_channels": 6})], seed=1)
    assert {wider.parameters[f"layers.1.{role}"].shape for role in ("mean", "variance", "scale", "shift")} == {(6,)}
    assert outputs(wider, torch.rand(1, 1, 8, 8)).shape == (1, 2)


def test_weights_that_are_shared_are_not_resized() -> None:
    class Tied(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first = nn.Linear(3, 3)

        def forward(self, x: Tensor) -> Tensor:
            found: Tensor = self.first(torch.tanh(self.first(x)))
            return found

    network = adelante.trace(Tied().eval(), (torch.rand(2, 3),))
    with pytest.raises(NetworkError) as refused:
        edited(network, [Change(0, sizes={"out_features": 4})])
    assert refused.value.faults[0].key == "edited-shared"


def test_a_new_layer_stands_in_the_module_of_its_neighbours() -> None:
    inner = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
    network = adelante.trace(nn.Sequential(inner, nn.Linear(3, 2)).eval(), (torch.rand(2, 3),))
    added = edited(network, [Add(0, operation_named("relu")), Add(2, operation_named("tanh"))])
    assert [layer.module for layer in added.layers] == ["0.0", "0", "0.1", None, "1"]


class Attention(nn.Module):
    """Two heads of four numbers, as people write them, or as torch.nn does."""

    def __init__(self, heads: int, *, own: bool) -> None:
        super().__init__()
        self.heads, self.own = heads, own
        self.all = nn.MultiheadAttention(8, heads, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        if not self.own:
            found: Tensor = self.all(x, x, x)[0]
            return found
        batch, steps, width = x.shape
        weights, biases = self.all.in_proj_weight, self.all.in_proj_bias
        q, k, v = (
            F.linear(x, w, b).view(batch, steps, self.heads, width // self.heads).transpose(1, 2)
            for w, b in zip(weights.chunk(3), biases.chunk(3), strict=True)
        )
        hidden = torch.ones(steps, steps, dtype=torch.bool).triu(1)
        scores = (q @ k.transpose(-2, -1) / (width // self.heads) ** 0.5).masked_fill(hidden, float("-inf"))
        mixed = (scores.softmax(-1) @ v).transpose(1, 2).reshape(batch, steps, width)
        result: Tensor = self.all.out_proj(mixed)
        return result


@cache
def attention(own: bool) -> tuple[Attention, Network]:
    torch.manual_seed(0)
    module = Attention(2, own=own).eval()
    return module, adelante.trace(module, (torch.rand(3, 5, 8),))


@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize("heads", [1, 4, 8])
def test_heads_are_one_edit(own: bool, heads: int) -> None:
    module, network = attention(own)
    x = torch.rand(3, 5, 8)
    place = next(k for k, layer in enumerate(network.layers) if "softmax" in layer.kind)
    other = Attention(heads, own=own).eval()
    other.load_state_dict(module.state_dict())
    found = edited(network, [Change(place, sizes={"heads": heads})])
    torch.testing.assert_close(outputs(found, x), other(x))
    assert found.parameters.keys() == network.parameters.keys()
    if heads > 1:
        back = edited(found, [Change(place, sizes={"heads": 2})])
        torch.testing.assert_close(outputs(back, x), module(x))


def test_heads_that_do_not_fit_are_refused() -> None:
    _, network = attention(True)
    place = next(k for k, layer in enumerate(network.layers) if layer.kind == "softmax")
    uneven, elsewhere = "edited-heads", "edited-no-heads"
    for heads, layer, key in ((3, place, uneven), (0, place, uneven), (2, place + 1, elsewhere)):
        with pytest.raises(NetworkError) as refused:
            edited(network, [Change(layer, sizes={"heads": heads})])
        assert [fault.key for fault in refused.value.faults] == [key]
        assert refused.value.faults[0].pointer == "/changes/0/to/heads"


def test_an_attentions_heads_are_given_once() -> None:
    _, network = attention(True)
    place = next(k for k, layer in enumerate(network.layers) if layer.kind == "softmax")
    with pytest.raises(NetworkError) as refused:
        edited(network, [Change(place, sizes={"heads": 4}), Change(place, sizes={"heads": 8})])
    (fault,) = refused.value.faults
    assert (fault.key, fault.pointer) == ("edited-heads-twice", "/changes/1/to/heads")


def test_channels_stay_where_the_groups_become_others() -> None:
    torch.manual_seed(0)
    network = adelante.trace(nn.ConvTranspose2d(4, 6, 2).eval(), (torch.rand(2, 4, 3, 3),))
    grouped = edited(network, [Change(0, operation_named("conv_transpose2d", groups=2))], seed=4)
    assert grouped.parameters["layers.0.weights"].shape == (4, 3, 2, 2)
    assert torch.equal(grouped.parameters["layers.0.weights"], network.parameters["layers.0.weights"][:, :3])
    assert torch.equal(grouped.parameters["layers.0.biases"], network.parameters["layers.0.biases"])
    back = edited(grouped, [Change(0, operation_named("conv_transpose2d"))], seed=4)
    assert back.parameters["layers.0.weights"].shape == (4, 6, 2, 2)


def test_weights_that_other_layers_compute_have_no_size_of_their_own() -> None:
    class Softened(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.slopes = nn.Parameter(torch.rand(4))

        def forward(self, x: Tensor) -> Tensor:
            return F.prelu(x, self.slopes.sigmoid())

    network = adelante.trace(nn.Sequential(nn.Conv2d(1, 4, 3), Softened()).eval(), (torch.rand(2, 1, 5, 5),))
    place = next(k for k, layer in enumerate(network.layers) if layer.kind == "prelu")
    with pytest.raises(NetworkError) as refused:
        edited(network, [Change(place, sizes={"num_parameters": 1})])
    assert refused.value.faults[0].key == "edited-computed"


def test_a_slope_for_each_channel_is_the_layers_own_and_follows_the_channels() -> None:
    torch.manual_seed(0)
    slopes = nn.PReLU(4)
    module = nn.Sequential(nn.Conv2d(1, 4, 3), slopes).requires_grad_(requires_grad=False)
    slopes.weight.copy_(torch.rand(4))
    x = torch.randn(2, 1, 6, 6)
    network = adelante.trace(module.eval(), (x,))
    assert [layer.kind for layer in network.layers] == ["conv2d", "prelu"]
    torch.testing.assert_close(outputs(network, x), module(x))
    wider = edited(network, [Change(0, sizes={"out_channels": 5})], seed=3)
    assert wider.parameters["layers.1.other"].flatten().tolist() == [*slopes.weight.tolist(), 0.25]
    # Of one that is added they are the channels' too, also where maps are as wide as there are channels.
    added = edited(network, [Add(1, operation_named("prelu"), {"num_parameters": 4})])
    torch.testing.assert_close(outputs(added, x), nn.PReLU(4)(module(x)).detach())
