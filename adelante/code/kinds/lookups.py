"""Moves whose places are numbers of the pass."""

from adelante.code.rules import Call, write


def _gather(call: Call) -> str:
    """NumPy needs an index as large as the tensor in every dimension but the axis; torch takes a smaller one."""
    x, index = call.operands
    shape, wanted = call.shapes
    along = call.dim % len(shape)
    cuts = [f":{w}" if d != along and w < s else ":" for d, (s, w) in enumerate(zip(shape, wanted, strict=True))]
    part = x if set(cuts) == {":"} else f"{x}[{', '.join(cuts)}]"
    return f"np.take_along_axis({part}, {index}, axis={call.dim})"


def _index(call: Call) -> str:
    places = iter(call.operands[1:])
    return f"{call.x}[{', '.join(next(places) if each else ':' for each in call.given)}]"


write("embedding", "F.embedding({inputs}, {weights})", "{weights}[{inputs}]")
write("gather", "torch.gather({inputs}, {dim}, {index})", _gather)
write("index_select", "torch.index_select({inputs}, {dim}, {index})", "np.take({inputs}, {index}, axis={dim})")
write("index", _index, _index)
