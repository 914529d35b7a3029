"""Tensors and names as source text. Numbers are the shortest digits that give the same number back."""

import json
from typing import Any

import numpy as np
import torch
from torch import Tensor

LINE = 100
_NUMBERS_A_LINE = 8


def host_array(tensor: Tensor) -> np.ndarray[Any, np.dtype[Any]]:
    """The numbers on the CPU as float32, or float64 where they are."""
    wide = tensor if tensor.dtype == torch.float64 else tensor.float()
    return wide.detach().cpu().numpy()


def rows_text(tensor: Tensor) -> list[list[str]]:
    """The numbers of a matrix, row by row, each as its shortest digits."""
    return [[_number(value) for value in row] for row in host_array(tensor)]


def _number(value: Any) -> str:
    # "inf" and "nan" are names in no language; whoever writes the program refuses them first.
    return str(value.item()) if value.dtype == np.float64 else str(value)


def vector_literal(numbers: list[str], indent: str) -> str:
    """[1.0, 2.0], broken into lines where it would run past LINE characters."""
    line = ", ".join(numbers)
    if len(line) + len(indent) + 2 <= LINE:
        return f"[{line}]"
    inner = indent + "    "
    parts = (numbers[i : i + _NUMBERS_A_LINE] for i in range(0, len(numbers), _NUMBERS_A_LINE))
    return "[\n" + ",\n".join(inner + ", ".join(part) for part in parts) + f"\n{indent}]"


def matrix_literal(rows: list[list[str]], indent: str = "") -> str:
    """[[1.0, 2.0], [3.0, 4.0]] on one line where it is short, else one row below the other."""
    line = ", ".join(f"[{', '.join(row)}]" for row in rows)
    if len(rows) == 1 and len(line) <= LINE - 20:
        return f"[{line}]"
    inner = indent + "    "
    return "[\n" + ",\n".join(inner + vector_literal(row, inner) for row in rows) + f"\n{indent}]"


def array_literal(tensor: Tensor, indent: str = "") -> str:
    """The numbers of a tensor of any rank and kind, in as many brackets as it has dimensions.

    What is not finite is written as the names inf and nan.
    """
    if tensor.dim() == 0:
        return _numbers(tensor.reshape(1))[0]
    if tensor.dim() == 1:
        return vector_literal(_numbers(tensor), indent)
    if tensor.dim() == 2:
        return matrix_literal([_numbers(row) for row in tensor], indent)
    inner = indent + "    "
    return "[\n" + ",\n".join(inner + array_literal(each, inner) for each in tensor) + f"\n{indent}]"


def _numbers(vector: Tensor) -> list[str]:
    if vector.is_floating_point():
        return rows_text(vector.unsqueeze(0))[0]
    return [str(value) for value in vector.tolist()]


def quoted(name: str) -> str:
    """The name between double quotes, valid as JSON and as Python, on one line and of visible characters only.

    What a reader can't see (line ends, control and direction marks, lone surrogates) is written as an escape.
    """
    text = json.dumps(name, ensure_ascii=False)
    return "".join(each if each.isprintable() else json.dumps(each)[1:-1] for each in text)
