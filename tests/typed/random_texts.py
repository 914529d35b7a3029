"""Texts of the pieces that numbers, tables and printed arrays are made of, put together at random.

`python -m tests.typed.random_texts` writes generated.json: what this reader makes of some, for the page's to agree.
"""

# ruff: noqa: SIM905, RUF005 (lists of short words read best as one text)

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.typed.test_shared_cases import result_of

GENERATED = Path(__file__).with_name("generated.json")
COUNT = 1500
_NUMBERS = "1 0 2 3.5 0,5 1,234 1.234 1,234.5 1.234,5 12,345,678 −2 -3 1e3 1e-3 1/3 -0.5 +4 5. .5 10 7,25".split() + [
    "1\u00a0234",
    "1\u202f234,5",
    "1 234",
    "1'234",
    "１",
]
_WORDS = "nan #N/A x1 x2 x3 X₁ a b Madrid 2024-01-05 50% $1 ... … true None inf 1/0 1e400 0x1 1_0 5, ,5".split()
_MARKS = ["", '"1,5"', '"a""b"', '"', '"x\ny"', "# c", "#", "sep=;", "\ufeff", "\u2007", "\u200b", "0,1"]
_ARRAYS = ["tensor(", "array(", "[", "]", "(", ")", "dtype=float", "[1, 2]", "[[1 2]\n[3 4]]", "grad_fn=<A>", "{", "}"]
_ATOMS = [*_NUMBERS, *_WORDS, *_MARKS, *_ARRAYS, '{"inputs": [[1,2]]}', '{"x1":1,"x2":2}', "np.float64(1.5)"]
_SEPARATORS = [",", ";", "\t", " ", ", ", " | ", "|", "  ", "\n", "\r\n", ",\t", ""]


def random_cases(seed: int, count: int) -> Iterator[dict[str, Any]]:
    """Texts, each with the network and the language that it is read for."""
    chance = random.Random(seed)
    for _ in range(count):
        text = chance.choice((_table, _table, _array, _anything))(chance)
        case = {"text": text, "inputs": chance.choice((1, 2, 3)), "mark": chance.choice(".,")}
        yield {**case, "groups": chance.random() < 0.1}


def _table(chance: random.Random) -> str:
    separator, width = chance.choice(_SEPARATORS[:9]), chance.choice((1, 2, 3, 4))
    pool = _NUMBERS if chance.random() < 0.8 else _ATOMS
    lines = []
    for _ in range(chance.choice((1, 2, 3))):
        cells = [chance.choice(pool) for _ in range(width + (chance.random() < 0.1))]
        lines.append(separator.join(cells) + (separator if chance.random() < 0.1 else ""))
    if chance.random() < 0.4:
        index = [""] if chance.random() < 0.3 else []
        names = [chance.choice(("x1", "x2", "x3", "y", "0", "1", "")) for _ in range(width)]
        lines.insert(0, separator.join(index + names))
    if chance.random() < 0.1:
        lines.insert(0, chance.choice(("# x1 x2", "# hi", "sep=;", "sep=,", '"sep=;"', "", " ")))
    return "\n".join(lines)


def _array(chance: random.Random) -> str:
    separator, width = chance.choice((", ", " ", ",", "\n")), chance.choice((1, 2, 3))
    pool = ("1", "0.5", "-2.", "1e3", ".5", "1/2", "1,5", "nan", "...")[: 6 if chance.random() < 0.8 else 9]
    rows = [
        "[" + separator.join(chance.choice(pool) for _ in range(width)) + chance.choice(("", "", ",")) + "]"
        for _ in range(chance.choice((1, 2)))
    ]
    text = "[" + chance.choice((", ", " ", "\n ", ",\n")).join(rows) + "]"
    if chance.random() < 0.4:
        end = chance.choice((")", ", dtype=torch.float64)", ", device='cuda:0', grad_fn=<X>)", " ,)"))
        text = chance.choice(("tensor(", "array(", "np.array(", "other(")) + text + end
    return ("x = " if chance.random() < 0.2 else "") + text + (f"\n{text}" if chance.random() < 0.2 else "")


def _anything(chance: random.Random) -> str:
    return "".join(chance.choice(_ATOMS + _SEPARATORS) for _ in range(chance.randint(1, 9)))


if __name__ == "__main__":
    lines = [json.dumps({**case, **result_of(case)}, ensure_ascii=False) for case in random_cases(7, COUNT)]
    GENERATED.write_text("[\n" + ",\n".join(lines) + "\n]\n")
