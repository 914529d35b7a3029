"""What may be added where: each proposal is taken, computes, and gives the shape that it promises."""

import pytest
import torch

import adelante
from adelante.formats.json.edits import additions, edits_from
from adelante.locale.faults import words_of
from adelante.network.edits import edited
from adelante.network.errors import NetworkError, NetworkFault
from adelante.network.network import Network
from adelante.network.operations import OPERATIONS
from adelante.network.presets import PRESET_NAMES, preset_named
from tests.long import LONG, some

# Where the batch is not the first dimension, and where what follows is particular.
PLACES = {"digits-conv": [1], "parity": [2, 125], "sorting": [-1, 6]}


def places(name: str) -> list[int]:
    every = list(range(-1, len(preset_named(name).network.layers)))
    return every if LONG else PLACES.get(name, every)


def with_layer(network: Network, after: int, **layer: object) -> Network:
    return edited(network, edits_from(network, {"/changes/0": {"add": layer, "after": after}}), seed=1)


@pytest.mark.parametrize("name", some(PRESET_NAMES, "iris", *PLACES))
def test_every_proposal_fits_and_computes(name: str) -> None:
    preset = preset_named(name)
    network, rows = preset.network, torch.stack([preset.inputs] * 2)
    for after in places(name):
        for kind, fields, shape, others in additions(network, after):
            made = with_layer(network, after, kind=kind, **fields)
            assert made.shapes[made.layers[after + 1].nodes[-1]] == shape, (after, kind)
            assert ("inputs" in fields) == bool(others), (after, kind)
            if after < len(network.layers) - 1:
                wanted = [network.shapes[each] for each in network.outputs]
                assert [made.shapes[each] for each in made.outputs] == wanted, (after, kind)
            for batch in (rows[:1], rows):
                assert len(adelante.forward(made, batch)[made.outputs[0]]) == len(batch), (after, kind)


@pytest.mark.parametrize("name", some(PRESET_NAMES, "multilayer"))
def test_what_is_not_proposed_is_refused_with_a_way_out_or_computes(name: str) -> None:
    preset = preset_named(name)
    network = preset.network
    for after in places(name):
        proposed = {each.kind for each in additions(network, after)}
        for kind in OPERATIONS.keys() - proposed:
            fault = None
            try:
                adelante.forward(with_layer(network, after, kind=kind), preset.inputs[None])
            except NetworkError as error:
                fault = error.faults[0]
            except NetworkFault:
                # A token that there is not, of numbers that were computed.
                assert not preset.inputs.is_floating_point(), (after, kind)
            # A field or a tensor that is missing is named, and that is the way out.
            if fault is not None and fault.type != "missing-field":
                words = words_of("en", fault)
                assert words.torch_says, (after, kind)
                assert words.hint, (after, kind)


def test_what_would_mix_the_inputs_of_a_batch_is_refused_and_not_proposed() -> None:
    network = preset_named("digits-conv").network
    with pytest.raises(NetworkError) as refused:
        with_layer(network, -1, kind="amax", dim=[-1])
    assert "the inputs would be mixed up" in words_of("en", refused.value.faults[0]).all
    assert "amax" not in {each.kind for each in additions(network, -1)}
    # The only row that there is stays a row.
    row = next(each for each in additions(preset_named("iris").network, 1) if each.kind == "mean")
    assert (row.fields, row.shape) == ({"dim": [-1], "keepdim": True}, (1,))


def test_what_lacks_its_second_tensor_says_which() -> None:
    with pytest.raises(NetworkError) as refused:
        with_layer(preset_named("multilayer").network, -1, kind="matmul")
    assert "and other is missing" in words_of("en", refused.value.faults[0]).all
