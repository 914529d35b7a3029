"""Expressions: each kind of node of Python's tree has its own small method; what has none is not part of the lab."""

import ast
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import numpy as np

from adelante.tensors.call import Hint
from adelante.tensors.program import operators
from adelante.tensors.program.builtins import BUILTIN_NAMES, BUILTINS, items, truth
from adelante.tensors.program.faults import Hinted, Lacks, Needs
from adelante.tensors.program.machine import Machine, weight
from adelante.tensors.program.names import MODULES, attribute, close_to
from adelante.tensors.program.values import (
    Builtin,
    Context,
    Defined,
    Function,
    Kind,
    Method,
    as_argument,
    is_data,
    type_name,
    within,
)

T = TypeVar("T")

# A def may call another, but one that calls itself would not end.
DEEPEST_CALLS = 12
_LONGEST_LIST = 20_000
# A format's width and digits have few places, so that none makes a text of a million spaces.
_FORMAT = re.compile(r"(?:.?[<>=^])?[-+ ]?z?#?0?\d{0,3}[,_]?(?:\.\d{1,2})?[a-zA-Z%]?")
_FORMATS: dict[int, Callable[[Any], str]] = {-1: lambda value: value, 115: str, 114: repr, 97: ascii}
# They are there without an import too, under the names that everybody gives them.
_READY = {"torch": MODULES["torch"], "np": MODULES["numpy"], "numpy": MODULES["numpy"]}


