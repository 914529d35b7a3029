"""What may be asked of a network: things that are there, numbers that its dtype holds, no more than a limit."""

import pytest
import torch

from adelante.network.checks import check_held, check_index, check_size, held, single_inputs
from adelante.network.errors import Fault, NetworkError
from adelante.network.presets import chain_named


def test_past_a_limit_the_setting_is_named() -> None:
    check_size(8, 8, "too-many-watches", "max_terms")
    with pytest.raises(NetworkError) as caught:
        check_size(9, 8, "too-many-watches", "max_terms", "/terms")
    values = {"size": 9, "limit": 8, "setting": "ADELANTE_MAX_TERMS"}
    assert caught.value.faults == (Fault("too-large", "too-many-watches", "/terms", values, hint="too-many-watches"),)
    with pytest.raises(NetworkError) as caught:
        check_size(9, 8, "too-many-watches", "max_terms")
    assert caught.value.faults[0].pointer == ""


@pytest.mark.parametrize("index", [-1, 2])
def test_what_is_not_there_is_refused_with_the_last_that_is(index: int) -> None:
    check_index(0, 2, "no-such-layer", "/layer")
    check_index(1, 2, "no-such-layer", "/layer")
    with pytest.raises(NetworkError) as caught:
        check_index(index, 2, "no-such-layer", "/layer")
    values = {"index": index, "count": 2, "last": 1}
    assert caught.value.faults == (Fault("out-of-range", "no-such-layer", "/layer", values),)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_number_is_held_up_to_the_largest_of_its_dtype(dtype: torch.dtype, sign: int) -> None:
    largest = torch.finfo(dtype).max
    check_held(sign * largest, dtype, "/value")
    for value in (sign * largest * 1.01, float("nan")):
        with pytest.raises(NetworkError) as caught:
            check_held(value, dtype, "/value")
        values = {"dtype": str(dtype)[len("torch.") :], "largest": largest}
        assert caught.value.faults == (Fault("out-of-range", "not-held", "/value", values),)


@pytest.mark.parametrize(
    ("dtype", "least", "largest"),
    [
        (torch.bool, 0, 1),
        (torch.uint8, 0, 255),
        (torch.int8, -128, 127),
        (torch.int32, -(2**31), 2**31 - 1),
        (torch.int64, -(2**63), 2**63 - 1),
    ],
)
def test_a_whole_number_is_held_between_the_ends_of_its_dtype(dtype: torch.dtype, least: int, largest: int) -> None:
    for value in (least, largest):
        check_held(value, dtype, "/value")
        assert held(torch.tensor([[value]]), dtype, "/p").tolist() == [[value]]
    for value in (least - 1, largest + 1):
        with pytest.raises(NetworkError) as caught:
            check_held(value, dtype, "/value")
        values = {"dtype": str(dtype)[len("torch.") :], "least": least, "largest": largest}
        assert caught.value.faults == (Fault("out-of-range", "not-held-whole", "/value", values),)
        if dtype is not torch.int64:
            with pytest.raises(NetworkError) as caught:
                held(torch.tensor([[least, largest], [least, value]]), dtype, "/p")
            assert caught.value.faults == (Fault("out-of-range", "not-held-whole", "/p/1/1", values),)


WHOLE = (torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64)


@pytest.mark.parametrize("dtype", WHOLE)
@pytest.mark.parametrize("given", [torch.bool, *WHOLE])
def test_whole_numbers_of_one_dtype_are_held_in_another_where_that_has_them(
    given: torch.dtype, dtype: torch.dtype
) -> None:
    least, largest = (0, 1) if given is torch.bool else (torch.iinfo(given).min, torch.iinfo(given).max)
    for value in (0, 1, least, largest):
        tensor = torch.tensor([0, value], dtype=given)
        if torch.iinfo(dtype).min <= value <= torch.iinfo(dtype).max:
            kept = held(tensor, dtype, "/p")
            assert (kept.dtype, kept.tolist()) == (dtype, [0, value])
        else:
            with pytest.raises(NetworkError) as caught:
                held(tensor, dtype, "/p")
            assert (caught.value.faults[0].key, caught.value.faults[0].pointer) == ("not-held-whole", "/p/1")


def test_a_number_too_large_for_a_narrower_dtype_is_not_made_infinite() -> None:
    kept = held(torch.tensor([65504.0, -65504.0, torch.inf, torch.nan]), torch.float16, "/p")
    assert kept.dtype == torch.float16
    assert kept.tolist()[:3] == [65504, -65504, torch.inf]
    assert kept[3].isnan()
    for value in (65520.0, -65520.0):
        with pytest.raises(NetworkError) as caught:
            held(torch.tensor([torch.inf, value]), torch.float16, "/p")
        assert caught.value.faults[0].pointer == "/p/1"
    for value in (torch.inf, torch.nan):
        with pytest.raises(NetworkError):
            held(torch.tensor(value), torch.int64, "/p")


def test_one_input_vector_may_stand_in_a_batch_of_one() -> None:
    preset = chain_named("multilayer")
    assert torch.equal(single_inputs(preset.network, preset.inputs), preset.inputs)
    assert torch.equal(single_inputs(preset.network, preset.inputs[None]), preset.inputs)
    with pytest.raises(NetworkError) as caught:
        single_inputs(preset.network, torch.stack([preset.inputs] * 2))
    values = {"expected": "(3,)", "got": "(2, 3)", "n_in": 3}
    fault = Fault("shape-mismatch", "one-input-vector", "/inputs", values, hint="one-input-vector")
    assert caught.value.faults == (fault,)
