"""What a module's author is told to do is about what happened, and works."""

import pytest
import torch
from torch import Tensor, nn

import adelante
from adelante.network.network import NetworkFault
from adelante.tracing.refusals import DEPENDS, not_in_the_list, way_out


class Counted(nn.Module):
    """How often each of four numbers is among the whole numbers of an input."""

    def __init__(self, *, compared: bool) -> None:
        super().__init__()
        self.compared = compared

    def forward(self, x: Tensor) -> Tensor:
        if self.compared:
            return (x.unsqueeze(-1) == torch.arange(4)).sum(0)
        return torch.histc(x, bins=4, min=0, max=3)


class Masked(nn.Module):
    """Takes for a mask what torch.export leaves None."""

    def forward(self, x: Tensor) -> Tensor:
        mask = None if torch.compiler.is_exporting() else torch.ones(3)
        return x * mask[None, :]  # type: ignore[index]


def test_counts_by_comparisons_can_be_followed() -> None:
    x = torch.tensor([0.0, 3.0, 3.0, 1.0, 3.0])
    with pytest.raises(NetworkFault, match="it uses histc") as refused:
        adelante.trace(Counted(compared=False), x)
    assert "(x.unsqueeze(-1) == torch.arange(n)).sum(0)" in refused.value.hint
    network = adelante.trace(Counted(compared=True), x)
    wanted = Counted(compared=False)(x)
    assert torch.equal(adelante.forward(network, x)[network.outputs[0]].float(), wanted)


@pytest.mark.parametrize("operation", ["histc", "_grouped_mm", "transformers::grouped_mm_fallback"])
def test_mixtures_of_experts_have_a_form_that_can_be_followed(operation: str) -> None:
    assert "set_experts_implementation('batched_mm')" in not_in_the_list("m.experts", operation, None).hint


def test_what_can_be_no_mask_has_nothing_to_do_with_scripts() -> None:
    with pytest.raises(NetworkFault, match="'NoneType' object is not subscriptable") as refused:
        adelante.trace(Masked(), torch.ones(2, 3))
    assert "hand it in" in refused.value.hint


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("Tracing through ScriptModule is not supported", "torch.jit.script"),
        ("object of type RecursiveScriptModule", "torch.jit.script"),
        ("'int' object is not subscriptable", DEPENDS),
        ("Could not guard on data-dependent expression Eq(u0, 1)", DEPENDS),
    ],
)
def test_words_of_torch_that_are_alike(words: str, told: str) -> None:
    assert told in way_out(words)
