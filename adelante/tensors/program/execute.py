"""A program, line by line. One that fails says why, and takes along only the lines that need what it was to give."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import Tensor

from adelante.network.errors import Fault, NetworkError, said
from adelante.tensors.call import Hint, Limits
from adelante.tensors.memory import Value
from adelante.tensors.program import operators
from adelante.tensors.program.builtins import BUILTINS, items, truth
from adelante.tensors.program.evaluate import Evaluator, written
from adelante.tensors.program.faults import Hinted, Lacks, Needs
from adelante.tensors.program.machine import REFUSALS, Machine
from adelante.tensors.program.names import MODULES, member
from adelante.tensors.program.source import DEEPEST, Line, read_lines
from adelante.tensors.program.values import Context, Defined, is_data, type_name
from adelante.tensors.reading import NAME, refuse

LONGEST_PROGRAM = 20_000
MOST_LINES = 1_000


@dataclass(frozen=True, slots=True)
class LineFailure:
    """Why a line gave nothing.

    `raised` and `words` are Python's, torch's or NumPy's own; `fault` is the lab's own sentence where it does not go so
    far. `needs`: the name that the line lacks and the number of the line that was to give it.
    `line` and `column`: where Python could not read on.
    """

    raised: str | None = None
    words: str | None = None
    fault: Fault | None = None
    hint: Hint | None = None
    needs: tuple[str, int] | None = None
    line: int | None = None
    column: int | None = None


@dataclass(frozen=True, slots=True)
class LineOutcome:
    """What came of a logical line: what it printed, and why it failed, if it did."""

    line: Line
    printed: str
    failure: LineFailure | None


@dataclass(frozen=True, slots=True)
class ProgramOutcome:
    """The tensors as they are after the last line, by name, and what came of each line."""

    values: Mapping[str, Value]
    lines: Sequence[LineOutcome]


class _Return(Exception):
    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value


class _Program:
    """One run of a program's lines."""

    def __init__(self, limits: Limits, taken: set[str]) -> None:
        self._machine = Machine(limits)
        self._evaluator = Evaluator(self._machine)
        self._evaluator.run_body = self._body
        self._taken = taken
        self._drawn: dict[str, Any] = {}
        self._bare: list[Any] = []
        self._blocks = 0

    def line(self, line: Line) -> LineOutcome:
        """Does one line, and says what came of it."""
        self._bare, self._machine.printed, self._blocks = [], [], 0
        failure = self._try(line) if line.fault is None else _unread(line)
        if failure is not None:
            for name in _bound_by(line.statements):
                self._evaluator.names.pop(name, None)
                self._drawn.pop(name, None)
                self._evaluator.missing[name] = line.number
        self._draw_bare(line.number)
        # Half of a surrogate pair is text to Python and none to JSON.
        printed = "".join(self._machine.printed).encode("utf-8", "replace").decode()
        return LineOutcome(line, printed, failure)

    def values(self) -> dict[str, Value]:
        """Every tensor that is to be drawn, by name."""
        return {name: self._machine.value(data) for name, data in self._drawn.items() if NAME.fullmatch(name)}

    def _try(self, line: Line) -> LineFailure | None:
        try:
            for statement in line.statements:
                self._check_needs(statement)
                self._statement(statement)
        except Needs as lacking:
            giver = self._evaluator.missing[lacking.name]
            return LineFailure(needs=(lacking.name, giver), hint=Hint("lab.hint.needs-line", {"name": lacking.name}))
        except Lacks as lacking:
            return LineFailure(fault=Fault("invalid-value", lacking.key, "/program", lacking.values), hint=lacking.hint)
        except NetworkError as error:
            return LineFailure(fault=error.faults[0])
        except Hinted as found:
            return LineFailure(name_of(found.error), said(found.error), hint=found.hint)
        except REFUSALS as error:
            return LineFailure(name_of(error), said(error))
        except NameError as error:
            return LineFailure(name_of(error), str(error))
        except (RecursionError, MemoryError):
            return LineFailure(fault=Fault("too-large", "lab-too-nested", "/program", {"limit": DEEPEST}))
        except _Return:
            return LineFailure("SyntaxError", "'return' outside function")
        return None

    def _check_needs(self, statement: ast.stmt) -> None:
        """A line that lacks a name is not begun, so that none is done by half."""
        if isinstance(statement, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Expr | ast.Assert | ast.Delete):
            local = {node.arg for node in ast.walk(statement) if isinstance(node, ast.arg)}
            local |= (
                _bound_by([statement]) if any(isinstance(n, ast.comprehension) for n in ast.walk(statement)) else set()
            )
            for node in ast.walk(statement):
                reads = isinstance(node, ast.Name) and (
                    isinstance(node.ctx, ast.Load | ast.Del) or node is _target(statement)
                )
                if reads and isinstance(node, ast.Name) and node.id in self._evaluator.missing and node.id not in local:
                    raise Needs(node.id)

    def _statement(self, node: ast.stmt) -> None:
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
                raise _Return(None if node.value is None else self._evaluator.value(node.value))
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
                raise Lacks("lab-lacks-syntax", what=_STATEMENTS.get(type(node), type(node).__name__.lower()))

    def _block(self, body: Sequence[ast.stmt]) -> None:
        self._blocks += 1
        try:
            for each in body:
                self._statement(each)
        finally:
            self._blocks -= 1

    def _body(self, function: Defined) -> Any:
        try:
            with ExitStack() as stack:
                for context in function.contexts:
                    stack.enter_context(context.enter())
                self._block(function.body)
        except _Return as returned:
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
        self._drawn.pop(name, None)

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
            self._drawn.pop(name, None)
            return
        if any(each is value for other, each in self._drawn.items() if other != name):
            self._machine.hold(int(value.size if not callable(value.size) else value.numel()))  # it is listed once more
        self._drawn[name] = value

    def _expression(self, node: ast.Expr) -> None:
        """A call of print shows its arguments; anything else alone in a line is shown as a notebook shows it."""
        called = node.value
        if self._blocks == 0 and isinstance(called, ast.Call) and _is_print(self._evaluator.names, called):
            # Its arguments are drawn too, so they are kept.
            values = [self._evaluator.value(each) for each in called.args]
            keywords = {each.arg or "": self._evaluator.value(each.value) for each in called.keywords}
            self._evaluator.called(BUILTINS["print"], values, keywords, [])
            self._bare += values
            return
        value = self._evaluator.value(called)
        if self._blocks > 0 or value is None or type(value).__module__ == "torch._C":
            return  # what manual_seed gives is written as an address
        if isinstance(called, ast.Call) and isinstance(called.func, ast.Attribute) and called.func.attr.endswith("_"):
            return  # the tensor that it has changed is drawn
        self._bare.append(value)
        self._machine.write(self._machine.text(value, repr) + "\n")

    def _draw_bare(self, number: int) -> None:
        """What stands alone is drawn under a name that says where it comes from, unless it has one."""
        name = f"line{number}"
        for value in self._bare:
            if is_data(value) and not any(each is value for each in self._drawn.values()):
                while name in self._taken or name in self._drawn:
                    name += "x"
                self._drawn[name] = value

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


