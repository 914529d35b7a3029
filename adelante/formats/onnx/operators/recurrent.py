"""Recurrent layers, opened step by step into what they are made of: dense layers, gates, and what is carried on."""

from collections.abc import Callable, Sequence

from adelante.formats.onnx.operators.registry import Builder, OnnxNode, Value, reads
from adelante.formats.onnx.refusals import Refused
from adelante.network.operations import arithmetic, dense, made, moves, slices
from adelante.network.operations.moves import DTYPES

_NAMES = {dtype: name for name, dtype in DTYPES.items()}
_USUAL = {
    "LSTM": ["Sigmoid", "Tanh", "Tanh"],
    "GRU": ["Sigmoid", "Tanh"],
    "RNN": ["Tanh"],
}
_FUNCTIONS = {"Sigmoid": "sigmoid", "Tanh": "tanh", "Relu": "relu"}


class _Cell:
    """One direction of a layer: its weights (n_in, gates · hidden), and the functions of its gates."""

    def __init__(self, b: Builder, node: OnnxNode, gates: int, direction: int, given: Sequence[Value | None]) -> None:
        weights, recurrent, biases = given
        assert weights is not None
        assert recurrent is not None
        self.b, self.gates = b, gates
        self.hidden = b.fixed_size(recurrent, 2)
        self.weights = self._turned(weights, direction)
        self.recurrent = self._turned(recurrent, direction)
        self.biases = self.recurrent_biases = None
        if biases is not None:
            row = b.emit(slices.Select(0, direction), biases)
            half = gates * self.hidden
            self.biases = b.emit(slices.Slice(0, 0, half), row)
            self.recurrent_biases = b.emit(slices.Slice(0, half), row)
        names = node.texts("activations")
        count = len(_USUAL[node.operator])
        chosen = names[direction * count : (direction + 1) * count] or _USUAL[node.operator]
        if any(name not in _FUNCTIONS for name in chosen):
            node.refuse("activations")
        self.functions = [_FUNCTIONS[name] for name in chosen]

    def _turned(self, weights: Value, direction: int) -> Value:
        return self.b.emit(moves.Transpose(0, 1), self.b.emit(slices.Select(0, direction), weights))

    def from_inputs(self, x: Value) -> Value:
        """What the inputs of a step give every gate."""
        return self._dense(x, self.weights, self.biases)

    def from_before(self, h: Value) -> Value:
        """What the step before gives every gate."""
        return self._dense(h, self.recurrent, self.recurrent_biases)

    def _dense(self, x: Value, weights: Value, biases: Value | None) -> Value:
        return self.b.emit(dense.Dense(), x, weights, *([] if biases is None else [biases]))

    def gate(self, values: Value, k: int) -> Value:
        """The k-th gate's part."""
        return self.b.emit(slices.Slice(1, k * self.hidden, (k + 1) * self.hidden), values)

    def f(self, k: int, x: Value) -> Value:
        """The k-th function."""
        return self.b.function(self.functions[k], x)

    def add(self, x: Value, y: Value) -> Value:
        return self.b.emit(arithmetic.Add(), x, y)

    def mul(self, x: Value, y: Value) -> Value:
        return self.b.emit(arithmetic.Mul(), x, y)


State = tuple[Value, ...]


def _lstm_step(cell: _Cell, x: Value, state: State) -> State:
    """Gates in ONNX's order: input, output, forget, cell."""
    h, c = state
    gates = cell.add(cell.from_inputs(x), cell.from_before(h))
    i, o, f = (cell.f(0, cell.gate(gates, k)) for k in range(3))
    c = cell.add(cell.mul(f, c), cell.mul(i, cell.f(1, cell.gate(gates, 3))))
    return cell.mul(o, cell.f(2, c)), c


