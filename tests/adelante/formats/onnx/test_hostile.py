"""Files that are no honest model are refused by name: without a crash, a hang, another file read, or memory spent."""

import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import torch
from onnx import ModelProto, NodeProto, TensorProto, helper

from adelante.formats.onnx.refusals import WORDS
from adelante.formats.opening import Limits, opened
from adelante.locale import LANGUAGES, catalog
from adelante.network.errors import NetworkError, NetworkFault
from adelante.network.forward import forward
from app.api.http.problems import sentence
from tests.adelante.formats.onnx.models import model, one, runtime

X = np.ones((2, 3), "f4")
W = np.ones((3, 4), "f4")


def refused(data: bytes, **options: object) -> NetworkFault:
    """Why it is refused."""
    with pytest.raises(NetworkFault) as caught:
        opened(data, **options)  # type: ignore[arg-type]
    for language in LANGUAGES:
        told = sentence(language, caught.value.fault)
        assert "{" not in told.replace('{"sizes"', "").replace(": {", "")
    return caught.value


def dense() -> ModelProto:
    return one("MatMul", {"x": X}, {"w": W})


INDEX = np.array([[0, 1, 2], [1, 0, 1]])


@pytest.mark.parametrize(
    "proto",
    [
        *(one(name, {"x": X}, axis=axis) for name in ("Softmax", "LogSoftmax", "ArgMax", "ArgMin") for axis in (2, -3)),
        *(one("Flatten", {"x": X}, axis=axis) for axis in (3, -3)),
        *(one("Split", {"x": X}, outputs=2, axis=axis) for axis in (2, -3)),
        *(one("Gather", {"x": X}, {"i": np.array([0])}, axis=axis) for axis in (2, -3)),
        *(one("GatherElements", {"x": X}, {"i": INDEX}, axis=axis) for axis in (2, -3)),
        *(one("ScatterElements", {"x": X}, {"i": INDEX, "u": X}, axis=axis) for axis in (2, -3)),
        *(one("CumSum", {"x": X}, {"axis": np.int64(axis)}) for axis in (2, -3)),
        *(one("Unsqueeze", {"x": X}, {"axes": np.array([axis])}) for axis in (3, -4)),
        *(one("Squeeze", {"x": X[:1]}, {"axes": np.array([axis])}) for axis in (2, -3)),
        *(one("ReduceSum", {"x": X}, {"axes": np.array([axis])}) for axis in (2, -3)),
        *(one("LayerNormalization", {"x": X}, {"s": np.ones(3, "f4")}, axis=axis) for axis in (2, -3)),
        *(one("Slice", {"x": X}, {"a": np.array([0]), "b": np.array([1]), "c": np.array([axis])}) for axis in (2, -3)),
        *(
            one("OneHot", {"x": X}, {"depth": np.int64(3), "values": np.array([0, 1], "f4")}, axis=axis)
            for axis in (3, -4)
        ),
        *(
            one("Pad", {"x": X}, {"p": np.array([1, 1]), "v": np.float32(0), "a": np.array([axis])}, opset=18)
            for axis in (2, -3)
        ),
        *(one("Gather", {"x": X}, {"i": np.array([place])}, axis=1) for place in (3, -4)),
        *(one("GatherElements", {"x": X}, {"i": INDEX + place}, axis=1) for place in (1, -4)),
        *(one("ScatterElements", {"x": X}, {"i": INDEX + place, "u": X}, axis=1) for place in (1, -4)),
        *(one("ScatterND", {"x": X}, {"i": np.array([[place]]), "u": X[:1]}) for place in (2, -3)),
    ],
    ids=lambda proto: proto.graph.node[0].op_type,
)
def test_a_dimension_or_a_place_that_is_not_there_is_never_taken_for_another(proto: ModelProto) -> None:
    with pytest.raises(Exception, match=r".*"):
        runtime(proto, {"x": X})
    # What scatters into the batch is refused as that.
    assert refused(bytes(proto.SerializeToString())).fault.key in ("onnx-attribute", "onnx-of-batch")


def external(location: str, offset: str = "0", length: str | None = "48") -> bytes:
    proto = dense()
    tensor = proto.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in (("location", location), ("offset", offset), ("length", length)):
        if value is not None:
            tensor.external_data.add(key=key, value=value)
    return bytes(proto.SerializeToString())


DATA = {"net.onnx.data": W.tobytes()}


def test_numbers_of_the_file_that_came_with_it() -> None:
    for location in ("net.onnx.data", "as_it_was_called_before.data"):
        network = opened(external(location), "net.onnx", DATA).network
        (weights,) = (tensor for name, tensor in network.parameters.items() if name.endswith("weights"))
        assert weights.tolist() == W.tolist()


