"""What a JSON Schema cannot say of a request, made true of one that follows its schema.

That layers chain, that inputs have the network's width, that an index lies inside: such rules hold between fields. Of
requests that were made up from the schema hardly any would keep them, so that nothing could be said of those that must
be served. Here each number, name and option stays as it was made up; only what must fit is made to fit.
"""

from collections.abc import Callable
from itertools import cycle, islice, pairwise
from typing import Any

from adelante.network.presets import CHAIN_NAMES, chain_named
from app.api.openapi.examples import picture_example

Document = dict[str, Any]
# bfloat16 and float32 reach 3e38, float16 65504; a sum of some such numbers may overflow, which is legal.
_LARGEST = {"float16": 6e4, "float64": 1e300}
_MODEL = "multilayer"


def _fitted(values: list[Any], length: int) -> list[Any]:
    return list(islice(cycle(values), length))


def _index(value: float, count: int) -> int:
    """An index below count; JSON's 1.0 is one too."""
    return int(value) % count


def _held(value: Any, largest: float) -> Any:
    """The number, or the array's numbers, no larger than the dtype can hold."""
    if isinstance(value, list):
        return [_held(each, largest) for each in value]
    return max(-largest, min(largest, value))


def _layers(layers: list[Document], largest: float, least_inputs: int) -> tuple[list[Document], list[int]]:
    """Layers that chain, and their sizes."""
    sizes: list[int] = []
    found = []
    for layer in layers:
        rows = _held(layer["weights"], largest)
        transposed = layer.get("layout") == "out_in"
        n_in = sizes[-1] if sizes else max(least_inputs, len(rows[0]) if transposed else len(rows))
        n_out = len(rows) if transposed else len(rows[0])
        height, width = (n_out, n_in) if transposed else (n_in, n_out)
        layer = {**layer, "weights": [_fitted(row, width) for row in _fitted(rows, height)]}
        if layer.get("biases") is not None:
            layer["biases"] = _fitted(_held(layer["biases"], largest), n_out)
        sizes = [*(sizes or [n_in]), n_out]
        found.append(layer)
    return found, sizes


def _dense(body: Document) -> Document:
    """The body with the dense ones of its layers, and nothing that is said beside layers."""
    body = {name: each for name, each in body.items() if name not in ("input", "outputs", "batch")}
    if body.get("layers") is not None:
        layers = [each for each in body["layers"] if isinstance(each.get("weights"), list) and "kind" not in each]
        beyond = ("inputs", "module", "source")
        body["layers"] = [{name: each[name] for name in each if name not in beyond} for each in layers]
        if not body["layers"]:
            body["layers"] = [{"weights": [[0.5]]}]
    return body


def _of_other_kinds(body: Document) -> bool:
    graph = any(body.get(name) is not None for name in ("input", "outputs", "batch"))
    return body.get("layers") is not None and (graph or any("weights" not in layer for layer in body["layers"]))


def _picture(body: Document) -> Document:
    """A network of other kinds in place of one that was made up: a convolution, a sum, a dense layer."""
    own = picture_example()
    largest = min(1e4, _LARGEST.get(body.get("dtype") or "float32", 1e4))
    for layer in own["layers"]:
        layer["activation"] = layer.get("activation", "relu")
    named = next((each["name"] for each in body["layers"] if isinstance(each.get("name"), str)), None)
    own["layers"][2]["name"] = named
    if isinstance(body.get("outputs"), list) and len(body["outputs"]) > 1:
        own["outputs"] = ["layers.3.activations", "layers.4.activations"]
    if isinstance(body.get("batch"), str):
        own["batch"] = "any"
    made = {**{name: each for name, each in body.items() if name not in ("outputs", "batch")}, **own}
    if "inputs" in body:
        made["inputs"] = [[[largest / (1 + i + j) for j in range(4)] for i in range(4)]]
    return made


def with_network(body: Document, least_inputs: int = 1) -> tuple[Document, list[int]]:
    """The body with a network that is one and inputs that fit it; and the network's sizes."""
    body = {**_dense(body), "device": "auto"}
    largest = _LARGEST.get(body.get("dtype", "float32"), 3e38)
    if body.get("layers") is not None:
        body["layers"], sizes = _layers(body["layers"], largest, least_inputs)
    else:
        body["network"] = CHAIN_NAMES[len(body["network"]) % len(CHAIN_NAMES)]
        sizes = list(chain_named(body["network"]).network.sizes)
    if "inputs" in body:
        inputs = _held(_numbers(body["inputs"]), largest)
        rows = [_fitted(row, sizes[0]) for row in inputs] if isinstance(inputs[0], list) else _fitted(inputs, sizes[0])
        body["inputs"] = rows
    for name in ("from", "to"):
        if name in body:
            body[name] = _held(body[name], largest)
    if "steps" in body:
        # The largest that are allowed take their time; the limits have tests of their own.
        body["steps"] = 2 + _index(body["steps"], 31)
    return body, sizes


