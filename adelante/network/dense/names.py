"""What the neurons of a dense chain are called where nobody named them: x1, x2; h1 in a lone hidden layer, h2.1 in the
second of several; y for a lone output, y1, y2 for more.

The page follows the same rule (`app/frontend/src/studio/names.ts`), and the same table of cases,
`tests/adelante/network/dense/names.json`, tests both.
"""

from collections.abc import Sequence


def neuron_names(
    sizes: Sequence[int], inputs: Sequence[str] = (), outputs: Sequence[str] = ()
) -> list[tuple[str, ...]]:
    """Names for every layer of these sizes, the inputs first. Given names count where there is one for each neuron."""
    last = len(sizes) - 1
    return [
        tuple(given) if len(given := {0: inputs, last: outputs}.get(k, ())) == size else _by_place(k, size, last)
        for k, size in enumerate(sizes)
    ]


def _by_place(layer: int, size: int, last: int) -> tuple[str, ...]:
    if layer == last and size == 1:
        return ("y",)
    letter = "x" if layer == 0 else "y" if layer == last else "h" if last == 2 else f"h{layer}."
    return tuple(f"{letter}{j + 1}" for j in range(size))
