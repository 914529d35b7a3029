"""Files as people have them: their names' order, several heads, batch norms, parameters in pieces, mixed precision."""

from typing import Any

import pytest
import safetensors.torch
import torch
from torch import Tensor, nn
from torch.nn.utils import prune
from torch.nn.utils.parametrizations import spectral_norm as parametrized_spectral_norm
from torch.nn.utils.parametrizations import weight_norm as parametrized_weight_norm
from torch.nn.utils.spectral_norm import spectral_norm
from torch.nn.utils.weight_norm import weight_norm

from adelante.formats.choices import ChoiceNeeded
from adelante.formats.opened import Opened
from adelante.formats.safetensors import opened_from_safetensors
from adelante.network.dense.network import DenseNetwork
from adelante.network.errors import NetworkError
from adelante.network.forward import forward

FIRST = (torch.tensor([[2.0, 0.0], [0.0, 1.0]]), torch.zeros(2))
SECOND = (torch.tensor([[0.0, 1.0], [1.0, 0.0]]), torch.tensor([1.0, -1.0]))
THIRD = (torch.tensor([[1.0, 3.0]]), torch.tensor([0.5]))


def opened(tensors: dict[str, Tensor], choices: dict[str, Any] | None = None) -> Opened:
    contiguous = {name: tensor.contiguous() for name, tensor in tensors.items()}
    return opened_from_safetensors(safetensors.torch.save(contiguous), choices)


def outputs(found: Opened, x: Tensor) -> Tensor:
    network = found.network
    return forward(network, x)[network.outputs[0]]


def layers(*named: tuple[str, tuple[Tensor, ...]]) -> dict[str, Tensor]:
    return {f"{name}.{part}": each for name, own in named for part, each in zip(("weight", "bias"), own, strict=False)}


def keys(found: Opened) -> list[str]:
    return [note.key for note in found.notes]


@pytest.mark.parametrize(
    "names",
    [
        ("dense", "dense_1", "dense_2"),
        ("model.dense", "model.dense_1", "model.dense_2"),
        ("dense_8", "dense_9", "dense_10"),
        ("fc_in", "fc_hidden", "fc_out"),
        ("fcIn", "fcHidden", "fcOut"),
        ("layer_one", "layer_two", "layer_three"),
        ("first", "second", "third"),
        ("first", "second", "last"),
        ("input_layer", "hidden_layer", "output_layer"),
        ("fc1", "fc2", "out"),
        ("fc1", "fc2", "head"),
        ("encoder.0", "encoder.2", "decoder"),
        ("enc", "bottleneck", "dec"),
        ("features.0", "features.2", "classifier"),
        ("hidden1", "hidden2", "output"),
        ("net.in", "net.1", "net.out"),
        ("capa_uno", "capa_dos", "capa_tres"),
        ("entrada", "oculta", "salida"),
        ("fc_first", "fc_mid", "fc_last"),
        ("dense1", "dense2", "predictions"),
        ("hidden_layers.0", "hidden_layers.1", "output_layer"),
        ("input_layer", "hidden_layers.0", "output_layer"),
        ("linear_relu_stack.0", "linear_relu_stack.2", "linear_relu_stack.4"),
        ("module.fc1", "module.fc2", "module.fc3"),
        ("_orig_mod.0", "_orig_mod.2", "_orig_mod.4"),
        ("_orig_mod.module.fc_in", "_orig_mod.module.fc_hidden", "_orig_mod.module.fc_out"),
    ],
)
def test_equal_widths_are_put_in_the_order_that_names_tell(names: tuple[str, ...]) -> None:
    found = opened(layers(*zip(names, (FIRST, SECOND, THIRD), strict=True)))
    assert outputs(found, torch.tensor([3.0, 5.0])).item() == 21.5


@pytest.mark.parametrize(
    "names",
    [
        ("alpha", "beta", "gamma"),
        ("fc", "fc1", "fc2"),
        ("fc_a", "fc_b", "fc_c"),
        ("hidden", "linear", "out"),
        ("features", "encoder", "out"),
        ("fc1", "fc01", "out"),
    ],
)
def test_names_that_tell_no_order_are_asked_about(names: tuple[str, ...]) -> None:
    tensors = layers(*zip(names, (FIRST, SECOND, THIRD), strict=True))
    with pytest.raises(ChoiceNeeded) as raised:
        opened(tensors)
    (question,) = raised.value.questions
    assert question.name == "order"
    assert {(each.name, each.shape) for each in question.layers} == {
        (names[0], (2, 2)),
        (names[1], (2, 2)),
        (names[2], (2, 1)),
    }
    assert len(question.options) == 2
    assert all(option[-1] == names[2] for option in question.options)
    for order, right in (([names[0], names[1], names[2]], 21.5), ([names[1], names[0], names[2]], 18.5)):
        assert order in question.options
        found = opened(tensors, {"order": order})
        assert outputs(found, torch.tensor([3.0, 5.0])).item() == right
        assert keys(found) == ["activations-assumed"]
        assert outputs(opened(tensors, {"order": ",".join(order)}), torch.tensor([3.0, 5.0])).item() == right


