"""A program, line by line. One that fails says why, and takes along only the lines that need what it was to give."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from adelante.network.errors import Fault, NetworkError, said
from adelante.tensors.call import Hint, Limits
from adelante.tensors.memory import Value
from adelante.tensors.program.evaluate import Evaluator
from adelante.tensors.program.faults import Hinted, Lacks, Needs
from adelante.tensors.program.machine import REFUSALS, Machine
from adelante.tensors.program.source import DEEPEST, Line, read_lines
from adelante.tensors.program.statements import Returned, Statements
from adelante.tensors.program.values import is_data
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


class _Program:
    """One run of a program's lines."""

    def __init__(self, limits: Limits, taken: set[str]) -> None:
        self._machine = Machine(limits)
        self._evaluator = Evaluator(self._machine)
        self._statements = Statements(self._machine, self._evaluator)
        self._taken = taken

    def line(self, line: Line) -> LineOutcome:
        """Does one line, and says what came of it."""
        self._statements.bare, self._machine.printed = [], []
        failure = self._try(line) if line.fault is None else _unread(line)
        if failure is not None:
            for name in _bound_by(line.statements):
                self._evaluator.names.pop(name, None)
                self._statements.drawn.pop(name, None)
                self._evaluator.missing[name] = line.number
        self._draw_bare(line.number)
        # Half of a surrogate pair is text to Python and none to JSON.
        printed = "".join(self._machine.printed).encode("utf-8", "replace").decode()
        return LineOutcome(line, printed, failure)

    def values(self) -> dict[str, Value]:
        """Every tensor that is to be drawn, by name."""
        return {
            name: self._machine.value(data) for name, data in self._statements.drawn.items() if NAME.fullmatch(name)
        }

    def _try(self, line: Line) -> LineFailure | None:
        try:
            for statement in line.statements:
                self._check_needs(statement)
                self._statements.do(statement)
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
        except Returned:
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

    def _draw_bare(self, number: int) -> None:
        """What stands alone is drawn under a name that says where it comes from, unless it has one."""
        name = f"line{number}"
        for value in self._statements.bare:
            if is_data(value) and not any(each is value for each in self._statements.drawn.values()):
                while name in self._taken or name in self._statements.drawn:
                    name += "x"
                self._statements.drawn[name] = value


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