@pytest.mark.parametrize(
    "location", ["../../etc/passwd", "/etc/passwd", "..", "", ".", "a/../net", "C:\\x", "a\\b", "/proc/self/environ"]
)
def test_no_other_file_is_read(location: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "passwd").write_bytes(W.tobytes())
    for beside in ({}, DATA):
        if location == "." and beside:
            continue
        assert refused(external(location), beside=beside).fault.key == "onnx-external"
    assert refused(external("passwd")).fault.values["location"] == "passwd"


@pytest.mark.parametrize(
    ("offset", "length"),
    [("1", "48"), ("48", "48"), ("-1", "48"), ("0", "49"), ("0", "0"), ("x", "48"), ("1e3", "48"), ("9" * 30, "48")],
)
def test_numbers_lie_within_the_file_that_came_with_it(offset: str, length: str) -> None:
    assert refused(external("net.onnx.data", offset, length), beside=DATA).fault.key == "onnx-external-range"


def test_two_tensors_may_share_bytes() -> None:
    network = opened(external("net.onnx.data", "0", None), beside=DATA).network
    assert network.size == 12 + 4


@pytest.mark.parametrize("listed", [True, False])
def test_whole_numbers_without_a_sign_are_read_up_to_where_int64_ends(listed: bool) -> None:
    for number, kind in ((2**63 - 1, TensorProto.UINT64), (2**32 - 1, TensorProto.UINT32), (2**63, TensorProto.UINT64)):
        proto = one("Add", {"x": np.zeros(1, "i8")}, {"w": np.zeros(1, "u8")})
        tensor = proto.graph.initializer[0]
        tensor.data_type = kind
        tensor.raw_data = number.to_bytes(8 if kind == TensorProto.UINT64 else 4, "little")
        if listed:
            tensor.ClearField("raw_data")
            tensor.uint64_data.append(number)
        data = bytes(proto.SerializeToString())
        if number == 2**63:
            assert refused(data).fault.key == "onnx-dtype"
        else:
            found = forward(opened(data).network, torch.zeros(1, dtype=torch.int64)).outputs
            assert isinstance(found, torch.Tensor)
            assert found.tolist() == [number]


def declared(dims: list[int], **fields: object) -> bytes:
    proto = dense()
    tensor = proto.graph.initializer[0]
    tensor.ClearField("raw_data")
    del tensor.dims[:]
    tensor.dims.extend(dims)
    for name, value in fields.items():
        if isinstance(value, list):
            getattr(tensor, name).extend(value)
        else:
            setattr(tensor, name, value)
    return bytes(proto.SerializeToString())


@pytest.mark.parametrize(
    "data",
    [
        declared([1 << 40, 1 << 40]),
        declared([1_000_000_000]),
        declared([1_000_000_000], raw_data=b"1234"),
        declared([-3, 4], raw_data=W.tobytes()),
        declared([0, 1 << 62]),
        declared([3, 4], raw_data=W.tobytes()[:-4]),
        declared([3, 4], raw_data=W.tobytes() + b"1234"),
        declared([3, 4], float_data=[1.0] * 11),
        declared([1] * 100, raw_data=b"1234"),
    ],
)
def test_what_a_tensor_declares_is_what_is_there(data: bytes) -> None:
    tracemalloc.start()
    fault = refused(data).fault
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert fault.key in ("onnx-tensor-size", "onnx-parameters")
    assert peak < 5_000_000


def test_more_numbers_than_are_allowed() -> None:
    assert refused(dense().SerializeToString(), limits=Limits(parameters=11)).fault.key == "onnx-parameters"


def folded(node: NodeProto, known: dict[str, object]) -> bytes:
    nodes = [node, helper.make_node("Add", ["x", "big"], ["y"])]
    return bytes(model(nodes, {"x": X}, ["y"], known).SerializeToString())


@pytest.mark.parametrize(
    "data",
    [
        folded(helper.make_node("ConstantOfShape", ["s"], ["big"]), known={"s": np.array([1 << 20, 1 << 20])}),
        folded(
            helper.make_node("Expand", ["w", "s"], ["big"]), known={"w": W[:1, :1], "s": np.array([1 << 30, 1 << 12])}
        ),
        folded(helper.make_node("Tile", ["w", "s"], ["big"]), known={"w": W, "s": np.array([1 << 20, 1 << 20])}),
        folded(
            helper.make_node("Range", ["a", "b", "c"], ["big"]),
            known={"a": np.int64(0), "b": np.int64(1 << 40), "c": np.int64(1)},
        ),
        folded(helper.make_node("Pad", ["w", "s"], ["big"]), known={"w": W, "s": np.array([1 << 30, 0, 0, 1 << 30])}),
    ],
)
def test_what_is_worked_out_before_a_pass_is_bounded(data: bytes) -> None:
    began = time.process_time()
    with pytest.raises((NetworkFault, NetworkError)):
        opened(data)
    assert time.process_time() - began < 10