AUTOENCODER = {
    "encoder.0.weight": torch.ones(2, 3),
    "encoder.2.weight": torch.ones(1, 2),
    "decoder.0.weight": torch.tensor([[1.0], [2.0]]),
    "decoder.2.weight": torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]),
}


def test_an_autoencoder() -> None:
    found = opened(AUTOENCODER)
    assert outputs(found, torch.tensor([1.0, 2.0, 3.0])).tolist() == [12, 24, 36]
    assert keys(found) == ["order-by-names", "activations-assumed"]
    note = found.notes[0]
    assert note.values["query"] == "encoder.0,encoder.2,decoder.0,decoder.2"
    assert note.question is not None
    assert note.question.options[0] == ["encoder.0", "encoder.2", "decoder.0", "decoder.2"]
    assert ["decoder.0", "decoder.2", "encoder.0", "encoder.2"] in note.question.options


def heads_of(tensors: dict[str, Tensor]) -> tuple[str, ...]:
    with pytest.raises(ChoiceNeeded) as raised:
        opened(tensors)
    assert raised.value.faults[0].key == "file-heads"
    question, *_ = raised.value.questions
    assert question.name == "head"
    return question.options


def linear(name: str, n_in: int, n_out: int) -> dict[str, Tensor]:
    return {f"{name}.weight": torch.randn(n_out, n_in), f"{name}.bias": torch.randn(n_out)}


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


def test_a_file_without_activations_says_which_are_likely() -> None:
    tensors = {
        "0.weight": torch.tensor([[1.0], [-1.0]]),
        "0.bias": torch.zeros(2),
        "2.weight": torch.ones(1, 2),
        "2.bias": torch.zeros(1),
    }
    x = torch.tensor([-3.0])
    found = opened(tensors)
    assert outputs(found, x).item() == 0
    (note,) = found.notes
    assert note.key == "activations-assumed"
    assert note.question is not None
    assert note.question.options == (["relu", "identity"], ["identity", "identity"])
    for answer in note.question.options[0], "relu,identity", "relu":
        chosen = opened(tensors, {"activation": answer})
        assert outputs(chosen, x).item() == 3
        assert chosen.notes == ()


def batch_norm_model(*after: nn.Module) -> nn.Sequential:
    torch.manual_seed(7)
    norm = nn.BatchNorm1d(2)
    model = nn.Sequential(nn.Linear(2, 2), norm, *after, nn.Linear(2, 1))
    for _ in range(5):
        model(torch.randn(16, 2) * 3 + 1)
    assert norm.weight is not None
    nn.init.uniform_(norm.weight, 0.5, 2)
    nn.init.uniform_(norm.bias)
    return model.eval()


def test_batch_norm_between_dense_layers() -> None:
    model = batch_norm_model(nn.ReLU())
    x = torch.randn(5, 2)
    found = opened(model.state_dict(), {"activation": "identity,relu,identity"})
    assert [layer.kind for layer in found.network.layers] == ["dense", "batch_norm", "dense"]
    torch.testing.assert_close(outputs(found, x), model(x))
    assert keys(found) == ["batch-norm-kept"]
    asked = opened(model.state_dict())
    assert keys(asked) == ["batch-norm-kept", "activations-assumed"]
    question = asked.notes[-1].question
    assert question is not None
    assert question.options[0] == ["identity", "relu", "identity"]
    # One for all goes after the batch norm, not before it.
    again = nn.Sequential(*model, nn.ReLU())
    torch.testing.assert_close(outputs(opened(model.state_dict(), {"activation": "relu"}), x), again(x))


@pytest.mark.parametrize("dropped", ["num_batches_tracked", "weight"])
@pytest.mark.parametrize("whole", [torch.float32, torch.int64, torch.int32])
def test_batch_norm_without_some_of_it(dropped: str, whole: torch.dtype) -> None:
    state = batch_norm_model().state_dict()
    left = ("weight", "bias") if dropped == "weight" else (dropped,)
    kept = {name: each for name, each in state.items() if name not in [f"1.{part}" for part in left]}
    kept = {name: each.to(whole) if "tracked" in name else each for name, each in kept.items()}
    x = torch.randn(5, 2)
    z = x @ state["0.weight"].T + state["0.bias"]
    scale, shift = (None, None) if dropped == "weight" else (state["1.weight"], state["1.bias"])
    z = torch.nn.functional.batch_norm(z, state["1.running_mean"], state["1.running_var"], scale, shift)
    torch.testing.assert_close(outputs(opened(kept), x), z @ state["2.weight"].T + state["2.bias"])


