"""What the OpenAPI document says of an explanation of a cell: its schema, and each form's meaning and example."""

from collections.abc import Mapping
from typing import Any

from app.api.openapi.schemas import ANY_RANK, INDEX, NAME, NON_FINITE, NUMBER, TEXT, record

Schema = dict[str, Any]

FORMS = {
    "sum-of-products": "value = bias.contribution + Σ contribution; a contribution is value · parameter.value, times "
    "constants.scale where there is one. Dense, convolution, matrix product, attention's mix, bilinear upsampling.",
    "sum": "value = constants.offset (0 where left out) + Σ contribution. Addition, mean, average pooling.",
    "choice": "value = parts[chosen].value; or, where chosen is null, constants.taken or constants.index. Max pooling, "
    "max, where, masks.",
    "function": "value = formula, in terms of the parts with the roles x and y; derivative is d value / d x.",
    "product": "value = constants.factor / constants.divisor (1 where left out) · Π parts, divided by those with the "
    "role divisor. Gates, masks, scaling, ratios.",
    "normalisation": "value = (x − mean) / √(variance + eps) · scale + shift: mean, variance and eps are constants, x, "
    "scale and shift parts with these roles, and mean and variance are of the parts with the role over.",
    "softmax": "value = exp(logit − largest) / sum, or its logarithm where constants.logarithm is 1: logit is the part "
    "with that role, largest and sum constants, of all parts with the role logits.",
    "move": "value = parts[0].value, or constants.fill where there is no part. Reshape, permute, slice, concatenate, "
    "pad, embedding, gather; a part with the role index is the number that said where.",
}
"""What each form means, in terms of an answer's members."""

CAUSES = {
    "given": "an input or a parameter has it.",
    "constant": "the network puts it there: a mask's −∞, a padding.",
    "product": "numbers[0] · numbers[1].",
    "quotient": "numbers[0] / numbers[1].",
    "sum": "numbers[0] + numbers[1].",
    "function": "formula, of numbers.",
    "within": "none of these alone: numbers on the operation's way grow too large.",
}
"""What gives a NaN or an infinity."""


def _listed(meanings: Mapping[str, str]) -> str:
    return "\n".join(f"- {name}: {meaning}" for name, meaning in meanings.items())


_CELL = record(tensor=TEXT, at={"type": "array", "items": INDEX})
_PARAMETER: Schema = {
    "type": "object",
    "description": "what the value is multiplied with: a weight, or a number of another tensor; without a cell where "
    "it follows from places alone",
    "properties": {"cell": _CELL, "value": NUMBER},
    "required": ["value"],
}
_PART: Schema = {
    "type": "object",
    "properties": {
        "cell": _CELL,
        "value": NUMBER,
        "role": {**TEXT, "description": "which part it is, in forms that have several kinds"},
        "parameter": _PARAMETER,
        "contribution": {**NUMBER, "description": "what it adds to a sum"},
    },
    "required": ["cell", "value"],
}
_BIAS: Schema = {"anyOf": [record(cell=_CELL, value=NUMBER, contribution=NUMBER), {"type": "null"}]}
_ACTIVATION: Schema = {
    "description": "what the layer's activation makes of a pre-activation: f, f(z) and f'(z)",
    "anyOf": [
        record(cell=_CELL, name=TEXT, formula=TEXT, value=NUMBER, derivative=NUMBER),
        {"type": "null"},
    ],
}
_REACHED: Schema = {
    **record(tensor=TEXT, box={"type": "array", "items": {"type": "array", "items": INDEX}}, cells=INDEX),
    "description": "the smallest box, [from, to) along each dimension, around the cells of a tensor that the number "
    "depends on, and how many they are; a file has the masks themselves",
}
_NAMED: Schema = {"anyOf": [{"type": "number"}, {"enum": ["NaN", "Infinity", "-Infinity"]}]}
_ARISING: Schema = {
    **record(
        cell=_CELL,
        value=_NAMED,
        cause={"type": "string", "enum": list(CAUSES), "description": _listed(CAUSES)},
        numbers={"type": "array", "items": _NAMED},
    ),
}
_ARISING["properties"]["formula"] = {**TEXT, "description": "of a function"}
_TEXTS: Schema = {"type": "array", "items": TEXT}
CALLED: Schema = {
    **record(
        input_names={**_TEXTS, "description": "of each number; of pictures and sequences none"},
        input_units={"type": "array", "items": NAME},
        output_names=_TEXTS,
        class_names={**_TEXTS, "description": "what the outputs stand for"},
        says={**NAME, "description": "the class that the outputs say of this input; null where they tell none apart"},
    ),
    "description": "what a preset's numbers are called, in the language of Accept-Language; left out where no more "
    "than letters are known",
}
_CALLED_WITH_NAME: Schema = {
    **CALLED,
    "properties": {
        "name": {**NAME, "description": "of the number itself, with its unit: a class, an input"},
        **CALLED["properties"],
    },
}


