"""Modules that are more than layers in a row: masks, bags, results by name, kept places, weights made of others."""

import copy
from contextlib import nullcontext
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils import parametrizations

import adelante
from adelante import Network, NetworkFault
from adelante.network.edits.draft import draft_of
from adelante.network.names import output_labels
from adelante.network.precision import in_precision
from adelante.tracing.comparing import compare
from tests.adelante import modules
from tests.adelante.test_trace import _explained
from tests.long import long


class Pair(NamedTuple):
    logits: Tensor
    hidden: tuple[Tensor, ...]


def _same(network: Network, module: nn.Module, given: dict[str, Tensor]) -> adelante.Trace:
    """The pass, whose outputs are the module's."""
    names = [each.name for each in network.inputs]
    with torch.no_grad():
        trace = adelante.forward(network, dict(zip(names, given.values(), strict=True)))
        torch.testing.assert_close(trace[network.outputs[0]], module.eval()(**given), rtol=1e-5, atol=1e-6)
    return trace


@pytest.mark.long
def test_a_decoder_is_traced_with_its_masks() -> None:
    torch.manual_seed(3)
    module = nn.TransformerDecoder(nn.TransformerDecoderLayer(4, 2, 4, batch_first=True), 1)
    given = {
        "tgt": torch.randn(2, 2, 4),
        "memory": torch.randn(2, 3, 4),
        "tgt_mask": nn.Transformer.generate_square_subsequent_mask(2),
        "memory_key_padding_mask": torch.tensor([[False, False, False], [False, False, True]]),
    }
    network = adelante.trace(module, given)
    assert (network.batch, len(network.inputs)) == ("none", 4)
    _same(network, module, given)
    assert nn.modules.transformer._detect_is_causal_mask(given["tgt_mask"], None, 2), "torch is as it was"


@pytest.mark.parametrize("kind", [Pair, modules.Seen, modules.Found])
def test_results_are_called_as_the_fields_of_their_class(kind: Any) -> None:
    module, x = modules.Answers(kind), torch.randn(2, 3)
    network = adelante.trace(module, x)
    assert output_labels(network) == ["logits", "hidden.0"]
    assert isinstance(module(x), kind), "the module gives what it gave"
    torch.testing.assert_close(adelante.forward(network, x)[network.outputs[1]], 2 * module.inner(x).detach())


def test_a_class_that_torch_does_not_know_is_refused_with_a_way_out() -> None:
    with pytest.raises(NetworkFault, match="not a known type") as refused:
        adelante.trace(modules.Answers(lambda **named: iter(named)), torch.ones(1, 3))
    assert "dataclasses of them" in refused.value.hint
    with pytest.raises(NetworkFault, match="it has Seen, a dataclass") as refused:
        adelante.trace(nn.Identity(), (modules.Seen(torch.ones(1, 2)),))
    assert "register_dataclass(Seen)" in refused.value.hint


@pytest.mark.parametrize("ending", ["safetensors", "onnx"])
def test_parameters_are_counted_as_torch_counts_them(tmp_path: Path, ending: str) -> None:
    module = modules.Placed()
    wanted = sum(each.numel() for each in module.parameters())
    network = adelante.trace(module, torch.randn(2, 4))
    assert network.learned == wanted == 4 * 5 + 2 * 4 + 3 * 4
    assert network.size == wanted + 2 * 4 + 10 * 4 + 4 * 4 + 3 + 4
    assert f"{wanted} parameters" in repr(network)
    adelante.save(network, tmp_path / f"placed.{ending}")
    # A file says which are running means and whole numbers; tables and masks of fractions are parameters in it.
    assert adelante.load(tmp_path / f"placed.{ending}").learned == wanted + 10 * 4 + 4 * 4 + 4
    assert in_precision(network, torch.float64).learned == wanted
    assert draft_of(network).network().learned == wanted


def test_rows_are_repeated_as_often_as_a_tensor_says() -> None:
    x, often = torch.randn(3, 4), torch.tensor([2, 0, 3])
    with pytest.raises(NetworkFault, match="by a tensor without output_size") as refused:
        adelante.trace(modules.Repeated(None), (x, often))
    assert "output_size=n" in refused.value.hint
    module = modules.Repeated(5)
    network = adelante.trace(module, (x, often))
    for each in (often, torch.tensor([0, 5, 0])):
        trace = adelante.forward(network, {"inputs.x": x, "inputs.often": each})
        for name, wanted in zip(network.outputs, module(x, each), strict=True):
            assert torch.equal(trace[name], wanted)
        _explained(network, trace)


