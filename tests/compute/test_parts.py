"""What the compute service asks of its parts: what a pass weighs, who may share one, what went wrong and where."""

import pytest
import torch

from adelante.formats.json import network_from_document
from adelante.network.dense.network import DenseNetwork
from adelante.network.errors import NetworkError
from adelante.network.network import Input, Layer, Network, Node
from adelante.network.operations import Operation, operation_named
from adelante.network.presets import chain_named
from app.compute import responses as responses_module
from app.compute.content import Content
from app.compute.devices import device_named, dtype_named, name_of
from app.compute.effort import counted, effort
from app.compute.joining import MOST_ROWS_TO_JOIN, worth_joining
from app.compute.limits import text_bytes
from app.compute.lookups import guarded
from app.compute.machine import Machine
from app.compute.memory import out_of_memory
from app.compute.responses import CALL_SECONDS, Wanted, failed_at
from app.compute.steps import even_parts, failed, split_evenly
from app.settings import SettingFault
from tests.adelante.network.convolution import convolution

PIXEL, WEIGHT = ("inputs", (0, 1, 1)), ("layers.0.weights", (0, 0, 0, 0))


def one_node(operation: Operation, *operands: torch.Tensor) -> Network:
    """A network of one operation, which takes the first operand as its input."""
    names = tuple(f"layers.0.{k}" for k in range(1, len(operands)))
    inputs = (Input("inputs", tuple(operands[0].shape), operands[0].dtype),)
    node = Node("layers.0.activations", operation, ("inputs", *names))
    layers = (Layer(operation.kind, (node.name,)),)
    return Network(inputs, dict(zip(names, operands[1:], strict=True)), (node,), (node.name,), layers, "none")


@pytest.mark.parametrize(
    ("layer", "weight"),
    [
        ({"kind": "conv2d", "in_channels": 2, "weights": torch.ones(2, 2, 1, 1)}, 2),
        ({"kind": "conv2d", "groups": 2, "weights": torch.ones(2, 1, 1, 1)}, 8),
        ({"kind": "relu"}, 16),
        ({"kind": "max_pool2d", "kernel_size": 2}, 16),
    ],
)
def test_what_processors_are_not_made_for_weighs_more(layer: dict[str, object], weight: int) -> None:
    layer = {name: each.tolist() if isinstance(each, torch.Tensor) else each for name, each in layer.items()}
    layer.pop("in_channels", None)
    network = network_from_document({"input": {"shape": [2, 4, 4]}, "layers": [layer]})
    assert effort(network) == weight * network.cost > 0
    assert counted(network) is network


def test_a_device_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(SettingFault) as caught:
        Machine("cuda:99")
    assert "auto, cpu" in caught.value.sentence("en")


def test_products_weigh_what_they_cost() -> None:
    chain = chain_named("multilayer").network
    assert effort(chain) == chain.cost
    product = one_node(operation_named("linear"), torch.ones(2, 3), torch.ones(4, 3))
    assert effort(product) == product.cost > 0


def test_passes_share_the_reading_of_weights_and_only_that() -> None:
    chain, norm = chain_named("multilayer").network, {"kind": "layer_norm", "normalized_shape": [3]}
    assert worth_joining(chain, MOST_ROWS_TO_JOIN)
    assert not worth_joining(chain, MOST_ROWS_TO_JOIN + 1)
    # A convolution uses each weight many times over.
    assert not worth_joining(convolution(), 1)
    general = {"input": {"shape": [3]}, "layers": [{"weights": [[1.0] * 3] * 3}, norm]}
    assert worth_joining(network_from_document(general), 1)
    assert not worth_joining(network_from_document({**general, "batch": "one"}), 1)
    # What one asks for may be a place that is not there; the others must not hear of it.
    words = {"kind": "embedding", "weights": [[1.0] * 3] * 4}
    table = {"input": {"shape": [2], "dtype": "int64"}, "layers": [words]}
    assert not worth_joining(network_from_document(table), 1)


