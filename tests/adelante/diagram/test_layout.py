"""Where everything stands: columns, bodies by their shape, and what is left out."""

from itertools import pairwise

import pytest
import torch

from adelante.diagram.bodies import MOST_CELLS, MOST_TILES, Room, body_of
from adelante.diagram.columns import Column, columns_of
from adelante.diagram.drawing import size_drawn, tensors_drawn
from adelante.diagram.layout import layout, most_columns
from adelante.formats.json import network_from_document
from adelante.network.activations import ACTIVATIONS
from adelante.network.dense.network import DenseLayer, DenseNetwork
from adelante.network.presets import preset_named

ROOM = Room(240, 600)


def chain(*sizes: int) -> DenseNetwork:
    return DenseNetwork(
        DenseLayer(torch.ones(n_in, n_out), torch.zeros(n_out), ACTIVATIONS["relu"]) for n_in, n_out in pairwise(sizes)
    )


def row(*sizes: int) -> list[Column]:
    return [Column(str(k), range(k, k + 1), takes=(k - 1,) if k else ()) for k in range(len(sizes))]


def test_up_to_sixteen_numbers_are_neurons_a_longer_row_a_strip() -> None:
    assert [body_of((n,), ROOM).sort for n in (1, 16, 17, 5000)] == ["neurons", "neurons", "strip", "strip"]
    assert body_of((), ROOM).cells == 1
    assert (body_of((1, 3, 1), ROOM).sort, body_of((1, 3, 1), ROOM).cells) == ("neurons", 3)
    assert body_of((0, 3), ROOM).sort == "empty"
    strip = body_of((4096,), ROOM)
    assert (strip.by, strip.cells, strip.rows * strip.columns) == ((4, 1), 1024, 1024)
    assert body_of((128,), ROOM).by == (1, 1)


def test_a_row_that_is_put_in_may_have_been_a_picture() -> None:
    picture = Room(240, 600, picture=True)
    assert (body_of((784,), picture).rows, body_of((784,), picture).columns) == (28, 28)
    assert body_of((784,), ROOM).sort == "strip"
    assert body_of((783,), picture).sort == "strip"
    assert body_of((36,), picture).sort == "strip"


@pytest.mark.parametrize(
    ("shape", "pictures", "by"),
    [
        ((32, 14, 14), 32, (1, 1)),
        ((8, 28, 28), 8, (1, 1)),
        ((16, 32, 32), 16, (2, 2)),
        ((3, 224, 224), 3, (5, 5)),
        ((12, 16), 1, (1, 1)),
        ((10, 3000), 1, (1, 24)),
        ((2, 3, 5, 5), 6, (1, 1)),
    ],
)
def test_of_pictures_the_first_are_drawn_in_so_many_cells_as_can_be_seen(
    shape: tuple[int, ...], pictures: int, by: tuple[int, int]
) -> None:
    body = body_of(shape, ROOM)
    assert (body.pictures, body.by) == (pictures, by)
    assert len(body.panels) == min(pictures, MOST_TILES)
    assert body.cells <= MOST_CELLS
    assert body.width <= ROOM.width + 1e-9
    assert body.height <= ROOM.height + 1e-9


def test_no_two_parts_of_a_body_lie_over_each_other() -> None:
    for shape in ((16,), (3,), (5, 4, 4), (8, 28, 28)):
        panels = body_of(shape, ROOM).panels
        for k, one in enumerate(panels):
            for other in panels[k + 1 :]:
                beside = one.x + one.width <= other.x + 1e-9 or other.x + other.width <= one.x + 1e-9
                assert beside or one.y + one.height <= other.y + 1e-9


def test_the_place_of_a_cell_is_where_its_number_is_painted() -> None:
    body = body_of((2, 3, 4), ROOM)
    cell = body.cell(12 + 4 + 2)
    panel = body.panels[1]
    assert cell is not None
    assert (cell.x, cell.y) == pytest.approx((panel.x + panel.width / 2, panel.y + panel.height / 3))
    assert body_of((32, 14, 14), ROOM).cell(31 * 196) is None
    strip = body_of((4096,), ROOM)
    at = strip.cell(4 * 65)
    assert at is not None
    assert (at.x, at.y) == pytest.approx((strip.width / strip.columns, strip.height / strip.rows))


