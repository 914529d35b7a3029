"""Moves within pictures."""

from adelante.code.kinds.conv import window
from adelante.code.kinds.slices import padded
from adelante.code.rules import Call, write


def scales(call: Call) -> list[float]:
    """For each side, how many cells of the given picture one cell of the result stands for; 1 if both are as long."""
    sides = list(zip(call.shapes[0][2:], call.result[2:], strict=True))
    factors = call.scale_factor if call.size is None and call.scale_factor is not None else [None] * len(sides)
    return [
        size / places if factor is None or size == places else 1 / factor
        for (size, places), factor in zip(sides, factors, strict=True)
    ]


def _unfold(call: Call) -> str:
    x = padded(call.x, [(side, side) for side in call.padding], call.rank)
    view = window(x, call.kernel_size, call.stride, call.dilation)
    return f"np.transpose({view}, (0, 1, 4, 5, 2, 3)).reshape(len({call.x}), {call.result[1]}, -1)"


def _nearest(call: Call) -> str:
    """x[:, :, rows[:, None], columns], each found by `nearest`."""
    dims = call.rank - 2
    places = []
    for d, scale in enumerate(scales(call)):
        before, after = call.shapes[0][2 + d], call.result[2 + d]
        if after in (before, 2 * before):
            # Of pictures, torch then goes by the lengths; of rows and volumes, by the factor that was given.
            told = None if dims == 2 or call.size is not None else call.scale_factor
            scale = before / after if told is None else 1 / told[d]
        behind = f"[:{', None' * (dims - 1 - d)}]" if d < dims - 1 else ""
        places.append(f"nearest({after}, {before}, {scale!r}){behind}")
    return f"{call.x}[:, :, {', '.join(places)}]"


def _interpolate(call: Call) -> str:
    told = "".join(
        f", {name}={call.literal(value if len(value) > 1 else value[0])}"
        for name, value in call.operation.options.items()
        if value is not None
    )
    return f"F.interpolate({call.x}{told})"


def _shuffle(call: Call) -> str:
    """(channels · r², rows, columns) as (channels, rows, r, columns, r)."""
    x, r, (_, channels, rows, columns) = call.x, call.upscale_factor, call.shapes[0]
    split = f"{x}.reshape(len({x}), {channels // r**2}, {r}, {r}, {rows}, {columns})"
    return f"np.transpose({split}, (0, 1, 4, 2, 5, 3)).reshape(len({x}), {channels // r**2}, {rows * r}, {columns * r})"


write("unfold", "F.unfold({inputs}{options})", _unfold)
write("upsample_nearest", _interpolate, _nearest)
write("pixel_shuffle", "F.pixel_shuffle({inputs}, {upscale_factor})", _shuffle)
