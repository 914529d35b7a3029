"""The data sets: their numbers are where they are said to be from, and a quarter of the rows is held out."""

from math import prod

import pytest
import torch

from adelante.datasets import DATA_SET_NAMES, data_set_named
from adelante.datasets.digits import enlarged
from adelante.datasets.rain import chance
from adelante.datasets.sequences import BAR, DIGITS, parity_of
from adelante.network.errors import NetworkError


@pytest.mark.parametrize("name", DATA_SET_NAMES)
def test_a_data_set_fits_what_is_said_of_it(name: str) -> None:
    data = data_set_named(name)
    assert data.inputs.shape == (data.rows, *data.shape)
    assert len(data.targets) == len(data.held_out) == data.rows
    assert len(data.columns) in (1, prod(data.shape))
    assert len(data.header) == prod(data.shape) + 1
    columns = data.inputs.reshape(data.rows, -1, len(data.columns) if len(data.columns) > 1 else 1)
    for k, column in enumerate(data.columns):
        assert column.low <= columns[..., k].min().item()
        assert columns[..., k].max().item() <= column.high
    assert data.held_out.float().mean().item() == pytest.approx(0.25, abs=0.011)
    if data.class_names:
        assert data.targets.dtype == torch.int64
        for part in (data.training[1], data.held_out_rows[1]):
            assert set(part.reshape(-1).tolist()) == set(range(len(data.class_names)))


def test_digits_are_scikit_learns() -> None:
    from sklearn import datasets  # some seconds, which who only collects this test does not wait

    found, theirs = data_set_named("digits"), datasets.load_digits()
    assert found.inputs.tolist() == theirs.images[:, None].tolist()
    assert found.targets.tolist() == theirs.target.tolist()


def test_iris_is_scikit_learns() -> None:
    from sklearn import datasets  # some seconds, which who only collects this test does not wait

    found, theirs = data_set_named("iris"), datasets.load_iris()
    assert torch.equal(found.inputs, torch.tensor(theirs.data).float())
    assert found.targets.tolist() == theirs.target.tolist()
    assert found.class_names == tuple(theirs.target_names)


def test_enlarged_digits_keep_their_ink() -> None:
    pictures = data_set_named("digits").inputs[:50]
    large = enlarged(pictures)
    assert large.shape == (50, 1, 28, 28)
    assert torch.allclose(large.mean((1, 2, 3)), pictures.mean((1, 2, 3)), rtol=0.05)


def test_gates_follow_their_truth_tables() -> None:
    tables = {"and": [0, 0, 0, 1], "or": [0, 1, 1, 1], "nand": [1, 1, 1, 0], "nor": [1, 0, 0, 0], "xor": [0, 1, 1, 0]}
    for name, table in tables.items():
        data = data_set_named(f"gate-{name}")
        high = (data.inputs > 0.5).long()
        assert data.targets.tolist() == [table[2 * a + b] for a, b in high.tolist()]


def test_rain_follows_its_rule_as_often_as_chance_lets_it() -> None:
    data = data_set_named("rain")
    likely = chance(data.inputs)
    for low in (0.0, 0.2, 0.4, 0.6, 0.8):
        rows = (likely >= low) & (likely < low + 0.2)
        assert data.targets[rows].float().mean().item() == pytest.approx(likely[rows].mean().item(), abs=0.08)


def test_sequences_carry_their_answers() -> None:
    parity = data_set_named("parity")
    assert len({tuple(row) for row in parity.inputs.reshape(256, 8).tolist()}) == 256
    assert torch.equal(parity.targets, parity_of(parity.inputs))
    rows = data_set_named("sorting")
    assert bool((rows.inputs[:, DIGITS] == BAR).all())
    assert torch.equal(rows.targets[:, DIGITS:], rows.inputs[:, :DIGITS].sort(1).values)
    assert torch.equal(rows.inputs[:, 1:], rows.targets[:, :-1])


def test_an_unknown_data_set_is_refused() -> None:
    with pytest.raises(NetworkError) as caught:
        data_set_named("nope")
    assert caught.value.faults[0].values["known"] == list(DATA_SET_NAMES)
