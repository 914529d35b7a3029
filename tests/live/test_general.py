"""A live session of any network: its numbers are those of a pass, and only what depends on a change is computed."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch

from adelante.formats.json import network_from_document
from adelante.network.cells import Cell
from adelante.network.errors import Fault, NetworkError
from adelante.network.forward import forward
from adelante.network.operations.conv import Conv2d
from adelante.network.presets import chain_named
from app.compute.steps import CALL_COST
from app.live.budget import Budget
from app.live.cell_watches import Cells, GeneralWatch, WatchCell, WatchMoved, WatchTensor, numbers_of_cells, parts_of
from app.live.general import GeneralSession, numbers_told, trace_bytes
from app.live.session import Change
from app.store.networks import ready_bytes
from tests.adelante.network.convolution import convolution, picture

PIXEL, WEIGHT = Cell("inputs", (0, 1, 1)), Cell("layers.3.weights", (2, 1))


def budget(limit: int = 1_000_000) -> Budget:
    return Budget(limit, "ADELANTE_LIVE_SESSION_BYTES", Budget(limit, "ADELANTE_LIVE_MEMORY_BYTES"))


def opened(limit: int = 1_000_000, **more: Any) -> GeneralSession:
    return GeneralSession(convolution(), picture(), budget(limit), **more)


def test_its_arrays_are_those_of_the_pass_after_any_change() -> None:
    network, given = convolution(), picture()
    session = GeneralSession(network, given, budget())
    expected = given.clone()
    weights = network.parameters["layers.3.weights"].clone()
    for k in range(4):
        if k == 1:
            session.make([session.set_cell(PIXEL, 2.5, "")])
            expected[PIXEL.at] = 2.5
        if k == 2:
            session.make([session.set_cell(WEIGHT, -3.0, ""), session.set_cell(PIXEL, 1.0, "")])
            expected[PIXEL.at], weights[WEIGHT.at] = 1.0, -3.0
        if k == 3:
            session.make([session.set_tensor("inputs", -given, "")])
            expected = -given
        parameters = {**network.parameters, "layers.3.weights": weights}
        trace = forward(network.__class__(network.inputs, parameters, network.nodes, network.outputs), expected)
        arrays = dict(session.arrays())
        assert list(arrays) == ["inputs", *(node.name for node in network.nodes)]
        for name, values in arrays.items():
            assert torch.equal(values, trace[name]), (k, name)
    # Who else uses the network sees none of it.
    assert torch.equal(network.parameters["layers.3.weights"], convolution().parameters["layers.3.weights"])


def test_only_what_hangs_on_a_change_is_computed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []
    run = Conv2d.run

    def counted(self: Conv2d, *operands: torch.Tensor) -> torch.Tensor:
        ran.append("conv2d")
        return run(self, *operands)

    session = opened()
    whole = session.cost
    session.arrays()
    monkeypatch.setattr(Conv2d, "run", counted)
    session.make([session.set_cell(WEIGHT, 1.0, "")])
    assert session.cost < whole / 2
    session.arrays()
    assert ran == []
    session.make([session.set_cell(PIXEL, 1.0, "")])
    session.arrays()
    assert ran == ["conv2d"]


def test_a_changed_parameter_is_counted_before_it_is_copied() -> None:
    network = convolution()
    size = trace_bytes(network) + picture().nbytes
    weights = network.parameters["layers.3.weights"].nbytes
    # Until a pass has the new value, the old one is kept, in 256 bytes.
    session = GeneralSession(network, picture(), budget(size + ready_bytes(network) + weights + 2 * 256))
    session.make([session.set_cell(WEIGHT, 1.0, "")])
    session.make([session.set_cell(WEIGHT, 2.0, "")])
    with pytest.raises(NetworkError) as caught:
        session.make([session.set_cell(Cell("layers.0.biases", (0,)), 1.0, "")], "/changes")
    (fault,) = caught.value.faults
    assert (fault.type, fault.pointer) == ("too-large", "/changes")
    assert fault.values["size"] == network.parameters["layers.0.biases"].nbytes + 256
    assert torch.equal(
        dict(session.arrays())["layers.0.pre_activations"], forward(network, picture())["layers.0.pre_activations"]
    )


def words(inputs: list[int]) -> GeneralSession:
    """Three tokens of a table of four rows, and a gain that each is multiplied with."""
    document = {
        "input": {"shape": [3], "dtype": "int64"},
        "layers": [
            {"kind": "embedding", "weights": [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0]]},
            {"kind": "mul", "other": [10.0, 100.0]},
        ],
    }
    return GeneralSession(network_from_document(document), torch.tensor(inputs), budget())


def test_what_no_pass_can_be_computed_with_is_undone() -> None:
    session = words([0, 1, 2])
    watch = WatchTensor("layers.1.activations", ((0, 1), (0, 2)))
    session.watch([watch])
    before = dict(session.arrays())
    used = session._budget.used
    bad = session.set_cell(Cell("inputs", (1,)), 4, "")
    gain = session.set_cell(Cell("layers.1.other", (0,)), 7.0, "")
    for changes in (
        [bad],
        [session.set_tensor("inputs", torch.tensor([3, 3, -1]), "")],
        [gain, session.set_cell(Cell("inputs", (0,)), 3, ""), bad],
        [
            bad,
            session.set_tensor("inputs", torch.tensor([3, 3, 9]), ""),
            session.set_cell(Cell("inputs", (0,)), 2, ""),
            gain,
        ],
    ):
        session.make(changes)
        session.watch([])
        with pytest.raises(NetworkError) as caught:
            session.arrays()
        assert (caught.value.faults[0].type, caught.value.faults[0].pointer) == ("out-of-range", "/layers/0")
        assert caught.value.faults[0].torch_words is not None
        again = dict(session.arrays())
        assert list(again) == list(before)
        assert all(torch.equal(again[name], before[name]) for name in before)
    # The parameter that was changed is the session's own since then; nothing else is counted.
    assert session._budget.used == used + 8
    session.make([session.set_cell(Cell("inputs", (1,)), 3, "")])
    assert dict(session.arrays())["layers.1.activations"].tolist() == [[10, 200], [70, 800], [50, 600]]


def test_a_whole_parameter_is_brought_back_too() -> None:
    session = words([0, 1, 2])
    before = dict(session.arrays())
    for changes in (
        [session.set_tensor("layers.1.other", torch.tensor([5.0, 6.0]), "")],
        [
            session.set_cell(Cell("layers.1.other", (1,)), 9.0, ""),
            session.set_tensor("layers.1.other", torch.tensor([5.0, 6.0]), ""),
            session.set_cell(Cell("layers.1.other", (0,)), 9.0, ""),
        ],
    ):
        session.make([*changes, session.set_cell(Cell("inputs", (1,)), 4, "")])
        with pytest.raises(NetworkError):
            session.arrays()
        again = dict(session.arrays())
        assert all(torch.equal(again[name], values) for name, values in before.items())
        # What is changed from here on is what was there before, not what was undone.
        session.make([session.set_cell(Cell("layers.1.other", (0,)), 10.0, "")])
        again = dict(session.arrays())
        assert all(torch.equal(again[name], values) for name, values in before.items())
        # Other values of an input are computed with it too.
        fresh = words([0, 1, 2])
        for each in (session, fresh):
            each.watch([WatchMoved((Cell("inputs", (0,)),), ((0.0, 3.0),), 4)])
        again, expected = dict(session.arrays()), dict(fresh.arrays())
        assert len(expected) > len(before)
        assert all(torch.equal(again[name], values) for name, values in expected.items())
        session.watch([])


def test_a_watch_that_can_not_be_told_is_undone() -> None:
    session = words([0, 1, 2])
    before = dict(session.arrays())
    session.watch([WatchMoved((Cell("inputs", (0,)),), ((0.0, 9.0),), 10)])
    with pytest.raises(NetworkError) as caught:
        session.arrays()
    assert caught.value.faults[0].type == "out-of-range"
    assert list(dict(session.arrays())) == list(before)


def test_a_pass_goes_in_steps_and_gives_the_same_numbers() -> None:
    session, whole = opened(), dict(opened().arrays())
    steps, found = list_of(session.told(1.0))
    assert steps > 3
    assert all(torch.equal(dict(found)[name], values) for name, values in whole.items())
    session.make([session.set_cell(WEIGHT, 1.0, "")])
    fewer, _ = list_of(session.told(1.0))
    assert 0 < fewer < steps


def list_of(steps: Any) -> tuple[int, Any]:
    """How many steps there are, and what they come to."""
    count = 0
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return count, end.value
        count += 1


def test_what_it_takes_is_counted_and_given_back() -> None:
    mine = budget()
    network = convolution()
    session = GeneralSession(network, picture(), mine)
    assert mine.used == trace_bytes(network) + picture().nbytes
    session.close()
    session.close()
    assert mine.used == 0
    assert session.device == "cpu"
    with pytest.raises(NetworkError) as caught:
        GeneralSession(network, picture(), budget(trace_bytes(network)))
    assert caught.value.faults[0].pointer == "/layers"
    assert caught.value.faults[0].values["setting"] == "ADELANTE_LIVE_SESSION_BYTES"
    own = budget()
    GeneralSession(network, picture(), own, shared=False)
    assert own.used == trace_bytes(network) + picture().nbytes + ready_bytes(network)


def told(watch: WatchTensor) -> torch.Tensor:
    session = opened()
    session.watch([watch])
    return dict(session.arrays())[f"tensor.{watch.name or 0}"]


def test_a_region_and_blocks_of_it() -> None:
    values = forward(convolution(), picture())["layers.0.activations"]
    name = "layers.0.activations"
    assert torch.equal(told(WatchTensor(name, ((0, 2), (1, 4), (0, 2)))), values[:, 1:4, :2])
    for reduction, function in (("mean", torch.mean), ("largest", torch.amax)):
        whole = WatchTensor(name, ((0, 2), (0, 4), (0, 4)), (1, 3, 2), reduction, "r")  # type: ignore[arg-type]
        found = told(whole)
        assert found.shape == whole.shape == (2, 2, 2)
        for channel in range(2):
            for row, rows in enumerate((slice(0, 3), slice(3, 4))):
                for column, columns in enumerate((slice(0, 2), slice(2, 4))):
                    expected = function(values[channel, rows, columns])
                    torch.testing.assert_close(found[channel, row, column], expected)


def test_the_cells_of_an_explanation_and_their_numbers() -> None:
    session = opened()
    cell = Cell("layers.0.pre_activations", (1, 0, 0))
    session.watch([WatchCell(cell, parts_of(session.network, cell), "z")])
    for value in (0.5, -2.0):
        session.make([session.set_cell(Cell("inputs", (0, 0, 1)), value, "")])
        arrays = dict(session.arrays())
        found = session.cells.explained["z"].explanation
        assert arrays["explain.z.value"].tolist() == [arrays["layers.0.pre_activations"][cell.at].item()]
        assert len(arrays["explain.z.parts"]) == 4 + 1
        products = arrays["explain.z.parts"][:4] * arrays["explain.z.parameters"]
        torch.testing.assert_close(products.sum() + arrays["explain.z.parts"][4], arrays["explain.z.value"][0])
        assert found.part("bias") is not None


def test_a_large_network_tells_what_is_watched_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.live.general.MOST_TOLD", 10)
    session = opened()
    assert session.arrays() == []
    session.watch([WatchTensor("layers.3.activations", ((0, 3),))])
    assert [name for name, _ in session.arrays()] == ["tensor.0"]


@pytest.mark.parametrize("later", [False, True])
def test_what_other_values_would_give_is_that_of_a_session_which_has_them(later: bool) -> None:
    session = opened()
    watches = [
        WatchMoved((PIXEL,), ((-1.0, 1.0),), 3, "p", layers=True, later=later),
        WatchMoved((WEIGHT,), ((0.0, 2.0),), 2, "w", later=later),
        WatchMoved((PIXEL, WEIGHT), ((-1.0, 1.0), (0.0, 2.0)), 2, "plane", later=later),
    ]
    session.watch(watches)
    session.make([session.set_cell(Cell("layers.3.biases", (1,)), 0.75, ""), session.set_cell(WEIGHT, 0.5, "")])
    arrays = dict(session.arrays())
    stale = session.stale({})
    assert stale.due == later
    if later:
        assert not any(name.startswith(("sweep", "grid")) for name in arrays)
        arrays |= dict(list_of(session.told_later(stale, 1e9))[1])
        assert not session.stale(stale.versions).due
        session.make([session.set_cell(PIXEL, 0.5, "")])
        assert session.stale(stale.versions).due

    def having(*changes: tuple[Cell, float]) -> dict[str, torch.Tensor]:
        other = opened()
        other.make([other.set_cell(Cell("layers.3.biases", (1,)), 0.75, ""), other.set_cell(WEIGHT, 0.5, "")])
        other.make([other.set_cell(cell, value, "") for cell, value in changes])
        return dict(other.arrays())

    output = "layers.3.activations"
    assert arrays["sweep.p.values"].tolist() == [-1, 0, 1]
    for k, value in enumerate((-1.0, 0.0, 1.0)):
        expected = having((PIXEL, value))
        torch.testing.assert_close(arrays["sweep.p.outputs"][k], expected[output])
        torch.testing.assert_close(arrays["sweep.p.layers.1.activations"][k], expected["layers.1.activations"])
    for k, value in enumerate((0.0, 2.0)):
        torch.testing.assert_close(arrays["sweep.w.outputs"][k], having((WEIGHT, value))[output])
        for j, other in enumerate((-1.0, 1.0)):
            expected = having((WEIGHT, value), (PIXEL, other))
            torch.testing.assert_close(arrays["grid.plane.outputs"][:, k, j], expected[output])
    assert (arrays["grid.plane.x"].tolist(), arrays["grid.plane.y"].tolist()) == ([-1, 1], [0, 2])
    price = session.price(watches)
    told = sum(values.numel() for name, values in arrays.items() if name.startswith(("sweep", "grid")))
    assert price.numbers == told


def test_a_frame_is_as_long_as_was_said_before() -> None:
    session = opened()
    watches: list[GeneralWatch] = [
        WatchTensor("layers.0.activations", ((0, 2), (1, 4), (0, 2)), (1, 2, 2)),
        WatchMoved((PIXEL,), ((-1.0, 1.0),), 3, "p", layers=True),
        WatchMoved((PIXEL, WEIGHT), ((-1.0, 1.0), (0.0, 2.0)), 2, "plane"),
    ]
    for some in ([], *([each] for each in watches), watches):
        session.watch(some)
        assert session.price(some).frame == 4 * (1 + sum(values.numel() for _, values in session.arrays())), some
        # All of it is there at once, beside what the responses are computed from.
        assert session.memory >= session.price(some).frame + trace_bytes(session.network)


def test_what_is_watched_is_watched_once_it_is_found_to_fit() -> None:
    session = opened()
    watch = WatchTensor("layers.3.activations", ((0, 3),))

    def refuse() -> None:
        raise NetworkError(Fault("too-large", "watch-too-large", "/watch", {"size": 2, "limit": 1, "setting": "S"}))

    session.watch([watch])
    with pytest.raises(NetworkError):
        session.watch([], refuse)
    assert "tensor.0" in dict(session.arrays())


def test_a_network_tells_all_of_a_pass_up_to_a_size(monkeypatch: pytest.MonkeyPatch) -> None:
    size = numbers_told(convolution())
    assert size == sum(values.numel() for _, values in opened().arrays())
    for most, tells in ((size, True), (size - 1, False)):
        monkeypatch.setattr("app.live.general.MOST_TOLD", most)
        session = opened()
        assert session.tells_all == tells
        assert session.cost == session.network.cost + CALL_COST * 6 + (size if tells else 0)
        assert len(session.arrays()) == (7 if tells else 0)


def test_a_change_that_can_not_be_is_told_where_it_stands() -> None:
    session, tokens = opened(), words([0, 1, 2])
    token, gain = Cell("inputs", (1,)), Cell("layers.1.other", (0,))
    changes: list[tuple[Callable[[], Change], str, str]] = [
        (lambda: session.set_cell(PIXEL, 1e39, "/p"), "/p/value", "not-held"),
        (lambda: tokens.set_cell(token, 1.5, "/p"), "/p/value", "whole-number-expected"),
        (lambda: tokens.set_cell(token, 1e30, "/p"), "/p/value", "not-held-whole"),
        (lambda: session.set_tensor("inputs", torch.ones(4, 4), "/p"), "/p", "same-shape"),
        (lambda: session.set_tensor("layers.3.weights", torch.ones(3, 8), "/p"), "/p", "same-shape"),
        (lambda: session.set_activation(0, "tanh", "/p"), "/p/activation", "activation-dense-only"),
    ]
    for change, pointer, key in changes:
        with pytest.raises(NetworkError) as caught:
            change()
        assert [(fault.pointer, fault.key) for fault in caught.value.faults] == [(pointer, key)]
    tokens.make([tokens.set_cell(token, 3.0, ""), tokens.set_cell(gain, 0.5, "")])
    assert dict(tokens.arrays())["layers.1.activations"].tolist() == [[0.5, 200], [3.5, 800], [2.5, 600]]


def test_memory_that_is_lacking_is_told_with_its_size_and_limit() -> None:
    network = convolution()
    size = trace_bytes(network) + picture().nbytes
    parameters = ready_bytes(network)
    everyone = Budget(size + parameters - 1, "ADELANTE_LIVE_MEMORY_BYTES")
    mine = Budget(size, "ADELANTE_LIVE_SESSION_BYTES", everyone)
    with pytest.raises(NetworkError) as caught:
        GeneralSession(network, picture(), mine)
    (fault,) = caught.value.faults
    assert (fault.pointer, fault.hint) == ("/network", "session-too-large")
    assert fault.values == {"size": parameters, "limit": everyone.limit, "setting": "ADELANTE_LIVE_MEMORY_BYTES"}
    # What was taken before the network was is given back.
    assert (mine.used, everyone.used) == (0, 0)


def test_whole_numbers_in_blocks_are_told_as_their_means() -> None:
    session = words([0, 1, 3])
    session.watch([WatchTensor("inputs", ((0, 3),), (2,)), WatchTensor("inputs", ((0, 3),), (1,), "largest", "one")])
    arrays = dict(session.arrays())
    assert arrays["tensor.0"].tolist() == [0.5, 3.0]
    assert arrays["tensor.one"].tolist() == [0, 1, 3]


def test_which_terms_are_told_by_themselves_stays_while_the_numbers_move() -> None:
    session = opened()
    cell = Cell("layers.3.pre_activations", (1,))
    session.watch([WatchCell(cell, parts_of(session.network, cell), "z", terms=2)])
    session.arrays()
    first = session.cells.explained["z"]
    assert len(first.largest) == 2
    parts = parts_of(session.network, cell)
    # A part's words take as much as 64 numbers; on the way there is a curve, or a running sum.
    assert numbers_of_cells(WatchCell(cell, parts)) == 64 * parts
    assert numbers_of_cells(WatchCell(cell, parts, terms=2)) == 64 * parts + 256
    assert first.leads is not None
    session.make([session.set_tensor("inputs", -picture(), "")])
    session.arrays()
    again = session.cells.explained["z"]
    assert again.largest == first.largest
    assert again.same(first)
    session.watch([WatchCell(cell, parts_of(session.network, cell), "z", terms=3)])
    session.arrays()
    other = session.cells.explained["z"]
    assert len(other.largest) == 3
    assert not other.same(first)


def test_each_more_of_what_is_watched_costs() -> None:
    session = opened()
    session.arrays()
    assert session.cost == numbers_told(session.network)
    swept = WatchMoved((WEIGHT,), ((0.0, 2.0),), 4)
    session.watch([swept, WatchMoved((PIXEL,), ((0.0, 2.0),), 4, later=True)])
    cost = session.cost_of([swept])
    assert cost > 0
    # What is told later costs when it is told.
    assert session.cost == numbers_told(session.network) + cost
    assert session.stale({}).cost > cost
    price = session.price([swept])
    assert price.cost == session.network.cost + cost


def test_terms_are_chosen_anew_by_the_same_list_again_and_by_no_other() -> None:
    network = chain_named("multilayer").network
    y = WatchCell(Cell("layers.1.pre_activations", (0,)), 4, "y", terms=1)
    z = WatchCell(Cell("layers.0.pre_activations", (0,)), 4, "z", terms=1)
    cells = Cells()

    def largest(weight: float, *watches: WatchCell) -> list[tuple[int, ...]]:
        if watches:
            cells.watch(watches)
        weights = network.parameters["layers.1.weights"].clone()
        weights[0] = weight
        cells.told(forward(network.with_parameters({"layers.1.weights": weights}), torch.ones(3)))
        return [told.largest for told in cells.explained.values()]

    assert largest(-40.0, y) == [(0,)]
    assert largest(0.001) == [(0,)]
    assert largest(0.001, y, z)[0] == (0,)
    assert largest(0.001, z, y)[1] == (0,)
    assert largest(0.001, z, y)[1] == (1,)
    # Another number of terms is another question.
    assert largest(-40.0, z, replace(y, terms=2))[1] == (0, 1)