_STATEMENTS: dict[type[ast.stmt], str] = {
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


def _module(name: str) -> Any:
    if name not in MODULES:
        raise Lacks("lab-lacks-module", name=name[:40], known=list(MODULES))
    return MODULES[name]


def _target(statement: ast.stmt) -> ast.expr | None:
    """What an augmented assignment reads before it writes."""
    return statement.target if isinstance(statement, ast.AugAssign) else None


def _bound_by(statements: Sequence[ast.stmt]) -> set[str]:
    """The names that statements bind; += and its like only change what is there, and bind none."""
    found: set[str] = set()
    for statement in statements:
        changed = _target(statement)
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node is not changed:
                found.add(node.id)
            elif isinstance(node, ast.FunctionDef):
                found.add(node.name)
            elif isinstance(node, ast.alias):
                found.add((node.asname or node.name).partition(".")[0])
    return found


def _unread(line: Line) -> LineFailure:
    fault = line.fault
    if isinstance(fault, Lacks):
        return LineFailure(fault=Fault("invalid-value", fault.key, "/program", fault.values))
    assert isinstance(fault, SyntaxError)
    return LineFailure(type(fault).__name__, fault.msg, line=fault.lineno, column=fault.offset)


def name_of(error: Exception) -> str:
    """Python's name of the error. NumPy's own, which are derived from Python's and say no more, go by those."""
    return next(kind.__name__ for kind in type(error).__mro__ if kind.__module__ == "builtins")


def _names_in(lines: Sequence[Line]) -> Iterator[str]:
    for line in lines:
        for statement in line.statements:
            yield from (node.id for node in ast.walk(statement) if isinstance(node, ast.Name))


def run_program(text: str, limits: Limits) -> ProgramOutcome:
    """Runs a program's lines on a fresh lab. Raises NetworkError (too-large) for a text that is too long.

    Every number is torch's or NumPy's own. Nothing global is touched: their default generators stay as they are.
    """
    if len(text) > LONGEST_PROGRAM:
        refuse("too-large", "lab-program-too-long", "/program", size=len(text), limit=LONGEST_PROGRAM)
    lines = read_lines(text)
    if len(lines) > MOST_LINES:
        refuse("too-large", "lab-too-many-lines", "/program", size=len(lines), limit=MOST_LINES)
    program = _Program(limits, set(_names_in(lines)))
    outcomes = [program.line(line) for line in lines]
    return ProgramOutcome(program.values(), outcomes)