def test_a_mask_as_an_index_is_refused_with_ways_out_that_go_through() -> None:
    x = torch.randn(2, 3)
    with pytest.raises(NetworkFault, match="indexing by a mask") as refused:
        adelante.trace(modules.Masked("mask"), x)
    assert "mask.nonzero().squeeze(1)" in refused.value.hint
    assert "torch.where(mask, x, 0)" in refused.value.hint
    for way in ("places", "where"):
        module = modules.Masked(way)
        _same(adelante.trace(module, x), module, {"x": x})


_CLOSED = {"padding_idx": 0, "include_last_offset": True}


@pytest.mark.parametrize(("mode", "options"), [("sum", {}), long("mean", _CLOSED), ("max", _CLOSED)])
def test_bags_that_begin_where_offsets_say(mode: str, options: dict[str, Any]) -> None:
    torch.manual_seed(3)
    module = nn.EmbeddingBag(5, 2, mode=mode, **options)
    # One bag is empty; with a padding entry one has nothing else.
    ids, offsets = torch.tensor([1, 4, 0, 3, 3, 2]), torch.tensor([0, 2, 2, 3, 6])
    network = adelante.trace(module, {"input": ids, "offsets": offsets})
    assert network.batch == "none"
    _explained(network, _same(network, module, {"input": ids, "offsets": offsets}))
    # The bags are numbers of the pass.
    _same(network, module, {"input": ids.flip(0), "offsets": torch.tensor([0, 0, 1, 5, 6])})


def test_bags_of_one_entry_each_are_no_batch() -> None:
    module, ids = nn.EmbeddingBag(5, 2, mode="sum"), torch.arange(3)
    network = adelante.trace(module, (ids, torch.arange(3)))
    assert (network.batch, network.inputs[0].shape) == ("none", (3,))
    _same(network, module, {"input": ids, "offsets": torch.tensor([0, 2, 2])})


def test_padding_in_bags_of_one_size_counts_for_nothing() -> None:
    module, ids = nn.EmbeddingBag(5, 2, mode="mean", padding_idx=0), torch.tensor([[1, 0, 2], [0, 0, 0]])
    network = adelante.trace(module, ids)
    assert network.batch == "any"
    assert torch.equal(adelante.forward(network, ids)[network.outputs[0]], module(ids).detach())


def test_what_pooling_left_out_comes_back_at_its_places() -> None:
    torch.manual_seed(3)
    module, x = modules.Unpooled(), torch.randn(3, 2, 4, 5)
    network = adelante.trace(module, x[:1])
    assert network.batch == "any"
    assert torch.equal(adelante.forward(network, x)[network.outputs[0]], module(x))
    trace = adelante.forward(network, x[0])
    _explained(network, trace)
    assert {"max_pool2d_indices", "scatter"} <= {layer.kind for layer in network.layers}


def test_places_in_order_of_size_one_at_a_time() -> None:
    module, x = modules.InMiddle(), torch.randn(3, 4, 5)
    network = adelante.trace(module, x)
    assert network.batch == "any"
    trace = adelante.forward(network, x)
    for name, wanted in zip(network.outputs, module(x), strict=True):
        assert torch.equal(trace[name], wanted)
    _explained(network, adelante.forward(network, x[0]))


def _orthogonal(layer: nn.Module) -> nn.Module:
    return parametrizations.orthogonal(layer, orthogonal_map="cayley")


@pytest.mark.parametrize("made_of", [parametrizations.weight_norm, _orthogonal])
def test_weights_that_are_made_of_others(made_of: Any) -> None:
    torch.manual_seed(3)
    module = made_of(nn.Linear(3, 3))
    kept = copy.deepcopy(module.state_dict())
    network = adelante.trace(module, torch.randn(2, 3))
    assert network.batch == "any"
    _same(network, module, {"input": torch.randn(3, 3)})
    assert all(torch.equal(each, kept[name]) for name, each in module.state_dict().items())
    if made_of is _orthogonal:
        # What parameters alone give, by an operation that is not in the list, is a parameter.
        solved = next(each for each in network.parameters.values() if each.shape == (3, 3))
        torch.testing.assert_close(solved @ solved.t(), torch.eye(3), rtol=0, atol=1e-6)


class Standardised(nn.Conv2d):
    """Its kernels are standardised, as the batch that they are themselves, before they convolve."""

    mean: Tensor | None
    variance: Tensor | None

    def __init__(self, *, running: bool) -> None:
        super().__init__(2, 3, 3)
        self.register_buffer("mean", torch.zeros(3) if running else None)
        self.register_buffer("variance", torch.ones(3) if running else None)

    def forward(self, input: Tensor) -> Tensor:
        rows = self.weight.reshape(1, self.out_channels, -1)
        weight = F.batch_norm(rows, self.mean, self.variance, training=True, momentum=0.5).reshape_as(self.weight)
        return F.conv2d(input, weight, self.bias)


