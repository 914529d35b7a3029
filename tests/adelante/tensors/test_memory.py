"""What lies where: views, copies, memory that grows and cells that nobody has written."""

import numpy as np
import pytest
import torch

from tests.adelante.tensors.lab import done, lab, marked, numbers, refused, step

SIX = step("arange", 6, name="x", dtype="float32")


@pytest.mark.parametrize("operation", ["tensor", "array"])
def test_written_numbers_have_the_type_that_is_asked_for(operation: str) -> None:
    values = done(step(operation, [1, 2], name="x", dtype="float64"))
    assert (values["x"].dtype, numbers(values["x"])) == ("float64", [1, 2])


def test_view_is_the_same_memory_in_another_shape() -> None:
    values = done(SIX, step("view", "$x", [2, 3], name="v"), step("mul_", "$v", 10))
    assert values["v"].memory is values["x"].memory
    assert (values["v"].shape, values["v"].stride, values["v"].offset) == ((2, 3), (3, 1), 0)
    assert numbers(values["x"]) == [0, 10, 20, 30, 40, 50]


def test_reshape_is_a_view_where_it_can_and_a_copy_where_it_must() -> None:
    values = done(
        SIX,
        step("reshape", "$x", 2, 3, name="viewed"),
        step("T", "$viewed", name="turned"),
        step("reshape", "$turned", 6, name="copied"),
        step("zero_", "$x"),
    )
    assert values["viewed"].memory is values["turned"].memory is values["x"].memory
    assert (values["turned"].shape, values["turned"].stride) == ((3, 2), (1, 3))
    assert values["copied"].memory is not values["x"].memory
    assert numbers(values["copied"]) == [0, 3, 1, 4, 2, 5]
    assert numbers(values["turned"]) == [[0, 0]] * 3


def test_a_view_across_the_order_is_refused_and_reshape_is_the_way_out() -> None:
    failure = refused(SIX, step("view", "$x", 2, 3, name="v"), step("T", "$v", name="t"), step("view", "$t", 6))
    assert failure.words is not None
    assert failure.words.startswith("view size is not compatible with input tensor's size and stride")
    assert failure.hint.key == "lab.hint.view-order"


def test_clone_has_memory_of_its_own() -> None:
    values = done(SIX, step("clone", "$x", name="c"), step("add_", "$x", 1))
    assert values["c"].memory is not values["x"].memory
    assert numbers(values["c"]) == [0, 1, 2, 3, 4, 5]


def test_resize_to_fewer_drops_cells_from_the_tensor_not_from_memory() -> None:
    values = done(SIX, step("resize_", "$x", 2, 2))
    assert numbers(values["x"]) == [[0, 1], [2, 3]]
    assert values["x"].memory.size == 6
    assert values["x"].memory.cells.tolist() == [0, 1, 2, 3, 4, 5]
    back = done(SIX, step("resize_", "$x", 2, 2), step("resize_", "$x", 6))
    assert numbers(back["x"]) == [0, 1, 2, 3, 4, 5]
    assert marked(back["x"]) == []


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "bfloat16", "int64", "int32", "uint8"])
def test_resize_to_more_leaves_the_new_cells_uninitialised(dtype: str) -> None:
    made = (step("arange", 6, name="x", dtype=dtype), step("view", "$x", 3, 2, name="v"))
    values = done(*made, step("resize_", "$x", 2, 4))
    assert values["x"].memory is values["v"].memory
    assert values["x"].memory.size == 8
    assert marked(values["x"]) == [[1, 2], [1, 3]]
    assert marked(values["v"]) == []
    assert numbers(values["v"]) == [[0, 1], [2, 3], [4, 5]]
    fresh = values["x"].memory.cells[6:]
    # Nothing of what the process had there before is left.
    assert fresh.isnan().all() if fresh.is_floating_point() else (fresh == torch.iinfo(fresh.dtype).max).all()


