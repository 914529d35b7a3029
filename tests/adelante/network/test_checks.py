"""What may be asked of a network: things that are there, numbers that its dtype holds, no more than a limit."""

import pytest
import torch

from adelante.network.checks import check_held, check_index, check_size, single_inputs
from adelante.network.errors import Fault, NetworkError
from adelante.network.presets import chain_named


def test_past_a_limit_the_setting_is_named() -> None:
    check_size(8, 8, "too-large-terms", "max_terms")
    with pytest.raises(NetworkError) as caught:
        check_size(9, 8, "too-large-terms", "max_terms", "/terms")
    values = {"size": 9, "limit": 8, "setting": "ADELANTE_MAX_TERMS"}
    assert caught.value.faults == (Fault("too-large", "too-large-terms", "/terms", values, hint="too-large-terms"),)
    with pytest.raises(NetworkError) as caught:
        check_size(9, 8, "too-large-terms", "max_terms")
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


def test_one_input_vector_may_stand_in_a_batch_of_one() -> None:
    preset = chain_named("multilayer")
    assert torch.equal(single_inputs(preset.network, preset.inputs), preset.inputs)
    assert torch.equal(single_inputs(preset.network, preset.inputs[None]), preset.inputs)
    with pytest.raises(NetworkError) as caught:
        single_inputs(preset.network, torch.stack([preset.inputs] * 2))
    values = {"expected": "(3,)", "got": "(2, 3)", "n_in": 3}
    fault = Fault("shape-mismatch", "one-input-vector", "/inputs", values, hint="one-input-vector")
    assert caught.value.faults == (fault,)
