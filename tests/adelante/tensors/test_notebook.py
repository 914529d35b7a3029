"""Every figure of the notebook that tensors can give, by the steps that its reader takes."""

import pytest

from tests import notebook
from tests.adelante.tensors.lab import done, lab, numbers, refused, rounded, step

DRAWN = (
    step("manual_seed", 7),
    step("randn", [1, 5], name="features"),
    step("randn_like", "$features", name="weights"),
    step("randn", [1, 1], name="bias"),
)
ARRAY = [
    [0.67074982, 0.90466332, 0.46128531],
    [0.51230911, 0.18835729, 0.43471674],
    [0.22338983, 0.76382028, 0.67405823],
    [0.82932055, 0.65622593, 0.0371518],
]
FOURFOLD = [
    [2.6829993, 3.61865328, 1.84514124],
    [2.04923646, 0.75342916, 1.73886697],
    [0.89355934, 3.05528112, 2.69623291],
    [3.31728218, 2.62490371, 0.1486072],
]


def test_seed_7_draws_the_notebooks_neuron() -> None:
    values = done(*DRAWN)
    assert rounded(values["features"]) == notebook.ONE_NEURON_FEATURES
    assert rounded(values["weights"]) == notebook.ONE_NEURON_WEIGHTS
    assert rounded(values["bias"]) == [notebook.ONE_NEURON_BIAS]


@pytest.mark.parametrize(
    ("name", "total", "sigmoid"), [("features", 2.1626, 0.8968), ("weights", -1.5621, 0.1733), ("bias", 0.3177, 0.5788)]
)
def test_sums_and_their_sigmoids(name: str, total: float, sigmoid: float) -> None:
    values = done(*DRAWN, step("sum", f"${name}", name="total"), step("sigmoid", "$total", name="squashed"))
    assert rounded(values["total"]) == [total]
    assert rounded(values["squashed"]) == [sigmoid]
    assert values["total"].shape == ()


def test_the_neuron_by_sum() -> None:
    values = done(
        *DRAWN,
        step("mul", "$features", "$weights", name="products"),
        step("sum", "$products", name="total"),
        step("add", "$total", "$bias", name="z"),
        step("sigmoid", "$z", name="y"),
    )
    assert rounded(values["y"]) == [notebook.ONE_NEURON_OUTPUT]


@pytest.mark.parametrize("product", ["mm", "matmul"])
@pytest.mark.parametrize("change", ["view", "reshape", "resize_"])
def test_the_neuron_by_matrix_product(product: str, change: str) -> None:
    values = done(
        *DRAWN,
        step(change, "$weights", 5, 1, name="column"),
        step(product, "$features", "$column", name="total"),
        step("add", "$total", "$bias", name="z"),
        step("sigmoid", "$z", name="y"),
    )
    assert values["column"].shape == (5, 1)
    assert rounded(values["y"]) == [notebook.ONE_NEURON_OUTPUT]


def test_the_sigmoid_written_from_its_formula() -> None:
    values = done(
        step("tensor", [notebook.ONE_NEURON_BIAS], name="x"),
        step("mul", "$x", -1, name="minus_x"),
        step("exp", "$minus_x", name="e"),
        step("add", 1, "$e", name="denominator"),
        step("sigmoid", "$x", name="sigmoid"),
        step("mul", "$denominator", "$sigmoid", name="one"),
    )
    assert rounded(values["one"], 6) == [1.0]


@pytest.mark.parametrize("product", ["mm", "matmul"])
def test_the_shape_error_in_torchs_words(product: str) -> None:
    failure = refused(*DRAWN, step(product, "$features", "$weights"))
    assert failure.words == "mat1 and mat2 shapes cannot be multiplied (1x5 and 1x5)"
    assert failure.hint.key == "lab.hint.product-view"
    assert failure.hint.values == {"columns": 5, "rows": 1, "name": "weights", "shape": "5, 1"}


def test_the_multilayer_network() -> None:
    values = done(
        step("manual_seed", 7),
        step("randn", 1, 3, name="features"),
        step("randn", 3, 2, name="W1"),
        step("randn", 2, 1, name="W2"),
        step("randn", 1, 2, name="B1"),
        step("randn", 1, 1, name="B2"),
        step("mm", "$features", "$W1", name="h"),
        step("add_", "$h", "$B1"),
        step("sigmoid_", "$h"),
        step("mm", "$h", "$W2", name="z"),
        step("add", "$z", "$B2", name="z"),
        step("sigmoid", "$z", name="y"),
    )
    assert rounded(values["features"], 8) == notebook.FEATURES
    assert rounded(values["W1"], 8) == [weight for row in notebook.HIDDEN_WEIGHTS for weight in row]
    assert rounded(values["W2"], 8) == [weight for row in notebook.OUTPUT_WEIGHTS for weight in row]
    assert rounded(values["B1"], 8) == notebook.HIDDEN_BIASES
    assert rounded(values["B2"], 8) == notebook.OUTPUT_BIASES
    assert rounded(values["h"], 8) == notebook.HIDDEN_ACTIVATIONS
    assert rounded(values["y"], 8) == [notebook.OUTPUT]


def test_numpy_and_torch_share_the_notebooks_array() -> None:
    made = (step("array", ARRAY, name="a"), step("from_numpy", "$a", name="b"))
    before = done(*made)
    assert (before["a"].kind, before["b"].kind) == ("numpy", "torch")
    assert before["a"].dtype == before["b"].dtype == "float64"
    assert before["a"].memory is before["b"].memory
    assert numbers(before["a"]) == ARRAY
    after = done(*made, step("mul_", "$b", 4), step("numpy", "$b", name="again"))
    for name in ("a", "b", "again"):
        assert after[name].memory is after["a"].memory
        # The notebook prints eight digits; four times what they leave out shows.
        assert [pytest.approx(row, abs=2.5e-8) for row in numbers(after[name])] == FOURFOLD


def test_without_a_seed_each_run_draws_other_numbers() -> None:
    drawn = [numbers(done(step("randn", 1, 5, name="x"))["x"]) for _ in range(3)]
    assert drawn[0] != drawn[1] != drawn[2]
    seeded = [numbers(done(step("manual_seed", 7), step("rand", 5, name="x"))["x"]) for _ in range(2)]
    assert seeded[0] == seeded[1]


def test_a_failing_step_stops_only_the_steps_that_need_it() -> None:
    outcome = lab(
        *DRAWN,
        step("mm", "$features", "$weights", name="total"),
        step("add", "$total", "$bias", name="z"),
        step("sum", "$weights", name="sum_of_weights"),
        step("sigmoid", "$z", name="y"),
    )
    assert [failure is None for failure in outcome.steps] == [True] * 4 + [False, False, True, False]
    first, second, third = (outcome.steps[k] for k in (4, 5, 7))
    assert first is not None
    assert first.needs is None
    assert second is not None
    assert (second.words, second.needs) == (None, ("total", 4))
    assert third is not None
    assert third.needs == ("z", 5)
    assert set(outcome.values) == {"features", "weights", "bias", "sum_of_weights"}
