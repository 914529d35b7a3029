"""What a module's author calls its results: the keys of a dictionary, the fields of a named tuple."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from torch.export import ExportedProgram
from torch.utils import _pytree as pytree

_LONGEST = 100


def plain(results: Any) -> Any:
    """What a module returns as torch.export takes it: a dataclass, or a mapping of its author's own, as a dictionary.

    The fields of a dataclass that are None are left out; a mapping says itself what it has, as the ModelOutput of
    transformers does.
    """
    if isinstance(results, Mapping):
        found = {name: plain(each) for name, each in results.items()}
        return OrderedDict(found) if type(results) is OrderedDict else found
    if is_dataclass(results) and not isinstance(results, type):
        given = ((each.name, getattr(results, each.name)) for each in fields(results))
        return {name: plain(value) for name, value in given if value is not None}
    if type(results) in (list, tuple):
        return type(results)(map(plain, results))
    if isinstance(results, tuple) and hasattr(results, "_fields"):
        return type(results)(*map(plain, results))
    return results


def output_names(program: ExportedProgram) -> list[str | None]:
    """A name for each result, in the graph's order: "policy", "features.0"; None where it has only a place."""
    shape = program.call_spec.out_spec
    if shape is None:
        return []
    numbered = pytree.tree_unflatten(range(shape.num_leaves), shape)
    paths, _ = pytree.tree_flatten_with_path(numbered)
    return [_name(path) for path, _ in paths]


def _name(path: tuple[object, ...]) -> str | None:
    steps: list[str] = []
    named = False
    for step in path:
        match step:
            case pytree.MappingKey(key=str(key)) | pytree.GetAttrKey(name=str(key)):
                named = True
                steps.append(key)
            case pytree.SequenceKey(idx=place):
                steps.append(str(place))
            case _:
                return None
    found = ".".join(steps)
    return found if named and 0 < len(found) <= _LONGEST else None