def explanation_schema() -> Schema:
    """The schema of an explanation of a cell."""
    schema = record(
        tensor=TEXT,
        at={"type": "array", "items": INDEX},
        value=NUMBER,
        form={
            "type": "string",
            "enum": list(FORMS),
            "description": _listed(FORMS),
        },
        parts={"type": "array", "items": _PART},
        constants={
            "type": "object",
            "description": "numbers that the form needs and no tensor holds, float64",
            "additionalProperties": NUMBER,
        },
        bias=_BIAS,
        activation=_ACTIVATION,
        dtype=TEXT,
        device=TEXT,
        non_finite=NON_FINITE,
    )
    schema["properties"] |= {
        "chosen": {"type": ["integer", "null"], "description": "of a choice: the place in parts of the one taken"},
        "formula": {**TEXT, "description": "of a function"},
        "derivative": {**NUMBER, "description": "of a function: d value / d x"},
        "gradients": {
            "type": "object",
            "description": "d value / d each number of the inputs, or of the tensors named in by",
            "additionalProperties": ANY_RANK,
        },
        "reach": {"type": "array", "items": _REACHED},
        "called": _CALLED_WITH_NAME,
        "arises": {
            "type": "array",
            "items": _ARISING,
            "description": "of a number that is not finite: the first one on its way that none of its kind went into; "
            "and of a NaN made of an infinity, where that arose",
        },
    }
    return schema


_PICTURE = [[[1.0, 2.0], [3.0, 4.0]]]
_OF_PICTURE = {"input": {"shape": [1, 2, 2]}}
_OF_TWO = {"input": {"shape": [2]}}


def _asked(network: Schema, inputs: Any, tensor: str, *at: int) -> Schema:
    return {**network, "inputs": inputs, "target": {"tensor": tensor, "at": list(at)}, "gradients": False}


def _answered(asked: Schema, value: float, form: str, parts: list[Schema], **more: Any) -> Schema:
    beside = {"constants": {}, "bias": None, "activation": None, **more}
    return {**asked["target"], "value": value, "form": form, "parts": parts, **beside, **_TOLD}


def _at(tensor: str, *at: int) -> Schema:
    return {"tensor": tensor, "at": list(at)}


_TOLD = {"dtype": "float32", "device": "cpu", "non_finite": []}
_A, _W = "layers.0.activations", "layers.0.weights"
_CONVOLUTION = {"kind": "conv2d", "weights": [[[[0.5, -1.0]]]], "biases": [0.25], "activation": "relu"}
_GATED = [{"name": "gate", "kind": "sigmoid"}, {"kind": "mul", "inputs": ["gate", "inputs"]}]
_NORMALISED = {"kind": "layer_norm", "normalized_shape": [2], "scale": [2.0, 2.0], "shift": [0.5, 0.5]}

