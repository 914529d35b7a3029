"""A network of any kind as a PyTorch program of plain functions, and as a NumPy program."""

import re
from collections.abc import Sequence

import torch
from torch import Tensor

from adelante.code.printing import MANY, torch_print_options
from adelante.code.program import TENSORS, Program
from adelante.code.sources import called_in, sources_of
from adelante.formats.literals import quoted
from adelante.network.errors import Fault, NetworkError

_NUMPY_FLOATS = (torch.float32, torch.float64)


def pytorch_text(program: Program, outputs: Sequence[Tensor]) -> str:
    """The pass as a function of torch's functions, with the digits of the pass itself."""
    body = [
        *_loaded(program, "torch"),
        *(f"{program.names[name]} = {program.parameter(name)}" for name in program.used),
        "",
        "",
        *_function(program),
        "",
        "",
        *program.given(),
        "",
        "with torch.no_grad():",
        f"    {', '.join(program.results())} = network({program.taken()})",
        "",
        torch_print_options(outputs),
        *program.prints(),
    ]
    return finished([*program.title(), *torch_imports(body)], body)


def numpy_text(program: Program, outputs: Sequence[Tensor]) -> str:
    """The pass as a function of NumPy's. Raises NetworkError (unsupported-dtype) for types that NumPy lacks."""
    _check_types(program)
    steps = _function(program)
    functions = sources_of(called_in("\n".join(steps)), program.say)
    body = [
        *_loaded(program, "numpy"),
        *(line for function in functions for line in ("", "", function)),
        *(["", ""] if functions else []),
        *(f"{program.names[name]} = {program.parameter(name)}" for name in program.used),
        "",
        "",
        *steps,
        "",
        "",
        *program.given(),
        "",
        f"{', '.join(program.results())} = network({program.taken()})",
        "",
        f'np.set_printoptions(floatmode="unique"{_threshold(outputs)})',
        *program.prints(),
    ]
    text = "\n".join(body)
    imports = ["import math"] if "math." in text else []
    imports += _infinite(text)
    imports += ["", "import numpy as np"] if imports else ["import numpy as np"]
    imports += ["from safetensors.numpy import load_file"] if not program.inline else []
    return finished([*program.title(), *imports], body)


def torch_imports(body: Sequence[str]) -> list[str]:
    """What a PyTorch program has to import."""
    text = "\n".join(body)
    imports = _infinite(text)
    imports += ["", "import torch"] if imports else ["import torch"]
    imports += ["from safetensors.torch import load_file"] if "load_file(" in text else []
    from_torch = [name for name, used in (("nn", r"\bnn\."), ("functional as F", r"\bF\.")) if re.search(used, text)]
    imports += ["from torch import nn"] if "nn" in from_torch else []
    imports += ["from torch.nn import functional as F"] if "functional as F" in from_torch else []
    return imports


def finished(head: Sequence[str], body: Sequence[str]) -> str:
    """The whole text, with never more than two empty lines together."""
    text = "\n".join((*head, "", *body)) + "\n"
    return re.sub(r"\n{4,}", "\n\n\n", text)


def _infinite(text: str) -> list[str]:
    named = [name for name in ("inf", "nan") if re.search(rf"(?<![.\w\"]){name}\b", _code_of(text))]
    return [f"from math import {', '.join(named)}"] if named else []


def _code_of(text: str) -> str:
    """The text without its comments' lines."""
    return "\n".join(line for line in text.split("\n") if not line.lstrip().startswith("#"))


def _loaded(program: Program, library: str) -> list[str]:
    return [] if program.inline else [f"{TENSORS} = load_file({quoted(program.file)})"]


def _function(program: Program) -> list[str]:
    lines = [*program.steps(), f"return {program.returned()}"]
    return [f"def network({program.taken()}):", *(f"    {line}" for line in lines)]


def _threshold(outputs: Sequence[Tensor]) -> str:
    largest = max((each.numel() for each in outputs), default=0)
    return f", threshold={largest}" if largest > MANY else ""


def _check_types(program: Program) -> None:
    """Raises NetworkError (unsupported-dtype) for a half precision, which NumPy lacks or hardly computes with."""
    types = {each.dtype for each in program.inputs.values()} | {each.result_dtype for each in program.calls.values()}
    types |= {program.network.parameters[name].dtype for name in program.used}
    halves = sorted(
        str(each).removeprefix("torch.") for each in types if each.is_floating_point and each not in _NUMPY_FLOATS
    )
    if halves:
        raise NetworkError(Fault("unsupported-dtype", "code-dtype", "/dtype", {"name": halves[0]}))