def _numbers(inputs: Any) -> list[Any]:
    """The inputs, if they are a row of numbers or rows of them; numbers in their place where they are anything else."""
    rows = inputs if isinstance(inputs, list) and inputs and isinstance(inputs[0], list) else [inputs]
    good = all(isinstance(row, list) and row and all(_is_number(each) for each in row) for row in rows)
    return list(inputs) if good else [0.5, -1]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _network(body: Document) -> Document:
    return with_network(body)[0]


def _forward(body: Document) -> Document:
    told = body.get("return")
    if _of_other_kinds(body):
        names = ["layers.0.pre_activations", "layers.1.activations", "layers.4.activations"]
        told = [names[len(name) % 3] for name in told] if isinstance(told, list) else told
        return {**_picture(body), "device": "auto", "network": None, "return": told}
    body, sizes = with_network(body)
    if isinstance(told, list):
        names = [name for name in _shapes(sizes) if name.endswith("activations")]
        body["return"] = [names[len(name) % len(names)] for name in told]
    return body


def _shapes(sizes: list[int]) -> dict[str, list[int]]:
    """The shapes of a chain's tensors: the inputs and parameters, then what is computed."""
    pairs = list(enumerate(pairwise(sizes)))
    given = {"inputs": sizes[:1]}
    for k, (n_in, n_out) in pairs:
        given |= {f"layers.{k}.weights": [n_in, n_out], f"layers.{k}.biases": [n_out]}
    return given | {f"layers.{k}.{name}": [n] for k, (_, n) in pairs for name in ("pre_activations", "activations")}


def _cell(cell: Document, sizes: list[int], *, computed: bool) -> Document:
    """A cell that is there: of what is computed, or of what is given."""
    shapes = {name: shape for name, shape in _shapes(sizes).items() if name.endswith("activations") == computed}
    tensor = list(shapes)[len(cell["tensor"]) % len(shapes)]
    at = _fitted(cell["at"] or [0], len(shapes[tensor]))
    return {"tensor": tensor, "at": [_index(each, n) for each, n in zip(at, shapes[tensor], strict=True)]}


def _told(told: Any, sizes: list[int]) -> Any:
    """`return` with names of tensors that are there."""
    if not isinstance(told, list):
        return told
    return [list(_shapes(sizes))[len(name) % len(_shapes(sizes))] for name in told[:5]]


def _loss(body: Document) -> Document:
    body, sizes = with_network(body)
    inputs = body["inputs"]
    rows = len(inputs) if isinstance(inputs[0], list) else 1
    return {**body, "loss": "mse", "output": None, "targets": [[0.5] * sizes[-1]] * rows}


def _explain(body: Document) -> Document:
    body, sizes = with_network(body)
    target = body.get("target")
    if target is None or "layer" in target:
        body |= {"by": None, "reach": None}
    if target is not None and "layer" in target:
        layer = _index(target["layer"], len(sizes) - 1)
        body["target"] = {"layer": layer, "neuron": _index(target["neuron"], sizes[layer + 1])}
    elif target is not None:
        body["target"] = _cell(target, sizes, computed=True)
        if body.get("by") is not None:
            body["by"] = [_cell({"tensor": name, "at": []}, sizes, computed=False)["tensor"] for name in body["by"][:5]]
        if isinstance(body["inputs"][0], list):
            body["inputs"] = body["inputs"][:1]
    return body


def _sweep(body: Document) -> Document:
    body, sizes = with_network(body)
    vary = dict(body["vary"])
    if "tensor" in vary:
        vary = _cell(vary, sizes, computed=False)
    elif "input" in vary:
        vary["input"] = _index(vary["input"], sizes[0])
    else:
        vary["layer"] = _index(vary["layer"], len(sizes) - 1)
        n_in, n_out = sizes[vary["layer"] : vary["layer"] + 2]
        if "bias" in vary:
            vary["bias"] = _index(vary["bias"], n_out)
        else:
            vary["weight"] = [_index(vary["weight"][0], n_in), _index(vary["weight"][1], n_out)]
    return {**body, "vary": vary, "return": _told(body.get("return"), sizes)}


def _grid(body: Document) -> Document:
    body, sizes = with_network(body, least_inputs=2)
    largest = _LARGEST.get(body.get("dtype", "float32"), 3e38)
    x, y = ({**body[side], "from": _held(body[side]["from"], largest), "to": _held(body[side]["to"], largest)}
            for side in ("x", "y"))  # fmt: skip
    for k, side in enumerate((x, y)):
        if side.get("cell") is not None:
            # Another number of the weights for either side, of which there are two at least.
            at = divmod(k, sizes[1])
            side |= {"input": None, "cell": {"tensor": "layers.0.weights", "at": list(at)}}
        else:
            side |= {"cell": None, "input": _index(side["input"], sizes[0])}
    if x["input"] is not None and y["input"] is not None:
        y["input"] = (x["input"] + 1 + _index(y["input"], sizes[0] - 1)) % sizes[0]
    return {**body, "x": x, "y": y, "return": _told(body.get("return"), sizes)}


def _code(body: Document) -> Document:
    body = {**body, "dtype": "float32"} if body["language"] == "numpy" and "16" in (body.get("dtype") or "") else body
    return _network(body)


