"""Tensors that no operand brings."""

from adelante.code.rules import Call, write
from adelante.network.operations.operation import PerBatch


def _numbers(call: Call) -> str:
    """start, end and step, without those that are the default."""
    end = call.end[0] if isinstance(call.end, tuple) else call.end
    told = [call.start, end, call.step]
    if call.step == 1:
        told.pop()
        if call.start == 0:
            told.pop(0)
    return ", ".join(call.literal(_whole(each)) for each in told)


def _whole(value: float | PerBatch) -> float | PerBatch:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _arange(call: Call) -> str:
    return f"{call.library}.arange({_numbers(call)}, dtype={call.literal(call.dtype)})"


write("full", "torch.full({size}, {fill_value}, dtype={dtype})", "np.full({size}, {fill_value}, dtype={dtype})")
write("arange", _arange, _arange)
write("scalar_tensor", "torch.tensor({value}, dtype={dtype})", "np.array({value}, dtype={dtype})")
