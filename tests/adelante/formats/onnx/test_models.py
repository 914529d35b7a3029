"""Whole models, as torch's two exporters and scikit-learn's write them, and as TensorFlow's does."""

import logging
import warnings
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from onnx import helper, load_from_string
from torch import Tensor, nn

import adelante
from adelante.formats.choices import SizesNeeded
from adelante.formats.opening import Opened, opened
from adelante.network.dense.network import DenseNetwork
from adelante.network.errors import NetworkFault
from adelante.network.operations import PerBatch, moves
from tests.adelante.formats.onnx.models import assert_same, computed, model, open_model, runtime, with_open_steps


class Picture(nn.Module):
    """Convolutions, batch normalisation, a residual, pooling, and a size that is asked of the batch."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 4, 3, padding=1)
        self.norm = nn.BatchNorm2d(4)
        self.conv2 = nn.Conv2d(4, 4, 3, padding=1)
        self.fc = nn.Linear(4 * 16, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.relu(self.norm(torch.sigmoid(self.conv1(x))))
        x = nn.functional.max_pool2d(x + self.conv2(x), 2)
        return torch.softmax(self.fc(x.view(x.size(0), -1)), 1)


class Attention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(20, 8)
        self.inner = nn.MultiheadAttention(8, 2, batch_first=True)
        self.norm = nn.LayerNorm(8)

    def forward(self, ids: Tensor) -> Tensor:
        x = self.words(ids)
        found: Tensor = self.norm(x + self.inner(x, x, x)[0])
        return found


def chain() -> nn.Module:
    return nn.Sequential(nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, 3), nn.Softmax(-1))


def recurrent() -> nn.Module:
    class Last(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.lstm = nn.LSTM(3, 4, batch_first=True)
            self.gru = nn.GRU(4, 4, batch_first=True, bidirectional=True)

        def forward(self, x: Tensor) -> Tensor:
            found: Tensor = self.gru(self.lstm(x)[0])[0]
            return found[:, -1]

    return Last()


PICTURE, IDS, ROWS, STEPS = (1, 8, 8), (6,), (5,), (4, 3)
MODULES: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]] = {
    "chain": (chain, ROWS),
    "picture": (Picture, PICTURE),
    "attention": (Attention, IDS),
    "recurrent": (recurrent, STEPS),
}


def example(name: str, batch: int) -> Tensor:
    torch.manual_seed(batch)
    shape = (batch, *MODULES[name][1])
    return torch.randint(20, shape) if name == "attention" else torch.randn(shape)


def made(name: str) -> nn.Module:
    torch.manual_seed(0)
    module = MODULES[name][0]().eval()
    for each in module.modules():
        if isinstance(each, nn.BatchNorm2d):
            assert each.running_mean is not None
            each.running_mean.normal_()
    return module


def older(module: nn.Module, x: Tensor, **options: Any) -> bytes:
    """The model by torch's older exporter."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        file = BytesIO()
        torch.onnx.export(module, (x,), file, dynamo=False, input_names=["x"], **options)  # type: ignore[arg-type]
    return file.getvalue()


def given(found: Opened, module: nn.Module, x: Tensor) -> None:
    with torch.no_grad():
        wanted = module(x)
    torch.testing.assert_close(
        adelante.forward(found.network, x)[found.network.outputs[0]], wanted, rtol=1e-4, atol=1e-5
    )


@pytest.mark.parametrize("name", MODULES)
@pytest.mark.parametrize("free", [True, False], ids=["any batch", "fixed batch"])
@pytest.mark.parametrize("opset", [13, 17])
def test_torch_older_exporter(name: str, free: bool, opset: int) -> None:
    module = made(name)
    options: dict[str, Any] = {"opset_version": opset}
    if free:
        options["dynamic_axes"] = {"x": {0: "batch"}}
    found = opened(older(module, example(name, 1), **options))
    given(found, module, example(name, 1))
    if found.network.batch == "any":
        given(found, module, example(name, 3))
    else:
        assert not free
    assert isinstance(found.network, DenseNetwork) == (name == "chain")