def test_doubling_again_and_again() -> None:
    """A zip bomb of a graph: forty nodes, and 2^40 numbers."""
    nodes = [helper.make_node("Concat", [f"t{k}", f"t{k}"], [f"t{k + 1}"], axis=0) for k in range(40)]
    nodes.append(helper.make_node("ReduceSum", ["t40"], ["y"], keepdims=0))
    with pytest.raises((NetworkFault, NetworkError)):
        opened(model(nodes, {"x": X}, ["y"], {"t0": W}).SerializeToString())


# ---- parts ----


def nested(depth: int) -> bytes:
    graph = helper.make_graph([], "inner", [], [])
    for _ in range(depth):
        graph = helper.make_graph([helper.make_node("If", ["c"], ["y"], then_branch=graph)], "g", [], [])
    return bytes(helper.make_model(graph).SerializeToString())


def message(field: int, content: bytes) -> bytes:
    """A protobuf field that holds bytes."""
    size, length = len(content), b""
    while size > 127:
        length += bytes([size & 127 | 128])
        size >>= 7
    return bytes([field << 3 | 2]) + length + bytes([size]) + content


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (nested(20), "onnx-too-deep"),
        (b"\x08\x0a" + message(7, b"\x0a\x00" * 1_000_000), "onnx-too-many-nodes"),
        (b"\x08\x0a" + message(7, b"\x2a\x00" * 2_000_000), "onnx-too-many-parts"),
        (b"\x08\x0a" + message(7, message(5, message(7, b"\x00" * (17 << 20)))), "onnx-too-many-parts"),
        (dense().SerializeToString()[:-20], "onnx-broken"),
        (b"\x08\x0a\x3a\xff\xff\xff\xff\x7f", "onnx-broken"),
        (b"\x08\x0a\x12" + b"\xff" * 20, "onnx-broken"),
        (b"\x08\x0a\x12\x00\x13\x14", "onnx-broken"),
    ],
)
def test_parts_are_counted_before_they_are_made(data: bytes, key: str) -> None:
    assert refused(data).fault.key == key


def test_the_last_of_the_nodes_that_are_allowed() -> None:
    nodes = [helper.make_node("Relu", [f"x{k}" if k else "x"], [f"x{k + 1}"]) for k in range(5)]
    data = model(nodes, {"x": X}, ["x5"]).SerializeToString()
    assert len(opened(data, limits=Limits(nodes=5)).network.nodes) == 5
    assert refused(data, limits=Limits(nodes=4)).fault.key == "onnx-too-many-nodes"


def test_a_long_name() -> None:
    assert refused(one("Relu", {"x" * 2000: X}).SerializeToString()).fault.key == "onnx-name-length"


# ---- graphs ----


def graph_of(*nodes: object, outputs: str = "y", **known: object) -> bytes:
    return bytes(model(list(nodes), {"x": X}, [outputs], known).SerializeToString())  # type: ignore[arg-type]