@pytest.mark.parametrize("sizes", [(3, 2, 1), (2, 2, 1), (16, 16, 16, 9), (784, 128, 64, 10), (1,), (4096, 4096)])
@pytest.mark.parametrize("width", [320, 700, 1000, 1400, 4096])
def test_all_columns_stand_within_the_width_one_after_the_other(sizes: tuple[int, ...], width: int) -> None:
    found = layout(row(*sizes), [(n,) for n in sizes], width)
    assert found.placed[0].x >= 0
    assert found.placed[-1].right <= width
    assert all(a.right < b.x for a, b in pairwise(found.placed))
    assert all(each.y >= 0 and each.bottom < found.height for each in found.placed)


def test_arcs_make_room_beneath_what_they_skip() -> None:
    shapes = [(4, 4), (4, 4), (4, 4)]
    columns = [Column(str(k), range(k, k + 1), takes=(k - 1,) if k else ()) for k in range(3)]
    skipping = [*columns[:2], Column("2", range(2, 3), takes=(0, 1))]
    assert layout(skipping, shapes, 700).height > layout(columns, shapes, 700).height


def test_no_arc_runs_on_another() -> None:
    shapes = [(12,), (8,), (2,), (2,), (8,)]
    takes: list[tuple[int, ...]] = [(), (0,), (1,), (1,), (2, 0)]
    columns = [Column(str(k), range(k, k + 1), takes=each) for k, each in enumerate(takes)]
    lows = layout(columns, shapes, 900).lows
    assert set(lows) == {(1, 3), (2, 4), (0, 4)}
    assert min(b - a for a, b in pairwise(sorted(lows.values()))) >= 8


def test_a_signal_of_one_channel_is_a_row_as_one_of_several_is() -> None:
    for channels in (1, 4):
        body = body_of((channels, 64), Room(240, 600, picture=True))
        assert (body.sort, body.rows, body.columns) == ("pictures", channels, 64)


def test_a_column_for_each_layer_while_there_is_room() -> None:
    columns = columns_of(chain(3, 2, 1), 8)
    assert [column.tensor for column in columns] == ["inputs", "layers.0.activations", "layers.1.activations"]
    assert [column.takes for column in columns] == [(), (0,), (1,)]
    assert not any(column.folded for column in columns)


@pytest.mark.parametrize("count", [1, 7, 8, 9, 50, 1000])
def test_more_layers_are_folded_into_runs_that_leave_none_out(count: int) -> None:
    columns = columns_of(chain(*[2] * (count + 1)), 8)
    assert len(columns) <= 8
    assert [layer for column in columns for layer in column.layers] == list(range(count))
    assert columns[-1].tensor == f"layers.{count - 1}.activations"
    assert all(column.takes == (k - 1,) for k, column in enumerate(columns) if k)


def test_layers_are_folded_by_their_modules_as_little_as_has_to_be() -> None:
    network = preset_named("sorting").network
    columns = columns_of(network, 8)
    assert [column.module for column in columns if column.folded] == ["blocks.0", "blocks.1"]
    assert [layer for column in columns for layer in column.layers] == list(range(len(network.layers)))
    assert not any(column.folded for column in columns_of(network, 1000))


def test_of_many_inputs_the_first_are_drawn_and_the_others_counted() -> None:
    inputs = [{"name": f"in{k}", "shape": [2]} for k in range(20)]
    add = {"kind": "add", "inputs": ["inputs.in0", "inputs.in19"]}
    network = network_from_document({"input": inputs, "layers": [add]})
    columns = columns_of(network, 9)
    assert [(column.tensor, column.more) for column in columns[:-1]] == [
        ("inputs.in0", 0),
        ("inputs.in1", 0),
        ("inputs.in2", 17),
    ]
    assert columns[-1].takes == (0,)


def test_a_residual_connection_is_taken_from_further_before() -> None:
    layer = {"weights": [[1.0, 0.0], [0.0, 1.0]]}
    add = {"kind": "add", "inputs": ["first", "second"]}
    document = {"input": {"shape": [2]}, "layers": [{**layer, "name": "first"}, {**layer, "name": "second"}, add]}
    assert columns_of(network_from_document(document), 8)[-1].takes == (1, 2)


def test_what_a_picture_takes_is_bounded_whatever_the_network() -> None:
    small, large = chain(1000, 1000), chain(*[50] * 60)
    assert size_drawn(small) == (2000, 2 * 256)
    assert size_drawn(large) == (60 * 50, most_columns(1000) * 256)
    maps = network_from_document({"input": {"shape": [8, 99, 99]}, "layers": [{"kind": "mul", "other": 1}] * 10})
    assert size_drawn(maps) == (most_columns(1000) * MOST_CELLS, 10)
    assert len(tensors_drawn(large)) <= most_columns(1000)
    assert most_columns(320) == 3
