"""The activation functions: the operations that a layer's `activation` names, in the order the page offers them.

`formula` and `derivative` are plain text in z and a; `mathml` is the right-hand side of a = … as presentation
MathML, without the <math> element. `low` and `high` bound the values f can take (None: unbounded).
What an activation computes, its operation says (`operations/functions.py`, `softmax.py`); here stands what the page
and the lessons say of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from torch import Tensor

from adelante.network.errors import Fault, NetworkError
from adelante.network.operations import Operation, operation_named


@dataclass(frozen=True, slots=True, eq=False)
class Activation:
    """f in a = f(z). `elementwise` is False where one neuron's a depends on the whole layer's z (softmax)."""

    name: str
    module: str
    formula: str
    derivative: str
    mathml: str
    low: float | None = None
    high: float | None = None
    elementwise: bool = True
    kind: str = ""
    """Its operation's, where that is called otherwise."""
    options: Mapping[str, object] = field(default_factory=dict)
    operation: Operation = field(init=False, repr=False)
    function: Callable[[Tensor], Tensor] = field(init=False, repr=False)
    """What computes it: torch's own function, with torch's default parameters."""

    def __post_init__(self) -> None:
        operation = operation_named(self.kind or self.name, **self.options)
        # A frozen dataclass forbids assignment.
        object.__setattr__(self, "operation", operation)
        object.__setattr__(self, "function", operation.call)

    def __call__(self, z: Tensor) -> Tensor:
        return self.function(z)


def _i(name: str) -> str:
    return f"<mi>{name}</mi>"


def _n(number: str) -> str:
    return f"<mn>{number}</mn>"


def _o(operator: str) -> str:
    return f"<mo>{operator}</mo>"


def _row(*parts: str) -> str:
    return f"<mrow>{''.join(parts)}</mrow>"


def _call(name: str, *arguments: str) -> str:
    return _row(_i(name), _o("("), _o(",").join(arguments), _o(")"))


def _cases(*rows: tuple[str, str]) -> str:
    body = "".join(f"<mtr><mtd>{value}</mtd><mtd>{condition}</mtd></mtr>" for value, condition in rows)
    return _row(_o("{"), f"<mtable>{body}</mtable>")


Z, A = _i("z"), _i("a")
MINUS_Z = _row(_o("−"), Z)
E_TO_Z = f"<msup>{_i('e')}{Z}</msup>"
E_TO_MINUS_Z = f"<msup>{_i('e')}{MINUS_Z}</msup>"
POSITIVE = _row(Z, _o(">"), _n("0"))
NOT_POSITIVE = _row(Z, _o("≤"), _n("0"))
SIGMOID_OF_Z = _call("σ", Z)
SOFTPLUS_OF_Z = _row(_i("ln"), _o("("), _n("1"), _o("+"), E_TO_Z, _o(")"))