@pytest.mark.parametrize("running", [False, True])
def test_kernels_that_are_standardised_are_kept_so(running: bool) -> None:
    torch.manual_seed(3)
    module, x = Standardised(running=running), torch.randn(2, 2, 5, 5)
    kept = copy.deepcopy(module.state_dict())
    network = adelante.trace(module, x)
    assert (network.batch, [layer.kind for layer in network.layers][-1]) == ("any", "conv2d")
    # The running means that it has are what they were.
    assert all(torch.equal(each, kept[name]) for name, each in module.state_dict().items())
    _same(network, module, {"input": x})
    _explained(network, adelante.forward(network, x[0]))


def test_gradients_stop_where_the_module_stops_them() -> None:
    torch.manual_seed(3)
    module, x = modules.Frozen(), torch.randn(3, requires_grad=True)
    network = adelante.trace(module, torch.randn(2, 3))
    assert [layer.kind for layer in network.layers].count("detach") == 2
    first, second = (name for name, each in network.parameters.items() if each.dim() == 2)
    found = adelante.gradients(network, x.detach(), network.outputs[0], (1,), ["inputs", first, second])
    cell = module(x[None])[0, 1]
    slopes = torch.autograd.grad(cell, (x, module.second.weight))
    torch.testing.assert_close(found["inputs"], slopes[0])
    torch.testing.assert_close(found[second], slopes[1].t())
    assert not found[first].any()
    reached = adelante.reach(network, adelante.forward(network, x.detach()), network.outputs[0], (1,))
    assert reached["inputs"].all(), "a number depends on what it is made of, slope or none"


def test_strides_are_refused_with_a_way_out() -> None:
    line = r"modules.py:\d+: return torch.as_strided\(x, \(1, 2\), \(3, 1\)\)"
    with pytest.raises(NetworkFault, match=rf"it uses as_strided, .*{line}") as refused:
        adelante.trace(modules.Strided(), torch.ones(1, 3))
    assert "x.unfold(dim, size, step)" in refused.value.hint


def test_rows_that_are_too_long_are_shortened() -> None:
    """torch does it to those that a pass reads; others may come in the next one."""
    module = modules.Short().eval()
    assert bool((module.ids.weight.norm(dim=1) > 1).any())
    network = adelante.trace(copy.deepcopy(module), torch.tensor([[1, 2, 3, 4]]))
    _same(network, module, {"ids": torch.tensor([[49, 30, 7, 0]])})


def test_parts_that_run_or_not_are_refused_with_a_way_out() -> None:
    line = r"modules.py:\d+: found: Tensor = torch.cond\(.*\)"
    with pytest.raises(NetworkFault, match=rf"it uses cond, .*{line}") as refused:
        adelante.trace(modules.Either(), torch.ones(1, 3))
    assert "torch.where(condition, first, second)" in refused.value.hint


def test_attention_with_dropout_is_random() -> None:
    with pytest.raises(NetworkFault, match="dropout draws other numbers in each pass") as refused:
        adelante.trace(modules.Forgetful(), torch.ones(1, 2, 3))
    assert "if self.training" in refused.value.hint


@pytest.mark.parametrize(
    ("module", "x", "words"),
    [
        (modules.Turned(kept=True), torch.ones(1, 3), "turn: its numbers are of type complex64"),
        (modules.Turned(kept=False), torch.ones(1, 3), "mul with numbers of type complex64"),
        (nn.ReLU(), torch.ones(1, 3, dtype=torch.complex64), "example: its numbers are of type complex64"),
        (nn.Linear(3, 2), torch.ones(1, 3, dtype=torch.float8_e4m3fn), "example: its numbers are of type float8"),
    ],
    ids=["kept", "within", "given", "eight-bits"],
)
def test_numbers_of_types_that_networks_do_not_have_are_refused(module: nn.Module, x: Tensor, words: str) -> None:
    with pytest.raises(NetworkFault, match=words) as refused:
        adelante.trace(module, x)
    assert ("complex" in words) == ("with real ones" in refused.value.hint)


def test_what_computes_nothing_is_no_network() -> None:
    with pytest.raises(NetworkFault, match="forward computes nothing"):
        adelante.trace(nn.Identity(), torch.ones(1, 3))
    with pytest.raises(NetworkFault, match="forward gives no tensor"):
        adelante.trace(modules.Silent(), torch.ones(1, 3))


def test_numbers_made_into_text_are_refused_with_a_way_out() -> None:
    with pytest.raises(NetworkFault, match="print") as refused:
        adelante.trace(modules.Told(), torch.ones(1, 3))
    assert "torch.compiler.is_exporting()" in refused.value.hint


