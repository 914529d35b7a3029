"""A program's text cut into logical lines, each read by itself: one that Python can't read does not spoil the others.

`ast.parse` builds trees and runs nothing, but it is C code that recurses as deep as its text nests. So depth is counted
here first, on words that a regular expression cuts, and too deep a line never reaches it.
"""

import ast
import re
import textwrap
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from adelante.tensors.program.faults import Lacks

DEEPEST = 60
DEEPEST_BRACKETS = 16
_FILE = "<program>"
# Python warns of odd escapes in strings while it reads them; that belongs in no server's log.
warnings.filterwarnings("ignore", category=SyntaxWarning, module=re.escape(_FILE))
warnings.filterwarnings("ignore", category=DeprecationWarning, module=re.escape(_FILE))

_PROMPT = re.compile(r"\s*(?:>>>|In ?\[[\d* ]*\]:) ?")
_CONTINUED = re.compile(r"\s*\.\.\.:? ?")
_WORD = re.compile(
    r"(?:[A-Za-z]{0,2})(?P<quote>'''|\"\"\"|'|\")"
    r"|(?P<comment>#[^\n]*)|(?P<joined>\\\n)|(?P<end>\n)|(?P<space>[ \t\f]+)"
    r"|(?P<name>[^\W\d]\w*)|(?P<number>\d[\w.]*|\.\d\w*)|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<break>[,;:])|(?P<sign>.)",
    re.DOTALL,
)
# What a terminal shows of tensors, arrays, shapes and numbers, with the words that print may have put before it.
_SHOWN_NUMBER = r"[-+]?(?:\d[\d.]*|\.\d+|nan|inf|\.\.\.)(?:e[-+]?\d+)?(?=[\[\](),\s]|$)"
_PRINTED = re.compile(
    r"(?:Out ?\[\d+\]: ?.*"
    r"|(?:[\w ]{1,40}: ?)?[(\[]*(?:tensor|array|torch\.Size|np\.(?:float|int|uint|bool)\d*)\(.*"
    rf"|(?:[\w ]{{1,40}}: ?)?(?:[\[\](),\s]*{_SHOWN_NUMBER})+[\[\](),\s]*"
    r"|<.*>)",
    re.DOTALL,
)
# What a notebook takes for itself: %matplotlib inline, !pip install torch, torch.mm?, and how it exports them.
_COMMAND = re.compile(
    r"[ \t]*(?:(?:[%!]|get_ipython\(\)\.)(?:[^\n]*\\\n)*[^\n]*"
    r"|(?:\?{1,2}[\w.]+|[A-Za-z_][\w.]*\?{1,2})[ \t]*(?=\n|$))"
)
# A cell that is no Python of this program, such as %%bash, up to where the next one is seen to begin.
_CELL = re.compile(
    r"%%(?!(?:time|timeit|capture|prun|memit|mprun|lprun|debug)\b)[^\n]*"
    r"(?:\n(?!%%|#[ \t]?(?:%%|In ?\[|<codecell>))[^\n]*)*"
)
_TIMED = re.compile(r"(?P<indent>[ \t]*)%time[ \t]+(?=[^-\s])")
_BLOCK = re.compile(r"(?:def|for|if|while|with|class|try|async|@)\b|@")
_ANEW = re.compile(r"\n(?=[^\s)\]}#])")
_LATER = re.compile(r"(?:else|elif|except|finally)\b")


@dataclass(frozen=True, slots=True)
class Line:
    """A logical line: where it stands (counted from 1), and its statements, or why there are none.

    `command`: it is the notebook's own, and passed over. `skipped`: such lines within a block.
    """

    number: int
    end: int
    text: str
    statements: tuple[ast.stmt, ...]
    fault: SyntaxError | Lacks | None = None
    command: bool = False
    skipped: tuple[str, ...] = ()