REQUESTS: dict[str, Schema] = {
    "sum-of-products": _asked({**_OF_PICTURE, "layers": [_CONVOLUTION]}, _PICTURE, "layers.0.pre_activations", 0, 1, 0),
    "sum": _asked({**_OF_PICTURE, "layers": [{"kind": "avg_pool2d", "kernel_size": 2}]}, _PICTURE, _A, 0, 0, 0),
    "choice": _asked({**_OF_PICTURE, "layers": [{"kind": "max_pool2d", "kernel_size": 2}]}, _PICTURE, _A, 0, 0, 0),
    "function": _asked({**_OF_TWO, "layers": [{"kind": "sigmoid"}]}, [0.0, 2.0], _A, 0),
    "product": _asked({**_OF_TWO, "layers": _GATED}, [0.0, 2.0], "layers.1.activations", 1),
    "normalisation": _asked({**_OF_TWO, "layers": [_NORMALISED]}, [1.0, 3.0], _A, 1),
    "softmax": _asked({**_OF_TWO, "layers": [{"kind": "softmax"}]}, [0.0, 1.0], _A, 1),
    "move": _asked({**_OF_PICTURE, "layers": [{"kind": "flatten"}]}, _PICTURE, _A, 2),
}
"""A request of each form."""


def _of_picture(row: int, column: int, **more: Any) -> Schema:
    return {"cell": _at("inputs", 0, row, column), "value": _PICTURE[0][row][column], **more}


ANSWERS: dict[str, Schema] = {
    "sum-of-products": _answered(
        REQUESTS["sum-of-products"],
        -2.25,
        "sum-of-products",
        [
            _of_picture(1, 0, parameter={"cell": _at("layers.0.weights", 0, 0, 0, 0), "value": 0.5}, contribution=1.5),
            _of_picture(
                1, 1, parameter={"cell": _at("layers.0.weights", 0, 0, 0, 1), "value": -1.0}, contribution=-4.0
            ),
        ],
        bias={"cell": _at("layers.0.biases", 0), "value": 0.25, "contribution": 0.25},
        activation={
            "cell": _at(_A, 0, 1, 0),
            "name": "relu",
            "formula": "max(0, x)",
            "value": 0.0,
            "derivative": 0.0,
        },
    ),
    "sum": _answered(
        REQUESTS["sum"],
        2.5,
        "sum",
        [_of_picture(row, column, contribution=_PICTURE[0][row][column] / 4) for row in (0, 1) for column in (0, 1)],
        constants={"scale": 0.25},
    ),
    "choice": _answered(
        REQUESTS["choice"],
        4.0,
        "choice",
        [_of_picture(row, column) for row in (0, 1) for column in (0, 1)],
        chosen=3,
    ),
    "function": _answered(
        REQUESTS["function"],
        0.5,
        "function",
        [{"cell": _at("inputs", 0), "value": 0.0, "role": "x"}],
        formula="1 / (1 + exp(-x))",
        derivative=0.25,
    ),
    "product": _answered(
        REQUESTS["product"],
        1.761594,
        "product",
        [{"cell": _at(_A, 1), "value": 0.880797}, {"cell": _at("inputs", 1), "value": 2.0}],
    ),
    "normalisation": _answered(
        REQUESTS["normalisation"],
        2.49999,
        "normalisation",
        [
            {"cell": _at("inputs", 1), "value": 3.0, "role": "x"},
            {"cell": _at("inputs", 0), "value": 1.0, "role": "over"},
            {"cell": _at("inputs", 1), "value": 3.0, "role": "over"},
            {"cell": _at("layers.0.scale", 1), "value": 2.0, "role": "scale"},
            {"cell": _at("layers.0.shift", 1), "value": 0.5, "role": "shift"},
        ],
        constants={"mean": 2.0, "variance": 1.0, "eps": 0.00001},
    ),
    "softmax": _answered(
        REQUESTS["softmax"],
        0.7310586,
        "softmax",
        [
            {"cell": _at("inputs", 1), "value": 1.0, "role": "logit"},
            {"cell": _at("inputs", 0), "value": 0.0, "role": "logits"},
            {"cell": _at("inputs", 1), "value": 1.0, "role": "logits"},
        ],
        constants={"largest": 1.0, "sum": 1.3678794411714423},
    ),
    "move": _answered(REQUESTS["move"], 3.0, "move", [_of_picture(1, 0)]),
}
"""What is answered to each."""
