"""Operators that put numbers elsewhere: shapes, slices, places, sizes of pictures."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from tests.adelante.formats.onnx.operators.cases import (
    SEEDS,
    Case,
    Draw,
    case,
    numbers,
    wholes,
)


@case("Reshape")
def _reshape(draw: Draw, name: str) -> Case:
    shape = draw(st.sampled_from(([6, 4], [-1, 4], [0, -1], [2, 3, 2, 2], [0, 0, 2, -1], [24])))
    return Case({"x": numbers((2, 3, 4), draw(SEEDS))}, {"shape": np.array(shape)})


@case("Flatten")
def _flatten(draw: Draw, name: str) -> Case:
    return Case({"x": numbers((2, 3, 4), draw(SEEDS))}, attributes={"axis": draw(st.sampled_from((0, 1, 2, 3, -1)))})


@case("Transpose")
def _transpose(draw: Draw, name: str) -> Case:
    perm = draw(st.permutations([0, 1, 2]) | st.none())
    return Case({"x": numbers((2, 3, 4), draw(SEEDS))}, attributes={"perm": list(perm)} if perm else {})


@case("Squeeze", "Unsqueeze")
def _squeeze(draw: Draw, name: str) -> Case:
    axes = draw(st.sampled_from(([1], [0], [0, 2])))
    x = numbers((1, 1, 1, 3), draw(SEEDS))
    if draw(st.booleans()):
        return Case({"x": x}, attributes={"axes": axes}, opset=11)
    return Case({"x": x}, {"axes": np.array(axes)})


@case("Expand")
def _expand(draw: Draw, name: str) -> Case:
    shape = draw(st.sampled_from(([2, 3, 4], [3, 1], [5, 1, 3, 4], [1])))
    return Case({"x": numbers((1, 3, 1), draw(SEEDS))}, {"shape": np.array(shape)})


@case("Tile")
def _tile(draw: Draw, name: str) -> Case:
    return Case({"x": numbers((2, 3), draw(SEEDS))}, {"times": np.array(draw(st.sampled_from(([1, 1], [2, 3]))))})


@case("Concat")
def _concat(draw: Draw, name: str) -> Case:
    axis = draw(st.sampled_from((0, 1, -1)))
    x, y = numbers((2, 3, 4), draw(SEEDS)), numbers((2, 3, 4), draw(SEEDS))
    return (
        Case({"x": x}, {"y": y}, {"axis": axis}) if draw(st.booleans()) else Case({"x": x, "y": y}, {}, {"axis": axis})
    )


@case("Slice")
def _slice(draw: Draw, name: str) -> Case:
    x = numbers((4, 5, 6), draw(SEEDS))
    cuts = st.sampled_from(((1, 3, 1), (0, 2**40, 2), (-2, 100, 1), (-1, -100, -1), (4, 0, -2), (0, 2**63 - 1, 1)))
    start, end, step = draw(cuts)
    if step == 1 and draw(st.booleans()):
        return Case({"x": x}, attributes={"starts": [start], "ends": [end], "axes": [1]}, opset=7)
    known = {"s": np.array([start]), "e": np.array([end]), "a": np.array([1]), "t": np.array([step])}
    return Case({"x": x}, known)


@case("Split")
def _split(draw: Draw, name: str) -> Case:
    x = numbers((2, 6), draw(SEEDS))
    opset = draw(st.sampled_from((11, 13, 18)))
    if opset == 11:
        return Case({"x": x}, {}, {"axis": 1, "split": [2, 4]}, opset, 2)
    if opset == 13:
        return Case({"x": x}, {"split": np.array([1, 2, 3])}, {"axis": 1}, opset, 3)
    return Case({"x": x}, {}, {"axis": 1, "num_outputs": 3}, opset, 3)


@case("Pad")
def _pad(draw: Draw, name: str) -> Case:
    x, pads = numbers((2, 3, 4), draw(SEEDS)), [0, 1, 2, 0, 0, 1]
    mode = draw(st.sampled_from(("constant", "reflect", "edge", "wrap")))
    if mode != "wrap" and draw(st.booleans()):
        return Case(
            {"x": x}, attributes={"pads": pads, "mode": mode, "value": 0.5 if mode == "constant" else 0.0}, opset=9
        )
    known = {"p": np.array(pads)} | ({"v": np.float32(1.5)} if mode == "constant" else {})
    return Case({"x": x}, known, {"mode": mode}, 19)


@case("Gather")
def _gather(draw: Draw, name: str) -> Case:
    axis = draw(st.integers(-2, 1))
    index = draw(st.sampled_from((np.int64(1), np.array([0, -1]), np.array([[1, 2], [0, 2]]), np.array([1, 2], "i4"))))
    x = numbers((3, 4), draw(SEEDS))
    return (
        Case({"x": x}, {"i": index}, {"axis": axis})
        if draw(st.booleans())
        else Case({"i": np.asarray(abs(index))}, {"x": x}, {"axis": axis}, order=["x", "i"])
    )


@case("GatherElements")
def _gather_elements(draw: Draw, name: str) -> Case:
    return Case({"x": numbers((3, 3), draw(SEEDS))}, {"i": wholes((2, 3), draw(SEEDS), -3, 3)}, {"axis": 0})


@case("GatherND")
def _gather_nd(draw: Draw, name: str) -> Case:
    return Case({"x": numbers((3, 3, 2), draw(SEEDS))}, {"i": wholes((4, draw(st.integers(1, 3))), draw(SEEDS), 0, 2)})


@case("ScatterND")
def _scatter_nd(draw: Draw, name: str) -> Case:
    indices, updates = draw(st.sampled_from((([[0], [2]], (2, 4)), ([[0, 1], [-1, 3]], (2,)), ([[[1]]], (1, 1, 4)))))
    known = {"x": numbers((3, 4), draw(SEEDS)), "i": np.array(indices)}
    return Case({"u": numbers(updates, draw(SEEDS))}, known, opset=18, order=["x", "i", "u"])


@case("ScatterElements", "Scatter")
def _scatter_elements(draw: Draw, name: str) -> Case:
    known = {"i": np.array([[1, -1], [0, 2]])}
    inputs = {"x": numbers((2, 4), draw(SEEDS)), "u": numbers((2, 2), draw(SEEDS))}
    if name == "Scatter":
        return Case(inputs, known, {"axis": 1}, 9, order=["x", "i", "u"])
    adds = {"reduction": "add"} if draw(st.booleans()) else {}
    if draw(st.booleans()):
        # Places that only the pass knows.
        inputs["i"] = wholes((2, 2), draw(SEEDS), 0, 4) if adds else np.array([[1, 3], [0, 2]])
        known = {}
    return Case(inputs, known, {"axis": 1, **adds}, 18, order=["x", "i", "u"])


@case("Trilu")
def _trilu(draw: Draw, name: str) -> Case:
    known = {"k": np.int64(draw(st.integers(-2, 2)))}
    return Case({"x": numbers((2, 4, 5), draw(SEEDS))}, known, {"upper": draw(st.integers(0, 1))})


@case("DepthToSpace")
def _depth(draw: Draw, name: str) -> Case:
    mode = draw(st.sampled_from(("DCR", "CRD")))
    return Case({"x": numbers((2, 8, 2, 3), draw(SEEDS))}, attributes={"blocksize": 2, "mode": mode})


@case("SpaceToDepth")
def _space(draw: Draw, name: str) -> Case:
    return Case({"x": numbers((2, 3, 4, 6), draw(SEEDS))}, attributes={"blocksize": 2})


@case("Resize")
def _resize(draw: Draw, name: str) -> Case:
    way = draw(st.sampled_from(("half_pixel", "align_corners", "asymmetric", "pytorch_half_pixel")))
    mode = draw(st.sampled_from(("nearest", "linear", "cubic")))
    attributes: dict[str, Any] = {"mode": mode, "coordinate_transformation_mode": way}
    if mode == "nearest":
        attributes["nearest_mode"] = draw(st.sampled_from(("floor", "ceil", "round_prefer_floor", "round_prefer_ceil")))
    x = numbers((1, 2, 4, 6), draw(SEEDS))
    if draw(st.booleans()):
        return Case(
            {"x": x},
            {"s": np.array([1, 1, *draw(st.sampled_from(((2, 2), (0.5, 2), (1.5, 0.7))))], "f4")},
            attributes,
            order=["x", "", "s"],
        )
    return Case(
        {"x": x},
        {"z": np.array([1, 2, *draw(st.sampled_from(((8, 12), (3, 5), (7, 6))))])},
        attributes,
        order=["x", "", "", "z"],
    )


@case("Upsample")
def _upsample(draw: Draw, name: str) -> Case:
    return Case({"x": numbers((1, 2, 3, 4), draw(SEEDS))}, {"s": np.array([1, 1, 2, 3], "f4")}, {"mode": "nearest"}, 9)
