"""torch.export, with less of what it does anew at each call: for a small module that is a third of the whole."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import pytest
import torch._export.utils
import torch._ops


class _Callables(type):
    def __instancecheck__(cls, instance: object) -> bool:
        return callable(instance)


class _Callable(metaclass=_Callables):
    """Callable in the annotations of a function that torch defines ten thousand times an export."""

    def __class_getitem__(cls, parameters: Any) -> Any:
        return cls


@contextmanager
def quick_export() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        # All operators that C++ registers, once for each namespace and call: tests register none.
        patch.setattr(
            torch._export.utils, "_materialize_cpp_cia_ops", cache(torch._export.utils._materialize_cpp_cia_ops)
        )
        patch.setattr(torch._ops, "Callable", _Callable)
        yield