ROWS, PLACES = torch.arange(12.0).view(3, 4), (-5, -4, -3, -1, 0, 2, 3, 4)


@pytest.mark.parametrize(
    ("operation", "operands"),
    [
        (operation_named("embedding"), lambda k: (ROWS, torch.tensor([0, k]))),
        (operation_named("gather", dim=1), lambda k: (ROWS, torch.tensor([[0, k]]))),
        (operation_named("index_select", dim=0), lambda k: (ROWS, torch.tensor([k, 1]))),
        (operation_named("index", given=(False, True)), lambda k: (ROWS, torch.tensor([1, k]))),
    ],
)
@pytest.mark.parametrize("place", PLACES)
def test_a_place_that_is_not_there_is_told_before_a_gpu_is_asked(
    operation: Operation, operands: object, place: int
) -> None:
    """Where torch refuses it on a CPU, and nowhere else."""
    assert callable(operands)
    given = operands(place)
    good = operands(0)
    network = one_node(operation, *good)
    step = guarded(network, network.steps(1)[0])
    assert torch.equal(step.run(*good), operation.run(*good))
    try:
        expected = operation.run(*given)
    except (IndexError, RuntimeError):
        with pytest.raises(IndexError, match=rf"index {place} is out of bounds for dimension with size [34]"):
            step.run(*given)
    else:
        assert torch.equal(step.run(*given), expected)


def test_what_looks_nothing_up_is_run_as_it_is() -> None:
    network = convolution()
    for step in network.steps(1):
        assert guarded(network, step) is step


@pytest.mark.parametrize(
    ("error", "type", "key"),
    [
        (IndexError("index 9 is wrong\nmore"), "out-of-range", "place-not-there"),
        (RuntimeError("index 9 is out of bounds"), "out-of-range", "place-not-there"),
        (RuntimeError("index out of range in self"), "out-of-range", "place-not-there"),
        (RuntimeError("\"conv\" not implemented for 'Half'"), "unsupported-dtype", "not-in-this-dtype"),
        (ValueError("x" * 1000), "invalid-value", "pass-failed"),
    ],
)
def test_a_pass_that_fails_says_where_and_in_torchs_words(error: Exception, type: str, key: str) -> None:
    network, words = convolution(), str(error).split("\n")[0][:300]
    for name, pointer, layer in (
        ("layers.0.activations", "/layers/0", "edges"),
        ("layers.1.activations", "/layers/1", "layers.1.activations"),
    ):
        (fault,) = failed(network, name, error).faults
        assert (fault.type, fault.key, fault.pointer, fault.torch_words) == (type, key, pointer, words)
        assert fault.values == {"kind": network.by_name[name].operation.kind, "layer": layer}
    (fault,) = failed_at(error).faults
    assert (fault.type, fault.pointer, fault.torch_words) == ("out-of-range", "", words)


def test_what_stands_outside_of_layers_has_no_place() -> None:
    kept = convolution()
    network = Network(
        kept.inputs, kept.parameters, (*kept.nodes, Node("n", operation_named("relu"), ("inputs",))), ("n",)
    )
    (fault,) = failed(network, "n", ValueError("no")).faults
    assert (fault.pointer, fault.values) == ("", {"kind": "relu", "layer": "n"})