def read_lines(text: str) -> list[Line]:
    """The lines of a program that are code. Raises nothing: what can't be read says so in its line."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    session = any(_PROMPT.match(line) for line in text.split("\n"))
    code = textwrap.dedent(_without_prompts(text) if session else text)
    lines: list[Line] = []
    for piece in _pieces(code, cells=not session):
        if lines and _prints(lines[-1]) and looks_printed(piece.text):
            continue
        lines.append(_read(piece))
    return lines


def looks_printed(text: str) -> bool:
    """Whether it is what a terminal shows of tensors and numbers, rather than code."""
    return _PRINTED.fullmatch(text.strip()) is not None


def _without_prompts(text: str) -> str:
    """A copied session without its prompts and without what it printed, whose lines are left empty.

    So are those that a line such as %%bash takes along.
    """
    kept: list[str] = []
    goes_on = False
    for line in text.split("\n"):
        first = _PROMPT.match(line)
        prompt = first or (_CONTINUED.match(line) if goes_on else None)
        kept.append(line[prompt.end() :] if prompt else "")
        goes_on = prompt is not None and not _CELL.match(kept[-1])
    return "\n".join(kept)


@dataclass(slots=True)
class _Words:
    """Goes through a text word by word. `deepest`: no tree of what was passed nests deeper than this."""

    text: str
    place: int = 0
    deepest: int = 0

    def line(self) -> tuple[int, bool]:
        """Where the logical line ends that begins here, and whether all it opens is closed there."""
        # For each open bracket, what may nest in its present item: operators, dots, calls. `deep` is their sum.
        items, deep = [0], 0
        while self.place < len(self.text):
            match = _WORD.match(self.text, self.place)
            assert match is not None
            kind, self.place = match.lastgroup, match.end()
            if kind == "end" and len(items) == 1:
                return match.start(), True
            if kind == "quote" and not self._string(match["quote"], match[0].lower()):
                return len(self.text), False
            added = 0
            if kind == "open":
                items.append(0)
                added = 1
            elif kind == "close" and len(items) > 1:
                deep -= items.pop()
                added = 1
            elif kind == "break" and len(items) > 1:
                deep -= items[-1]
                items[-1], added = 0, 1
            elif kind in ("sign", "break") or (kind == "name" and match[0] in _CHAINING):
                added = 1
            items[-1] += added
            deep += added
            self.deepest = max(self.deepest, deep if len(items) <= DEEPEST_BRACKETS + 1 else DEEPEST + 1)
        return len(self.text), len(items) == 1

    def _string(self, quote: str, opened: str) -> bool:
        """Goes to the end of a string; whether there is one."""
        start = self.place
        while self.place < len(self.text):
            if self.text.startswith(quote, self.place):
                if "f" in opened:  # its braces hold expressions, so its signs are counted too
                    self.deepest = max(self.deepest, len(_SIGNS.findall(self.text, start, self.place)))
                self.place += len(quote)
                return True
            if self.text[self.place] == "\n" and len(quote) == 1:
                return True  # Python says that the string has no end
            self.place += 2 if self.text[self.place] == "\\" else 1
        return len(quote) == 1


_SIGNS = re.compile(r"[^\w\s.,:!=]|\.|\b(?:not|lambda|if|for)\b")
_CHAINING = {"not", "lambda", "if", "else", "and", "or", "for", "await", "elif", "is", "in"}


@dataclass(slots=True)
class _Piece:
    """A statement's text: the line it begins on, and how deep its tree may be.

    `command`: it is the notebook's own. `skipped`: such lines of a block, in whose place its text says pass.
    """

    number: int
    text: str
    deepest: int = 0
    command: bool = False
    skipped: tuple[str, ...] = ()

    def add(self, number: int, text: str, deepest: int) -> None:
        """Takes in another logical line of the block, so that it stands on its own line."""
        gap = "\n" * (number - self.number - self.text.count("\n"))
        # Blocks nest too, so their depths add up.
        self.text, self.deepest = self.text + gap + text, max(self.deepest, deepest) + _blocks(text)


def _pieces(code: str, cells: bool) -> Iterator[_Piece]:
    """The statements, and the notebook's commands; a block belongs to what stands over it.

    `cells`: whether a line such as %%bash takes along what follows it.
    """
    place, number = 0, 1
    waiting: _Piece | None = None
    decorated = False
    while place < len(code):
        words, begin = _Words(code, place), place
        timed = _TIMED.match(code, place)
        if timed:
            words.place = begin = timed.end()
        command = (_CELL.match(code, begin) if cells else None) or _COMMAND.match(code, begin)
        end, closed = (command.end(), True) if command else words.line()
        if not closed:
            # What is never closed would take everything after it along: it ends before a line that begins anew.
            anew = _ANEW.search(code, begin)
            end = anew.start() if anew else len(code)
        piece = (timed["indent"] if timed else "") + code[begin:end]
        bare = piece.strip()
        if bare and not bare.startswith("#"):
            inside = piece[0] in " \t" or _LATER.match(piece) or decorated
            if waiting is not None and inside:
                if command:
                    waiting.skipped += (bare,)
                    piece = piece[: len(piece) - len(piece.lstrip())] + "pass" + "\n" * piece.count("\n")
                waiting.add(number, piece, words.deepest)
            else:
                if waiting is not None:
                    yield waiting
                waiting = None
                found = _Piece(number, piece, words.deepest, command is not None)
                if _BLOCK.match(piece):
                    waiting = found
                else:
                    yield found
            decorated = waiting is not None and piece.startswith("@")
        number += code.count("\n", place, end + 1)
        place = end + 1
    if waiting is not None:
        yield waiting


def _blocks(piece: str) -> int:
    """By how much a line of a block may deepen the tree: elif nests in what it follows, a block in its block."""
    return int(piece.rstrip().endswith(":") or _LATER.match(piece.strip()) is not None)


def _read(piece: _Piece) -> Line:
    text, start = piece.text, piece.number
    end = start + text.rstrip().count("\n")
    if piece.command:
        return Line(start, end, text.strip(), (), command=True)
    if piece.deepest > DEEPEST:
        return Line(start, end, text, (), Lacks("lab-too-nested", limit=DEEPEST))
    try:
        tree = ast.parse(text, _FILE)
    except SyntaxError as error:
        error.lineno = (error.lineno or 1) + start - 1
        return Line(start, end, text, (), error)
    except (ValueError, MemoryError, RecursionError, OverflowError) as error:
        return Line(start, end, text, (), SyntaxError(str(error) or "invalid syntax", (_FILE, start, None, None)))
    ast.increment_lineno(tree, start - 1)
    return Line(start, end, text.rstrip(), tuple(tree.body), skipped=piece.skipped)


def _prints(line: Line) -> bool:
    """Whether a notebook shows something under it."""
    return any(isinstance(node, ast.Expr) for node in line.statements) or (
        line.fault is None
        and any(
            isinstance(node, ast.Name) and node.id == "print" for each in line.statements for node in ast.walk(each)
        )
    )
