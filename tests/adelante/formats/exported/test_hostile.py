"""Files made to hurt whoever opens them: refused in words, without anything run, touched or taken."""

import json
import pickle
import sys
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn

from adelante.formats.exported.operators import calls
from adelante.formats.exported.reading import opened_from_package
from adelante.formats.opened import Limits
from adelante.network.errors import Fault, NetworkError, NetworkFault
from tests.adelante.formats.exported.saving import CONSTANTS, MODEL, WEIGHTS, archived, changed, parts_of, saved
from tests.long import examples


@cache
def _file() -> bytes:
    torch.manual_seed(0)
    return saved(nn.Linear(3, 2), [torch.randn(2, 3)])


def _fault(data: bytes, **limits: int) -> Fault:
    with pytest.raises((NetworkError, NetworkFault)) as refused:
        opened_from_package(data, Limits(**limits))
    error: Any = refused.value
    return error.faults[0] if isinstance(error, NetworkError) else error.fault


class Canary:
    """Unpickled, it writes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.write_text, (self.path, "sang")


def test_a_pickle_in_any_place_stays_shut(tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    program = pickle.dumps(Canary(canary))
    pickle.loads(program)
    assert canary.read_text() == "sang", "the bird can sing"
    canary.unlink()
    parts = parts_of(_file())
    others = ["data/sample_inputs/model.pt", "data/weights/weight_9", "data/constants/custom_obj_0", "extra/a.py"]
    places = [[name] for name in parts if name.startswith(("data/weights", "data/constants", "models"))]
    for names in [*places, [name for name in parts if [name] not in places] + others]:
        for content in (program, torch_saved(Canary(canary))):
            with suppress(NetworkError, NetworkFault):
                opened_from_package(archived(parts | dict.fromkeys(names, content)))
            assert not canary.exists(), names


def torch_saved(value: object) -> bytes:
    import io

    file = io.BytesIO()
    torch.save(value, file)
    return file.getvalue()


def test_the_sample_inputs_are_left_alone() -> None:
    parts = parts_of(_file())
    network, _ = opened_from_package(archived(parts | {"data/sample_inputs/model.pt": b"\x80\x04 no pickle"}))
    assert network.size == 8
    del parts["data/sample_inputs/model.pt"]
    assert opened_from_package(archived(parts)).network.size == 8


def _entry(**more: Any) -> Callable[[Any], None]:
    def change(document: Any) -> None:
        document["config"]["weight"] |= more

    return change


def _meta(**more: Any) -> Callable[[Any], None]:
    def change(document: Any) -> None:
        document["config"]["weight"]["tensor_meta"] |= more

    return change


def _ints(*values: int) -> list[dict[str, int]]:
    return [{"as_int": each} for each in values]


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (_entry(use_pickle=True), "exported-pickle"),
        (_entry(use_pickle=1), "exported-pickle"),
        (_entry(use_pickle=None), "exported-pickle"),
        (_entry(tensor_meta=None), "exported-pickle"),
        (_entry(path_name="../../../etc/passwd"), "exported-damaged"),
        (_entry(path_name="/etc/passwd"), "exported-damaged"),
        (_entry(path_name="../sample_inputs/model.pt"), "exported-damaged"),
        (_entry(path_name=["weight_0"]), "exported-damaged"),
        (_meta(sizes=_ints(1 << 20, 1 << 20)), "exported-parameters"),
        (_meta(sizes=_ints(30_000, 30_000), strides=_ints(0, 0)), "exported-parameters"),
        (_meta(sizes=_ints(2, 3), strides=_ints(1 << 50, 1)), "exported-short"),
        (_meta(sizes=_ints(2, 3), strides=_ints(-3, 1)), "exported-damaged"),
        (_meta(storage_offset={"as_int": 1}), "exported-short"),
        (_meta(storage_offset={"as_int": -1}), "exported-damaged"),
        (_meta(sizes=_ints(2, 30)), "exported-short"),
        (_meta(sizes=_ints(*[1] * 100), strides=_ints(*[1] * 100)), "exported-damaged"),
        (_meta(sizes=[{"as_expr": {"expr_str": "exit()"}}]), "exported-damaged"),
        (_meta(dtype=9), "exported-dtype"),
        (_meta(dtype="float32"), "exported-dtype"),
        (_meta(dtype=8), "exported-short"),
    ],
)
def test_numbers_that_lie(change: Callable[[Any], None], key: str) -> None:
    assert _fault(changed(_file(), change, WEIGHTS), parameters=1 << 20).key == key


def test_many_names_for_one_storage_are_counted() -> None:
    def change(document: Any) -> None:
        document["config"] |= {f"w{k}": document["config"]["weight"] for k in range(1000)}

    assert _fault(changed(_file(), change, WEIGHTS), parameters=1000).key == "exported-parameters"


def _nodes(change: Callable[[list[Any]], None]) -> Callable[[Any], None]:
    return lambda document: change(document["graph_module"]["graph"]["nodes"])


def _targets(target: Any) -> Callable[[Any], None]:
    return _nodes(lambda nodes: nodes[-1].update(target=target))


@pytest.mark.parametrize(
    "target",
    [
        "os.system",
        "builtins.eval",
        "torch.load",
        "torch.ops.aten.mode.default",
        "torch.ops.aten.as_strided.default",
        "torch.ops.aten.set_.source_Storage",
        "torch.ops.aten.from_file.default",
        "torch.ops.aten.linear.out",
        "torch.ops.aten.linear.default.__call__",
        "torch.ops.aten.__class__.default",
        "torch.ops.prim.Print.default",
        "torch.ops.higher_order.cond",
        "_operator.attrgetter",
        "__main__.x",
        "\n" * 200,
        "x" * 10_000,
    ],
)
def test_calls_that_are_not_in_the_list(target: str) -> None:
    fault = _fault(changed(_file(), _targets(target)))
    assert fault.key in ("operation-of-line", "operation-unknown")
    assert len(str(fault.values["operation"])) <= 100
    assert str(fault.values["operation"]).isprintable()


def test_the_list_is_closed() -> None:
    for name, call in calls().items():
        assert name.startswith(("torch.ops.aten.", "_operator.", "torch.sym_"))
        assert callable(call)
    assert not any(part in name for name in calls() for part in (".as_strided.", ".set_.", ".from_file.", ".load."))
    assert not any(name.endswith((".out", "_out")) for name in calls())


def _argument(argument: Any, name: str = "input", kind: int = 1) -> Callable[[Any], None]:
    return _nodes(lambda nodes: nodes[-1]["inputs"].__setitem__(0, {"name": name, "arg": argument, "kind": kind}))


@pytest.mark.parametrize(
    "change",
    [
        _argument({"as_string": "'); import os; os.system('touch canary"}),
        _argument({"as_tensor": {"name": "nothing"}}),
        _argument({"as_custom_obj": {"name": "x", "class_fqn": "y"}}),
        _argument({"as_operator": "os.system"}),
        _argument({"as_graph": {"name": "x", "graph": {}}}),
        _argument({"as_int": 10**30}),
        _argument({"as_int": True}),
        _argument({"as_float": "9" * 1000}),
        _argument({"as_bool": "yes"}),
        _argument({"as_none": True, "as_int": 1}),
        _argument({}),
        _argument([]),
        _argument({"as_tensor": {"name": "x"}}, name="out=exit(); x", kind=2),
        _nodes(lambda nodes: nodes.append(nodes[-1])),
        _nodes(lambda nodes: nodes[-1].update(outputs=[{"as_tensor": {"name": ["linear"]}}])),
        _nodes(lambda nodes: nodes[-1].update(inputs=None)),
        _nodes(lambda nodes: nodes.clear()),
        _targets(None),
        _targets({"a": 1}),
        lambda document: document["graph_module"].update(graph=[]),
        lambda document: document["graph_module"]["signature"].update(input_specs=[{}]),
        lambda document: document["graph_module"]["signature"]["input_specs"].clear(),
        lambda document: document["graph_module"]["graph"]["tensor_values"].clear(),
        lambda document: document.update(schema_version=8),
    ],
)
def test_arguments_that_are_something_else(
    change: Callable[[Any], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    fault = _fault(changed(_file(), change))
    assert fault.key in (
        "exported-damaged",
        "network-fault",
        "operation-unknown",
        "operation-of-line",
        "operation-whole",
    )
    assert list(tmp_path.iterdir()) == []


def test_names_and_stacks_are_text_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """torch writes names into Python that it compiles, and stack traces beside them as comments."""
    monkeypatch.chdir(tmp_path)
    evil = "x'); open('canary', 'w'); ('"
    stack = f'File "{evil}", line 1, in f\n    ok\nopen("canary", "w")\r\nopen("canary", "w")\x85"""'

    def change(document: Any) -> Any:
        text = json.dumps(document)
        for name in ("input", "linear", "p_weight"):
            text = text.replace(f'"name": "{name}"', f'"name": {json.dumps(evil + name)}')
        document = json.loads(text)
        values = document["graph_module"]["graph"]["tensor_values"]
        document["graph_module"]["graph"]["tensor_values"] = {
            evil + name: each for name, each in values.items()
        } | values
        for node in document["graph_module"]["graph"]["nodes"]:
            node["metadata"] = {"stack_trace": stack * 50, "nn_module_stack": f"a,{evil}\n,c;" * 50}
        for node in document["graph_module"]["graph"]["nodes"]:
            for each in node["inputs"]:
                each["name"] = each["name"].removeprefix(evil)
        return document

    network, _ = opened_from_package(changed(_file(), change))
    assert network.size == 8
    layer = network.layers[0]
    assert len(str(layer.source)) <= 200
    assert str(layer.source).isprintable()
    assert str(layer.module).isprintable()
    assert list(tmp_path.iterdir()) == []


