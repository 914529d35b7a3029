"""Batch norms beside dense layers in a file of tensors: after which layer each stands, and what it lacks."""

import pytest
import torch
from torch import nn

from adelante.formats.choices import ChoiceNeeded
from tests.adelante.formats.modules.test_cases import keys, linear, opened, outputs


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
