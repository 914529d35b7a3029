"""A request's inputs as a network takes them: one array, or one for each name, of whatever rank and dtype it says."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import WithJsonSchema
from torch import Tensor

from adelante.formats.json.arrays import tensor_of_any_rank
from adelante.formats.json.numbers import LongArray
from adelante.network.errors import Fault, NetworkError
from adelante.network.network import Input, Network
from app.compute.service import CHEAP_MULTIPLY_ADDS

Inputs = Tensor | Mapping[str, Tensor]
AnyInputs = Annotated[Any, WithJsonSchema({"description": "numbers, or arrays of them; of several inputs an object"})]


def inputs_for(network: Network, given: Any) -> Inputs:
    """The inputs in the network's own dtypes; whether their shapes fit, the network says.

    Raises NetworkError with a pointer to each fault.
    """
    wanted = network.inputs
    if len(wanted) == 1 and not isinstance(given, dict):
        return tensor_of_any_rank(given, "/inputs", wanted[0].dtype)
    named = by_name(network, given)
    found = {
        each.name: tensor_of_any_rank(named[_label(each)], f"/inputs/{_label(each)}", each.dtype) for each in wanted
    }
    return found if len(wanted) > 1 else found[wanted[0].name]


def by_name(network: Network, given: Any) -> Mapping[str, Any]:
    """What is given for each input. Raises NetworkError (invalid-value) where the names are not the network's."""
    names = [_label(each) for each in network.inputs]
    if not isinstance(given, Mapping) or set(given) != set(names):
        raise NetworkError(Fault("invalid-value", "inputs-are-named", "/inputs", {"expected": ", ".join(names)}))
    return given


def cost_of(given: Any) -> int:
    """Multiply-adds that making tensors of them takes as long as: of very many, more than the event loop may do."""
    return CHEAP_MULTIPLY_ADDS + 1 if _is_long(given) else 0


def _is_long(given: Any) -> bool:
    if isinstance(given, Mapping):
        return any(map(_is_long, given.values()))
    return isinstance(given, LongArray) or (isinstance(given, list) and any(isinstance(e, LongArray) for e in given))


def _label(each: Input) -> str:
    return each.name.removeprefix("inputs.")
