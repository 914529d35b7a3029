"""Generated programs, run in this process."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from adelante.code import program

HOSTILE = [
    'x"\nimport os; os.system("touch owned")\n"',
    "'; touch owned #",
    "\u2028print(1)\u2029",
    "\r\nADELANTE_JSON\ntouch owned\n",
    "$(touch owned)`touch owned`",
    '"""\\',
    "\u202e\u2066gnp\x00\x1b[31m",
    "\ud800",
    "salida única 😀",
]


def results(text: str, tensors: Mapping[str, Any] | None = None) -> list[Any]:
    """What a program prints, as it has it: its `output`, or its outputs one after the other.

    `tensors` are what the file beside it holds.
    """
    scope: dict[str, Any] = {"print": lambda *_, **__: None, "__name__": "program"}
    if tensors is not None:
        text = re.sub(rf"^{program.TENSORS} = load_file\(.*\)$", "", text, flags=re.MULTILINE)
        scope[program.TENSORS] = tensors
    usual = np.get_printoptions()
    try:
        exec(compile(text, "program", "exec"), scope)
    finally:
        torch.set_printoptions(profile="default")  # type: ignore[no-untyped-call]
        np.set_printoptions(**usual)
    if "output" in scope:
        return [scope["output"]]
    return [scope[f"output{k}"] for k in range(1, 1 + sum(name[:6] == "output" for name in scope))]