class Evaluator:
    """Values of expressions over one run's names. `missing`: names that a failed line was to give."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.names: dict[str, Any] = {}
        self.missing: dict[str, int] = {}
        self.scopes: list[dict[str, Any]] = []
        self._calls: list[Defined] = []
        self.run_body: Callable[[Defined], Any] = lambda defined: None

    def value(self, node: ast.expr) -> Any:
        """The value of an expression. Raises what Python, torch and NumPy raise, Lacks, Needs, NetworkError."""
        self.machine.visit()
        method = _METHODS.get(type(node))
        if method is None:
            raise Lacks("lab-lacks-syntax", what=_word(node))
        return method(self, node)

    def constant(self, node: ast.Constant) -> Any:
        if not isinstance(node.value, int | float | str | type(None) | type(Ellipsis)):
            raise Lacks("lab-lacks-syntax", what=type(node.value).__name__)
        return operators.bounded(node.value)

    def name(self, node: ast.Name) -> Any:
        for scope in (*reversed(self.scopes[-1:]), self.names):
            if node.id in scope:
                return scope[node.id]
        if node.id in self.missing:
            raise Needs(node.id)
        for known in (_READY, BUILTINS):
            if node.id in known:
                return known[node.id]
        if node.id in BUILTIN_NAMES:
            raise Lacks("lab-lacks-name", name=node.id)
        raise self._no_name(node.id)

    def _no_name(self, name: str) -> Exception:
        error = NameError(f"name '{name}' is not defined")
        if name in ("tensor", "array"):
            maker = "torch.tensor(…)" if name == "tensor" else "np.array(…)"
            return Hinted(error, Hint("lab.hint.printed-form", {"maker": maker}))
        hint = close_to(name, (*self.names, *_READY, *BUILTINS))
        return Hinted(error, hint) if hint else error

    def attribute(self, node: ast.Attribute) -> Any:
        return attribute(self.machine, self.value(node.value), node.attr, written(node.value))

    def binary(self, node: ast.BinOp) -> Any:
        left, right = self.value(node.left), self.value(node.right)
        return operators.binary(self.machine, type(node.op), left, right, (written(node.left), written(node.right)))

    def unary(self, node: ast.UnaryOp) -> Any:
        value = self.value(node.operand)
        if isinstance(node.op, ast.Not):
            return not truth(value)
        return operators.unary(self.machine, type(node.op), value, written(node.operand))

    def boolean(self, node: ast.BoolOp) -> Any:
        for each in node.values[:-1]:
            value = self.value(each)
            if truth(value) != isinstance(node.op, ast.And):
                return value
        return self.value(node.values[-1])

    def comparison(self, node: ast.Compare) -> Any:
        left, result, last = self.value(node.left), True, node.left
        for place, (kind, other) in enumerate(zip(node.ops, node.comparators, strict=True)):
            right = self.value(other)
            result = operators.compare(self.machine, type(kind), left, right, (written(last), written(other)))
            if place < len(node.ops) - 1 and not truth(result):
                return result
            left, last = right, other
        return result

    def chosen(self, node: ast.IfExp) -> Any:
        return self.value(node.body if truth(self.value(node.test)) else node.orelse)

    def listed(self, node: ast.List | ast.Tuple) -> Any:
        found: list[Any] = []
        for each in node.elts:
            if isinstance(each, ast.Starred):
                found += items(self.machine, self.value(each.value))
            else:
                found.append(self.value(each))
        return self.weighed(found if isinstance(node, ast.List) else tuple(found))

    def weighed(self, value: T) -> T:
        """Counts a list that was just made: lists that hold one list many times grow faster than their program."""
        heavy = weight(value, _LONGEST_LIST)
        if heavy > _LONGEST_LIST:
            raise Lacks("lab-too-long-list", limit=_LONGEST_LIST)
        self.machine.visit(heavy)
        return value

    def item(self, node: ast.Subscript) -> Any:
        return self.item_of(self.value(node.value), self.value(node.slice), written(node.value))

    def item_of(self, owner: Any, key: Any, name: str) -> Any:
        """owner[key]"""
        if is_data(owner):
            return self.machine.call(operators.ITEM, (owner, key), {}, (name,))
        if isinstance(owner, np.dtype):
            raise KeyError(f"There are no fields in dtype {owner}.")
        if not isinstance(owner, list | tuple | str | range):
            raise TypeError(f"'{type_name(owner)}' object is not subscriptable")
        self.machine.visit(len(owner) if isinstance(key, slice) else 1)
        return owner[as_argument(key)]

    def slice(self, node: ast.Slice) -> slice:
        parts = (node.lower, node.upper, node.step)
        return slice(*(None if part is None else self.value(part) for part in parts))

    def lambda_(self, node: ast.Lambda) -> Defined:
        body = (ast.Return(node.body),)
        return self.defined("<lambda>", node.args, body)

    def defined(self, name: str, parameters: ast.arguments, body: tuple[ast.stmt, ...]) -> Defined:
        """What a def or a lambda makes; its defaults are computed now, its body when it is called."""
        if parameters.vararg or parameters.kwarg or parameters.kwonlyargs:
            raise Lacks("lab-lacks-syntax", what="*args")
        defaults = tuple(self.value(each) for each in parameters.defaults)
        return Defined(name, parameters, defaults, body, dict(self.scopes[-1]) if self.scopes else None)

    def call(self, node: ast.Call) -> Any:
        function = self.value(node.func)
        args: list[Any] = []
        for each in node.args:
            args += items(self.machine, self.value(each.value)) if isinstance(each, ast.Starred) else [self.value(each)]
        if any(each.arg is None for each in node.keywords):
            raise Lacks("lab-lacks-syntax", what="**")
        keywords = {each.arg or "": self.value(each.value) for each in node.keywords}
        names = [written(each) for each in node.args]
        if isinstance(function, Method):
            assert isinstance(node.func, ast.Attribute)
            return self.machine.call(
                function.function, (function.owner, *args), keywords, (written(node.func.value), *names)
            )
        return self.called(function, args, keywords, names)

    def called(self, function: Any, args: list[Any], keywords: Mapping[str, Any], names: list[str]) -> Any:
        """function(*args, **keywords)"""
        if isinstance(function, Kind) and function.call is not None:
            function = function.call
        if isinstance(function, Function):
            return self.machine.call(function, args, keywords, names)
        if isinstance(function, Builtin):
            self.machine.visit(10)
            function.check(len(args), keywords)
            return function.call(self.machine, *args, **keywords)
        if isinstance(function, Defined):
            return self._call_defined(function, args, keywords)
        if isinstance(function, Method):
            return self.machine.call(function.function, (function.owner, *args), keywords, ("", *names))
        if isinstance(function, Context) and len(args) == 1 and isinstance(args[0], Defined) and not keywords:
            return within(function, args[0])
        raise TypeError(f"'{type_name(function)}' object is not callable")

    def _call_defined(self, function: Defined, args: list[Any], keywords: Mapping[str, Any]) -> Any:
        if function in self._calls or len(self._calls) >= DEEPEST_CALLS:
            raise Lacks("lab-lacks-recursion", name=function.name)
        scope = {**(function.scope or {}), **_bound(function, args, keywords)}
        self._calls.append(function)
        self.scopes.append(scope)
        try:
            return self.run_body(function)
        finally:
            self.scopes.pop()
            self._calls.pop()

    def comprehension(self, node: ast.ListComp | ast.GeneratorExp) -> list[Any]:
        if len(node.generators) > 1:
            raise Lacks("lab-lacks-syntax", what="for … for")
        (generator,) = node.generators
        if not isinstance(generator.target, ast.Name):
            raise Lacks("lab-lacks-syntax", what="for … , …")
        found: list[Any] = []
        rows: list[Any] = items(self.machine, self.value(generator.iter))
        self.scopes.append(dict(self.scopes[-1]) if self.scopes else {})
        try:
            for row in rows:
                self.scopes[-1][generator.target.id] = row
                if all(truth(self.value(test)) for test in generator.ifs):
                    found.append(self.value(node.elt))
        finally:
            self.scopes.pop()
        return self.weighed(found)

    def joined(self, node: ast.JoinedStr) -> str:
        return "".join(str(self.value(each)) for each in node.values)

    def formatted(self, node: ast.FormattedValue) -> str:
        value = self.value(node.value)
        spec = str(self.value(node.format_spec)) if node.format_spec is not None else ""
        if not _FORMAT.fullmatch(spec):
            raise Lacks("lab-lacks-format", spec=spec[:40])
        converted = _FORMATS[node.conversion]
        return self.machine.text(value, lambda each: format(converted(each), spec))


def written(node: ast.AST) -> str:
    """How an expression stands in the program, shortened; "" where it is no name."""
    return ast.unparse(node)[:60] if isinstance(node, ast.Name | ast.Attribute | ast.Subscript) else ""


def _bound(function: Defined, args: list[Any], keywords: Mapping[str, Any]) -> dict[str, Any]:
    """The names of a def's parameters with what they are given. Raises TypeError in Python's words."""
    names = [each.arg for each in (*function.parameters.posonlyargs, *function.parameters.args)]
    called = f"{function.name}()"
    if len(args) > len(names):
        least = len(names) - len(function.defaults)
        wanted = f"from {least} to {len(names)}" if function.defaults else f"{len(names)}"
        plural = "" if wanted == "1" else "s"
        was = "was" if len(args) == 1 else "were"
        raise TypeError(f"{called} takes {wanted} positional argument{plural} but {len(args)} {was} given")
    scope = dict(zip(names, args, strict=False))
    for name, value in keywords.items():
        if name not in names:
            raise TypeError(f"{called} got an unexpected keyword argument '{name}'")
        if name in scope:
            raise TypeError(f"{called} got multiple values for argument '{name}'")
        scope[name] = value
    for name, value in zip(reversed(names), reversed(function.defaults), strict=False):
        scope.setdefault(name, value)
    missing = [f"'{name}'" for name in names if name not in scope]
    if missing:
        listed = " and ".join(missing) if len(missing) < 3 else f"{', '.join(missing[:-1])}, and {missing[-1]}"
        plural = "" if len(missing) == 1 else "s"
        raise TypeError(f"{called} missing {len(missing)} required positional argument{plural}: {listed}")
    return scope


def _word(node: ast.AST) -> str:
    """What a kind of node is called, in words for people who don't know Python's syntax tree."""
    words = {
        "Dict": "{…: …}",
        "Set": "{…}",
        "NamedExpr": ":=",
        "Await": "await",
        "Yield": "yield",
        "DictComp": "{… for …}",
    }
    return words.get(type(node).__name__, type(node).__name__.lower())


_METHODS: dict[type[ast.expr], Callable[[Evaluator, Any], Any]] = {
    ast.Constant: Evaluator.constant,
    ast.Name: Evaluator.name,
    ast.Attribute: Evaluator.attribute,
    ast.BinOp: Evaluator.binary,
    ast.UnaryOp: Evaluator.unary,
    ast.BoolOp: Evaluator.boolean,
    ast.Compare: Evaluator.comparison,
    ast.IfExp: Evaluator.chosen,
    ast.List: Evaluator.listed,
    ast.Tuple: Evaluator.listed,
    ast.Subscript: Evaluator.item,
    ast.Slice: Evaluator.slice,
    ast.Lambda: Evaluator.lambda_,
    ast.Call: Evaluator.call,
    ast.ListComp: Evaluator.comprehension,
    ast.GeneratorExp: Evaluator.comprehension,
    ast.JoinedStr: Evaluator.joined,
    ast.FormattedValue: Evaluator.formatted,
}