def test_sizes_of_inputs_are_no_programs() -> None:
    def sizes(*values: Any) -> Callable[[Any], None]:
        def change(document: Any) -> None:
            for meta in document["graph_module"]["graph"]["tensor_values"].values():
                if "as_expr" in meta["sizes"][0]:
                    meta["sizes"] = list(values)

        return change

    evil = {"as_expr": {"expr_str": "__import__('os').system('false')"}}
    assert _fault(changed(_file(), sizes(evil, {"as_int": 3}))).key == "exported-damaged"
    rows = {"as_expr": {"expr_str": "Symbol('s0')", "hint": {"as_int": 2}}}
    assert _fault(changed(_file(), sizes(rows, {"as_int": 1 << 40}))).key == "exported-size"
    assert _fault(changed(_file(), sizes({"as_int": 1 << 20}, {"as_int": 1 << 20}))).key == "exported-size"
    lost = {"as_expr": {"expr_str": "Mul(Integer(2), Symbol('s999'))"}}
    assert _fault(changed(_file(), sizes(rows, lost))).key == "exported-size"


def test_graphs_that_are_too_large_are_counted_first() -> None:
    def many(nodes: list[Any]) -> None:
        nodes *= 2000

    assert _fault(changed(_file(), _nodes(many)), nodes=1000).key == "file-nodes"


