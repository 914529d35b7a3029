"""Operators of ai.onnx.ml, as skl2onnx writes them for linear models and what comes before and after."""

from collections.abc import Sequence

import torch

from adelante.formats.onnx.operators.pointwise import cast
from adelante.formats.onnx.operators.registry import ML, Builder, OnnxNode, Value, reads
from adelante.formats.onnx.refusals import Refused
from adelante.network.operations import arithmetic, choices, dense, lookups, reductions, slices, softmax


def _floats(b: Builder, x: Value) -> Value:
    return x if x.floating else cast(b, x, torch.float32)


def _row(b: Builder, numbers: Sequence[float], dtype: torch.dtype) -> Value:
    return b.constant(torch.tensor(numbers, dtype=dtype))


@reads("Scaler", domain=ML)
def _scaler(b: Builder, node: OnnxNode, x: Value) -> Value:
    """(x − offset) · scale, one number for all or one for each feature."""
    x = _floats(b, x)
    offset, scale = node.fractions("offset"), node.fractions("scale")
    if offset:
        x = b.emit(arithmetic.Sub(), x, _row(b, offset, x.dtype))
    return b.emit(arithmetic.Mul(), x, _row(b, scale, x.dtype)) if scale else x


def _linear(b: Builder, node: OnnxNode, x: Value, rows: int) -> Value:
    """x @ coefficients.T + intercepts, `rows` of them."""
    coefficients, intercepts = node.fractions("coefficients"), node.fractions("intercepts")
    width = b.fixed_size(x, x.rank - 1)
    if rows * width != len(coefficients) or len(intercepts) not in (0, rows):
        node.refuse("coefficients")
    weights = b.constant(torch.tensor(coefficients, dtype=x.dtype).reshape(rows, width).T.contiguous())
    biases = [_row(b, intercepts, x.dtype)] if intercepts else []
    return b.emit(dense.Dense(), x, weights, *biases)


def _transformed(b: Builder, node: OnnxNode, scores: Value) -> Value:
    after = node.text("post_transform", "NONE")
    if after == "LOGISTIC":
        return b.function("sigmoid", scores)
    if after == "SOFTMAX":
        return b.emit(softmax.Softmax(-1), scores)
    if after != "NONE":
        node.refuse("post_transform")
    return scores


@reads("LinearClassifier", domain=ML)
def _classifier(b: Builder, node: OnnxNode, x: Value) -> tuple[Value | None, Value]:
    """The scores of the classes; the label itself is left out."""
    node.ignore("multi_class")
    x = _floats(b, x)
    classes = len(node.wholes("classlabels_ints") or node.texts("classlabels_strings"))
    width = b.fixed_size(x, x.rank - 1)
    rows = len(node.fractions("coefficients")) // max(width, 1)
    scores = _linear(b, node, x, rows)
    if classes == 2 and rows == 1:
        return None, _two_classes(b, node, scores)
    return None, _transformed(b, node, scores)


def _two_classes(b: Builder, node: OnnxNode, score: Value) -> Value:
    """Of one score, what the first class gets and what the second."""
    after = node.text("post_transform", "NONE")
    if after == "LOGISTIC":
        second = b.function("sigmoid", score)
        return b.emit(slices.Cat(-1), b.emit(arithmetic.Sub(scalar=1.0, reverse=True), second), second)
    return _transformed(b, node, b.emit(slices.Cat(-1), b.function("neg", score), score))


@reads("LinearRegressor", domain=ML)
def _regressor(b: Builder, node: OnnxNode, x: Value) -> Value:
    node.only("aggregate_function", "SUM")
    return _transformed(b, node, _linear(b, node, _floats(b, x), node.whole("targets", 1)))


@reads("Normalizer", domain=ML)
def _normalizer(b: Builder, node: OnnxNode, x: Value) -> Value:
    """Each row by its largest, its sum, or its length."""
    x, norm = _floats(b, x), node.text("norm", "MAX")
    if norm == "MAX":
        size = b.emit(choices.Amax((-1,), True), b.function("abs", x))
    elif norm == "L1":
        size = b.emit(reductions.Sum((-1,), True), b.function("abs", x))
    elif norm == "L2":
        size = b.function("sqrt", b.emit(reductions.Sum((-1,), True), b.function("square", x)))
    else:
        node.refuse("norm")
        raise Refused("onnx-attribute", attribute="norm", value=norm)
    return b.emit(arithmetic.Div(), x, size)


@reads("ArrayFeatureExtractor", domain=ML)
def _features(b: Builder, node: OnnxNode, x: Value, places: Value) -> Value:
    width = b.fixed_size(x, x.rank - 1)
    found = [place % width for place in b.wholes(places, "indices")]
    return b.emit(lookups.IndexSelect(x.rank - 1), x, b.whole(found))


@reads("FeatureVectorizer", domain=ML)
def _vectorizer(b: Builder, node: OnnxNode, *tensors: Value) -> Value:
    node.ignore("inputdimensions")
    found = [_floats(b, each) for each in tensors]
    return found[0] if len(found) == 1 else b.emit(slices.Cat(-1), *found)


@reads("Imputer", domain=ML)
def _imputer(b: Builder, node: OnnxNode, x: Value) -> Value:
    """What is missing, most often NaN, gets a number of its feature's own."""
    missing, numbers = node.fraction("replaced_value_float"), node.fractions("imputed_value_floats")
    if not numbers:
        node.refuse("imputed_value_int64s")
    there = b.function("isnan", x) if missing != missing else b.function("eq", x, other=missing)
    return b.emit(choices.Where(), there, _row(b, numbers, x.dtype), x)


@reads("Binarizer", domain=ML)
def _binarizer(b: Builder, node: OnnxNode, x: Value) -> Value:
    return cast(b, b.function("gt", x, other=node.fraction("threshold", 0.0)), x.dtype)


@reads("ZipMap", domain=ML)
def _zip_map(b: Builder, node: OnnxNode, x: Value) -> Value:
    """A row of numbers instead of a table from class to number; the classes are told in a note."""
    node.ignore("classlabels_int64s", "classlabels_strings")
    return x
