"""Arrays as torch, NumPy and Python print them: tensor([[0.5, 1.2]]), array([1., 2.]), [[0.5 1.2]], [(1, 2), (3, 4)].

Lists of numbers in brackets, separated by commas or by blanks, and around them what may stand there: a name,
`dtype=…`, `grad_fn=<…>`. Nothing of it is evaluated: a name is skipped, and that is all.
"""

import re
from dataclasses import dataclass, field
from typing import TypeGuard

from app.typed.number import not_a_number, number_in
from app.typed.words import Rule, Unread, shown

# What comes before an array in a notebook: a prompt, a parameter's line, a variable.
_BEFORE = re.compile(
    r"(?:>>>[ \t]*|Out\[[0-9]+\]:[ \t\n]*)?(?:Parameter containing:[ \t\n]*)?(?:[A-Za-z_][A-Za-z0-9_]*[ \t]*=[ \t]*)?"
)
_MAKERS = ("tensor", "array", "Tensor", "FloatTensor", "DoubleTensor", "as_tensor", "asarray", "matrix")
_BEGINS = re.compile(rf"[\[(]|(?:[A-Za-z_][A-Za-z0-9_]*\.)?(?:{'|'.join(_MAKERS)})\(")
_SCALARS = (f"{kind}{bits}" for kind in ("float", "int", "uint") for bits in (8, 16, 32, 64))
_CALLED = frozenset((*_MAKERS, "bfloat16", *_SCALARS))
_TOKEN = re.compile(
    r"([ \t\n]+)|([\[(])|([\])])|(,)|([A-Za-z_][A-Za-z0-9_]*[ \t]*=[ \t]*"
    r"(?:<[^<>\n]*>|'[^'\n]*'|\"[^\"\n]*\"|\([^()\n]*\)|[A-Za-z0-9_.]+))|([A-Za-z_][A-Za-z0-9_.]*)\(|([^ \t\n\[\](),]+)"
)
_BLANK, _OPEN, _CLOSE, _COMMA, _SETTING, _CALL, _ATOM = range(1, 8)
_DEEPEST = 2

Value = float | list[float] | list[list[float]]


@dataclass(slots=True)
class _List:
    """A list that is being read; `is_call`: the brackets of a call, which are no level of the array."""

    closes: str
    is_call: bool = False
    items: list[Value] = field(default_factory=list)
    commas: int = 0
    after_comma: bool = False


def looks_like_arrays(text: str) -> bool:
    """Whether a text begins as a printed array does."""
    return _BEGINS.match(text, _begin(text)) is not None


def _begin(text: str) -> int:
    found = _BEFORE.match(text)
    return found.end() if found else 0


def read_arrays(text: str, rule: Rule) -> tuple[list[list[float]], bool]:
    """The vectors of one array or of several, one after another, and whether it is one vector without a batch.

    Raises Unread: brackets, mixed-separators, too-deep, left-out, not-a-number, percent, too-large, empty.
    """
    stack = [_List("", is_call=True)]
    depth = vectors = 0
    for found in _TOKEN.finditer(text, _begin(text)):
        kind, inner = found.lastindex, stack[-1]
        if kind == _OPEN:
            depth += 1
            if depth > _DEEPEST:
                raise Unread("too-deep")
            stack.append(_List("]" if found[0] == "[" else ")"))
        elif kind == _CALL:
            if found[_CALL].rpartition(".")[2] not in _CALLED:
                raise Unread("brackets", text=shown(found[0]))
            stack.append(_List(")", is_call=True))
        elif kind == _CLOSE:
            if inner.closes != found[0]:
                raise Unread("brackets", text=found[0])
            stack.pop()
            depth -= not inner.is_call
            value = _closed(inner)
            vectors += _is_vector(value) and not inner.is_call
            _add(stack[-1], value)
        elif kind == _COMMA:
            if inner.after_comma or not inner.items:
                raise Unread("brackets", text=",")
            inner.after_comma = True
        elif kind == _SETTING:
            if not inner.is_call or not inner.after_comma:
                raise Unread("brackets", text=shown(found[0]))
            inner.after_comma = False
        elif kind == _ATOM:
            _add(inner, _number(found[0], vectors + 1, rule))
    if len(stack) > 1:
        raise Unread("brackets", text=stack[-1].closes)
    return _rows(stack[0].items)


def _number(text: str, line: int, rule: Rule) -> float:
    number = number_in(text)
    if number is None:
        raise Unread(not_a_number(text), line=line, text=shown(text))
    if abs(number.decimal) > rule.largest:
        raise Unread("too-large", line=line, text=shown(text))
    return number.decimal


def _add(to: _List, value: Value) -> None:
    to.commas += to.after_comma
    to.after_comma = False
    to.items.append(value)


def _closed(inner: _List) -> Value:
    """What the list is: a vector, rows, or what a call holds."""
    if inner.is_call:
        if len(inner.items) != 1:
            raise Unread("brackets" if inner.items else "empty", text=")")
        return inner.items[0]
    # In "[0,5 1,2]" a comma may separate numbers or be a decimal comma.
    if inner.commas not in (0, len(inner.items) - 1):
        raise Unread("mixed-separators")
    if not inner.items:
        raise Unread("empty")
    numbers = [each for each in inner.items if isinstance(each, float)]
    if len(numbers) == len(inner.items):
        return numbers
    rows = [each for each in inner.items if _is_vector(each)]
    if len(rows) != len(inner.items):
        raise Unread("brackets", text=inner.closes)
    return rows


def _is_vector(value: Value) -> TypeGuard[list[float]]:
    return isinstance(value, list) and isinstance(value[0], float)


def _is_rows(value: Value) -> TypeGuard[list[list[float]]]:
    return isinstance(value, list) and isinstance(value[0], list)


def _rows(items: list[Value]) -> tuple[list[list[float]], bool]:
    if not items:
        raise Unread("empty")
    numbers = [each for each in items if isinstance(each, float)]
    if numbers:
        if len(numbers) < len(items):
            raise Unread("brackets", text="[")
        return [numbers], True
    rows: list[list[float]] = []
    for each in items:
        rows += [each] if _is_vector(each) else each if _is_rows(each) else []
    return rows, len(items) == 1 and _is_vector(items[0])
