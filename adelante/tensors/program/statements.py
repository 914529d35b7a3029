"""Statements: each kind does what it says with the names of its run, and what has no case is not part of the lab."""

import ast
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any

import numpy as np
from torch import Tensor

from adelante.tensors.program import operators
from adelante.tensors.program.builtins import BUILTINS, items, truth
from adelante.tensors.program.evaluate import Evaluator, written
from adelante.tensors.program.faults import Hinted, Lacks, Needs
from adelante.tensors.program.machine import Machine
from adelante.tensors.program.names import MODULES, member
from adelante.tensors.program.values import Context, Defined, is_data, type_name

_LACKING: dict[type[ast.stmt], str] = {
    ast.While: "while",
    ast.For: "for … else",
    ast.ClassDef: "class",
    ast.Try: "try",
    ast.Raise: "raise",
    ast.Global: "global",
    ast.Nonlocal: "nonlocal",
    ast.Break: "break",
    ast.Continue: "continue",
    ast.Match: "match",
    ast.Return: "return",
}


class Returned(Exception):
    """A return, on its way out of the function's body."""

    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value


class Statements:
    """Does one run's statements. `drawn`: the data that its names hold; `bare`: what stood alone and was shown."""

    def __init__(self, machine: Machine, evaluator: Evaluator) -> None:
        self._machine = machine
        self._evaluator = evaluator
        self._evaluator.run_body = self._body
        self.drawn: dict[str, Any] = {}
        self.bare: list[Any] = []
        self._blocks = 0

    def do(self, node: ast.stmt) -> None:
        """Raises what Python, torch and NumPy raise, Lacks, Needs, NetworkError; Returned where a function ends."""
        self._machine.visit()
        match node:
            case ast.Assign():
                value = self._evaluator.value(node.value)
                for target in node.targets:
                    self._assign(target, value)
            case ast.AnnAssign():
                if node.value is not None:
                    self._assign(node.target, self._evaluator.value(node.value))
            case ast.AugAssign():
                self._augment(node)
            case ast.Expr():
                self._expression(node)
            case ast.FunctionDef():
                self._define(node)
            case ast.Import() | ast.ImportFrom():
                self._import(node)
            case ast.For() if not node.orelse:
                for row in items(self._machine, self._evaluator.value(node.iter)):
                    self._assign(node.target, row)
                    self._block(node.body)
            case ast.If():
                self._block(node.body if truth(self._evaluator.value(node.test)) else node.orelse)
            case ast.Return() if self._evaluator.scopes:
                raise Returned(None if node.value is None else self._evaluator.value(node.value))
            case ast.With():
                self._with(node)
            case ast.Assert():
                self._assert(node)
            case ast.Delete():
                for target in node.targets:
                    self._delete(target)
            case ast.Pass():
                pass
            case _:
                raise Lacks("lab-lacks-syntax", what=_LACKING.get(type(node), type(node).__name__.lower()))

    def _block(self, body: Sequence[ast.stmt]) -> None:
        self._blocks += 1
        try:
            for each in body:
                self.do(each)
        finally:
            self._blocks -= 1

    def _body(self, function: Defined) -> Any:
        try:
            with ExitStack() as stack:
                for context in function.contexts:
                    stack.enter_context(context.enter())
                self._block(function.body)
        except Returned as returned:
            return returned.value
        return None

    def _define(self, node: ast.FunctionDef) -> None:
        decorators = [self._evaluator.value(each) for each in node.decorator_list]
        made: Any = self._evaluator.defined(node.name, node.args, tuple(node.body))
        for decorator in reversed(decorators):
            made = self._evaluator.called(decorator, [made], {}, [""])
        self._bind(node.name, made)

    def _with(self, node: ast.With) -> None:
        with ExitStack() as stack:
            for item in node.items:
                value = self._evaluator.value(item.context_expr)
                if not isinstance(value, Context):
                    raise TypeError(f"'{type_name(value)}' object does not support the context manager protocol")
                entered = stack.enter_context(value.enter())
                if item.optional_vars is not None:
                    self._assign(item.optional_vars, entered)
            self._block(node.body)

    def _assert(self, node: ast.Assert) -> None:
        if not truth(self._evaluator.value(node.test)):
            if node.msg is None:
                raise AssertionError
            raise AssertionError(self._machine.text(self._evaluator.value(node.msg), str))

    def _delete(self, target: ast.expr) -> None:
        if isinstance(target, ast.Name):
            self._unbind(target.id)
        elif isinstance(target, ast.Subscript):
            owner = self._evaluator.value(target.value)
            self._evaluator.value(target.slice)
            operators.remove(owner)
        elif isinstance(target, ast.Tuple | ast.List):
            for each in target.elts:
                self._delete(each)
        else:
            raise Lacks("lab-lacks-syntax", what="del ….…")

    def _unbind(self, name: str) -> None:
        evaluator = self._evaluator
        if evaluator.scopes:
            if name not in evaluator.scopes[-1]:
                words = f"cannot access local variable '{name}' where it is not associated with a value"
                raise UnboundLocalError(words)
            del evaluator.scopes[-1][name]
            return
        if name in evaluator.missing:
            raise Needs(name)
        if name not in evaluator.names:
            raise NameError(f"name '{name}' is not defined")
        del evaluator.names[name]
        self.drawn.pop(name, None)

    def _assign(self, target: ast.expr, value: Any) -> None:
        if isinstance(target, ast.Name):
            self._bind(target.id, value)
        elif isinstance(target, ast.Subscript):
            owner, key = self._evaluator.value(target.value), self._evaluator.value(target.slice)
            operators.put(self._machine, owner, key, value, written(target.value))
        elif isinstance(target, ast.Tuple | ast.List):
            self._unpack(target.elts, value)
        elif isinstance(target, ast.Attribute):
            raise Lacks("lab-lacks-syntax", what=f"….{target.attr[:40]} = …")
        else:
            raise Lacks("lab-lacks-syntax", what="*")

    def _unpack(self, targets: list[ast.expr], value: Any) -> None:
        if not isinstance(value, Tensor | np.ndarray | list | tuple | range | str):
            raise TypeError(f"cannot unpack non-iterable {type_name(value)} object")
        found = items(self._machine, value)
        if len(found) > len(targets):
            raise ValueError(f"too many values to unpack (expected {len(targets)})")
        if len(found) < len(targets):
            raise ValueError(f"not enough values to unpack (expected {len(targets)}, got {len(found)})")
        for target, each in zip(targets, found, strict=True):
            self._assign(target, each)

    def _augment(self, node: ast.AugAssign) -> None:
        target, machine, evaluator = node.target, self._machine, self._evaluator
        if isinstance(target, ast.Subscript):
            owner, key = evaluator.value(target.value), evaluator.value(target.slice)
            name = written(target.value)
            left = evaluator.item_of(owner, key, name)
            names = (written(target), written(node.value))
            result = operators.in_place(machine, type(node.op), left, evaluator.value(node.value), names)
            operators.put(machine, owner, key, result, name)
        elif isinstance(target, ast.Name):
            left = evaluator.name(target)
            names = (target.id, written(node.value))
            self._bind(target.id, operators.in_place(machine, type(node.op), left, evaluator.value(node.value), names))
        else:
            raise Lacks("lab-lacks-syntax", what=f"….{target.attr[:40]} = …")

    def _bind(self, name: str, value: Any) -> None:
        scopes = self._evaluator.scopes
        if scopes:
            scopes[-1][name] = value
            return
        self._evaluator.names[name] = value
        self._evaluator.missing.pop(name, None)
        if not is_data(value):
            self.drawn.pop(name, None)
            return
        if any(each is value for other, each in self.drawn.items() if other != name):
            self._machine.hold(int(value.size if not callable(value.size) else value.numel()))  # it is listed once more
        self.drawn[name] = value

    def _expression(self, node: ast.Expr) -> None:
        """A call of print shows its arguments; anything else alone in a line is shown as a notebook shows it."""
        called = node.value
        if self._blocks == 0 and isinstance(called, ast.Call) and _is_print(self._evaluator.names, called):
            # Its arguments are drawn too, so they are kept.
            values = [self._evaluator.value(each) for each in called.args]
            keywords = {each.arg or "": self._evaluator.value(each.value) for each in called.keywords}
            self._evaluator.called(BUILTINS["print"], values, keywords, [])
            self.bare += values
            return
        value = self._evaluator.value(called)
        if self._blocks > 0 or value is None or type(value).__module__ == "torch._C":
            return  # what manual_seed gives is written as an address
        if isinstance(called, ast.Call) and isinstance(called.func, ast.Attribute) and called.func.attr.endswith("_"):
            return  # the tensor that it has changed is drawn
        self.bare.append(value)
        self._machine.write(self._machine.text(value, repr) + "\n")

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        if isinstance(node, ast.ImportFrom):
            module = _module(node.module or "")
            for each in node.names:
                if each.name == "*":
                    raise Lacks("lab-lacks-syntax", what="import *")
                try:
                    value = member(module, each.name)
                except Hinted as missing:
                    words = f"cannot import name '{each.name}' from '{module.name}'"
                    raise Hinted(ImportError(words), missing.hint) from None
                self._bind(each.asname or each.name, value)
            return
        for each in node.names:
            module = _module(each.name)
            self._bind(
                each.asname or each.name.partition(".")[0],
                module if each.asname else _module(each.name.partition(".")[0]),
            )


def _is_print(names: Mapping[str, Any], node: ast.Call) -> bool:
    """Whether it is a plain call of Python's print."""
    plain = not any(isinstance(each, ast.Starred) for each in node.args) and all(each.arg for each in node.keywords)
    return plain and isinstance(node.func, ast.Name) and node.func.id == "print" and "print" not in names


def _module(name: str) -> Any:
    if name not in MODULES:
        raise Lacks("lab-lacks-module", name=name[:40], known=list(MODULES))
    return MODULES[name]
