"""Moves that cut, join, surround or push."""

from collections.abc import Sequence

from adelante.code.rules import Call, write

MODES = {"constant": "constant", "zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}
"""What NumPy calls torch's ways to pad."""


def place(call: Call, at: str) -> str:
    """An index with `at` in the dimension `dim` and all of the others: [:, 1:3]."""
    dim = call.dim % call.rank
    return f"[{', '.join((*(':' for _ in range(dim)), at))}]"


def stretch(call: Call) -> str:
    """start:end:step, without the parts that are the default."""
    end = "" if call.end is None or call.end >= call.shapes[0][call.dim] else str(call.end)
    return f"{call.start or ''}:{end}" + (f":{call.step}" if call.step != 1 else "")


def padded(x: str, sides: Sequence[tuple[int, int]], rank: int, mode: str = "constant", value: str = "0") -> str:
    """np.pad of the last dimensions by so many numbers before and after each; x itself where there are none.

    Negative counts cut numbers off: torch does that before circular padding, and after reflecting or replicating.
    """
    around = [(0, 0)] * (rank - len(sides)) + [(max(before, 0), max(end, 0)) for before, end in sides]
    negative = any(before < 0 or end < 0 for before, end in sides)
    cut = f"[{', '.join(('...', *(_shorter(*side) for side in sides)))}]" if negative else ""
    how = f', mode="{MODES[mode]}"' if MODES[mode] != "constant" else f", constant_values={value}" * (value != "0")
    if not any(map(any, around)):
        return f"{x}{cut}"
    first, then = (cut, "") if mode == "circular" else ("", cut)
    return f"np.pad({x}{first}, {tuple(around)!r}{how}){then}"


def _shorter(before: int, end: int) -> str:
    return f"{-before if before < 0 else ''}:{end if end < 0 else ''}"


def _pad(call: Call) -> str:
    pairs = [(call.pad[k], call.pad[k + 1]) for k in range(0, len(call.pad), 2)]
    value = "0" if call.value == 0 else call.literal(call.value)
    return padded(call.x, pairs[::-1], call.rank, call.mode, value)


def _numpy_roll(call: Call) -> str:
    if not call.dims:
        return f"np.roll({call.x}, {call.literal(call.shifts[0])})"
    return f"np.roll({call.x}, {call.literal(call.shifts)}, axis={call.literal(call.dims)})"


def _slice(call: Call) -> str:
    return call.x + place(call, stretch(call))


def _select(call: Call) -> str:
    return call.x + place(call, str(call.index))


def _list(call: Call) -> str:
    return f"[{', '.join(call.operands)}]"


write("slice", _slice, _slice)
write("select", _select, _select)
write(
    "cat",
    lambda call: f"torch.cat({_list(call)}, dim={call.dim})",
    lambda call: f"np.concatenate({_list(call)}, axis={call.dim})",
)
write(
    "stack",
    lambda call: f"torch.stack({_list(call)}, dim={call.dim})",
    lambda call: f"np.stack({_list(call)}, axis={call.dim})",
)
write("pad", "F.pad({inputs}{options})", _pad)
write("tril", "torch.tril({inputs}{options})", "np.tril({inputs}, {diagonal})")
write("triu", "torch.triu({inputs}{options})", "np.triu({inputs}, {diagonal})")
write("roll", "torch.roll({inputs}, {shifts}, {dims})", _numpy_roll)
write("flip", "torch.flip({inputs}, {dims})", "np.flip({inputs}, {dims})")
write(
    "slice_scatter",
    "torch.slice_scatter({operands}{options})",
    lambda call: f"laid_over({', '.join(call.operands)}, np.s_{place(call, stretch(call))})",
)
write(
    "select_scatter",
    "torch.select_scatter({operands}{options})",
    lambda call: f"laid_over({', '.join(call.operands)}, np.s_{place(call, str(call.index))})",
)
