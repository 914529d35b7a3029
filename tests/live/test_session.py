"""A live session shares its network until it changes it, and counts what it has for itself."""

import gc
import mmap
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from adelante.network.activations import ACTIVATIONS
from adelante.network.cells import Cell
from adelante.network.dense.explain import explain_layer, gradients, running_sums, running_terms, shares
from adelante.network.dense.network import DenseLayer, DenseNetwork
from adelante.network.dense.responses import Axis, VaryBias, VaryInput, VaryWeight, curve, grid, sweep
from adelante.network.errors import NetworkError
from adelante.network.forward import forward
from app.compute.steps import CALL_COST
from app.live.budget import Budget
from app.live.cell_watches import WatchTensor
from app.live.session import Change, Session
from app.live.watches import (
    Watch,
    WatchBatch,
    WatchDifferences,
    WatchExplain,
    WatchGradients,
    WatchGrid,
    WatchShares,
    WatchSweep,
    cost_of,
    frame_bytes,
    memory_of,
)
from app.store.networks import around_bytes

X = torch.tensor([0.5, -1.0, 2.0])
PLANE = WatchGrid(Axis(0, -1, 1), Axis(1, -1, 1), 4)


W1, B0, B1 = "layers.1.weights", "layers.0.biases", "layers.1.biases"


def cell(session: Session, tensor: str, *at: int, value: float) -> Change:
    return session.set_cell(Cell(tensor, at), value, "")


def network() -> DenseNetwork:
    generator = torch.Generator().manual_seed(1)
    sizes = ((3, 4), (4, 2))
    return DenseNetwork(DenseLayer(torch.randn(size, generator=generator), torch.zeros(size[1])) for size in sizes)


# What Python and torch need around the 26 numbers of `network`, which each session has of its own once it changes it.
AROUND = around_bytes(network())


def budget(limit: int = 20_000) -> Budget:
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
    mine = budget(2 * AROUND + 26 * 4 + 3 * 4 + 10 * 4)
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
    everyone = Budget(4 * AROUND + 26 * 4 + 3 * 12, "ADELANTE_LIVE_MEMORY_BYTES")
    sessions = [Session(shared, X, Budget(10_000, "ADELANTE_LIVE_SESSION_BYTES", everyone)) for _ in range(3)]
    with pytest.raises(NetworkError) as caught:
        Session(network(), X, Budget(10_000, "ADELANTE_LIVE_SESSION_BYTES", everyone))
    assert caught.value.faults[0].values["setting"] == "ADELANTE_LIVE_MEMORY_BYTES"
    for session in sessions:
        session.close()
    assert everyone.used == 0


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_thousands_of_tiny_layers_take_no_more_than_is_counted() -> None:
    def resident() -> int:
        gc.collect()
        return int(Path("/proc/self/statm").read_text().split()[1]) * mmap.PAGESIZE

    count, before = 20_000, resident()
    mine = budget(10**9)
    deep = DenseNetwork(DenseLayer(torch.ones(1, 1), torch.zeros(1)) for _ in range(count))
    session = Session(deep, torch.ones(1), mine, shared=False)
    assert resident() - before < 1.1 * mine.used
    before = resident()
    arrays = session.arrays()
    assert len(arrays) == 1 + 2 * count
    assert resident() - before < 1.1 * session.memory


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
    mine = budget(2 * AROUND + 26 * 4 + 12 + 7 * 12)
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


def with_softmax(n_out: int) -> DenseNetwork:
    tanh, softmax = ACTIVATIONS["tanh"], ACTIVATIONS["softmax"]
    return DenseNetwork(
        [
            DenseLayer(torch.ones(3, 4), torch.zeros(4), tanh),
            DenseLayer(torch.ones(4, n_out), torch.zeros(n_out), softmax),
        ]
    )


EVERY_WATCH: list[Watch] = [
    WatchExplain(0, 1),
    WatchExplain(1, 0),
    WatchShares(1),
    WatchDifferences([torch.ones(3), torch.ones(4), torch.ones(2)]),
    WatchSweep(VaryInput(0), -1, 1, 5, "a"),
    WatchSweep(VaryWeight(1, 2, 0), -1, 1, 5, "b", layers=True),
    PLANE,
    WatchBatch(torch.ones(7, 3)),
    WatchBatch(torch.ones(7, 3), "all", layers=True),
    WatchGradients(),
    WatchTensor("layers.0.activations", ((1, 3),)),
]


