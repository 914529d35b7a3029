"""What a module's author calls its results: the keys of a dictionary, the fields of a named tuple."""

from torch.export import ExportedProgram
from torch.utils import _pytree as pytree

_LONGEST = 100


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