@pytest.mark.parametrize(
    ("dense", "norms"),
    [
        (("fc1", "fc2", "fc3"), ("bn1", "bn2")),
        (("linear1", "linear2", "out"), ("norm1", "norm2")),
        (("layers.0.linear", "layers.1.linear", "layers.2.linear"), ("layers.0.bn", "layers.1.bn")),
        (("fc_in", "fc_hidden", "fc_out"), ("bn_in", "bn_hidden")),
        (("dense", "dense_1", "dense_2"), ("batch_normalization", "batch_normalization_1")),
    ],
)
def test_batch_norms_stand_beside_the_layers_that_they_are_called_after(
    dense: tuple[str, ...], norms: tuple[str, ...]
) -> None:
    torch.manual_seed(3)
    model = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3), nn.Linear(3, 3), nn.BatchNorm1d(3), nn.Linear(3, 2))
    for _ in range(3):
        model(torch.randn(8, 3) * 2 + 1)
    model.eval()
    names = [dense[0], norms[0], dense[1], norms[1], dense[2]]
    state = {f"{names[int(key[0])]}{key[1:]}": each for key, each in model.state_dict().items()}
    found = opened(state)
    x = torch.randn(4, 3)
    torch.testing.assert_close(outputs(found, x), model(x))
    assert "order-with-norms" in keys(found)


def test_a_batch_norm_that_could_stand_anywhere_is_asked_about() -> None:
    state = {**linear("fc1", 3, 3), **linear("fc2", 3, 3), "extra.running_mean": torch.zeros(3)}
    state["extra.running_var"] = torch.ones(3)
    with pytest.raises(ChoiceNeeded) as raised:
        opened(state)
    assert raised.value.questions[0].options[0] == ["fc1", "extra", "fc2"]
    kinds = [layer.kind for layer in opened(state, {"order": ["extra", "fc1", "fc2"]}).network.layers]
    assert kinds == ["batch_norm", "dense", "dense"]


@pytest.mark.parametrize("mask", [torch.float32, torch.float16, torch.bool, torch.uint8, torch.int64])
def test_pruned_layers(mask: torch.dtype) -> None:
    tensors = {
        "fc.weight_orig": torch.tensor([[2.0, 3.0]]),
        "fc.weight_mask": torch.tensor([[1, 0]], dtype=mask),
        "fc.bias": torch.tensor([1.0]),
    }
    found = opened(tensors)
    assert outputs(found, torch.tensor([5.0, 7.0])).item() == 11
    assert keys(found)[0] == "pruned"


def checked(model: nn.Module, note: str) -> None:
    model.eval()
    x = torch.randn(4, 5)
    found = opened(model.state_dict())
    torch.testing.assert_close(outputs(found, x), model(x))
    assert note in keys(found)


def test_parameters_in_pieces_as_torch_makes_them() -> None:
    torch.manual_seed(11)
    pruned = nn.Sequential(nn.Linear(5, 4), nn.Linear(4, 3))
    prune.l1_unstructured(pruned[0], "weight", 0.5)  # type: ignore[no-untyped-call]
    prune.random_unstructured(pruned[0], "bias", 0.5)  # type: ignore[no-untyped-call]
    prune.ln_structured(pruned[1], "weight", 0.5, n=2, dim=0)  # type: ignore[no-untyped-call]
    checked(pruned, "pruned")
    for dim in (0, 1, -1):
        checked(nn.Sequential(parametrized_weight_norm(nn.Linear(5, 4), dim=dim), nn.Linear(4, 3)), "weight-normed")
    whole = parametrized_weight_norm(nn.Linear(5, 4), dim=None)  # type: ignore[arg-type]
    checked(nn.Sequential(whole, nn.Linear(4, 3)), "weight-normed")
    with pytest.warns(FutureWarning):
        checked(nn.Sequential(weight_norm(nn.Linear(5, 4)), nn.Linear(4, 3)), "weight-normed")
    checked(nn.Sequential(parametrized_spectral_norm(nn.Linear(5, 4)), nn.Linear(4, 3)), "spectral-normed")
    checked(nn.Sequential(spectral_norm(nn.Linear(5, 4)), nn.Linear(4, 3)), "spectral-normed")


