"""The JSON of an explanation: its parts give the value back by the form's own formula, of every operation."""

import json
import math
from typing import Any

import pytest
import torch

from adelante.formats.json import network_from_document
from adelante.network.activations import ACTIVATIONS
from adelante.network.cells import Cell
from adelante.network.explanation import Explanation, Part
from adelante.network.operations import Operand, operation_named
from app.api.openapi.explanations import ANSWERS, FORMS, REQUESTS
from app.api.write.encode import NonFinite, encode_in_blocks
from app.api.write.explained_cell import Asked, explained
from app.api.write.explanation import explanation_members, explanation_tensors, reach_members
from app.compute.limits import Limits
from app.compute.pool import drained
from app.settings import Settings
from tests.adelante.operations.test_explanations import ALL, _drawn
from tests.cases import each


def written(found: Explanation) -> Any:
    bad = NonFinite()
    members = explanation_members(found, None, None, torch.float64, bad)
    return json.loads(encode_in_blocks(members | bad.members()))


def value_of(told: dict[str, Any]) -> Any:
    """The value by what the OpenAPI document says of the form; None of a function, which is torch's to compute."""
    parts, constants = told["parts"], told["constants"]
    by_role = {part.get("role", ""): part["value"] for part in parts}
    match told["form"]:
        case "sum-of-products":
            bias = 0.0 if told["bias"] is None else told["bias"]["contribution"]
            return bias + math.fsum(part["contribution"] for part in parts)
        case "sum":
            return constants.get("offset", 0.0) + math.fsum(part["contribution"] for part in parts)
        case "choice":
            chosen = told["chosen"]
            given = constants.get("taken", constants.get("index"))
            return given if given is not None else parts[chosen]["value"]
        case "product":
            found = constants.get("factor", 1.0) / constants.get("divisor", 1.0)
            for part in parts:
                found = found / part["value"] if part.get("role") == "divisor" else found * part["value"]
            return found
        case "normalisation":
            x = (by_role["x"] - constants["mean"]) / math.sqrt(constants["variance"] + constants["eps"])
            return x * by_role.get("scale", 1.0) + by_role.get("shift", 0.0)
        case "softmax":
            share = by_role["logit"] - constants["largest"] - math.log(constants["sum"])
            return share if constants.get("logarithm") == 1 else math.exp(share)
        case "move":
            return parts[0]["value"] if parts else constants["fill"]
    return None


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
@each(("kind", "options", "operands"), ALL)
def test_the_parts_give_the_value_back(kind: str, options: dict[str, Any], operands: tuple[Any, ...]) -> None:
    operation = operation_named(kind, **options)
    given = [_drawn(each) for each in operands]
    result = operation.run(*given)
    named = [Operand(f"operand{i}", value) for i, value in enumerate(given)]
    for at in {tuple(0 for _ in result.shape), tuple(size - 1 for size in result.shape)}:
        told = written(operation.explain(at, named, Operand("result", result)))
        assert (told["tensor"], told["at"], told["form"]) == ("result", list(at), operation.FORM)
        for part in told["parts"]:
            tensor = given[int(part["cell"]["tensor"].removeprefix("operand"))]
            assert part["value"] == tensor[tuple(part["cell"]["at"])].item()
            if "cell" in part.get("parameter", {}):
                cell = part["parameter"]["cell"]
                other = given[int(cell["tensor"].removeprefix("operand"))]
                assert part["parameter"]["value"] == other[tuple(cell["at"])].item()
        expected = result[at].item()
        if math.isfinite(expected):
            value, digits = value_of(told), 1e-9 if result.dtype == torch.float64 else 1e-6
            assert told["formula"] if value is None else value == pytest.approx(expected, rel=digits, abs=digits)
        else:
            assert told["value"] is None
            assert "/value" in {each["pointer"] for each in told["non_finite"]}