@pytest.mark.parametrize("n_out", [1, 2])
def test_a_frame_is_as_long_as_was_said_before(n_out: int) -> None:
    net = with_softmax(n_out)
    fitting = [watch for watch in EVERY_WATCH if n_out == 2 or not isinstance(watch, WatchDifferences)]
    session = Session(net, X, budget())
    for watches in ([], *([each] for each in fitting), fitting):
        session.watch(watches)
        told = sum(values.numel() for _, values in session.arrays())
        assert session.price(watches).frame == frame_bytes(net, watches) == 4 * (1 + told), watches


def test_every_watch_tells_what_the_functions_of_the_network_give() -> None:
    net = with_softmax(2)
    session = Session(net, X, budget())
    session.watch(EVERY_WATCH)
    arrays, trace = dict(session.arrays()), forward(net, X)
    part = explain_layer(net, trace, 1, 0)
    swept = sweep(net, X, VaryWeight(1, 2, 0), torch.linspace(-1, 1, 5))
    plane = grid(net, X, Axis(0, -1, 1), Axis(1, -1, 1), 4)
    found = shares(trace.pre_activations[1])
    expected = {
        "inputs": X,
        "explain.1.0.contributions": part.contributions[:, 0],
        "explain.1.0.sums": running_sums(part)[:, 0],
        "explain.1.0.running": running_terms(part)[:, 0],
        "explain.1.0.derivative": part.derivatives,
        "explain.1.0.curve": curve(net.layers[1].activation, trace.pre_activations[1], 0),
        "shares.1.exponentials": found.exponentials,
        "shares.1.log_total": found.log_total.reshape(1),
        "differences.0": X - 1,
        "differences.2": trace.outputs - 1,
        "sweep.a.values": torch.linspace(-1, 1, 5),
        "sweep.b.outputs": swept.outputs,
        "sweep.b.layers.0.activations": swept.activations[0],
        "grid.6.layers.1.activations": plane.activations[1],
        "batch.7.outputs": forward(net, torch.ones(7, 3)).outputs,
        "batch.all.outputs": forward(net, torch.ones(7, 3)).outputs,
        "batch.all.layers.0.pre_activations": forward(net, torch.ones(7, 3)).pre_activations[0],
        "batch.all.layers.1.activations": forward(net, torch.ones(7, 3)).outputs,
        "gradients.inputs": gradients(net, X).inputs,
        "tensor.10": trace.activations[0][1:3],
    }
    for name, values in expected.items():
        torch.testing.assert_close(arrays[name], values, rtol=0, atol=0)
    assert not {"sweep.a.layers.0.activations", "batch.7.layers.0.activations"} & set(arrays)


@pytest.mark.parametrize(
    ("watch", "pointer", "key"),
    [
        (WatchExplain(2, 0), "/watch/1/layer", "no-such-layer"),
        (WatchExplain(0, 4), "/watch/1/neuron", "no-such-neuron"),
        (WatchShares(2), "/watch/1/layer", "no-such-layer"),
        (WatchDifferences([X, X, X[:2]]), "/watch/1/values/1", "same-shape"),
        (WatchDifferences([X, torch.ones(4)]), "/watch/1/values", "same-shape"),
        (WatchDifferences([X, torch.ones(4), X[:2], X]), "/watch/1/values", "same-shape"),
        (WatchSweep(VaryInput(3), -1, 1, 5), "/watch/1/vary/input", "no-such-input"),
        (WatchGrid(Axis(3, -1, 1), Axis(1, -1, 1), 4), "/watch/1/x/input", "no-such-input"),
        (WatchGrid(Axis(0, -1, 1), Axis(3, -1, 1), 4), "/watch/1/y/input", "no-such-input"),
        (WatchGrid(Axis(0, -1, 1), Axis(1, -1e39, 1), 4), "/watch/1/y/from", "not-held"),
        (WatchGrid(Axis(1, -1, 1), Axis(1, -1, 1), 4), "/watch/1/y/input", "same-input-twice"),
        (WatchBatch(torch.ones(7, 2)), "/watch/1/inputs", "inputs"),
    ],
)
def test_what_is_not_there_to_be_watched_is_told_where_it_stands(watch: Watch, pointer: str, key: str) -> None:
    session = Session(network(), X, budget())
    with pytest.raises(NetworkError) as caught:
        session.watch([WatchGradients(), watch])
    assert [(fault.pointer, fault.key) for fault in caught.value.faults] == [(pointer, key)]


