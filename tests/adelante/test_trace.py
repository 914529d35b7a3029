"""Modules traced: torch's numbers in every node, every cell explained, the author's names and lines kept."""

import inspect
import subprocess
import sys
from itertools import product
from random import Random

import pytest
import torch
from torch import nn

import adelante
from adelante import Network, NetworkFault, Trace
from adelante.network.dense.chain import dense_chain
from adelante.network.names import output_labels
from adelante.tracing.aten import ATEN
from tests.adelante import modules
from tests.adelante.traced import case, traced


def _explained(network: Network, trace: Trace) -> None:
    random = Random(5)
    for node in network.nodes:
        cells = list(product(*(range(size) for size in network.shapes[node.name])))
        for at in random.sample(cells, min(3, len(cells))):
            found = adelante.explain(network, trace, node.name, at)
            assert found.value == trace[node.name][at].item()
            if abs(found.value) != float("inf"):
                size = max([1.0, abs(found.value), *(float(p.contributions.double().abs().sum()) for p in found.parts)])
                assert abs(found.total() - found.value) <= 1e-6 * size
            for part in found.parts:
                # A part's cell is one that can be asked in its turn.
                for cell, value in zip(part.at.tolist(), part.values, strict=True):
                    assert trace[part.tensor][tuple(cell)] == value


@pytest.mark.parametrize("name", ["digits", "residual", "words", "twins", "encoder", "attention", "lstm", "gru", "rnn"])
def test_a_traced_module_gives_its_numbers_and_explains_them(name: str) -> None:
    module, example, network = traced(name)
    assert network.batch == "any"
    several = tuple(torch.cat([each] * 3) if each.shape[0] == 1 else torch.cat([each, each[:1]]) for each in example)
    names = [each.name for each in network.inputs]
    module.eval()
    with torch.no_grad():
        wanted = module(*several)
        trace = adelante.forward(network, dict(zip(names, several, strict=True)))
        single = adelante.forward(network, {key: each[0] for key, each in zip(names, several, strict=True)})
    for output, expected in zip(network.outputs, wanted if isinstance(wanted, tuple) else (wanted,), strict=True):
        torch.testing.assert_close(trace[output], expected, rtol=1e-5, atol=1e-6)
        torch.testing.assert_close(single[output], expected[0], rtol=1e-5, atol=1e-6)
    _explained(network, single)


def test_every_layer_says_its_module_and_its_authors_line() -> None:
    _, _, network = traced("digits")
    kinds = [layer.kind for layer in network.layers]
    assert kinds == ["conv2d", "conv2d", "batch_norm", "max_pool2d", "reshape", "dense", "dense"]
    assert network.by_name[network.outputs[0]].operation.kind == "log_softmax"
    assert [layer.module for layer in network.layers[:3]] == ["conv1", "conv2", "norm"]
    assert network.layers[0].nodes == ("layers.0.pre_activations", "layers.0.activations")
    source = network.layers[0].source
    assert source is not None
    assert source.startswith("modules.py:")
    assert source.endswith("x = F.relu(self.conv1(x))")
    assert set(network.parameters) >= {"layers.0.weights", "layers.0.biases", "layers.2.mean", "layers.5.weights"}
    assert network.parameters["layers.5.weights"].shape == (54, 8), "dense weights are (n_in, n_out)"


def test_softmax_over_a_layers_neurons_is_its_activation() -> None:
    torch.manual_seed(1)
    for last in (nn.Softmax(dim=1), nn.Softmax(dim=-1), nn.LogSoftmax(dim=1)):
        module, x = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2), last), torch.randn(5, 3)
        network = adelante.trace(module, x)
        assert [layer.kind for layer in network.layers] == ["dense", "dense"]
        chain = dense_chain(network)
        assert chain is not None
        assert chain.layers[1].activation.name == ("log_softmax" if isinstance(last, nn.LogSoftmax) else "softmax")
        trace = adelante.forward(network, x)
        with torch.no_grad():
            assert torch.equal(trace["layers.1.pre_activations"], module[:3](x))
            assert torch.equal(trace["layers.1.activations"], module(x))


