"""Pictures made larger or smaller, each cell a mean of its neighbours."""

from adelante.code.kinds.pictures import scales
from adelante.code.rules import Call, write


def _there(call: Call, d: int) -> str:
    """The place in the given picture, along one dimension, of each cell of the result."""
    size, places = call.shapes[0][2 + d], call.result[2 + d]
    if call.align_corners:
        return f"np.linspace(0, {size - 1}, {places})"
    return f"np.maximum((np.arange({places}) + 0.5) * {scales(call)[d]!r} - 0.5, 0)"


def _bilinear(call: Call) -> str:
    return f"interpolated(interpolated({call.x}, -2, {_there(call, 0)}), -1, {_there(call, 1)})"


def _torch(call: Call) -> str:
    told = [
        f"{name}={call.literal(getattr(call, name))}"
        for name in ("size", "scale_factor")
        if getattr(call, name) is not None
    ]
    corners = ", align_corners=True" if call.align_corners else ""
    return f'F.interpolate({call.x}, {", ".join(told)}, mode="bilinear"{corners})'


write("upsample_bilinear2d", _torch, _bilinear)