def test_steps_that_come_first_are_no_batch() -> None:
    """Cut to its first step a recurrent layer goes through, and is another."""
    torch.manual_seed(3)
    module, steps = nn.RNN(2, 2), torch.randn(3, 1, 2)
    network = adelante.trace(module, steps)
    assert (network.batch, network.inputs[0].shape) == ("none", (3, 1, 2))
    torch.testing.assert_close(adelante.forward(network, steps)[network.outputs[0]], module(steps)[0].detach())


@pytest.mark.parametrize(("dtype", "differs"), [(torch.float32, True), (torch.bfloat16, False)])
def test_what_rounding_alone_makes_is_no_difference(dtype: torch.dtype, differs: bool) -> None:
    module, x = nn.Linear(3, 2, dtype=dtype), torch.ones(1, 3, dtype=dtype)
    network = adelante.trace(module, x)

    def otherwise(x: Tensor) -> Tensor:
        found: Tensor = module(x).detach() * 1.01
        return found

    with pytest.raises(NetworkFault, match="differs from the module's") if differs else nullcontext():
        compare(otherwise, network, (x,), 1e-3)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (nn.Linear, "it is the class Linear. Call it to make a module"),
        (nn.Linear(3, 2).state_dict(), "as state_dict() gives. module.load_state_dict"),
        (nn.Linear(3, 2).forward, "it is of type method. Write it as the forward of an nn.Module."),
        (None, "it is of type NoneType."),
    ],
    ids=["class", "state_dict", "method", "none"],
)
def test_what_is_no_module_is_told_what_it_is(given: Any, words: str) -> None:
    with pytest.raises(NetworkFault, match=r"a torch\.nn\.Module is needed") as refused:
        adelante.trace(given, torch.ones(1, 3))
    assert words in str(refused.value)


def test_a_module_that_does_not_take_the_example_says_so_itself() -> None:
    with pytest.raises(NetworkFault, match=r"can't run on the example: mat1 and mat2 shapes cannot be multiplied"):
        adelante.trace(nn.Linear(3, 2), torch.ones(2, 5))
    with pytest.raises(NetworkFault, match='is missing the required "forward" function'):
        adelante.trace(nn.ModuleList([nn.Linear(3, 2)]), torch.ones(1, 3))


def test_a_program_that_was_exported_is_a_module_too() -> None:
    module, x = nn.Sequential(nn.Linear(3, 2), nn.ReLU()).eval(), torch.randn(2, 3)
    network = adelante.trace(torch.export.export(module, (x,)).module(), x)
    torch.testing.assert_close(adelante.forward(network, x).outputs, module(x).detach())


def test_what_is_asked_of_a_trace_wrongly_is_told() -> None:
    one = torch.ones(1, 3)
    network = adelante.trace(nn.Sequential(nn.Linear(3, 2), nn.ReLU()), one)
    other = adelante.trace(modules.Named(), {"x": one, "state": (one, {"shift": one})})
    x, output = torch.ones(2, 3), network.outputs[0]
    trace = adelante.forward(network, x)
    few = adelante.forward(network, x, keep=())
    asked: list[tuple[Any, str]] = [
        (lambda: adelante.forward(network, [1.0, 2.0, 3.0]), "tensors are needed: one, or a dictionary"),  # type: ignore[call-overload]
        (lambda: adelante.forward(network, {"inputs": x.numpy()}), "tensors are needed"),  # type: ignore[dict-item]
        (lambda: adelante.explain(network, trace, output, 1), "not 1; its shape is (2,)"),  # type: ignore[arg-type]
        (lambda: adelante.explain(network, trace, output, (1.0,)), "not (1.0,)"),  # type: ignore[arg-type]
        (lambda: adelante.explain(network, trace, output, (2,)), "it has no cell (2,)"),
        (lambda: adelante.explain(network, trace, output, (1,), row=2), "there is no row 2: the trace is of 2"),
        (lambda: adelante.explain(network, few, output, (1,)), "or kept less"),
        (lambda: adelante.explain(other, trace, other.outputs[0], (1,)), "it is of another network"),
        (lambda: adelante.gradients(network, x[0], output, (1,), ["nope"]), "nope: the network has no tensor"),
    ]
    for ask, words in asked:
        with pytest.raises(NetworkFault) as refused:
            ask()
        assert words in str(refused.value)
    assert adelante.explain(network, trace, output, torch.tensor([1])).at == (1,)  # type: ignore[arg-type]
    assert list(adelante.gradients(network, x[0], output, (1,), "inputs")) == ["inputs"]
    with pytest.raises(TypeError, match=r"save\(module, example, path\)"):
        adelante.save(nn.Linear(3, 2), "network.safetensors")  # type: ignore[call-overload]