def _gru_step(cell: _Cell, x: Value, state: State, before: bool) -> State:
    """Gates in ONNX's order: update, reset, hidden; `before` says that the reset comes before the product."""
    (h,) = state
    ours, theirs = cell.from_inputs(x), cell.from_before(h)
    z, r = (cell.f(0, cell.add(cell.gate(ours, k), cell.gate(theirs, k))) for k in range(2))
    if before:
        theirs = cell.from_before(cell.mul(r, h))
        new = cell.add(cell.gate(ours, 2), cell.gate(theirs, 2))
    else:
        new = cell.add(cell.gate(ours, 2), cell.mul(r, cell.gate(theirs, 2)))
    new = cell.f(1, new)
    left = cell.b.emit(arithmetic.Sub(scalar=1.0, reverse=True), z)
    return (cell.add(cell.mul(left, new), cell.mul(z, h)),)


def _rnn_step(cell: _Cell, x: Value, state: State) -> State:
    return (cell.f(0, cell.add(cell.from_inputs(x), cell.from_before(state[0]))),)


def _unrolled(
    b: Builder,
    node: OnnxNode,
    gates: int,
    given: Sequence[Value | None],
    starts: Sequence[Value | None],
    step: Callable[[_Cell, Value, State], State],
) -> tuple[Value, ...]:
    """(steps, directions, batch, hidden) of every step, then the last states (directions, batch, hidden)."""
    node.ignore("hidden_size", "output_sequence")
    for name in ("clip", "layout", "input_forget"):
        node.only(name, 0)
    x, *weights = given
    assert x is not None
    way = node.text("direction", "forward")
    backwards = {"forward": [False], "reverse": [True], "bidirectional": [False, True]}.get(way)
    if backwards is None:
        node.refuse("direction")
    count = b.fixed_size(x, 0)
    steps = [b.emit(slices.Select(0, t), x) for t in range(count)]
    every, last = [], []
    for direction, turned in enumerate(backwards or []):
        cell = _Cell(b, node, gates, direction, weights)
        state = tuple(_start(b, each, direction, x, cell.hidden) for each in starts)
        found = []
        for each in reversed(steps) if turned else steps:
            state = step(cell, each, state)
            found.append(state[0])
        every.append(b.emit(slices.Stack(0), *(reversed(found) if turned else found)))
        last.append(state)
    outputs = b.emit(slices.Stack(1), *every)
    return (outputs, *(b.emit(slices.Stack(0), *(state[k] for state in last)) for k in range(len(starts))))


def _start(b: Builder, given: Value | None, direction: int, x: Value, hidden: int) -> Value:
    if given is not None:
        return b.emit(slices.Select(0, direction), given)
    return b.emit(made.Full((b.shape(x)[1], hidden), 0.0, _NAMES[x.dtype]))


def _lengths(b: Builder, x: Value, lengths: Value | None) -> None:
    if lengths is not None and set(b.wholes(lengths, "sequence_lens")) != {b.fixed_size(x, 0)}:
        raise Refused("onnx-attribute", attribute="sequence_lens", value="…")


@reads("LSTM")
def _lstm(
    b: Builder,
    node: OnnxNode,
    x: Value,
    w: Value,
    r: Value,
    biases: Value | None = None,
    lengths: Value | None = None,
    h: Value | None = None,
    c: Value | None = None,
    peepholes: Value | None = None,
) -> tuple[Value, ...]:
    if peepholes is not None:
        raise Refused("onnx-attribute", attribute="P", value="…")
    _lengths(b, x, lengths)
    return _unrolled(b, node, 4, (x, w, r, biases), (h, c), _lstm_step)


@reads("GRU")
def _gru(
    b: Builder,
    node: OnnxNode,
    x: Value,
    w: Value,
    r: Value,
    biases: Value | None = None,
    lengths: Value | None = None,
    h: Value | None = None,
) -> tuple[Value, ...]:
    _lengths(b, x, lengths)
    before = not node.whole("linear_before_reset")
    return _unrolled(b, node, 3, (x, w, r, biases), (h,), lambda cell, x, s: _gru_step(cell, x, s, before))


@reads("RNN")
def _rnn(
    b: Builder,
    node: OnnxNode,
    x: Value,
    w: Value,
    r: Value,
    biases: Value | None = None,
    lengths: Value | None = None,
    h: Value | None = None,
) -> tuple[Value, ...]:
    _lengths(b, x, lengths)
    return _unrolled(b, node, 1, (x, w, r, biases), (h,), _rnn_step)