def test_deep_and_huge_json_is_refused() -> None:
    parts = parts_of(_file())
    deep = archived(parts | {MODEL: b"[" * 100_000 + b"]" * 100_000})
    assert _fault(deep).key == "exported-damaged"
    huge = archived(parts | {MODEL: b'{"a": "' + b" " * (1 << 26) + b'"}'}, packed=True)
    tracemalloc.start()
    assert _fault(huge).key in ("file-archive", "exported-json")
    assert tracemalloc.get_traced_memory()[1] < 1 << 22
    tracemalloc.stop()


def test_nests_of_blocks_are_bounded() -> None:
    def nested(nodes: list[Any]) -> None:
        for _ in range(100):
            graph = {"as_graph": {"graph": {"inputs": [], "outputs": [], "nodes": list(nodes)}}}
            block = {
                "target": "torch.ops.higher_order.wrap_with_set_grad_enabled",
                "inputs": [
                    {"name": "", "arg": {"as_bool": False}},
                    {"name": "", "arg": graph},
                ],
                "outputs": [],
            }
            nodes[:] = [block]

    assert _fault(changed(_file(), _nodes(nested))).key == "file-nodes"


def test_numbers_that_a_pass_would_take_are_not_taken() -> None:
    """A call that makes a tensor of a billion billion numbers: torch follows it without them, and so do we."""

    def change(document: Any) -> None:
        graph = document["graph_module"]["graph"]
        huge = {"name": "size", "arg": {"as_ints": [1 << 30, 1 << 30]}, "kind": 1}
        made = {
            "target": "torch.ops.aten.ones.default",
            "inputs": [huge],
            "outputs": [{"as_tensor": {"name": "huge"}}],
            "metadata": {},
        }
        added = {
            "target": "torch.ops.aten.sum.default",
            "inputs": [{"name": "self", "arg": {"as_tensor": {"name": "huge"}}, "kind": 1}],
            "outputs": [{"as_tensor": {"name": "summed"}}],
            "metadata": {},
        }
        graph["nodes"] += [made, added]
        graph["outputs"] = [{"as_tensor": {"name": "summed"}}]

    fault = _fault(changed(_file(), change))
    assert fault.type == "too-large" or fault.key in ("exported-damaged", "network-fault"), fault


@settings(max_examples=examples(10, 25), deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_mutated_files_are_refused_or_read(data: st.DataObject) -> None:
    """Bytes of the JSON changed one by one: each file is a network, or is refused in words."""
    parts = parts_of(_file())
    part = data.draw(st.sampled_from([MODEL, WEIGHTS, CONSTANTS]))
    content = bytearray(parts[part])
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(32, 126))
    before = set(sys.modules)
    try:
        network, _ = opened_from_package(archived(parts | {part: bytes(content)}))
    except (NetworkError, NetworkFault):
        assert not {name for name in set(sys.modules) - before if not name.startswith(("torch", "sympy", "adelante"))}
    else:
        assert network.size <= 8
