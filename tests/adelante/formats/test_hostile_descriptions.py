"""Files of ours that are not: whatever their description says, the answer is a NetworkFault or a network, and soon."""

import json
import time
import tracemalloc
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import save as file_of

from adelante.formats.description import MOST_NODES, network_from
from adelante.formats.json.options import options_of
from adelante.formats.safetensors import network_from_safetensors
from adelante.network.errors import NetworkFault
from adelante.network.network import Network
from adelante.network.operations import OPERATIONS
from tests.long import examples

HUGE = 10**12


def _file(nodes: Any, **changes: Any) -> bytes:
    document = {
        "version": 2,
        "batch": "any",
        "inputs": [{"name": "inputs", "shape": [4], "dtype": "float32"}],
        "nodes": nodes,
        "layers": [],
        "outputs": ["inputs"],
        **changes,
    }
    return file_of({"w": torch.ones(2, 2)}, {"adelante": json.dumps(document)})


def _node(kind: str, options: Any, inputs: Any = ("inputs",), name: str = "a") -> dict[str, Any]:
    return {"name": name, "kind": kind, "options": options, "inputs": list(inputs)}


@pytest.mark.parametrize(
    "nodes",
    [
        [_node("unsqueeze", {"dim": -1}), _node("expand", {"size": [-1, 4, HUGE]}, ["a"], "b")],
        [_node("full", {"size": [HUGE], "fill_value": 1.0}, [])],
        [_node("full", {"size": [HUGE, HUGE, HUGE], "fill_value": 1.0}, [])],
        [_node("arange", {"start": 0, "end": HUGE}, [])],
        [_node("arange", {"start": 0, "end": 1, "step": 1e-300}, [])],
        [_node("arange", {"start": 0, "end": 9, "step": 0}, [])],
        [_node("pad", {"pad": [HUGE, HUGE]})],
        [_node("repeat", {"repeats": [1, HUGE]})],
        [_node("repeat_interleave", {"repeats": HUGE, "dim": 1})],
        [_node("repeat_interleave", {"repeats": -1, "dim": 1})],
        [_node("slice", {"dim": 1, "step": -1})],
        [_node("slice", {"dim": 1, "step": 0})],
        [_node("windows", {"dim": 1, "size": 2, "step": 0})],
        [_node("windows", {"dim": 1, "size": 2, "step": -1})],
        [_node("max_pool1d", {"kernel_size": 2, "stride": 0})],
        [_node("max_pool1d", {"kernel_size": 0})],
        [_node("avg_pool1d", {"kernel_size": 1, "stride": -1})],
        [_node("pixel_shuffle", {"upscale_factor": 0})],
        [_node("upsample_nearest", {"scale_factor": ["Infinity"]})],
        [_node("unflatten", {"dim": 1, "sizes": [-1, -1]})],
        [_node("reshape", {"shape": [{"batch": HUGE, "plus": -HUGE}]})],
        [_node("group_norm", {"num_groups": 0})],
        [_node("cast", {"dtype": "__class__"})],
        [_node("gelu", {"approximate": "os.system"})],
        [_node("relu", {"x": [[[[[[[[[[1]]]]]]]]]]})],
        [_node("relu", [])],
        [_node("relu6", {}, ["w", "w"])],
        [_node("conv2d", {}, ["inputs"])],
        [_node("add", {}, ["inputs"])],
        [_node("add", {"scalar": 1}, ["inputs", "w"])],
        [_node("index", {"given": [True, True]}, ["inputs", "inputs"])],
        [_node("cat", {}, [])],
        [_node("relu", {}, [["inputs"]])],
        [{"name": {}, "kind": [], "options": 1, "inputs": 2}],
        [None],
        7,
        {"a": 1},
    ],
    ids=lambda nodes: str(nodes)[:60],
)
def test_a_hostile_node_is_refused_at_once(nodes: Any) -> None:
    begun = time.process_time()
    with pytest.raises(NetworkFault):
        network_from_safetensors(_file(nodes))
    assert time.process_time() - begun < 5