def test_as_few_parts_as_there_may_be_and_all_about_as_long() -> None:
    for count in range(1, 40):
        for most in (1, 2, 3, 7, 40):
            parts = even_parts(count, most)
            assert sum(parts) == count
            assert max(parts) <= most
            assert max(parts) - min(parts) <= 1
            assert len(parts) == -(-count // most)
            rows = torch.arange(count)
            found = split_evenly(rows, most)
            assert [len(each) for each in found] == parts
            assert torch.equal(torch.cat(found), rows)


def test_responses_run_as_many_at_once_as_time_and_memory_let_them(monkeypatch: pytest.MonkeyPatch) -> None:
    from adelante.network.cells import Cell

    network = convolution()
    pixel = Wanted(network, (Cell(*PIXEL),), network.outputs, 5000)
    weight = Wanted(network, (Cell(*WEIGHT),), network.outputs, 5000)
    one = network.trace_size * 4
    assert (pixel.at_once(1.0), pixel.at_once(1e12)) == (1, 1024)
    assert pixel.at_once(20 * 50 * network.cost) == 50
    # What is told, and a batch of traces; where a parameter moves, a trace that is kept, one that is new, and its copy.
    assert pixel.memory(1e12) == 5000 * 3 * 4 + 1024 * one
    assert weight.memory(1e12) == 5000 * 3 * 4 + 1024 * one + 2 * one + 2 * 9 * 4
    assert pixel._replace(rows=7).memory(1e12) == 7 * 3 * 4 + 7 * one
    assert pixel.seconds(1e12) == pytest.approx(pixel.cost / 1e12 + CALL_SECONDS * 5 * 6)
    monkeypatch.setattr(responses_module, "_BATCH_BYTES", 10 * one)
    assert pixel.at_once(1e12) == 10
    monkeypatch.setattr(responses_module, "_BATCH_BYTES", one - 1)
    assert pixel.at_once(1e12) == 1


def test_memory_that_is_missing_is_known_by_whoever_says_it() -> None:
    allocator = "[enforce fail at alloc_cpu.cpp:124] DefaultCPUAllocator: can't allocate memory: you tried …"
    threads = RuntimeError("can't start new thread")
    for error in (MemoryError(), torch.OutOfMemoryError("CUDA out of memory"), RuntimeError(allocator), threads):
        assert out_of_memory(error)
    for other in (RuntimeError("shapes differ"), ValueError(allocator), OSError("can't allocate memory")):
        assert not out_of_memory(other)


@pytest.mark.parametrize("size", [2, 2**19, 2**19 + 1])
def test_small_answers_are_sent_in_one_piece(size: int) -> None:
    first, rest = b"a", b"b" * (size - 1)
    whole = Content([first, memoryview(rest)]).whole()
    assert whole == (first + rest if size <= 2**19 else None)
    pieces = [bytes(piece) for piece in Content([rest + first]).take()]
    assert b"".join(pieces) == rest + first
    assert [len(piece) for piece in pieces] == ([size] if size <= 2**19 else [2**19, 1])


def test_a_number_as_text_is_as_long_as_its_precision() -> None:
    assert text_bytes(3, torch.float64) == 63
    for dtype in (torch.float32, torch.float16, torch.bfloat16):
        assert text_bytes(3, dtype) == 36


def test_devices_and_precisions_by_name() -> None:
    assert device_named("auto") is None
    assert device_named("cpu") == torch.device("cpu")
    for name in ("float32", "float64", "bfloat16", "float16"):
        assert name_of(dtype_named(name)) == name
        assert dtype_named(name) is getattr(torch, name)
    for use, pointer, known in (
        (device_named, "/device", ["auto", "cpu"]),
        (dtype_named, "/dtype", ["float32", "float64", "bfloat16", "float16"]),
    ):
        with pytest.raises(NetworkError) as caught:
            use("int7")
        (fault,) = caught.value.faults
        assert (fault.pointer, fault.values["name"]) == (pointer, "int7")
        assert fault.values["known"][: len(known)] == known


def test_a_gpu_that_was_full_rests_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1000.0]
    monkeypatch.setattr("app.compute.machine.time.monotonic", lambda: clock[0])
    machine = Machine("auto")
    machine.gpu = torch.device("cuda", 0)
    assert machine.devices == {torch.device("cpu"), machine.gpu}
    machine.rest_gpu()
    for seconds, place in ((29.9, "cpu"), (0.2, "cuda")):
        clock[0] += seconds
        assert machine.place("auto", 10**12).type == place


def test_the_settings_device_is_where_auto_sends_every_pass() -> None:
    machine = Machine("cpu")
    machine.gpu = torch.device("cuda", 0)
    assert machine.place("auto", 10**15) == torch.device("cpu")
    assert isinstance(chain_named("xor").network, DenseNetwork)
