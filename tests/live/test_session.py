"""A live session shares its network until it changes it, and counts what it has for itself."""

import pytest
import torch

from adelante.network.cells import Cell
from adelante.network.dense.network import DenseLayer, DenseNetwork
from adelante.network.dense.responses import Axis, VaryBias, VaryInput
from adelante.network.errors import NetworkError
from app.compute.steps import CALL_COST
from app.live.budget import Budget
from app.live.session import Change, Session
from app.live.watches import WatchBatch, WatchExplain, WatchGradients, WatchGrid, WatchSweep

X = torch.tensor([0.5, -1.0, 2.0])
PLANE = WatchGrid(Axis(0, -1, 1), Axis(1, -1, 1), 4)


W1, B0, B1 = "layers.1.weights", "layers.0.biases", "layers.1.biases"


def cell(session: Session, tensor: str, *at: int, value: float) -> Change:
    return session.set_cell(Cell(tensor, at), value, "")


def network() -> DenseNetwork:
    generator = torch.Generator().manual_seed(1)
    sizes = ((3, 4), (4, 2))
    return DenseNetwork(DenseLayer(torch.randn(size, generator=generator), torch.zeros(size[1])) for size in sizes)


def budget(limit: int = 10_000) -> Budget:
    return Budget(limit, "ADELANTE_LIVE_SESSION_BYTES", Budget(limit, "ADELANTE_LIVE_MEMORY_BYTES"))


def memory(net: DenseNetwork) -> list[int]:
    return [layer.weights.data_ptr() for layer in net.layers]


def test_a_change_copies_its_layer_alone_and_nobody_else_sees_it() -> None:
    shared = network()
    before = [layer.weights.clone() for layer in shared.layers]
    one, other = Session(shared, X, budget()), Session(shared, X, budget())
    assert memory(one.network) == memory(other.network) == memory(shared)
    untouched = dict(other.arrays())["layers.1.activations"].clone()

    one.make(
        [
            cell(one, W1, 0, 1, value=7.0),
            cell(one, B1, 0, value=3.0),
            cell(one, "inputs", 0, value=1.5),
        ]
    )
    assert memory(one.network)[0] == memory(shared)[0]
    assert memory(one.network)[1] != memory(shared)[1]
    assert one.network.layers[1].weights[0, 1] == 7.0
    for layer, weights in zip(shared.layers, before, strict=True):
        assert torch.equal(layer.weights, weights)
    assert torch.equal(dict(other.arrays())["layers.1.activations"], untouched)
    # What is the session's own already is not copied again.
    own = memory(one.network)
    one.make([one.set_tensor(W1, torch.ones(4, 2), "")])
    assert memory(one.network) == own


def test_another_activation_copies_nothing() -> None:
    shared = network()
    session = Session(shared, X, budget())
    session.make([session.set_activation(0, "tanh", "")])
    assert memory(session.network) == memory(shared)
    assert shared.layers[0].activation.name == "identity"


def test_what_does_not_fit_the_budget_is_refused_and_changes_nothing() -> None:
    shared = network()
    mine = budget(26 * 4 + 3 * 4 + 10 * 4)
    session = Session(shared, X, mine)
    session.make([cell(session, B1, 0, value=1.0)])
    used = mine.used
    with pytest.raises(NetworkError) as caught:
        session.make(
            [cell(session, "inputs", 0, value=9.0), cell(session, B0, 0, value=1.0)],
            "/changes",
        )
    assert (caught.value.faults[0].type, caught.value.faults[0].pointer) == ("too-large", "/changes")
    assert mine.used == used
    assert dict(session.arrays())["inputs"][0] == 0.5
    assert memory(session.network)[0] == memory(shared)[0]
    session.close()
    assert mine.used == 0


def test_sessions_on_one_network_count_it_once_and_others_are_refused_in_the_shared_limits_name() -> None:
    shared = network()
    everyone = Budget(26 * 4 + 3 * 12, "ADELANTE_LIVE_MEMORY_BYTES")
    sessions = [Session(shared, X, Budget(1000, "ADELANTE_LIVE_SESSION_BYTES", everyone)) for _ in range(3)]
    with pytest.raises(NetworkError) as caught:
        Session(network(), X, Budget(1000, "ADELANTE_LIVE_SESSION_BYTES", everyone))
    assert caught.value.faults[0].values["setting"] == "ADELANTE_LIVE_MEMORY_BYTES"
    for session in sessions:
        session.close()
    assert everyone.used == 0


def test_what_is_watched_costs() -> None:
    session = Session(network(), X, budget())
    alone = session.cost
    calls = 4 * CALL_COST
    assert alone == 26 + calls
    for watch, rows in (
        (WatchSweep(VaryInput(0), -1, 1, 5), 5),
        (PLANE, 16),
        (WatchBatch(torch.zeros(7, 3)), 7),
        (WatchGradients(), 6),
    ):
        session.watch([watch, watch])
        assert session.cost == alone + 2 * rows * 26
    session.watch([WatchExplain(0, 1)])
    assert session.cost > alone
    # What is told later costs when it is told.
    session.watch([WatchSweep(VaryBias(0, 1), -1, 1, 5, later=True)])
    assert session.cost == alone
    assert session.stale({}).cost == 5 * 26 + calls


def test_the_inputs_of_watched_batches_are_counted_while_they_are_watched() -> None:
    mine = budget(26 * 4 + 12 + 7 * 12)
    session = Session(network(), X, mine)
    used = mine.used
    session.watch([WatchBatch(torch.zeros(7, 3))])
    assert mine.used == used + 7 * 12
    with pytest.raises(NetworkError):
        session.watch([WatchBatch(torch.zeros(8, 3))])
    assert mine.used == used + 7 * 12
    session.watch([])
    assert mine.used == used


def test_a_range_that_the_dtype_does_not_hold_is_refused_and_the_watches_stay() -> None:
    session = Session(network(), X, budget())
    session.watch([PLANE])
    for watch, pointer in (
        (WatchSweep(VaryInput(0), -1e308, 1, 5), "/watch/0/from"),
        (WatchSweep(VaryInput(0), -1, 1e308, 5), "/watch/0/to"),
        (WatchGrid(Axis(0, -1, 1e39), Axis(1, -1, 1), 4), "/watch/0/x/to"),
    ):
        with pytest.raises(NetworkError) as caught:
            session.watch([watch])
        assert (caught.value.faults[0].key, caught.value.faults[0].pointer) == ("not-held", pointer)
        assert caught.value.faults[0].values["dtype"] == "float32"
    assert "grid.0.layers.0.activations" in dict(session.arrays())


def test_many_inputs_are_told_apart_by_a_digest() -> None:
    wide = DenseNetwork([DenseLayer(torch.ones(1000, 1), torch.zeros(1))])
    session = Session(wide, torch.zeros(1000), budget())
    session.watch([WatchSweep(VaryInput(0), -1, 1, 2, later=True)])
    first = session.stale({})
    assert max(len(inputs) for _, inputs in first.versions.values()) <= 256
    session.make([cell(session, "inputs", 0, value=1.0)])
    assert not session.stale(first.versions).watches
    session.make([cell(session, "inputs", 999, value=1.0)])
    assert len(session.stale(first.versions).watches) == 1