def test_softmax_of_what_others_read_or_over_something_else_is_a_layer() -> None:
    x = torch.ones(2, 4, 3)
    for module in (modules.Shares(dim=1), modules.Shares(also=True)):
        network = adelante.trace(module, x)
        assert [layer.kind for layer in network.layers][:2] == ["dense", "softmax"]
        assert torch.equal(adelante.forward(network, x)[network.outputs[0]], module(x).detach())


def test_a_module_that_takes_any_number_of_tensors_takes_any_batch() -> None:
    network = adelante.trace(modules.Together(), (torch.ones(1, 2), torch.ones(1, 3)))
    assert network.batch == "any"
    given = {"inputs.args_0": torch.ones(4, 2), "inputs.args_1": torch.ones(4, 3)}
    assert adelante.forward(network, given)[network.outputs[0]].tolist() == [[2.0] * 5] * 4


def test_weights_that_two_layers_share_are_one_tensor() -> None:
    _, _, network = traced("words")
    last = network.by_name[network.outputs[0]]
    assert last.operation.kind == "linear"
    assert last.inputs[1] == "layers.0.weights"


def test_tracing_leaves_the_module_as_it_was() -> None:
    module, example = case("digits")
    module.train()
    module.get_submodule("norm").eval()
    before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    adelante.trace(module, example)
    assert module.training
    assert not module.get_submodule("norm").training
    for name, tensor in module.state_dict().items():
        assert torch.equal(tensor, before[name])


def test_an_example_may_be_a_slice_of_something_larger() -> None:
    wide = torch.randn(2, 9)
    network = adelante.trace(nn.Linear(4, 3), wide[:, 1:8:2])
    assert network.inputs[0].shape == (4,)


def test_what_cannot_be_traced_is_refused_with_the_reason() -> None:
    line = r"modules.py:\d+: return x if x.sum\(\) > 0 else -x"
    with pytest.raises(NetworkFault, match=rf"torch\.export refuses it: .*{line}") as refused:
        adelante.trace(modules.Undecided(), torch.ones(1, 3))
    assert "torch.where" in refused.value.hint
    with pytest.raises(NetworkFault, match=r"it uses lgamma, .*modules.py:\d+: return torch.lgamma\(x\)"):
        adelante.trace(modules.Factorials(), torch.ones(1, 3))


def test_what_no_size_says_is_a_batch_is_taken_whole() -> None:
    torch.manual_seed(3)
    module, nodes, adjacent = modules.Graph(), torch.randn(5, 4), torch.rand(5, 5)
    network = adelante.trace(module, (nodes, adjacent))
    assert network.batch == "none"
    assert network.shapes["inputs.nodes"] == (5, 4)
    found = adelante.forward(network, {"inputs.nodes": nodes, "inputs.adjacent": adjacent})
    # As the module's own forward calls them.
    by_own_names = adelante.forward(network, {"nodes": nodes, "adjacent": adjacent})
    assert torch.equal(by_own_names[network.outputs[0]], found[network.outputs[0]])
    torch.testing.assert_close(found[network.outputs[0]], module(nodes, adjacent).detach())
    # The matrix has another first size than the batch of one; cut to one row it would go through, and be another.
    encoder, mask = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), torch.ones(3, 3).tril().log()
    network = adelante.trace(encoder, {"src": torch.randn(1, 3, 8), "src_mask": mask})
    assert [each.shape for each in network.inputs] == [(1, 3, 8), (3, 3)]


def test_tensors_come_by_name_and_within_others() -> None:
    scale, shift = torch.randn(2, 3), torch.randn(2, 3)
    example = {"state": (scale, {"shift": shift}), "x": torch.ones(2, 3)}
    network = adelante.trace(modules.Named(), example)
    assert (network.batch, [each.name for each in network.inputs]) == (
        "any",
        ["inputs.x", "inputs.state_0", "inputs.state_1_shift"],
    )
    given = dict(zip((each.name for each in network.inputs), (torch.ones(2, 3), scale, shift), strict=True))
    assert torch.equal(adelante.forward(network, given)[network.outputs[0]], scale + shift)
    with pytest.raises(NetworkFault, match=r"Named\.forward can't be called with it: missing a required .*'state'"):
        adelante.trace(modules.Named(), torch.ones(2, 3))
    with pytest.raises(NetworkFault, match=r"it has True.*at its default"):
        adelante.trace(nn.MultiheadAttention(4, 2), (torch.ones(1, 2, 4),) * 3 + (True,))