def _diagram(body: Document) -> Document:
    """Of one input, with what is selected there."""
    body, sizes = with_network(body)
    if isinstance(body["inputs"][0], list):
        body["inputs"] = body["inputs"][:1]
    selected = body.get("selected")
    if selected is not None and "layer" in selected:
        layer = _index(selected["layer"], len(sizes) - 1)
        body["selected"] = {"layer": layer, "neuron": _index(selected["neuron"], sizes[layer + 1])}
    elif selected is not None:
        body["selected"] = _cell(selected, sizes, computed=True)
    return body


def _kept(body: Document) -> Document:
    if "file" in body:
        return body
    if _of_other_kinds(body):
        return _picture(body)
    body = _dense(body)
    largest = _LARGEST.get(body.get("dtype", "float32"), 3e38)
    return {**body, "layers": _layers(body["layers"], largest, 1)[0]}


_DRAWN = {
    "input": {"shape": [4]},
    "layers": [{"kind": "dense", "in_features": 4, "out_features": 2}, {"kind": "relu"}],
    "outputs": None,
    "sizes": None,
    "inputs": False,
    "activation": None,
    "order": None,
}


def _random(body: Document) -> Document:
    if body.get("sizes") is None:
        return {**body, **_DRAWN}
    body = {**body, "layers": None, "input": None, "outputs": None}
    sizes = [1 + _index(size, 8) for size in body["sizes"][:6]]
    activation = body.get("activation") or "sigmoid"
    if isinstance(activation, list):
        activation = _fitted(activation, len(sizes) - 1)
    return {**body, "sizes": sizes, "activation": activation}


def _infer(body: Document) -> Document:
    network = chain_named(_MODEL).network
    sent = dict(body["inputs"][0])
    data = _held(_numbers(sent["data"]), 3e38)
    rows = data if isinstance(data[0], list) else [data]
    sent["data"] = [_fitted(row, network.n_in) for row in rows]
    sent |= {"shape": [len(rows), network.n_in], "name": "inputs", "datatype": "FP32"}
    parameters = {name: each for name, each in (sent.get("parameters") or {}).items() if name != "binary_data_size"}
    outputs = body.get("outputs")
    if outputs is not None:
        outputs = [{**each, "name": _output(each["name"], len(network.layers))} for each in outputs[:200]]
    return {**body, "inputs": [{**sent, "parameters": parameters}], "outputs": outputs}


def _output(name: str, layers: int) -> str:
    names = ["outputs", *(f"layers.{k}.{end}" for k in range(layers) for end in ("activations", "pre_activations"))]
    return names[len(name) % len(names)]


_BASE = [
    {"op": "ones", "args": [[2, 2]], "as": "base"},
    {"op": "array", "args": [[1, 2]], "as": "numbers"},
]
_MAKING: dict[str, list[Any]] = {
    "manual_seed": [7],
    "arange": [4],
    "tensor": [[1, 2]],
    "array": [[1, 2]],
    "from_numpy": ["$numbers"],
    **{key: [[2, 2]] for key in ("rand", "randn", "zeros", "ones")},
}
_SECOND: dict[str, Any] = {
    "add": 2,
    "mul": 2,
    "fill_": 2,
    "mm": "$base",
    "matmul": "$base",
    **{key: [4] for key in ("view", "reshape", "resize_")},
}


def _tensors(body: Document) -> Document:
    """The made-up operations, in their order, each with arguments of the kinds and number that it takes."""
    if body.get("steps") is None:
        return {"program": body["program"]}  # whatever a line says, it fails alone
    steps = []
    for k, step in enumerate(body["steps"][:20]):
        op = step["op"]
        second = _SECOND.get(op, _SECOND.get(op.removesuffix("_")))
        args = _MAKING.get(op, ["$base"] if second is None else ["$base", second])
        steps.append({"op": op, "args": args} | ({} if op == "manual_seed" else {"as": f"r{k}"}))
    return {"steps": [*_BASE, *steps]}


def _changes(body: Document) -> Document:
    """Of a network that nobody keeps: what is changed in it is not looked at."""
    return body


def _drawn(body: Document) -> Document:
    """Either strokes or a picture whose rows are of one length, of numbers that float32 holds."""
    if body.get("strokes") is not None:
        return {"strokes": body["strokes"]}
    rows = _held(body.get("picture") or [[0]], 3e38)
    return {"picture": [_fitted(row, len(rows[0])) for row in rows]}


VALID: dict[str, Callable[[Document], Document]] = {
    "post_forward": _forward,
    "post_loss": _loss,
    "post_explain": _explain,
    "post_sweep": _sweep,
    "post_grid": _grid,
    "post_code": _code,
    "post_diagram": _diagram,
    "post_random": _random,
    "post_network": _kept,
    "post_changes": _changes,
    "post_infer": _infer,
    "post_version_infer": _infer,
    "post_tensors": _tensors,
    "post_picture": _drawn,
}
"""By the operation's id: its JSON body made to fit."""