def test_torch_exporter_of_today_with_its_numbers_in_a_second_file(tmp_path: Path) -> None:
    logging.disable(logging.WARNING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dims = ({0: torch.export.Dim("batch")},)
        path = tmp_path / "net.onnx"
        torch.onnx.export(
            made("picture"), (example("picture", 2),), path, dynamo=True, verbose=False, dynamic_shapes=dims
        )
    logging.disable(logging.NOTSET)
    assert (tmp_path / "net.onnx.data").exists()
    network = adelante.load(path)
    given(Opened(network), made("picture"), example("picture", 3))
    assert [layer.module for layer in network.layers if layer.kind == "dense"] == ["fc"]
    assert any("softmax(self.fc" in (layer.source or "") for layer in network.layers)
    (tmp_path / "net.onnx.data").rename(tmp_path / "elsewhere")
    with pytest.raises(NetworkFault, match=r"net\.onnx\.data"):
        adelante.load(path)


def test_every_tensor_of_the_model_is_what_onnxruntime_has() -> None:
    """Node by node: each activation of ours is one of the tensors of the file."""
    import onnx

    data = older(made("picture"), example("picture", 1), dynamic_axes={"x": {0: "batch"}})
    proto = onnx.load_from_string(data)
    del proto.graph.output[:]
    names = [name for node in proto.graph.node for name in node.output if node.op_type != "Shape"]
    proto.graph.output.extend(helper.make_empty_tensor_value_info(name) for name in names)
    x = example("picture", 2)
    theirs = runtime(proto, {"x": x.numpy()})
    network = opened(data).network
    trace = adelante.forward(network, x)
    for node in network.nodes:
        found = trace[node.name].numpy()
        same = [each for each in theirs if each.shape == found.shape and np.allclose(each, found, atol=1e-5)]
        assert same, node.name


@pytest.mark.parametrize("opset", [7, 9, 11])
@pytest.mark.parametrize("name", ["chain", "picture"])
def test_older_versions_of_the_operators(name: str, opset: int) -> None:
    given(opened(older(made(name), example(name, 1), opset_version=opset)), made(name), example(name, 3))


# ---- what a batch is ----

RESHAPED = helper.make_node("Reshape", ["x", "shape"], ["y"])


def test_a_fixed_batch_is_any_where_inputs_do_not_mix() -> None:
    found = opened(older(made("chain"), example("chain", 1)))
    assert (found.network.batch, [note.key for note in found.notes]) == ("any", ["batch-freed"])
    seven = opened(older(made("picture"), example("picture", 7)))
    given(seven, made("picture"), example("picture", 2))


@pytest.mark.parametrize(
    "nodes",
    [
        [helper.make_node("Softmax", ["x"], ["y"], axis=0)],
        [helper.make_node("ReduceMean", ["x"], ["m"], axes=[0]), helper.make_node("Sub", ["x", "m"], ["y"])],
        [helper.make_node("Transpose", ["x"], ["t"]), helper.make_node("MatMul", ["x", "t"], ["y"])],
        [helper.make_node("CumSum", ["x", "zero"], ["y"])],
    ],
)
def test_a_fixed_batch_stays_where_inputs_mix(nodes: list[Any]) -> None:
    x = np.arange(6, dtype="f4").reshape(2, 3)
    proto = model(nodes, {"x": x}, ["y"], {"zero": np.int64(0)})
    found = open_model(proto)
    assert (found.network.batch, [note.key for note in found.notes]) == ("none", ["batch-none"])
    assert_same(computed(proto, {"x": x}), runtime(proto, {"x": x}))


@pytest.mark.parametrize(
    ("nodes", "known", "operations"),
    [
        ([RESHAPED], {"shape": np.array([2, 3, 4])}, [moves.Reshape((PerBatch(1), 3, 4))]),
        ([RESHAPED], {"shape": np.array([2, 4, -1])}, [moves.Reshape((PerBatch(1), 4, -1))]),
        (
            [RESHAPED, helper.make_node("Reshape", ["y", "flat"], ["z"])],
            {"shape": np.array([2, 3, 4]), "flat": np.array([2, 12])},
            [moves.Reshape((PerBatch(1), 3, 4)), moves.Flatten(1)],
        ),
    ],
)
def test_the_batch_that_a_reshape_says_is_any(nodes: list[Any], known: dict[str, Any], operations: list[Any]) -> None:
    x = np.arange(24, dtype="f4").reshape(2, 12)
    network = open_model(model(nodes, {"x": x}, nodes[-1].output, known)).network
    assert (network.batch, [node.operation for node in network.nodes]) == ("any", operations)


def test_one_input_at_a_time() -> None:
    x = np.ones((1, 3), "f4")
    found = open_model(model([helper.make_node("Softmax", ["x"], ["y"], axis=0)], {"x": x}, ["y"]))
    assert (found.network.batch, [note.key for note in found.notes]) == ("one", ["batch-of-one"])


def test_sizes_that_are_left_open_are_asked_for() -> None:
    proto = load_from_string(with_open_steps())
    with pytest.raises(NetworkFault, match="steps") as refused:
        open_model(proto)
    assert refused.value.fault.key == "onnx-size-open"
    assert '"steps"' in refused.value.hint
    assert isinstance(refused.value, SizesNeeded)
    (question,) = refused.value.questions
    assert (question.name, question.options) == ("sizes", ({"steps": 16},))
    assert open_model(proto, choices={"sizes": {"steps": 5}}).network.inputs[0].shape == (5, 3)
    with pytest.raises(NetworkFault, match="stepz"):
        open_model(proto, choices={"sizes": {"stepz": 5}})


# ---- other writers ----


def test_channels_last_as_tensorflow_has_them() -> None:
    """tf2onnx keeps NHWC at the edges: its transposes stay as moves."""
    nodes = [
        helper.make_node("Transpose", ["x"], ["t"], perm=[0, 3, 1, 2]),
        helper.make_node(
            "Conv", ["t", "w", "b"], ["c"], name="model/conv/BiasAdd", auto_pad="SAME_UPPER", strides=[2, 2]
        ),
        helper.make_node("Relu", ["c"], ["r"]),
        helper.make_node("Transpose", ["r"], ["n"], perm=[0, 2, 3, 1]),
        helper.make_node("Reshape", ["n", "flat"], ["f"]),
        helper.make_node("MatMul", ["f", "v"], ["m"], name="model/dense/MatMul"),
        helper.make_node("Add", ["m", "d"], ["a"], name="model/dense/BiasAdd"),
        helper.make_node("Softmax", ["a"], ["y"]),
    ]
    draw = np.random.default_rng(0)
    known = {
        "w": draw.normal(size=(3, 2, 3, 3)).astype("f4"),
        "b": draw.normal(size=3).astype("f4"),
        "flat": np.array([-1, 27]),
        "v": draw.normal(size=(27, 4)).astype("f4"),
        "d": draw.normal(size=4).astype("f4"),
    }
    x = draw.normal(size=(2, 5, 6, 2)).astype("f4")
    proto = model(nodes, {"x": x}, ["y"], known, batch="n")
    found = open_model(proto).network
    kinds = [layer.kind for layer in found.layers]
    assert kinds == ["permute", "pad", "conv2d", "permute", "flatten", "dense"]
    assert [layer.name for layer in found.layers if layer.name] == ["model/conv/BiasAdd", "model/dense/BiasAdd"]
    assert_same(computed(proto, {"x": x}), runtime(proto, {"x": x}))


def test_batch_normalisation_stays_a_layer_and_is_said() -> None:
    known = {name: np.full(2, value, "f4") for name, value in zip("sbmv", (2, 1, 0.5, 3), strict=True)}
    proto = model(
        [helper.make_node("BatchNormalization", ["x", "s", "b", "m", "v"], ["y"])],
        {"x": np.ones((1, 2, 3), "f4")},
        ["y"],
        known,
        batch="n",
    )
    found = open_model(proto)
    assert [layer.kind for layer in found.network.layers] == ["batch_norm"]
    (note,) = found.notes
    assert (note.key, note.pointers, note.values) == ("batch-norm-of-its-own", ("/layers/0",), {"count": 1})


def test_several_outputs_keep_their_names() -> None:
    nodes = [helper.make_node("Relu", ["x"], ["up"]), helper.make_node("Neg", ["x"], ["down"])]
    network = open_model(model(nodes, {"x": np.ones((2, 3), "f4")}, ["down", "up"], batch="n")).network
    names = {layer.nodes[-1]: layer.name for layer in network.layers}
    assert [names[output] for output in network.outputs] == ["down", "up"]


# ---- scikit-learn ----


def pipelines() -> dict[str, Any]:
    from sklearn.linear_model import LinearRegression, LogisticRegression
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MinMaxScaler, Normalizer, StandardScaler

    return {
        "mlp": MLPClassifier((6,), max_iter=5, random_state=0),
        "mlp of two classes": MLPClassifier((4, 3), activation="logistic", max_iter=5, random_state=0),
        "scaled mlp": make_pipeline(StandardScaler(), MLPClassifier((4,), activation="tanh", max_iter=5)),
        "logistic": LogisticRegression(max_iter=20),
        "logistic of two classes": make_pipeline(StandardScaler(), LogisticRegression()),
        "normalised": make_pipeline(Normalizer(), LogisticRegression()),
        "regressor": make_pipeline(MinMaxScaler(), MLPRegressor(hidden_layer_sizes=(4,), max_iter=5)),
        "linear": LinearRegression(),
    }


@pytest.mark.parametrize("name", pipelines())
def test_scikit_learn_gives_its_own_probabilities(name: str) -> None:
    from skl2onnx import to_onnx

    draw = np.random.default_rng(0)
    x = draw.normal(size=(60, 4)).astype("f4")
    count = 2 if "two" in name else 3
    classes = np.array(["ant", "bee", "cat"])[:count][draw.integers(0, count, 60)]
    estimator = pipelines()[name]
    regresses = not hasattr(estimator, "predict_proba")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        estimator.fit(x, draw.normal(size=60) if regresses else classes)
    found = open_model(to_onnx(estimator, x[:1]))
    wanted = estimator.predict(x).reshape(-1, 1) if regresses else estimator.predict_proba(x)
    ours = adelante.forward(found.network, torch.from_numpy(x))[found.network.outputs[0]]
    np.testing.assert_allclose(ours.numpy(), wanted, atol=1e-5)
    notes = {note.key: note.values for note in found.notes}
    assert set(notes) == (set() if regresses else {"labels-left-out"})
    if not regresses:
        assert notes["labels-left-out"]["classes"] == ", ".join(["ant", "bee", "cat"][:count])
    assert isinstance(found.network, DenseNetwork) == (name in ("mlp", "linear"))
