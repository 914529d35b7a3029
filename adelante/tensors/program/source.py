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
_TIMED = re.compile(r"[ \t]*%time[ \t]+(?=[^-\s])")
_BLOCK = re.compile(r"(?:def|for|if|while|with|class|try|async|@)\b|@")
_ANEW = re.compile(r"\n(?=[^\s)\]}#])")
_LATER = re.compile(r"(?:else|elif|except|finally)\b")


@dataclass(frozen=True, slots=True)
class Line:
    """A logical line: where it stands (counted from 1), and its statements, or why there are none.

    `command`: it is the notebook's own, and passed over.
    """

    number: int
    end: int
    text: str
    statements: tuple[ast.stmt, ...]
    fault: SyntaxError | Lacks | None = None
    command: bool = False


def read_lines(text: str) -> list[Line]:
    """The lines of a program that are code. Raises nothing: what can't be read says so in its line."""
    code = textwrap.dedent(_without_prompts(text.replace("\r\n", "\n").replace("\r", "\n")))
    lines: list[Line] = []
    for start, piece, deepest in _pieces(code):
        if lines and _prints(lines[-1]) and looks_printed(piece):
            continue
        lines.append(_read(piece, start, deepest))
    return lines


def looks_printed(text: str) -> bool:
    """Whether it is what a terminal shows of tensors and numbers, rather than code."""
    return _PRINTED.fullmatch(text.strip()) is not None


def _without_prompts(text: str) -> str:
    """A copied session without its prompts and without what it printed, whose lines are left empty."""
    lines = text.split("\n")
    if not any(_PROMPT.match(line) for line in lines):
        return text
    kept: list[str] = []
    goes_on = False
    for line in lines:
        first = _PROMPT.match(line)
        prompt = first or (_CONTINUED.match(line) if goes_on else None)
        kept.append(line[prompt.end() :] if prompt else "")
        goes_on = prompt is not None
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


def _pieces(code: str) -> Iterator[tuple[int, str, int]]:
    """Each statement's text with the line it begins on and its depth; a block belongs to what stands over it."""
    place, number = 0, 1
    waiting: tuple[int, str, int] | None = None
    while place < len(code):
        words = _Words(code, place)
        if timed := _TIMED.match(code, place):
            place = words.place = timed.end()
        command = _COMMAND.match(code, place)
        end, closed = (command.end(), True) if command else words.line()
        if not closed:
            # What is never closed would take everything after it along: it ends before a line that begins anew.
            anew = _ANEW.search(code, place)
            end = anew.start() if anew else len(code)
        piece = code[place:end]
        bare = piece.strip()
        if bare and not bare.startswith("#"):
            inside = waiting is not None and (piece[0] in " \t" or _LATER.match(piece) or waiting[1].startswith("@"))
            if inside and waiting is not None:
                gap = "\n" * (number - waiting[0] - waiting[1].count("\n"))
                # Blocks nest too, so their depths add up.
                waiting = (waiting[0], waiting[1] + gap + piece, max(waiting[2], words.deepest) + _blocks(piece))
            else:
                if waiting is not None:
                    yield waiting
                waiting = (number, piece, words.deepest) if _BLOCK.match(piece) else None
                if waiting is None:
                    yield number, piece, words.deepest
        number += code.count("\n", place, end + 1)
        place = end + 1
    if waiting is not None:
        yield waiting


def _blocks(piece: str) -> int:
    """By how much a line of a block may deepen the tree: elif nests in what it follows, a block in its block."""
    return int(piece.rstrip().endswith(":") or _LATER.match(piece.strip()) is not None)


def _read(piece: str, start: int, deepest: int) -> Line:
    end = start + piece.count("\n")
    if _COMMAND.fullmatch(piece):
        return Line(start, end, piece.strip(), (), command=True)
    if deepest > DEEPEST:
        return Line(start, end, piece, (), Lacks("lab-too-nested", limit=DEEPEST))
    try:
        tree = ast.parse(piece, _FILE)
    except SyntaxError as error:
        error.lineno = (error.lineno or 1) + start - 1
        return Line(start, end, piece, (), error)
    except (ValueError, MemoryError, RecursionError, OverflowError) as error:
        return Line(start, end, piece, (), SyntaxError(str(error) or "invalid syntax", (_FILE, start, None, None)))
    ast.increment_lineno(tree, start - 1)
    return Line(start, end, piece.rstrip(), tuple(tree.body))


def _prints(line: Line) -> bool:
    """Whether a notebook shows something under it."""
    return any(isinstance(node, ast.Expr) for node in line.statements) or (
        line.fault is None
        and any(
            isinstance(node, ast.Name) and node.id == "print" for each in line.statements for node in ast.walk(each)
        )
    )