@pytest.mark.parametrize("form", list(FORMS))
def test_each_forms_example_is_true(form: str) -> None:
    asked = REQUESTS[form]
    network = network_from_document({name: asked[name] for name in ("input", "layers")})
    target = Cell(asked["target"]["tensor"], tuple(asked["target"]["at"]))
    members = drained(
        explained(network, torch.tensor(asked["inputs"]), Asked(target, (), False, False), Limits(Settings()), 1e10)
    )
    assert json.loads(encode_in_blocks(members)) == ANSWERS[form]
    assert ANSWERS[form]["form"] == form
    value = value_of(ANSWERS[form])
    assert value is None or value == pytest.approx(ANSWERS[form]["value"], rel=1e-6)


def test_every_activation_says_what_it_makes_of_a_pre_activation() -> None:
    for name in ACTIVATIONS:
        if name == "identity":
            continue
        network = network_from_document({"layers": [{"weights": [[1.0, 0.5]], "activation": name}]})
        x = torch.tensor([0.7])
        asked = Asked(Cell("layers.0.pre_activations", (1,)), ("inputs",), False, False)
        told = json.loads(encode_in_blocks(drained(explained(network, x, asked, Limits(Settings()), 1e10))))
        z = torch.tensor([0.7, 0.35], requires_grad=True)
        a = ACTIVATIONS[name](z)[1]
        (slope,) = torch.autograd.grad(a, z)
        assert told["activation"]["value"] == pytest.approx(a.item(), rel=1e-6), name
        assert told["activation"]["derivative"] == pytest.approx(slope[1].item(), rel=1e-5, abs=1e-7), name
        assert told["activation"]["cell"] == {"tensor": "layers.0.activations", "at": [1]}
        assert told["gradients"] == {"inputs": [0.5]}


def test_what_is_not_finite_is_null_and_its_pointer_counts_all_parts() -> None:
    one = Part("a", torch.tensor([[0], [1]]), torch.tensor([1.0, math.inf]))
    other = Part("b", torch.tensor([[0]]), torch.tensor([math.nan]), role="other")
    told = written(Explanation("s", (0,), math.inf, "sum", (one, other), {"offset": -math.inf}))
    assert [part["value"] for part in told["parts"]] == [1.0, None, None]
    listed = {each["pointer"]: each["value"] for each in told["non_finite"]}
    assert listed == {
        "/value": "Infinity",
        "/constants/offset": "-Infinity",
        "/parts/1/value": "Infinity",
        "/parts/1/contribution": "Infinity",
        "/parts/2/value": "NaN",
        "/parts/2/contribution": "NaN",
    }


def test_as_tensors_the_parts_are_the_same() -> None:
    operation = operation_named("dense")
    x, w, b = torch.randn(1, 3), torch.randn(3, 2), torch.randn(2)
    named = [Operand("x", x), Operand("w", w), Operand("b", b)]
    found = operation.explain((0, 1), named, Operand("z", operation.run(x, w, b)))
    tensors, rest = explanation_tensors(found, explanation_members(found, None, None, torch.float32, NonFinite()))
    assert tensors["parts.0.at"].tolist() == [[0, 0], [0, 1], [0, 2]]
    assert tensors["parts.0.parameter_at"].tolist() == [[0, 1], [1, 1], [2, 1]]
    assert torch.equal(tensors["parts.0.contribution"], x[0] * w[:, 1])
    assert rest["parts"] == [{"tensor": "x", "role": "", "parameter": "w"}]


def test_a_reach_is_a_box_and_a_count() -> None:
    mask = torch.zeros(2, 5, 6, dtype=torch.bool)
    mask[1, 2:5:2, 1] = True
    assert reach_members({"x": mask, "s": torch.tensor(True)}) == [
        {"tensor": "x", "box": [[1, 2], [2, 5], [1, 2]], "cells": 2},
        {"tensor": "s", "box": [], "cells": 1},
    ]
