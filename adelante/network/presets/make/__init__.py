"""How the presets learnt what they know: each by torch.optim from a seed, in seconds or a few minutes."""

from collections.abc import Callable

from adelante.network.presets.make import pictures, points, sequences
from adelante.network.presets.make.fitting import Made

MAKERS: dict[str, Callable[[], Made]] = {**points.MAKERS, **pictures.MAKERS, **sequences.MAKERS}