_ALL = (
    Activation("identity", "Identity()", "z", "1", Z),
    Activation(
        "sigmoid",
        "Sigmoid()",
        "1 / (1 + exp(-z))",
        "a · (1 - a)",
        f"<mfrac>{_n('1')}{_row(_n('1'), _o('+'), E_TO_MINUS_Z)}</mfrac>",
        0.0,
        1.0,
    ),
    Activation(
        "tanh",
        "Tanh()",
        "(exp(z) - exp(-z)) / (exp(z) + exp(-z))",
        "1 - a²",
        f"<mfrac>{_row(E_TO_Z, _o('−'), E_TO_MINUS_Z)}{_row(E_TO_Z, _o('+'), E_TO_MINUS_Z)}</mfrac>",
        -1.0,
        1.0,
    ),
    Activation(
        "relu",
        "ReLU()",
        "max(0, z)",
        "1 if z > 0 else 0",
        _call("max", _n("0"), Z),
        0.0,
    ),
    Activation(
        "leaky_relu",
        "LeakyReLU()",
        "z if z > 0 else 0.01 · z",
        "1 if z > 0 else 0.01",
        _cases((Z, POSITIVE), (_row(_n("0.01"), Z), NOT_POSITIVE)),
    ),
    Activation(
        "elu",
        "ELU()",
        "z if z > 0 else exp(z) - 1",
        "1 if z > 0 else exp(z)",
        _cases((Z, POSITIVE), (_row(E_TO_Z, _o("−"), _n("1")), NOT_POSITIVE)),
        -1.0,
    ),
    Activation(
        "selu",
        "SELU()",
        "1.0507 · z if z > 0 else 1.7581 · (exp(z) - 1)",
        "1.0507 if z > 0 else 1.7581 · exp(z)",
        _cases(
            (_row(_n("1.0507"), Z), POSITIVE),
            (_row(_n("1.7581"), _o("("), E_TO_Z, _o("−"), _n("1"), _o(")")), NOT_POSITIVE),
        ),
        -1.7580993408473766,
    ),
    Activation(
        "gelu",
        "GELU()",
        "z · Φ(z), Φ the standard normal distribution function",
        "Φ(z) + z · φ(z)",
        _row(Z, _call("Φ", Z)),
        -0.16997120747990369,
    ),
    Activation(
        "gelu_tanh",
        'GELU(approximate="tanh")',
        "0.5 · z · (1 + tanh(√(2/π) · (z + 0.044715 · z³)))",
        "d/dz of the formula",
        _row(
            _n("0.5"),
            Z,
            _o("("),
            _n("1"),
            _o("+"),
            _call(
                "tanh",
                _row(
                    f"<msqrt>{_row(_n('2'), _o('/'), _i('π'))}</msqrt>",
                    _o("("),
                    Z,
                    _o("+"),
                    _n("0.044715"),
                    f"<msup>{Z}{_n('3')}</msup>",
                    _o(")"),
                ),
            ),
            _o(")"),
        ),
        -0.17004075291670435,
        kind="gelu",
        options={"approximate": "tanh"},
    ),
    Activation(
        "silu",
        "SiLU()",
        "z · sigmoid(z)",
        "σ(z) · (1 + z · (1 - σ(z)))",
        _row(Z, SIGMOID_OF_Z),
        -0.27846454276107379,
    ),
    Activation(
        "mish",
        "Mish()",
        "z · tanh(ln(1 + exp(z)))",
        "tanh(s) + z · σ(z) · (1 - tanh²(s)), s = ln(1 + exp(z))",
        _row(Z, _call("tanh", SOFTPLUS_OF_Z)),
        -0.30884034226723883,
    ),
    Activation("softplus", "Softplus()", "ln(1 + exp(z))", "sigmoid(z)", SOFTPLUS_OF_Z, 0.0),
    Activation(
        "softsign",
        "Softsign()",
        "z / (1 + |z|)",
        "1 / (1 + |z|)²",
        f"<mfrac>{Z}{_row(_n('1'), _o('+'), _o('|'), Z, _o('|'))}</mfrac>",
        -1.0,
        1.0,
    ),
    Activation(
        "log_sigmoid",
        "LogSigmoid()",
        "ln(1 / (1 + exp(-z)))",
        "1 - sigmoid(z)",
        _row(_i("ln"), _call("σ", Z)),
        None,
        0.0,
    ),
    Activation(
        "relu6",
        "ReLU6()",
        "min(max(0, z), 6)",
        "1 if 0 < z < 6 else 0",
        _call("min", _call("max", _n("0"), Z), _n("6")),
        0.0,
        6.0,
    ),
    Activation(
        "hardtanh",
        "Hardtanh()",
        "min(max(-1, z), 1)",
        "1 if -1 < z < 1 else 0",
        _call("min", _call("max", _row(_o("−"), _n("1")), Z), _n("1")),
        -1.0,
        1.0,
    ),
    Activation(
        "hardsigmoid",
        "Hardsigmoid()",
        "min(max(0, z / 6 + 1/2), 1)",
        "1/6 if -3 < z < 3 else 0",
        _call(
            "min",
            _call(
                "max",
                _n("0"),
                _row(f"<mfrac>{Z}{_n('6')}</mfrac>", _o("+"), f"<mfrac>{_n('1')}{_n('2')}</mfrac>"),
            ),
            _n("1"),
        ),
        0.0,
        1.0,
    ),
    Activation(
        "hardswish",
        "Hardswish()",
        "z · min(max(0, z + 3), 6) / 6",
        "0 if z < -3, 1 if z > 3, else z / 3 + 1/2",
        _row(
            Z,
            f"<mfrac>{_call('min', _call('max', _n('0'), _row(Z, _o('+'), _n('3'))), _n('6'))}{_n('6')}</mfrac>",
        ),
        -0.375,
    ),
    Activation(
        "tanhshrink",
        "Tanhshrink()",
        "z - tanh(z)",
        "tanh²(z)",
        _row(Z, _o("−"), _call("tanh", Z)),
    ),
    Activation(
        "softmax",
        "Softmax(dim=-1)",
        "exp(z_j) / Σ exp(z_k)",
        "a · (1 - a)",
        "<mfrac><msup><mi>e</mi><msub><mi>z</mi><mi>j</mi></msub></msup>"
        "<mrow><munder><mo>∑</mo><mi>k</mi></munder><msup><mi>e</mi><msub><mi>z</mi><mi>k</mi></msub></msup></mrow></mfrac>",
        0.0,
        1.0,
        elementwise=False,
    ),
    Activation(
        "log_softmax",
        "LogSoftmax(dim=-1)",
        "z_j - ln(Σ exp(z_k))",
        "1 - exp(a)",
        "<mrow><msub><mi>z</mi><mi>j</mi></msub><mo>−</mo><mi>ln</mi><munder><mo>∑</mo><mi>k</mi></munder>"
        "<msup><mi>e</mi><msub><mi>z</mi><mi>k</mi></msub></msup></mrow>",
        None,
        0.0,
        elementwise=False,
    ),
)

ACTIVATIONS: dict[str, Activation] = {activation.name: activation for activation in _ALL}


def activation_named(name: str, pointer: str = "") -> Activation:
    """The activation of that name. Raises NetworkError (unknown-activation), which lists the known ones."""
    found = ACTIVATIONS.get(name)
    if found is None:
        values = {"name": name, "known": list(ACTIVATIONS)}
        raise NetworkError(Fault("unknown-activation", "unknown-activation", pointer, values))
    return found