def test_places_in_order_of_size_and_numbers_laid_there() -> None:
    torch.manual_seed(3)
    module, x = modules.Experts(), torch.randn(3, 6)
    network = adelante.trace(module, x)
    wanted = module(x)
    trace = adelante.forward(network, x)
    torch.testing.assert_close(trace[network.outputs[0]], wanted["mixed"].detach())
    assert torch.equal(trace[network.outputs[1]], wanted["best"])
    assert output_labels(network) == ["mixed", "best"]
    assert {"argtopk", "gather", "scatter"} <= {node.operation.kind for node in network.nodes}
    _explained(network, adelante.forward(network, x[0]))


def test_bags_of_one_size_are_looked_up_and_averaged() -> None:
    module, ids = nn.EmbeddingBag(7, 3, mode="mean"), torch.randint(7, (2, 4))
    network = adelante.trace(module, ids)
    assert network.batch == "any"
    trace = adelante.forward(network, ids)
    torch.testing.assert_close(trace[network.outputs[0]], module(ids).detach())
    assert [layer.kind for layer in network.layers][-1] == "mean"


def test_every_translation_takes_what_atens_overloads_have() -> None:
    for name, translation in ATEN.items():
        packet = getattr(torch.ops.aten, name, None)
        for overload in packet.overloads() if packet is not None else ():
            schema = getattr(packet, overload)._schema
            of_tensors = schema.arguments and str(schema.arguments[0].type) in ("Tensor", "List[Tensor]")
            other = any(each.is_out or "Dimname" in str(each.type) for each in schema.arguments)
            if not of_tensors or other or overload == "dtype" or (name, overload) == ("repeat_interleave", "Tensor"):
                continue
            by_place = [each.name for each in schema.arguments if not each.kwarg_only]
            by_name = {each.name: None for each in schema.arguments if each.kwarg_only}
            inspect.signature(translation).bind(None, *by_place, **by_name)


def test_spreads_over_any_dimensions_however_they_are_asked() -> None:
    module, x = modules.Spreads(), torch.randn(2, 3, 4)
    network = adelante.trace(module, x)
    trace = adelante.forward(network, x)
    for name, wanted in zip(network.outputs, module(x), strict=True):
        torch.testing.assert_close(trace[name], wanted)


def test_rows_that_are_set_beside_all_others_are_no_batch() -> None:
    network = adelante.trace(modules.Beside(), (torch.randn(3, 4), torch.randn(3, 4)))
    assert (network.batch, network.shapes[network.outputs[0]]) == ("none", (3, 3))


def test_a_module_that_keeps_what_it_saw_is_traced_as_it_is_now() -> None:
    torch.manual_seed(3)
    module, x = modules.Averaged(), torch.randn(3, 4)
    module(x)
    calls, seen = module.calls, module.seen
    before = (calls.clone(), seen.clone())
    network = adelante.trace(module, x)
    assert module.calls is calls
    assert module.seen is seen
    assert torch.equal(calls, before[0])
    assert torch.equal(seen, before[1])
    wanted = module(x)
    # The module has counted on; the network is what it was traced from.
    torch.testing.assert_close(adelante.forward(network, x).outputs, wanted)


def test_what_a_module_writes_into_is_left_as_it_was() -> None:
    module, x = modules.Written(), torch.randn(2, 4)
    before = x.clone()
    network = adelante.trace(module, x)
    assert torch.equal(x, before)
    assert module.calls.item() == 0
    assert torch.equal(adelante.forward(network, x)[network.outputs[0]], module(x))


def test_random_numbers_are_refused_with_a_way_out() -> None:
    line = r"modules.py:\d+: return mean \+ torch.randn_like\(mean\)"
    with pytest.raises(NetworkFault, match=rf"randn_like draws other numbers in each pass, .*{line}") as refused:
        adelante.trace(modules.Noisy(), (torch.ones(1, 3), torch.ones(1, 3)))
    assert refused.value.fault.key == "operation-random-of-line"
    assert "one more input of forward" in refused.value.hint


