"""How a module is called: its tensors one by one, and put back where its forward takes them."""

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import is_dataclass
from typing import Any

from torch import Tensor, nn
from torch.export import ExportedProgram
from torch.jit import ScriptModule
from torch.nn.parameter import is_lazy
from torch.utils import _pytree as pytree

from adelante.network.network import NetworkFault
from adelante.tracing.aten import DTYPE_NAMES
from adelante.tracing.inference import buffers_kept
from adelante.tracing.refusals import not_held

Example = Tensor | Sequence[Any] | Mapping[str, Any]


class Called:
    """A module, and the tensors of an example of what its forward takes.

    Raises NetworkFault where the example is no call of forward, or holds what is no tensor.
    """

    def __init__(self, module: nn.Module, example: Example) -> None:
        if not isinstance(module, nn.Module) or isinstance(module, ScriptModule):
            raise _no_module(module)
        if any(is_lazy(each) for each in (*module.parameters(), *module.buffers())):
            reason = "some of its parameters have no shape yet."
            raise NetworkFault(
                type(module).__name__, reason, "Call it once on the example: lazy layers get theirs then."
            )
        args, kwargs = _bound(module, example)
        leaves, self._places = pytree.tree_flatten((args, kwargs))
        for each in leaves:
            if is_dataclass(each) and not isinstance(each, type):
                name = type(each).__name__
                raise NetworkFault(
                    "example",
                    f"it has {name}, a dataclass of your own, which torch.export does not know.",
                    f"torch.export.register_dataclass({name}), once, before trace: then its fields are inputs.",
                )
            if not isinstance(each, Tensor):
                raise NetworkFault(
                    "example",
                    f"a tensor, or several, is needed, the batch first; it has {_shown(each)}.",
                    "trace(module, (x, mask)) or trace(module, {'x': x, 'mask': mask}); what is no tensor goes into "
                    "the module, or is left at its default.",
                )
            if each.dtype not in DTYPE_NAMES:
                raise not_held("example", each.dtype)
        if not leaves:
            raise NetworkFault("example", "a tensor, or several, is needed, the batch first.", "trace(module, (x,))")
        self.module = module
        # torch.export keeps an example's strides as a guard, and falls over it later.
        self.tensors: tuple[Tensor, ...] = tuple(each.contiguous() for each in leaves)

    def arguments(self, tensors: Sequence[Tensor]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """What forward is called with: these tensors in the places of the example's."""
        args, kwargs = pytree.tree_unflatten(list(tensors), self._places)
        return tuple(args), dict(kwargs)

    def __call__(self, *tensors: Tensor) -> Any:
        """What the module gives as it is. It is given copies: some write into what they are given."""
        args, kwargs = self.arguments([each.clone() for each in tensors])
        with buffers_kept(self.module):
            return self.module(*args, **kwargs)


def _bound(module: nn.Module, example: Example) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The example as forward's arguments, in the order of its signature."""
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = {}
    if isinstance(example, Mapping):
        kwargs = dict(example)
    else:
        args = (example,) if isinstance(example, Tensor) else tuple(example)
    try:
        found = inspect.signature(module.forward).bind(*args, **kwargs)
    except TypeError as error:
        raise NetworkFault(
            "example", f"{type(module).__name__}.forward can't be called with it: {error}.", "trace(module, (x,))"
        ) from error
    except ValueError:
        # No signature is known, as of a module that is not Python's.
        return args, kwargs
    return found.args, found.kwargs


def _no_module(given: Any) -> NetworkFault:
    match given:
        case ScriptModule():
            reason, hint = "it is a program of torch.jit's.", "Trace the module as it is before torch.jit.script."
        case type() if issubclass(given, nn.Module):
            reason, hint = f"it is the class {given.__name__}.", "Call it to make a module, and load its state_dict."
        case ExportedProgram():
            reason, hint = "it is an exported program.", "Trace the module that it was exported from."
        case Mapping():
            reason, hint = (
                "it is a dictionary, as state_dict() gives.",
                "module.load_state_dict(…), and trace the module.",
            )
        case _:
            reason, hint = f"it is of type {type(given).__name__}.", "Write it as the forward of an nn.Module."
    return NetworkFault("module", f"a torch.nn.Module is needed; {reason}", hint)


def _shown(value: Any) -> str:
    return f"{value!r:.60}" if isinstance(value, bool | int | float | str) or value is None else type(value).__name__