def test_a_change_that_can_not_be_is_told_where_it_stands_and_changes_nothing() -> None:
    session = Session(network(), X, budget())
    before = {name: values.clone() for name, values in session.arrays()}
    changes: list[tuple[Callable[[], Change], str, str]] = [
        (lambda: session.set_cell(Cell(W1, (0, 1)), 1e39, "/p"), "/p/value", "not-held"),
        (lambda: session.set_tensor(W1, torch.ones(2, 4), "/p"), "/p", "same-shape"),
        (lambda: session.set_tensor("inputs", torch.ones(4), "/p"), "/p", "same-shape"),
        (lambda: session.set_activation(2, "tanh", "/p"), "/p/layer", "no-such-layer"),
        (lambda: session.set_activation(0, "tan", "/p"), "/p/activation", "unknown-activation"),
    ]
    for change, pointer, key in changes:
        with pytest.raises(NetworkError) as caught:
            change()
        fault = caught.value.faults[0]
        assert (fault.pointer, fault.key) == (pointer, key)
        if key == "same-shape":
            expected = tuple(before["inputs"].shape) if "4,)" in str(fault.values["got"]) else (4, 2)
            assert fault.values["expected"] == str(expected)
    assert all(torch.equal(values, before[name]) for name, values in session.arrays())


def test_a_session_begins_with_one_input_vector() -> None:
    for inputs, key in ((torch.ones(2, 3), "one-input-vector"), (torch.ones(2), "inputs")):
        mine = budget()
        with pytest.raises(NetworkError) as caught:
            Session(network(), inputs, mine)
        assert (caught.value.faults[0].key, caught.value.faults[0].pointer) == (key, "/inputs")
        assert mine.used == 0
    # In a batch of one it is taken for what it is, as every other question about a network takes it.
    assert torch.equal(dict(Session(network(), X.unsqueeze(0), budget()).arrays())["inputs"], X)


def test_tiny_layers_count_with_what_python_needs_around_them() -> None:
    """Thousands of them have few numbers, and take megabytes in each session that has its own."""
    deep = DenseNetwork([DenseLayer(torch.ones(1, 1), torch.zeros(1))] * 1000)
    for shared in (True, False):
        mine = budget(10**7)
        Session(deep, torch.ones(1), mine, shared=shared)
        assert mine.used > 1000 * 1000


def test_a_network_of_its_own_is_counted_whole_and_never_copied() -> None:
    net, mine = network(), budget()
    session = Session(net, X, mine, shared=False)
    assert mine.used == AROUND + 4 * (3 + 26)
    session.make([cell(session, W1, 0, 1, value=7.0)])
    assert memory(session.network) == memory(net)
    assert mine.used == AROUND + 4 * (3 + 26)
    session.close()
    session.close()
    assert mine.used == 0


def test_memory_that_is_lacking_is_told_with_its_size_and_limit() -> None:
    most, everyone = AROUND + 200, 3 * AROUND + 230
    mine = Budget(most, "ADELANTE_LIVE_SESSION_BYTES", Budget(everyone, "ADELANTE_LIVE_MEMORY_BYTES"))
    another = Budget(AROUND + 50, "", mine._parent)
    session = Session(network(), X, mine)
    for use, pointer, size, limit, setting in (
        (lambda: session.watch([WatchBatch(torch.ones(20, 3))]), "/watch", 240, most, "SESSION_BYTES"),
        # A network that several share is counted for all of them, however little one may have for itself.
        (lambda: Session(network(), X, another), "/network", AROUND + 104, everyone, "MEMORY_BYTES"),
    ):
        with pytest.raises(NetworkError) as caught:
            use()
        (fault,) = caught.value.faults
        assert (fault.type, fault.pointer, fault.hint) == ("too-large", pointer, "session-too-large")
        assert fault.values == {"size": size, "limit": limit, "setting": f"ADELANTE_LIVE_{setting}"}


def test_what_a_session_has_for_itself_is_refused_as_its_layers() -> None:
    for shared, size in ((True, AROUND + 12), (False, AROUND + 12 + 104)):
        mine = Budget(size - 1, "ADELANTE_LIVE_SESSION_BYTES", Budget(10**6, ""))
        with pytest.raises(NetworkError) as caught:
            Session(network(), X, mine, shared=shared)
        (fault,) = caught.value.faults
        assert (fault.pointer, fault.values["size"], fault.values["limit"]) == ("/layers", size, size - 1)


