"""What an ONNX model is refused for: a key and its values, put into words by the catalogs, and in English here."""

from typing import Any

from adelante.network.errors import Fault, NetworkFault

# For who calls the library: what is wrong, and what to do. The catalogs say the same under fault.KEY and hint.KEY.
WORDS: dict[str, tuple[str, str]] = {
    "onnx-broken": ("it is no whole ONNX model.", "Write it again; onnx.checker.check_model(path) says more."),
    "onnx-too-many-nodes": ("the model has over {limit} operations, the most that are read.", ""),
    "onnx-too-many-parts": ("the model is made of over {limit} parts, the most that are read.", ""),
    "onnx-too-deep": ("the model's parts lie in one another over {limit} deep.", ""),
    "onnx-name-length": ("the name {name}… has over {limit} characters.", ""),
    "onnx-opset": (
        "the model is of version {got} of ONNX's operators; {expected} are read.",
        "onnx.version_converter.convert_version(model, 17) writes it in another.",
    ),
    "onnx-operator": (
        "the operator {operator} at {node} is not in the list of operations{source}.",
        "If the network is PyTorch's, adelante.save(module, example, path) opens it without ONNX.",
    ),
    "onnx-flow": (
        "the operator {operator} at {node} decides during the pass what is computed{source}; that is not opened.",
        "Export the model with the branch that it takes.",
    ),
    "onnx-attribute": (
        "{operator} at {node} has {attribute} = {value}, which is not known here{source}.",
        "Export the model with another value, or with another version of the operators (opset 17).",
    ),
    "onnx-not-constant": (
        "{operator} at {node} takes its {operand} from the pass; only one that the file says is known here{source}.",
        "Export the model with fixed sizes, or simplify it: onnxsim.simplify(model).",
    ),
    "onnx-of-batch": (
        "{operator} at {node} does with the number of inputs what is not known here{source}.",
        "Export the model for one input at a time, with a fixed batch of 1.",
    ),
    "onnx-result": (
        "{operator} at {node} takes {name}, a result that its operator does not give here{source}.",
        "Export the model without it.",
    ),
    "onnx-operands": (
        "{operator} at {node} can't take the {got} tensors that it is given.",
        "Check the model: onnx.checker.check_model(path).",
    ),
    "onnx-node": (
        "{operator} at {node} can't be what the file says of it: {reason}.",
        "Check the model: onnx.checker.check_model(path).",
    ),
    "onnx-undefined": (
        "{operator} at {node} takes {name}, which nothing before it gives.",
        "Check the model: onnx.checker.check_model(path).",
    ),
    "onnx-no-output": (
        "nothing in the model gives its output {name}.",
        "Check the model: onnx.checker.check_model(path).",
    ),
    "onnx-twice": ("two tensors of the model are called {name}.", "Check the model: onnx.checker.check_model(path)."),
    "onnx-function": (
        "the function {operator} at {node} calls itself.",
        "Export the model without functions of its own.",
    ),
    "onnx-no-tensors": (
        "the model's {name} is no tensor of numbers: {got}.",
        "Export one whose inputs and outputs are tensors.",
    ),
    "onnx-input-shape": (
        "the model does not say of what shape its input {name} is.",
        "Export it with the shape of an example.",
    ),
    "onnx-size-open": (
        "the model leaves open the size of {open}.",
        'Say it: adelante.load(path, choices={{"sizes": {example}}}).',
    ),
    "onnx-sizes": ("{got} is no size that the model leaves open. It leaves open: {expected}.", ""),
    "onnx-dtype": ("the tensor {name} is of {dtype}; read here: {known}.", "Export the model in float32."),
    "onnx-tensor-size": ("the tensor {name} says it has {expected} numbers, and has {got}.", "Write the model again."),
    "onnx-sparse": ("the tensor {name} is sparse, which is not opened.", "Write it dense."),
    "onnx-external": (
        "the numbers of {name} stand in the file {location}, which did not come with the model.",
        "Keep or send both files together, or write one: onnx.save(onnx.load(path), path).",
    ),
    "onnx-external-range": (
        "the numbers of {name} would stand at bytes {begin} to {end} of a file that has {got}.",
        "Keep or send the file that was written with this model.",
    ),
    "onnx-parameters": ("the model's tensors hold over {limit} numbers.", ""),
    "onnx-too-much-known": (
        "{operator} at {node} would have over {limit} numbers worked out before any pass.",
        "Export the model with less of that.",
    ),
    "onnx-no-outputs": (
        "the model has no output that is a tensor of numbers.",
        "Export one that gives numbers, such as probabilities.",
    ),
}


class Refused(Exception):
    """What an operator's translation can't do; the reader adds operator, node and line."""

    def __init__(self, key: str, **values: Any) -> None:
        super().__init__(key)
        self.key, self.values = key, values


def fault_of(key: str, place: str = "file", pointer: str = "", **values: Any) -> NetworkFault:
    """The refusal, in English and as data."""
    reason, hint = WORDS[key]
    told = {name: ", ".join(map(str, value)) if isinstance(value, list) else value for name, value in values.items()}
    fault = Fault("unsupported-file", key, pointer, values)
    return NetworkFault(place, reason.format(**told), hint.format(**told), fault=fault)
