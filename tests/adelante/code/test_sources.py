"""The text of the NumPy functions that a generated program brings along."""

from adelante.code.sources import called_in, sources_of


def test_what_a_function_calls_stands_before_it_and_once() -> None:
    def order(*names: str) -> list[str]:
        return [text.split("(")[0].removeprefix("def ") for text in sources_of(names)]

    assert order("mish") == ["softplus", "mish"]
    assert order("mish", "softplus", "log_sigmoid") == ["softplus", "mish", "log_sigmoid"]
    assert order("conv_transpose") == ["by_groups", "conv_transpose"]
    assert order("safe_softmax", "relu") == ["softmax", "safe_softmax", "relu"]
    # gelu makes an erf of its own.
    assert order("gelu") == ["gelu"]
    assert called_in("y = np.tanh(relu(x)) + relu(z)\n") == ["relu"]
    assert called_in("erf = np.vectorize(math.erf)\ny = erf(x)\n") == []


def test_comments_are_said_in_the_readers_words() -> None:
    def say(key: str, /, **values: object) -> str:
        return {"never-overflows": "nunca se desborda", "no-erf": "NumPy no tiene erf"}[key]

    sigmoid, gelu = sources_of(["sigmoid", "gelu"], say)
    assert "# nunca se desborda" in sigmoid
    assert "never" not in sigmoid
    assert "# NumPy no tiene erf" in gelu
    assert "# never overflows" in sources_of(["sigmoid"])[0]


def test_a_text_ends_with_its_last_line() -> None:
    assert sources_of(["relu"]) == ["def relu(z):\n    return np.maximum(z, 0)"]
