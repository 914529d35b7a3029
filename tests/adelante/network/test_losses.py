"""Losses beside torch.nn.functional, for each end that a network may have, and what does not fit."""

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import adelante
from adelante.network.errors import NetworkError
from adelante.network.forward import forward
from adelante.network.losses import Losses, LossName, aim_of, check_targets, losses_of
from adelante.network.network import Network
from tests.said import only_what_can_be_said

ROWS = 7
INPUTS = torch.randn(ROWS, 4, generator=torch.Generator().manual_seed(1))
CLASSES = torch.tensor([0, 1, 2, 1, 0, 2, 2])


def network(*ends: nn.Module, out: int = 3) -> Network:
    torch.manual_seed(2)
    return adelante.trace(nn.Sequential(nn.Linear(4, out), *ends), (INPUTS[:2],))


def found(network: Network, loss: LossName, targets: Tensor, inputs: Tensor = INPUTS) -> Losses:
    aim = aim_of(network, loss)
    trace = forward(network, inputs)
    return losses_of(aim, trace.values, check_targets(aim, targets, trace.batch, single=trace.single))


def same(found: Losses, rows: Tensor, mean: Tensor, right: Tensor | None) -> None:
    torch.testing.assert_close(found.rows, rows, rtol=1e-6, atol=1e-7)
    torch.testing.assert_close(found.mean, mean, rtol=1e-6, atol=1e-7)
    assert (found.right is None) == (right is None)
    if found.right is not None and right is not None:
        assert torch.equal(found.right, right.to(found.right.dtype))


@pytest.mark.parametrize("ends", [(), (nn.Softmax(-1),), (nn.LogSoftmax(-1),)])
def test_cross_entropy_takes_logits_whatever_the_end(ends: tuple[nn.Module, ...]) -> None:
    logits = forward(network(), INPUTS).outputs
    assert isinstance(logits, Tensor)
    rows = F.cross_entropy(logits, CLASSES, reduction="none")
    same(
        found(network(*ends), "cross_entropy", CLASSES),
        rows,
        F.cross_entropy(logits, CLASSES),
        logits.argmax(1) == CLASSES,
    )


def test_a_softmax_that_is_certain_has_no_infinite_loss() -> None:
    certain = network(nn.Softmax(-1))
    losses = found(certain, "cross_entropy", CLASSES, INPUTS * 1000)
    assert bool((forward(certain, INPUTS * 1000).outputs == 0).any())  # type: ignore[union-attr]
    assert bool(losses.rows.isfinite().all())


def test_of_places_each_has_its_class() -> None:
    torch.manual_seed(3)
    words = adelante.trace(nn.Sequential(nn.Embedding(5, 6), nn.Linear(6, 5)), (torch.tensor([[0, 1, 2]]),))
    tokens, targets = torch.tensor([[0, 1, 2], [4, 3, 2]]), torch.tensor([[1, 2, 3], [0, 0, 4]])
    logits = forward(words, tokens).outputs
    assert isinstance(logits, Tensor)
    rows = F.cross_entropy(logits.movedim(-1, 1), targets, reduction="none").mean(1)
    right = (logits.argmax(-1) == targets).float().mean(1)
    same(found(words, "cross_entropy", targets, tokens), rows, rows.mean(), right)


def test_after_a_sigmoid_each_number_is_a_probability() -> None:
    for out, targets in ((1, torch.tensor([0, 1, 1, 0, 1, 0, 0.5])), (3, torch.rand(ROWS, 3))):
        ends = network(nn.Sigmoid(), out=out)
        shares = forward(ends, INPUTS).outputs
        assert isinstance(shares, Tensor)
        wanted = targets.reshape(ROWS, out)
        rows = F.binary_cross_entropy(shares, wanted, reduction="none").mean(1)
        right = ((shares >= 0.5) == (wanted >= 0.5)).float().mean(1)
        same(found(ends, "cross_entropy", targets), rows, F.binary_cross_entropy(shares, wanted), right)


def test_squared_errors_of_any_shape() -> None:
    for out, shape in ((1, (ROWS,)), (1, (ROWS, 1)), (3, (ROWS, 3))):
        ends, targets = network(out=out), torch.randn(shape)
        outputs = forward(ends, INPUTS).outputs
        assert isinstance(outputs, Tensor)
        wanted = targets.reshape(ROWS, out)
        rows = F.mse_loss(outputs, wanted, reduction="none").mean(1)
        same(found(ends, "mse", targets), rows, F.mse_loss(outputs, wanted), None)


def test_one_input_has_one_row() -> None:
    losses = found(network(), "cross_entropy", torch.tensor(1), INPUTS[0])
    assert losses.rows.shape == (1,)


