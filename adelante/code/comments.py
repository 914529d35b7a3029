"""The comments of generated programs. They are English unless whoever asks has them in another language."""

from typing import Protocol

ENGLISH = {
    "chain": "A network of {sizes} neurons, the inputs first.",
    "network": "A network of {layers} layers and {parameters} parameters. Shapes are those of one input.",
    "layer": "layer {number}{name}: {n_in} -> {n_out}, a = {formula}",
    "one-step": "torch.addmm(B, x, W) is torch.mm(x, W) + B in one step, which rounds as the layers of torch.nn do.",
    "transpose": "nn.Linear keeps weights as (n_out, n_in): the transpose, .T, of the (n_in, n_out) given here.",
    "file": "Its parameters are read from {file}, which stands beside this program.",
    "example": "Put your own input in the place of these zeros.",
    "needs-numpy": "It needs NumPy 2.",
    "no-parameters": "It has no parameters.",
    "never-overflows": "never overflows",
    "no-erf": "NumPy has no erf of its own",
}


class Say(Protocol):
    """Gives the text of a comment: a key of ENGLISH, and what fills the places of its text."""

    def __call__(self, key: str, /, **values: object) -> str: ...


def english(key: str, /, **values: object) -> str:
    return ENGLISH[key].format(**values)
