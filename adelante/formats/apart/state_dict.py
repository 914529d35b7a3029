"""What torch.save wrote, unpickled: only here, in a process with walls around it, and only tensors.

`weights_only=True` reads no more than tensors and plain containers. It has been broken out of twice (CVE-2025-32434,
CVE-2026-24747), so it is not all that there is: the walls are up before the first byte of the file is read.
"""

import io
import pickle
import re
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from adelante.formats.apart.exchange import Reading
from adelante.formats.opened import Limits, Note
from adelante.formats.tensors import DTYPES, WHOLE, safetensors_parts
from adelante.network.errors import Fault, NetworkError, said

_KNOWN = {*DTYPES.values(), *WHOLE.values()}
# Under what names a checkpoint keeps the state_dict among other things; the first that is there.
_USUAL = ("state_dict", "model_state_dict", "model_state", "model", "net", "network", "weights", "params", "module")
# Where torch's quantised layers keep their weights, in a form of their own.
_QUANTISED = "._packed_params"
_CLASS = re.compile(r"GLOBAL ([\w.]{1,200})")
_SHOWN = 8


def ready() -> None:
    """Has torch import all that reading takes."""
    tensors = nn.Linear(1, 1).state_dict()
    for zipped in (True, False):
        file = io.BytesIO()
        torch.save(tensors, file, _use_new_zipfile_serialization=zipped)
        read(bytearray(file.getvalue()), Limits())
    try:
        read(bytearray(pickle.dumps(Reading)), Limits())
    except NetworkError:
        # How a refusal comes about is imported, too.
        return


def read(data: bytearray, limits: Limits) -> Reading:
    """The tensors by name as a safetensors file. Raises NetworkError."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        named = _CLASS.search(str(error))
        if named is None:
            raise _refused("state-dict-unread", reason=said(error)[:200]) from None
        if named[1].startswith("numpy."):
            raise _refused("state-dict-numpy") from None
        raise _refused("file-module", name=named[1]) from None
    except MemoryError:
        raise
    except Exception as error:
        raise _refused("state-dict-unread", reason=f"{type(error).__name__}: {said(error)[:200]}") from None
    key, tensors = _tensors(found)
    notes = () if key is None else (Note("state-dict-part", ("",), {"key": key}),)
    return Reading(safetensors_parts(dict(_checked(tensors, limits))), (), notes)


def _refused(key: str, **values: Any) -> NetworkError:
    return NetworkError(Fault("unsupported-file", key, "", values))


def _tensors(found: Any) -> tuple[str | None, Mapping[str, Any]]:
    """The state_dict, and under what name it stood in a checkpoint; None where it is all that there is."""
    if isinstance(found, Mapping):
        if _is_state_dict(found):
            return None, found
        parts = {key: each for key, each in found.items() if isinstance(each, Mapping) and _is_state_dict(each)}
        for key in _USUAL:
            if key in parts:
                return key, parts[key]
        if parts and (together := _together(parts)) is not None:
            return None, together
        raise _refused("state-dict-none", names=[str(each)[:50] for each in list(found)[:_SHOWN]])
    if isinstance(found, Tensor):
        raise _refused("state-dict-tensor-alone", shape=str(list(found.shape)))
    raise _refused("state-dict-none", names=[type(found).__name__])


def _together(parts: Mapping[Any, Mapping[Any, Any]]) -> dict[str, Any] | None:
    """Several networks, as of a generator and a discriminator: each one's name before those of its layers.

    None where two tensors would have one name.
    """
    named = [(f"{key}.{name}", value) for key, part in parts.items() for name, value in part.items()]
    found = dict(named)
    return found if len(found) == len(named) else None


def _is_state_dict(found: Mapping[Any, Any]) -> bool:
    return any(isinstance(each, Tensor) for each in found.values())


def _checked(tensors: Mapping[str, Any], limits: Limits) -> Iterator[tuple[str, Tensor]]:
    """Those entries that are tensors, dense and of a known type, as many numbers as are allowed."""
    left = limits.parameters
    for name, value in tensors.items():
        if str(name).endswith(_QUANTISED):
            raise _refused("state-dict-quantised", name=str(name)[:100])
        if not isinstance(value, Tensor):
            continue
        if value.is_meta:
            # A shape without numbers, of which there may be any count.
            raise _refused("state-dict-meta", name=str(name)[:100], shape=str(list(value.shape)))
        if not isinstance(name, str) or value.layout != torch.strided or value.dtype not in _KNOWN:
            sort = str(value.dtype) if value.layout == torch.strided else f"{value.layout}, {value.dtype}"
            raise _refused("state-dict-tensor", name=str(name)[:100], dtype=sort.replace("torch.", ""))
        left -= value.numel()
        if left < 0:
            raise _refused("exported-parameters", limit=limits.parameters)
        yield name, value.detach()
