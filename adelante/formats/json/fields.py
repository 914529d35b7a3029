"""What stands in a document's fields: texts, names of dtypes, arrays. What is wrong with one is noted, not raised."""

from collections.abc import Collection, Mapping
from typing import Any

import torch
from torch import Tensor

from adelante.formats.json.arrays import tensor_of_any_rank
from adelante.formats.json.references import MAX_NAME_LENGTH
from adelante.network.errors import Fault, NetworkError
from adelante.network.operations.moves import DTYPES

# More faults than anybody reads would take longer to find words for than the document takes to read.
MOST_FAULTS = 100
_NOT_FINITE = {1: torch.inf, -1: -torch.inf, 2: torch.nan}


def whole(value: Any) -> int | None:
    """The whole number that this is: 1.0 is one to JSON, and to writers who have no others. None for anything else."""
    if type(value) is float and value.is_integer():
        return int(value)
    return value if type(value) is int else None


class Fields:
    """Reads fields, and notes in `faults` what is wrong with them."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def refuse(self, type: str, key: str, pointer: str, **values: Any) -> None:
        """Notes a fault."""
        self.faults.append(Fault(type, key, pointer, values))

    def array_dtype(self, given: Mapping[str, Any], pointer: str, usual: torch.dtype) -> torch.dtype:
        name = given.get("dtype")
        if name is None:
            return usual
        if not isinstance(name, str) or name not in DTYPES:
            values = {"name": "dtype", "expected": ", ".join(DTYPES)}
            self.faults.append(Fault("invalid-value", "not-one-of", f"{pointer}/dtype", values))
            return usual
        return DTYPES[name]

    def array(self, value: Any, pointer: str, dtype: torch.dtype) -> Tensor | None:
        try:
            if not isinstance(value, Mapping):
                return tensor_of_any_rank(value, pointer, dtype)
            self.only(value, ("values", "dtype", "non_finite"), pointer)
            dtype = self.array_dtype(value, pointer, dtype)
            tensor = tensor_of_any_rank(value.get("values"), f"{pointer}/values", dtype)
            return self._with_non_finite(tensor, value.get("non_finite"), f"{pointer}/non_finite")
        except NetworkError as error:
            self.faults += error.faults
            return None

    def _with_non_finite(self, tensor: Tensor, codes: Any, pointer: str) -> Tensor:
        """The tensor with infinities and NaN where an array of the same shape has 1 (∞), -1 (-∞) or 2 (NaN)."""
        if codes is None:
            return tensor
        marks = tensor_of_any_rank(codes, pointer, torch.int64)
        if (
            marks.shape != tensor.shape
            or not tensor.is_floating_point()
            or bool((marks < -1).any() | (marks > 2).any())
        ):
            self.faults.append(Fault("invalid-value", "marks-expected", pointer, {"name": "non_finite"}))
            return tensor
        tensor = tensor.clone()
        for code, value in _NOT_FINITE.items():
            tensor[marks == code] = value
        return tensor

    def text(self, given: Mapping[str, Any], name: str, pointer: str) -> str | None:
        text = given.get(name)
        place = f"{pointer}/{name}"
        if text is None:
            return None
        if not isinstance(text, str):
            self.faults.append(Fault("invalid-value", "text-expected", place, {"name": name}))
            return None
        if len(text) > MAX_NAME_LENGTH:
            values = {"name": name, "limit": MAX_NAME_LENGTH}
            self.faults.append(Fault("invalid-value", "string-too-long", place, values))
        elif any("\ud800" <= each <= "\udfff" for each in text):
            self.faults.append(Fault("invalid-json", "surrogate", place))
        return text

    def only(self, given: Mapping[str, Any], known: Collection[str], pointer: str) -> None:
        for name in given:
            if name not in known:
                if len(self.faults) >= MOST_FAULTS:
                    return
                step = name.replace("~", "~0").replace("/", "~1")
                values = {"name": name[:MAX_NAME_LENGTH], "known": list(known)}
                self.faults.append(Fault("unknown-field", "unknown-field", f"{pointer}/{step}", values))