def test_parameters_without_numbers_are_refused_with_a_way_out() -> None:
    module, x = nn.Linear(3, 2, device="meta"), torch.ones(1, 3)
    with pytest.raises(NetworkFault, match="to_empty") as refused:
        adelante.trace(module, x)
    assert "module.to_empty(device='cpu')" in refused.value.hint
    module.to_empty(device="cpu").load_state_dict(nn.Linear(3, 2).state_dict())
    torch.testing.assert_close(adelante.forward(adelante.trace(module, x), x).outputs, module(x).detach())


def test_a_module_that_cannot_run_on_its_example_says_so() -> None:
    with pytest.raises(NetworkFault, match="can't run on the example: expected m1 and m2 to have the same dtype"):
        adelante.trace(modules.TwoTypes(), torch.ones(1, 3, dtype=torch.float64))


def test_numbers_that_are_none_are_the_same_as_the_modules() -> None:
    x = torch.tensor([[-1.0, 0.0, 4.0]])
    trace = adelante.forward(adelante.trace(modules.Roots(), x), x[0])
    assert trace[trace.network.outputs[0]].tolist()[2] == 2.0


def test_a_number_over_nothing_is_told_as_torch_has_it() -> None:
    x = torch.tensor([[-1.0, 2.0]])
    network = adelante.trace(modules.Ratio(), x)
    found = adelante.explain(network, adelante.forward(network, x[0]), network.outputs[0], (0,))
    assert found.value == found.total() == -float("inf")


def test_options_that_no_operation_has_are_refused() -> None:
    with pytest.raises(NetworkFault, match="average pooling with divisor_override"):
        adelante.trace(nn.AvgPool2d(2, divisor_override=3), torch.ones(1, 1, 4, 4))


def test_a_module_for_one_input_says_so() -> None:
    network = adelante.trace(modules.OneAtATime(), torch.arange(6.0).reshape(1, 2, 3))
    assert network.batch == "one"
    trace = adelante.forward(network, torch.arange(6.0).reshape(2, 3))
    assert trace.values[network.outputs[0]].tolist() == [0, 2, 4, 6, 8, 10]
    with pytest.raises(NetworkFault, match="one input at a time"):
        adelante.forward(network, torch.ones(2, 2, 3))


def test_steps_that_look_like_a_batch_are_none() -> None:
    torch.manual_seed(3)
    module = nn.TransformerEncoderLayer(8, 2, 16)  # takes the steps first
    example = torch.randn(5, 1, 8)
    network = adelante.trace(module, example)
    assert network.batch == "none"
    assert network.inputs[0].shape == (5, 1, 8)
    with torch.no_grad():
        trace = adelante.forward(network, example)
        torch.testing.assert_close(trace[network.outputs[0]], module.eval()(example), rtol=1e-5, atol=1e-6)
        found = adelante.explain(network, trace, network.outputs[0], (4, 0, 2))
    assert found.total() == pytest.approx(found.value, rel=1e-5)
    with pytest.raises(NetworkFault, match="no batch"):
        adelante.forward(network, torch.ones(2, 5, 1, 8))


def test_a_change_computes_only_what_hangs_on_it() -> None:
    _, example, network = traced("digits")
    with torch.no_grad():
        trace = adelante.forward(network, example[0][0])
        weights = network.parameters["layers.5.weights"].clone()
        weights[3, 2] += 1.0
        moved = adelante.changed(trace, {"layers.5.weights": weights})
    for node in network.nodes:
        same = moved.values[node.name] is trace.values[node.name]
        assert same == (int(node.name.split(".")[1]) < 5)
    twin = adelante.Network(
        network.inputs,
        {**network.parameters, "layers.5.weights": weights},
        network.nodes,
        network.outputs,
        network.layers,
    )
    assert torch.equal(
        adelante.forward(twin, example[0][0]).values[network.outputs[0]], moved.values[network.outputs[0]]
    )


def test_reach_is_a_receptive_field() -> None:
    _, example, network = traced("digits")
    trace = adelante.forward(network, example[0][0])
    masks = adelante.reach(network, trace, "layers.3.activations", (0, 0, 2))
    rows, columns = torch.nonzero(masks["inputs"][0], as_tuple=True)
    # A 2 × 2 window over two 3 × 3 convolutions sees 6 × 6 pixels.
    assert [int(each) for each in (rows.min(), rows.max(), columns.min(), columns.max())] == [0, 5, 4, 9]
    assert int(masks["inputs"].sum()) == 36
    assert int(masks["layers.1.weights"].sum()) == 4 * 9, "one filter of the second convolution"
    assert "layers.5.weights" not in masks