def test_half_precision_weights_with_wider_biases() -> None:
    tensors = {"0.weight": torch.tensor([[0.1, 0.2]]).half(), "0.bias": torch.tensor([0.3])}
    found = opened(tensors)
    assert outputs(found, torch.ones(2)).item() == pytest.approx(0.0999755859375 + 0.199951171875 + 0.3, rel=1e-7)
    assert found.notes[0].key == "precision-widened"
    assert found.notes[0].values == {"dtypes": "float16, float32", "dtype": "float32"}


@pytest.mark.parametrize(
    ("weights", "biases", "wide"),
    [
        (torch.bfloat16, torch.float32, torch.float32),
        (torch.float16, torch.bfloat16, torch.float32),
        (torch.float32, torch.float64, torch.float64),
        (torch.bfloat16, torch.bfloat16, torch.bfloat16),
    ],
)
def test_precisions_are_widened_to_one_that_holds_all(
    weights: torch.dtype, biases: torch.dtype, wide: torch.dtype
) -> None:
    tensors = {"0.weight": torch.tensor([[0.1]], dtype=weights), "0.bias": torch.tensor([0.3], dtype=biases)}
    found = opened(tensors)
    assert found.network.dtype == wide
    assert ("precision-widened" in keys(found)) is (weights != biases)
    x = torch.ones(1, dtype=wide)
    assert torch.equal(outputs(found, x), tensors["0.weight"].to(wide)[0] + tensors["0.bias"].to(wide))


@pytest.mark.parametrize(
    ("tensors", "key"),
    [
        ({"0.weight": torch.ones(2, 2), "1.weight": torch.ones(2), "1.bias": torch.ones(2)}, "file-norm"),
        ({"0.weight": torch.ones(2, 1, 3, 3), "1.weight": torch.ones(2, 2)}, "file-kernel"),
        ({"0.weight_orig": torch.ones(2, 2)}, "file-pieces"),
        ({"0.weight_orig": torch.ones(2, 2), "0.weight_mask": torch.ones(3, 3)}, "file-pieces-shapes"),
        ({"0.weight": torch.ones(2, 2), "0.weight_mask": torch.ones(2, 2)}, "file-pieces"),
        ({"0.weight_g": torch.ones(2, 1), "0.weight_v": torch.zeros(2, 2)}, "file-not-finite"),
        ({"0.parametrizations.weight.0.base": torch.ones(2, 2)}, "file-parametrized"),
        ({"q.lora_A.weight": torch.ones(2, 2)}, "file-lora"),
        *((torch.nn.__dict__[name](2, 2).state_dict(), "file-recurrent") for name in ("RNN", "LSTM", "GRUCell")),
        ({"a.0.weight_hr_l1_reverse": torch.ones(2, 2)}, "file-recurrent"),
        (torch.nn.MultiheadAttention(2, 1).state_dict(), "file-attention"),
        (torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.PReLU()).state_dict(), "file-vector"),
        ({"weight": torch.ones(3), "bias": torch.ones(1)}, "file-vector"),
        ({"0.weight": torch.ones(2, 2), "1.running_mean": torch.ones(2)}, "file-no-statistics"),
        (
            {"0.weight": torch.ones(2, 2), "1.running_mean": torch.ones(2), "1.running_var": torch.ones(3)},
            "file-batch-norm",
        ),
        (
            {"0.weight": torch.ones(2, 2), "1.running_mean": torch.ones(3), "1.running_var": torch.ones(3)},
            "layer-shapes",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_name(tensors: dict[str, Tensor], key: str) -> None:
    with pytest.raises(NetworkError) as raised:
        opened(tensors)
    assert raised.value.faults[0].key == key


@pytest.mark.parametrize(
    ("choices", "pointer", "key"),
    [
        ({"order": ["encoder.0", "nobody"]}, "/choices/order", "choice-unknown"),
        ({"order": ["encoder.0", "encoder.0"]}, "/choices/order", "choice-twice"),
        ({"order": []}, "/choices/order", "array-expected"),
        ({"order": 3}, "/choices/order", "array-expected"),
        ({"order": ["decoder.0", "encoder.0", "encoder.2", "decoder.2"]}, "/layers/1/weights", "chain"),
        ({"head": "actor"}, "/choices/head", "choice-no-heads"),
        ({"head": 3}, "/choices/head", "text-expected"),
        ({"activation": ["relu", "relu"]}, "/choices/activation", "activations-count"),
        ({"activation": "cos"}, "/choices/activation", "unknown-activation"),
        ({"layers": 3}, "/choices", "unknown-field"),
    ],
)
def test_a_choice_that_is_none_is_refused_at_its_place(choices: dict[str, Any], pointer: str, key: str) -> None:
    with pytest.raises(NetworkError) as raised:
        opened(AUTOENCODER, choices)
    fault = raised.value.faults[0]
    assert (fault.pointer, fault.key) == (pointer, key)