def test_what_does_not_fit_is_said() -> None:
    three, one, share = network(), network(out=1), network(nn.Sigmoid(), out=1)
    picture = adelante.trace(nn.Conv2d(1, 2, 1), (torch.zeros(1, 1, 2, 2),))
    cases: list[tuple[Network, LossName, Any, str, str]] = [
        (three, "cross_entropy", CLASSES + 1, "no-such-class", "/targets/2"),
        (three, "cross_entropy", -CLASSES, "no-such-class", "/targets/1"),
        (three, "cross_entropy", CLASSES[:6], "targets-shape", "/targets"),
        (three, "mse", torch.zeros(ROWS), "targets-shape", "/targets"),
        (share, "cross_entropy", torch.full((ROWS,), 1.5), "no-such-share", "/targets/0"),
        (one, "cross_entropy", CLASSES, "no-classes", "/loss"),
        (picture, "cross_entropy", CLASSES, "no-classes", "/loss"),
    ]
    with only_what_can_be_said():
        for given, loss, targets, key, pointer in cases:
            with pytest.raises(NetworkError) as refused:
                check_targets(aim_of(given, loss), targets, ROWS, single=False)
            assert [(fault.key, fault.pointer) for fault in refused.value.faults] == [(key, pointer)]


def test_what_only_moves_the_numbers_after_a_softmax_or_a_sigmoid_changes_no_loss() -> None:
    logits = forward(network(out=4), INPUTS).outputs
    assert isinstance(logits, Tensor)
    classes = CLASSES[:, None].expand(ROWS, 1)
    softmax = nn.Softmax(-1)
    for ends in ((nn.Unflatten(1, (1, 4)),), (nn.Dropout(), nn.Identity(), nn.Unflatten(1, (4, 1)), nn.Flatten(1))):
        moved = network(softmax, *ends, out=4)
        aim = aim_of(moved, "cross_entropy")
        assert aim.of == network(softmax, out=4).nodes[0].name
        found_ = found(moved, "cross_entropy", classes.reshape(ROWS, *aim.shape))
        rows = F.cross_entropy(logits, CLASSES, reduction="none")
        same(found_, rows, rows.mean(), logits.argmax(1) == CLASSES)
        assert found_.guesses is not None
        assert torch.equal(found_.guesses.flatten(), logits.argmax(1))
    shares = network(nn.Sigmoid(), nn.Flatten(0), out=1)
    assert aim_of(shares, "cross_entropy").shares
    targets = torch.tensor([0.0, 1, 1, 0, 1, 0, 1])
    same(
        found(shares, "cross_entropy", targets),
        F.binary_cross_entropy(torch.as_tensor(forward(shares, INPUTS).outputs), targets, reduction="none"),
        found(network(nn.Sigmoid(), out=1), "cross_entropy", targets).mean,
        found(network(nn.Sigmoid(), out=1), "cross_entropy", targets).right,
    )


def test_classes_are_followed_to_where_they_are_moved() -> None:
    """Over channels, as pictures have them, and then turned: each place's classes stand together at the end."""

    class Turned(nn.Module):
        def __init__(self, dim: int, *, turned: bool) -> None:
            super().__init__()
            self.conv, self.dim, self.turned = nn.Conv1d(2, 3, 1), dim, turned

        def forward(self, x: Tensor) -> Tensor:
            found: Tensor = self.conv(x).softmax(self.dim)
            return found.transpose(1, 2) if self.turned else found.flatten(1)

    x = torch.randn(ROWS, 2, 3, generator=torch.Generator().manual_seed(4))
    torch.manual_seed(5)
    network = adelante.trace(Turned(1, turned=True), (x[:2],))
    aim = aim_of(network, "cross_entropy")
    targets = torch.randint(3, (ROWS, 3), generator=torch.Generator().manual_seed(6))
    logits = forward(network, x).values[aim.of]
    rows = F.cross_entropy(logits, targets, reduction="none").mean(1)
    losses = found(network, "cross_entropy", targets, x)
    same(losses, rows, rows.mean(), (logits.argmax(1) == targets).float().mean(1))
    assert losses.guesses is not None
    assert torch.equal(losses.guesses, logits.argmax(1))
    # Shares that add up to 1 across places, or nine of which three do, are no classes.
    for wrong in (Turned(2, turned=True), Turned(1, turned=False)):
        with only_what_can_be_said(), pytest.raises(NetworkError):
            aim_of(adelante.trace(wrong, (x[:2],)), "cross_entropy")


def test_of_several_outputs_one_is_named() -> None:
    class Two(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.mean, self.kind = nn.Linear(4, 1), nn.Linear(4, 3)

        def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
            return self.mean(x), self.kind(x)

    two = adelante.trace(Two(), (INPUTS[:2],))
    assert aim_of(two, "cross_entropy", two.outputs[1]).of == two.outputs[1]
    with only_what_can_be_said():
        for name, key in ((None, "missing-field"), ("other", "no-such-output")):
            with pytest.raises(NetworkError) as refused:
                aim_of(two, "mse", name)
            assert refused.value.faults[0].key == key