def test_what_is_computed_from_uninitialised_cells_is_uninitialised() -> None:
    values = done(
        step("ones", 2, 2, name="x"),
        step("resize_", "$x", 2, 3),
        step("clone", "$x", name="clone"),
        step("T", "$x", name="turned"),
        step("reshape", "$turned", 6, name="copied"),
        step("mul", "$x", 0, name="times_zero"),
        step("sigmoid", "$x", name="squashed"),
        step("ones", 2, 1, name="column"),
        step("add", "$column", "$x", name="broadcast"),
        step("sum", "$x", name="total"),
        step("sum", "$x", 1, name="rows", keepdim=True),
        step("sum", "$x", [0], name="columns"),
        step("mm", "$turned", "$column", name="product"),
        step("ones", 3, 2, name="known"),
        step("matmul", "$known", "$x", name="other_product"),
        step("randn_like", "$x", name="drawn"),
        step("numpy", "$x", name="array"),
        step("add", "$array", "$array", name="numpy_sum"),
        step("from_numpy", "$numpy_sum", name="back"),
    )
    both = [[1, 1], [1, 2]]
    for name in ("x", "clone", "times_zero", "squashed", "broadcast", "array", "numpy_sum", "back"):
        assert marked(values[name]) == both, name
    assert marked(values["turned"]) == [[1, 1], [2, 1]]
    assert marked(values["copied"]) == [[3], [5]]
    assert marked(values["total"]) == [[]]
    assert marked(values["rows"]) == [[1, 0]]
    assert marked(values["columns"]) == [[1], [2]]
    assert marked(values["product"]) == [[1, 0], [2, 0]]
    assert marked(values["other_product"]) == [[row, column] for row in range(3) for column in (1, 2)]
    assert marked(values["known"]) == marked(values["drawn"]) == []


def test_in_place_operations_carry_marks_and_writing_clears_them() -> None:
    made = (step("ones", 2, name="x"), step("resize_", "$x", 4), step("view", "$x", 2, 2, name="v"))
    values = done(*made, step("ones", 4, name="y"), step("mul_", "$y", "$x"), step("exp_", "$x"))
    assert marked(values["y"]) == marked(values["x"]) == [[2], [3]]
    assert marked(values["v"]) == [[1, 0], [1, 1]]
    for write in (step("zero_", "$v"), step("fill_", "$v", 3)):
        values = done(*made, write)
        assert marked(values["x"]) == marked(values["v"]) == []


def test_memory_that_numpy_uses_cannot_grow() -> None:
    of_numpy = (step("array", [1.5, 2.5], name="a"), step("from_numpy", "$a", name="t"))
    of_torch = (step("ones", 2, name="t"), step("numpy", "$t", name="a"))
    for made in (of_numpy, of_torch):
        failure = refused(*made, step("resize_", "$t", 3))
        assert failure.words == "Trying to resize storage that is not resizable"
        assert failure.hint.key == "lab.hint.not-resizable"
        assert (failure.hint.values["size"], failure.hint.values["wanted"]) == (2, 3)
        assert done(*made, step("resize_", "$t", 1))["a"].shape == (2,)


@pytest.mark.parametrize("shape", [[1000], [-1], [-2, -3], [0, -1]])
def test_a_refused_resize_leaves_the_tensor_as_it_was(shape: list[int]) -> None:
    """torch itself leaves it with the new shape, which reaches past the end of its memory."""
    outcome = lab(
        step("array", [1.5, 2.5], name="a"),
        step("from_numpy", "$a", name="t"),
        step("resize_", "$t", shape),
        step("add", "$t", 1, name="more"),
    )
    assert [failure is None for failure in outcome.steps] == [True, True, False, True]
    assert numbers(outcome.values["t"]) == [1.5, 2.5]
    assert numbers(outcome.values["more"]) == [2.5, 3.5]


def test_an_array_of_a_shrunken_tensor_knows_the_whole_memory() -> None:
    values = done(
        SIX,
        step("resize_", "$x", 2),
        step("numpy", "$x", name="a"),
        step("from_numpy", "$a", name="b"),
        step("mul_", "$b", 5),
        step("add_", "$a", 1),
    )
    assert values["x"].memory is values["a"].memory is values["b"].memory
    assert values["b"].memory.size == 6
    assert values["b"].memory.cells.tolist() == [1, 6, 2, 3, 4, 5]


