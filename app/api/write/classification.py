"""The Open Inference Protocol's classification extension: an output's largest numbers, with what they stand for."""

import struct
from collections.abc import Sequence
from typing import Any

import numpy as np

from app.api.write.encode import Array
from app.compute.pool import Steps

TEXT_BYTES = 40
"""About how many bytes one of the texts takes."""
_TURN = 1000


def classified(values: Array, count: int, labels: Sequence[str], *, batch: bool) -> Steps["np.ndarray[Any, Any]"]:
    """Texts `value:place` or `value:place:label`, as Triton writes them; the largest number of an input first.

    Args:
        values: What the network gives, (…) of one input or, with `batch`, (batch, …); places count all its numbers.
        count: How many of each input's numbers are told; where there are fewer, all.
        labels: What the places along the last dimension stand for; empty where that is not known.

    Returns: (count,) or (batch, count) texts. What is not a number comes last.
    """
    rows = values.reshape(len(values), -1) if batch else values.reshape(1, -1)
    count = min(count, rows.shape[1])
    texts: list[str] = []
    for row in rows:
        # The complement of whole numbers falls as they rise, and never overflows.
        keys = -row if row.dtype.kind == "f" else ~row
        for place in np.argsort(keys, kind="stable")[:count].tolist():
            value = row[place]
            label = [labels[place % len(labels)]] if labels else []
            texts.append(":".join([str(int(value) if value.dtype.kind == "b" else value), str(place), *label]))
            if len(texts) % _TURN == 0:
                yield
    return np.array(texts, dtype=object).reshape(*([len(values)] if batch else []), count)


def bytes_of_texts(texts: "np.ndarray[Any, Any]") -> bytes:
    """As the binary tensor extension has BYTES: each text after its length, four bytes of it, least first."""
    encoded = [str(text).encode() for text in texts.reshape(-1)]
    return b"".join(struct.pack("<I", len(each)) + each for each in encoded)