@pytest.mark.parametrize(
    "changes",
    [
        {"inputs": [{"name": "inputs", "shape": [HUGE, HUGE, HUGE], "dtype": "float32"}]},
        {"inputs": [{"name": "inputs", "shape": [-4], "dtype": "float32"}]},
        {"inputs": [{"name": "inputs", "shape": [1] * 100, "dtype": "float32"}]},
        {"inputs": [{"name": "inputs", "shape": "44", "dtype": "float32"}]},
        {"inputs": None},
        {"batch": "some"},
        {"batch": []},
        {"outputs": [{}]},
        {"layers": [{"kind": 1, "nodes": 2}]},
        {"version": [[[]]]},
    ],
    ids=str,
)
def test_a_hostile_frame_is_refused_at_once(changes: Any) -> None:
    with pytest.raises(NetworkFault):
        network_from_safetensors(_file([_node("relu", {})], **changes))


def test_nesting_and_number_are_bounded() -> None:
    deep = '{"version": 2, "nodes": ' + "[" * 100_000 + "]" * 100_000 + "}"
    with pytest.raises(NetworkFault):
        network_from_safetensors(file_of({"w": torch.ones(1)}, {"adelante": deep}))
    nodes = [_node("relu", {}, ["inputs"], str(k)) for k in range(MOST_NODES + 1)]
    begun = time.process_time()
    with pytest.raises(NetworkFault, match="nodes"):
        network_from(json.dumps({"version": 2, "nodes": nodes}), {})
    assert time.process_time() - begun < 5


def test_what_is_refused_costs_memory_by_the_file_alone() -> None:
    data = _file([_node("full", {"size": [HUGE], "fill_value": 1.0}, [])])
    tracemalloc.start()
    with pytest.raises(NetworkFault):
        network_from_safetensors(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000


_NUMBER = st.sampled_from([0, 1, 2, 3, -1, -2, 64, HUGE, -HUGE, 2**63, 2**64, 0.5, -0.5, 1e300, True, None])
_VALUE: st.SearchStrategy[Any] = st.one_of(
    _NUMBER,
    st.lists(_NUMBER, max_size=4),
    st.sampled_from(["Infinity", "-Infinity", "same", "reflect", "circular", "float16", "int64", "x", ""]),
    st.fixed_dictionaries({"batch": _NUMBER, "plus": _NUMBER}),
    st.lists(st.fixed_dictionaries({"batch": st.integers(-2, 2), "plus": st.integers(-2, 2)}), max_size=2),
)


@st.composite
def _nodes(draw: st.DrawFn) -> list[dict[str, Any]]:
    names, nodes = ["inputs", "w"], []
    for k in range(draw(st.integers(1, 3))):
        kind = draw(st.sampled_from(sorted(OPERATIONS)))
        options = {name: draw(_VALUE) for name in options_of(kind) if draw(st.integers(0, 3))}
        inputs = draw(st.lists(st.sampled_from(names), max_size=4))
        nodes.append(_node(kind, options, inputs, f"n{k}"))
        names.append(f"n{k}")
    return nodes


@settings(max_examples=examples(50, 150), deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(_nodes(), st.lists(st.sampled_from([1, 2, 4, 7]), max_size=4), st.sampled_from(["float32", "int64", "bool"]))
def test_any_description_is_a_network_or_a_fault(nodes: list[dict[str, Any]], shape: list[int], dtype: str) -> None:
    begun = time.process_time()
    inputs = [{"name": "inputs", "shape": shape, "dtype": dtype}]
    try:
        network = network_from_safetensors(_file(nodes, inputs=inputs, batch="none"))
    except NetworkFault:
        return
    finally:
        assert time.process_time() - begun < 2
    assert isinstance(network, Network)