RELU = helper.make_node("Relu", ["x"], ["y"])


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (graph_of(helper.make_node("Add", ["x", "y"], ["y"], name="n")), "onnx-undefined"),
        (
            graph_of(helper.make_node("Relu", ["b"], ["a"]), helper.make_node("Relu", ["a"], ["b"]), outputs="b"),
            "onnx-undefined",
        ),
        (graph_of(RELU, helper.make_node("Neg", ["x"], ["y"])), "onnx-twice"),
        (graph_of(RELU, outputs="z"), "onnx-no-output"),
        (graph_of(helper.make_node("Nothing", ["x"], ["y"])), "onnx-operator"),
        (graph_of(helper.make_node("Relu", ["x"], ["y"], domain="com.microsoft")), "onnx-operator"),
        (graph_of(helper.make_node("NonZero", ["x"], ["y"])), "onnx-operator"),
        (graph_of(helper.make_node("Relu", ["x"], ["y"], alpha=3)), "onnx-attribute"),
        (graph_of(helper.make_node("Relu", ["x", "x"], ["y"])), "onnx-operands"),
        (graph_of(helper.make_node("Add", ["x"], ["y"])), "onnx-operands"),
        (graph_of(helper.make_node("Add", ["", "x"], ["y"])), "onnx-operands"),
        (graph_of(helper.make_node("Transpose", ["x"], ["y"], perm=[0, 5])), "layer-shapes"),
        (
            graph_of(
                helper.make_node("Concat", ["x"], ["y"], axis=7),
                helper.make_node("Concat", ["y", "x"], ["z"], axis=9),
                outputs="z",
            ),
            "layer-shapes",
        ),
        (graph_of(helper.make_node("Conv", ["x", "w"], ["y"]), w=np.ones((1, 1, 3, 3), "f4")), "layer-shapes"),
        (
            graph_of(helper.make_node("Dropout", ["x"], ["d", "m"]), helper.make_node("Not", ["m"], ["y"])),
            "onnx-result",
        ),
        (graph_of(helper.make_node("Reshape", ["x", "x"], ["y"])), "onnx-not-constant"),
        (graph_of(helper.make_node("Mod", ["x", "w"], ["y"], fmod="a"), w=np.float32(2)), "onnx-attribute"),
    ],
)
def test_graphs_that_are_none(data: bytes, key: str) -> None:
    assert refused(data).fault.key == key


def test_a_refusal_names_operator_node_and_the_way_out() -> None:
    fault = refused(one("NonZero", {"x": X}).SerializeToString())
    assert fault.place == "the_node"
    assert "NonZero" in str(fault)
    assert fault.hint
    assert fault.fault.values["operator"] == "NonZero"
    for language in LANGUAGES:
        told = sentence(language, fault.fault)
        assert "NonZero" in told
        assert "the_node" in told
        assert "adelante.save" in told


def test_flow_is_refused_by_name() -> None:
    body = helper.make_graph([], "body", [], [])
    for operator, attributes in (("If", {"then_branch": body}), ("Loop", {"body": body}), ("Scan", {"body": body})):
        nodes = [
            helper.make_node("Greater", ["x", "x"], ["c"]),
            helper.make_node(operator, ["c"], ["y"], name="n", **attributes),
        ]
        fault = refused(model(nodes, {"x": X}, ["y"]).SerializeToString())
        assert (fault.fault.key, fault.fault.values["operator"]) == ("onnx-flow", operator)


def calling(body: list[str], depth: int = 1) -> bytes:
    """Functions of which each calls the next twice, the last one what is said."""
    functions = []
    for k in range(depth):
        inner = body if k == depth - 1 else [f"f{k + 1}"] * 2
        nodes = [
            helper.make_node(name, [f"v{j}" if j else "a"], [f"v{j + 1}"], domain="own" if name[0] == "f" else "")
            for j, name in enumerate(inner)
        ]
        functions.append(
            helper.make_function(
                "own",
                f"f{k}",
                ["a"],
                [f"v{len(inner)}"],
                nodes,
                [helper.make_opsetid("", 17), helper.make_opsetid("own", 1)],
            )
        )
    proto = model(
        [helper.make_node("f0", ["x"], ["y"], domain="own", name="call")], {"x": X}, ["y"], domains={"own": 1}
    )
    proto.functions.extend(functions)
    return bytes(proto.SerializeToString())


def test_functions_are_opened_where_they_are_called() -> None:
    network = opened(calling(["Relu", "Neg"], depth=3)).network
    assert [node.operation.kind for node in network.nodes] == ["relu", "neg"] * 4


def test_functions_that_call_themselves_or_many_others() -> None:
    assert refused(calling(["f0"])).fault.key == "onnx-function"
    assert refused(calling(["Relu"], depth=25), limits=Limits(nodes=500)).fault.key == "onnx-too-many-nodes"
    assert refused(calling(["Relu"], depth=40), limits=Limits(depth=30)).fault.key == "onnx-function"


def test_other_versions_of_the_operators() -> None:
    proto = one("Relu", {"x": X})
    for opset in (7, 28):
        proto.opset_import[0].version = opset
        assert len(opened(proto.SerializeToString()).network.nodes) == 1
    for opset in (6, 29):
        proto.opset_import[0].version = opset
        fault = refused(proto.SerializeToString()).fault
        assert (fault.key, fault.values) == ("onnx-opset", {"got": opset, "expected": "7 – 28"})


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_has_words(language: str) -> None:
    texts = catalog(language)
    for key, (reason, hint) in WORDS.items():
        assert f"fault.{key}" in texts
        assert bool(hint) <= (f"hint.{key}" in texts)
        assert reason