def test_gradients_are_autograds() -> None:
    module, example, network = traced("residual")
    x = example[0].clone().requires_grad_()
    module(x)[0, 2, 1].backward()
    found = adelante.gradients(network, example[0][0], network.outputs[0], (2, 1), ["inputs", "layers.0.other"])
    assert x.grad is not None
    torch.testing.assert_close(found["inputs"], x.grad[0])
    place = module.get_parameter("place").grad
    assert place is not None
    torch.testing.assert_close(found["layers.0.other"], place)


def test_a_trace_can_keep_only_what_was_asked() -> None:
    _, example, network = traced("digits")
    trace = adelante.forward(network, example[0][0], keep=["layers.1.activations"])
    computed = set(trace.values) - set(network.parameters) - {"inputs"}
    assert computed == {"layers.1.activations", network.outputs[0]}


def test_inputs_that_do_not_fit_are_refused_in_words() -> None:
    _, _, network = traced("twins")
    with pytest.raises(NetworkFault, match=r"Give them by name: inputs\.a, inputs\.b"):
        adelante.forward(network, torch.ones(3))
    with pytest.raises(NetworkFault, match=r"these were given: inputs\.a"):
        adelante.forward(network, {"inputs.a": torch.ones(3)})
    with pytest.raises(NetworkFault, match=r"its shape is \(5,\); one input is \(3,\), a batch of them \(n, 3\)"):
        adelante.forward(network, {"inputs.a": torch.ones(5), "inputs.b": torch.ones(4)})
    with pytest.raises(NetworkFault, match="batches of different sizes"):
        adelante.forward(network, {"inputs.a": torch.ones(2, 3), "inputs.b": torch.ones(1, 4)})
    trace = adelante.forward(network, {"inputs.a": torch.ones(3), "inputs.b": torch.ones(4)})
    with pytest.raises(NetworkFault, match=r"it has no cell \(2,\); its shape is \(2,\)"):
        adelante.explain(network, trace, network.outputs[0], (2,))
    with pytest.raises(NetworkFault, match="it was given, not computed"):
        adelante.explain(network, trace, "inputs.a", (0,))
    with pytest.raises(NetworkFault, match="no tensor of this name"):
        adelante.explain(network, trace, "layers.99.activations", (0,))


@pytest.mark.parametrize("token", [10, -1])
def test_an_index_of_nothing_is_told_with_the_layer_that_looked_it_up(token: int) -> None:
    network = adelante.trace(nn.Sequential(nn.Embedding(10, 4), nn.Linear(4, 2)), torch.zeros(2, 5, dtype=torch.long))
    told = r"layers\.0\.activations: .*index out of range.* Indices count from 0"
    with pytest.raises(NetworkFault, match=told):
        adelante.forward(network, torch.full((5,), token))
    with pytest.raises(NetworkFault, match=told):
        adelante.forward(network, torch.full((3, 5), token), keep=())
    trace = adelante.forward(network, torch.arange(5))
    with pytest.raises(NetworkFault, match=told):
        adelante.changed(trace, {"inputs": torch.full((1, 5), token)})


def test_the_library_imports_what_is_used_and_no_server() -> None:
    """Torch with the first name that needs it, the words where something is wrong."""
    code = """if True:
        import adelante, sys
        print("torch" in sys.modules)
        adelante.load
        print("torch" in sys.modules)
        from adelante import *
        print(*sys.modules)
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    before, after, all_of_it = done.stdout.splitlines()
    assert (before, after) == ("False", "True")
    assert {"adelante", "torch"} <= set(all_of_it.split())
    assert not {"babel", "fastapi", "starlette", "pydantic", "uvicorn", "app"} & set(all_of_it.split())


def test_the_library_has_what_it_names_and_in_its_rooms_what_is_in_them() -> None:
    for name in adelante.__all__:
        assert getattr(adelante, name).__module__.startswith("adelante.")
    assert set(adelante.__all__) <= set(dir(adelante))
    with pytest.raises(AttributeError, match="module 'adelante' has no attribute 'tracee'"):
        _ = adelante.tracee  # type: ignore[attr-defined]
    code = "import adelante; print(adelante.network.operations.__name__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "adelante.network.operations"