def test_numpy_arrays_have_numpys_operations() -> None:
    values = done(
        step("array", [[1, 2, 3], [4, 5, 6]], name="a"),
        step("T", "$a", name="turned"),
        step("reshape", "$a", 6, name="flat"),
        step("add", "$turned", 1, name="more"),
        step("matmul", "$a", "$turned", name="product"),
        step("sum", "$a", name="total"),
        step("sum", "$a", 0, name="columns", keepdim=True),
        step("exp", "$a", name="e"),
        step("clone", "$a", name="copy"),
        step("mul_", "$a", 2),
        step("fill_", "$copy", 9),
    )
    assert {value.kind for value in values.values()} == {"numpy"}
    assert values["a"].memory is values["turned"].memory is values["flat"].memory
    assert (values["turned"].stride, values["more"].stride) == ((1, 3), (1, 3))
    assert values["turned"].offset == 0
    assert numbers(values["flat"]) == [2, 4, 6, 8, 10, 12]
    assert numbers(values["more"]) == [[2, 5], [3, 6], [4, 7]]
    assert numbers(values["product"]) == [[14, 32], [32, 77]]
    assert numbers(values["total"]) == 21
    assert numbers(values["columns"]) == [[5, 7, 9]]
    assert numbers(values["e"]) == np.exp(np.array([[1, 2, 3], [4, 5, 6]])).tolist()
    assert numbers(values["copy"]) == [[9, 9, 9], [9, 9, 9]]


def test_randn_like_keeps_the_order_of_the_cells() -> None:
    values = done(
        step("manual_seed", 7),
        step("ones", 2, 3, name="x"),
        step("T", "$x", name="t"),
        step("randn_like", "$t", name="like"),
    )
    with torch.random.fork_rng():
        torch.manual_seed(7)
        expected = torch.randn_like(torch.ones(2, 3).T)
    assert values["like"].stride == expected.stride() == (1, 3)
    assert numbers(values["like"]) == expected.tolist()


def test_three_dimensions() -> None:
    picture = [[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [255, 255, 255]]]
    values = done(
        step("tensor", picture, name="rgb", dtype="uint8"),
        step("view", "$rgb", 4, 3, name="pixels"),
        step("sum", "$rgb", [0, 1], name="light"),
        step("zeros", [2, 3, 4], name="z"),
        step("ones", 4, 2, name="o"),
        step("matmul", "$z", "$o", name="batches"),
    )
    assert (values["rgb"].shape, values["rgb"].stride, values["rgb"].dtype) == ((2, 2, 3), (6, 3, 1), "uint8")
    assert values["pixels"].memory is values["rgb"].memory
    assert numbers(values["light"]) == [510, 510, 510]
    assert values["batches"].shape == (2, 3, 2)


def test_empty_tensors_share_only_what_torch_shares() -> None:
    values = done(
        step("zeros", [0], name="x"),
        step("view", "$x", 0, 3, name="v"),
        step("clone", "$x", name="c"),
        step("add", "$x", 1, name="sum"),
        step("resize_", "$v", 2),
        step("array", [], name="a"),
        step("add", "$a", 1, name="b"),
        step("T", "$a", name="t"),
        step("from_numpy", "$a", name="n"),
    )
    assert values["v"].memory is values["x"].memory
    assert len({id(values[name].memory) for name in ("x", "c", "sum", "a", "b")}) == 5
    assert marked(values["v"]) == [[0], [1]]
    assert marked(values["x"]) == []


def test_two_names_for_one_tensor_and_one_name_for_two() -> None:
    values = done(step("ones", 2, name="x"), step("mul_", "$x", 3, name="y"), step("resize_", "$y", 1))
    assert values["x"] is values["y"]
    values = done(step("ones", 2, name="x"), step("view", "$x", 2, 1, name="v"), step("zeros", 3, name="x"))
    assert numbers(values["x"]) == [0, 0, 0]
    assert numbers(values["v"]) == [[1], [1]]


def test_a_name_whose_new_step_failed_means_nothing_until_it_is_given_again() -> None:
    outcome = lab(
        step("ones", 4, name="x"),
        step("view", "$x", 3, name="x"),
        step("sum", "$x", name="s"),
        step("zeros", 2, name="x"),
        step("sum", "$x", name="s"),
    )
    assert [failure is None for failure in outcome.steps] == [True, False, False, True, True]
    assert numbers(outcome.values["s"]) == 0


def test_the_global_generator_is_left_alone() -> None:
    torch.manual_seed(1)
    expected = torch.randn(3)
    torch.manual_seed(1)
    done(step("manual_seed", 99), step("randn", 3, name="x"), step("randn_like", "$x"), step("rand", 2))
    assert torch.equal(torch.randn(3), expected)
