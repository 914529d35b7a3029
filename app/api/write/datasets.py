"""Data sets as the API gives them: what there is to know of each, its rows, and a table of them."""

from collections.abc import Iterator
from math import prod
from typing import Any

import numpy as np

from adelante.datasets import DataSet
from adelante.locale import catalog, translate
from app.api.write.encode import array

_PREFIX = "data-set.word."


def word_in(language: str, word: str) -> str:
    """A column's or a class's name in a language; names that are the same in all ("setosa", "x1") have no text."""
    return catalog(language).get(_PREFIX + word.replace(" ", "-"), word)


def data_set_description(language: str, data: DataSet) -> dict[str, Any]:
    """Everything but its rows."""
    return {
        "name": data.name,
        "title": translate(language, f"data-set.{data.name}.title"),
        "origin": translate(language, f"data-set.{data.origin}.origin"),
        "licence": data.licence,
        "seed": data.seed,
        "rows": data.rows,
        "held_out": int(data.held_out.sum()),
        "shape": list(data.shape),
        "columns": [
            {"name": word_in(language, each.name), "unit": each.unit, "low": each.low, "high": each.high}
            for each in data.columns
        ],
        "target": word_in(language, data.target),
        "class_names": [word_in(language, name) for name in data.class_names],
    }


def data_set_document(language: str, data: DataSet) -> dict[str, Any]:
    """The data set whole: `inputs`, `targets` (classes as numbers from 0), and for each row whether it is held out."""
    return {
        **data_set_description(language, data),
        "inputs": array(data.inputs),
        "targets": array(data.targets),
        "held_out_rows": data.held_out.tolist(),
    }


def data_set_table(language: str, data: DataSet) -> Iterator[str]:
    """Lines of CSV (RFC 4180): a heading, then the rows. Of a class its name stands in the target's column."""
    header = [word_in(language, name) for name in data.header[:-1]]
    target = word_in(language, data.target)
    rows = data.inputs.reshape(data.rows, prod(data.shape)).numpy()
    targets = data.targets.reshape(data.rows, -1).numpy()
    width = targets.shape[1]
    yield _line([*header, *([target] if width == 1 else [f"{target}{i + 1}" for i in range(width)])])
    names = [word_in(language, name) for name in data.class_names]
    for row, wanted in zip(rows, targets, strict=True):
        yield _line([*map(_number, row), *(names[each] if names else _number(each) for each in wanted)])


def _line(fields: list[str]) -> str:
    return ",".join(f'"{each}"' if any(mark in each for mark in ',"\n') else each for each in fields) + "\r\n"


def _number(value: np.generic) -> str:
    """As NumPy prints it: the fewest digits that give the same number in its dtype."""
    return str(value).removesuffix(".0")