def test_only_batches_and_values_are_kept_while_they_are_watched() -> None:
    mine = budget()
    session = Session(network(), X, mine)
    used = mine.used
    for watch, kept in (
        (WatchGradients(), 0),
        (PLANE, 0),
        (WatchBatch(torch.ones(7, 3)), 84),
        (WatchDifferences([torch.ones(3), torch.ones(4), torch.ones(2)]), 36),
    ):
        session.watch([watch])
        assert mine.used == used + kept


def test_what_watches_are_said_to_cost_and_to_take() -> None:
    """Multiply-adds; and bytes, of which each number takes three: itself, what it is computed from, its copy."""
    net = with_softmax(2)
    assert net.units == 6
    base = 4 * (3 + 3 * 6) + 2 * 1280
    for watch, cost, memory in (
        (WatchExplain(0, 1), 4 * 3 + 65, 3 * (3 * 3 + 3 + 130)),
        (WatchExplain(1, 1), 4 * 4 + 65 * 2 * 2, 3 * (3 * 4 + 3 + 65 * 2)),
        (WatchShares(1), 0, 3 * (2 * 2 + 3)),
        (WatchGradients(), 6 * net.cost, 3 * 2 * (3 + 6)),
        (WatchBatch(torch.ones(7, 3)), 7 * net.cost, 3 * 7 * 6),
        (WatchBatch(torch.ones(7, 3), layers=True), 7 * net.cost, 3 * 7 * 2 * 6),
        (WatchGrid(Axis(0, -1, 1), Axis(1, -1, 1), 4), 16 * net.cost, 3 * 16 * 6),
        (WatchSweep(VaryBias(0, 1), -1, 1, 5), 5 * net.cost, 3 * 5 * 6),
        (WatchSweep(VaryInput(0), -1, 1, 5), 5 * net.cost, 3 * 5 * 6 + 5 * 3),
        (WatchSweep(VaryWeight(1, 2, 0), -1, 1, 5), 5 * net.cost, 3 * 5 * 6 + 5 * 4),
    ):
        assert (cost_of(net, watch), memory_of(net, [watch])) == (cost, base + 4 * memory), watch


def test_what_is_told_later_is_stale_after_what_it_hangs_on() -> None:
    session = Session(network(), X, budget())
    swept = WatchSweep(VaryInput(0), -1, 1, 5, later=True)
    plane = WatchGrid(Axis(0, -1, 1), Axis(2, -1, 1), 4, later=True)
    session.watch([WatchGradients(), swept, plane])
    sent = session.stale({})
    assert ([k for k, _ in sent.watches], sent.due) == ([1, 2], True)
    assert list(dict(session.later_arrays(sent))) == [
        *("sweep.1.values", "sweep.1.outputs"),
        *(f"grid.2.layers.{k}.activations" for k in range(2)),
    ]
    assert (session.stale(sent.versions).watches, session.stale(sent.versions).due) == ([], False)
    for change, stale in (
        (cell(session, "inputs", 0, value=9.0), []),
        (cell(session, "inputs", 2, value=9.0), [1]),
        (cell(session, "inputs", 1, value=9.0), [1, 2]),
        (cell(session, W1, 0, 0, value=9.0), [1, 2]),
        (session.set_activation(0, "relu", ""), [1, 2]),
        (session.set_tensor(B0, torch.ones(4), ""), [1, 2]),
    ):
        session.make([change])
        found = session.stale(sent.versions)
        assert [k for k, _ in found.watches] == stale
        sent = found if stale else sent


def test_the_same_rows_and_values_again_are_the_same_question() -> None:
    rows = torch.ones(2, 3)
    assert WatchBatch(rows, "b") == WatchBatch(rows.clone(), "b")
    assert WatchBatch(rows, "b") != WatchBatch(rows, "c")
    assert WatchBatch(rows) != WatchBatch(2 * rows)
    assert WatchBatch(rows) != WatchBatch(rows, layers=True)
    assert WatchDifferences([rows[0], rows[1]]) == WatchDifferences([rows[0].clone(), rows[1].clone()])
    assert WatchDifferences([rows[0], rows[1]]) != WatchDifferences([rows[0]])
    assert WatchDifferences([rows[0], rows[1]]) != WatchDifferences([rows[0], 0 * rows[1]])
