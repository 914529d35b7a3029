"""Each activation as NumPy source: a function of one array z, giving torch's values in z's own precision.

`needs` names the functions a text calls; the generated program lists those first.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NumpyFunction:
    """The body's lines, and the names of the other activations that it calls."""

    lines: tuple[str, ...]
    needs: tuple[str, ...] = ()


def _one(line: str, *needs: str) -> NumpyFunction:
    return NumpyFunction((f"return {line}",), needs)


NUMPY_FUNCTIONS: dict[str, NumpyFunction] = {
    "identity": _one("z"),
    "sigmoid": NumpyFunction(
        ("e = np.exp(-np.abs(z))  # never overflows", "return np.where(z >= 0, 1, e) / (1 + e)"),
    ),
    "tanh": _one("np.tanh(z)"),
    "relu": _one("np.maximum(z, 0)"),
    "leaky_relu": _one("np.where(z > 0, z, 0.01 * z)"),
    "elu": _one("np.where(z > 0, z, np.expm1(np.minimum(z, 0)))"),
    "selu": NumpyFunction(
        (
            "alpha, scale = 1.6732632423543772, 1.0507009873554805",
            "return scale * np.where(z > 0, z, alpha * np.expm1(np.minimum(z, 0)))",
        )
    ),
    "gelu": NumpyFunction(
        (
            "erf = np.vectorize(math.erf, otypes=[z.dtype])  # NumPy has no erf of its own",
            "return z * 0.5 * (1 + erf(z / math.sqrt(2)))",
        )
    ),
    "gelu_tanh": _one("0.5 * z * (1 + np.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z**3)))"),
    "silu": _one("z * sigmoid(z)", "sigmoid"),
    "mish": _one("z * np.tanh(softplus(z))", "softplus"),
    "softplus": _one("np.logaddexp(0, z).astype(z.dtype)"),
    "softsign": _one("z / (1 + np.abs(z))"),
    "log_sigmoid": _one("-softplus(-z)", "softplus"),
    "relu6": _one("np.clip(z, 0, 6)"),
    "hardtanh": _one("np.clip(z, -1, 1)"),
    "hardsigmoid": _one("np.clip(z + 3, 0, 6) / 6"),
    "hardswish": _one("z * np.clip(z + 3, 0, 6) / 6"),
    "tanhshrink": _one("z - np.tanh(z)"),
    "softmax": NumpyFunction(
        ("e = np.exp(z - z.max(axis=-1, keepdims=True))", "return e / e.sum(axis=-1, keepdims=True)")
    ),
    "log_softmax": NumpyFunction(
        (
            "shifted = z - z.max(axis=-1, keepdims=True)",
            "return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))",
        )
    ),
}
