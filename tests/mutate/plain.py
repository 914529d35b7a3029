"""A module's source in which decorated functions and classes can be changed too: mutmut leaves all of them as they are.

`@property` above `def size` becomes `size = property(size)` below it, in a line that was empty: every other line keeps
its number.
"""

import ast
from collections.abc import Iterator

# Those that do no more than wrap what stands below them.
DECORATORS = ("cache", "cached_property", "contextmanager", "dataclass", "lru_cache", "property")
_Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def undecorated(source: str) -> str:
    """The same module, its simple decorators applied below what they decorate."""
    lines = source.splitlines()
    for each in _decorated(ast.parse(source)):
        (decorator,) = each.decorator_list
        below = each.end_lineno or 0
        lines += [""] * (below + 2 - len(lines))
        # A method may have taken the first of the empty lines below its class.
        free = next((at for at in (below, below + 1) if not lines[at]), None)
        if free is None or decorator.lineno != decorator.end_lineno:
            continue
        indent = " " * each.col_offset
        lines[free] = f"{indent}{each.name} = {ast.unparse(decorator)}({each.name})"
        lines[decorator.lineno - 1] = ""
    return "\n".join(lines).rstrip("\n") + "\n"


def _decorated(module: ast.Module) -> Iterator[_Definition]:
    """A module's functions, the methods of its classes, its classes, each of these with one simple decorator."""
    for each in module.body:
        inner = each.body if isinstance(each, ast.ClassDef) else []
        for one in (*inner, each):
            if isinstance(one, _Definition) and [_name(decorator) for decorator in one.decorator_list] in _SIMPLE:
                yield one


_SIMPLE = [[name] for name in DECORATORS]


def _name(decorator: ast.expr) -> str:
    return ast.unparse(decorator.func if isinstance(decorator, ast.Call) else decorator)
