"""Files as people have them: their names' order, pruned layers, parameters in pieces, mixed precision."""

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


def linear(name: str, n_in: int, n_out: int) -> dict[str, Tensor]:
    return {f"{name}.weight": torch.randn(n_out, n_in), f"{name}.bias": torch.randn(n_out)}


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
