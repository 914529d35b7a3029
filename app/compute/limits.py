"""What one request may ask for: refused before memory or time is spent on it, in words that name the setting."""

import torch

from adelante.network.errors import Fault, NetworkError
from adelante.network.network import Network
from app.settings import Settings

# Digits, sign, exponent and comma of a number as JSON; half precisions are written as float32.
_TEXT_BYTES = {torch.float64: 21}
_OTHER_TEXT_BYTES = 12


def text_bytes(numbers: int, dtype: torch.dtype) -> int:
    """About how long so many numbers are as JSON."""
    return numbers * _TEXT_BYTES.get(dtype, _OTHER_TEXT_BYTES)


class Limits:
    """The limits that settings put on one request. Each check raises NetworkError (too-large)."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.listed_non_finite = settings.max_listed_non_finite

    def network(self, network: Network, batch: int) -> int:
        """Checks the sizes of a network and of a batch; gives how many activations a trace holds."""
        settings = self._settings
        activations = batch * network.units
        # The loop only finds the words: this is on every request's way.
        if (
            len(network.layers) <= settings.max_layers
            and network.size <= settings.max_parameters
            and batch <= settings.max_batch
            and activations <= settings.max_activations
        ):
            return activations
        for size, limit, key, name in (
            (len(network.layers), settings.max_layers, "too-many-layers", "MAX_LAYERS"),
            (network.size, settings.max_parameters, "too-many-parameters", "MAX_PARAMETERS"),
            (batch, settings.max_batch, "batch-too-large", "MAX_BATCH"),
            (activations, settings.max_activations, "trace-too-large", "MAX_ACTIVATIONS"),
        ):
            if size > limit:
                _refuse(key, size, limit, name)
        return activations

    def answer(self, size: int) -> int:
        """Checks how many bytes an answer has, or is expected to have; gives them back."""
        if size > self._settings.max_answer_bytes:
            _refuse("answer-too-large", size, self._settings.max_answer_bytes, "MAX_ANSWER_BYTES")
        return size

    def memory(self, size: int) -> int:
        """Checks how many bytes a work takes, its answer included; gives them back."""
        if size > self._settings.work_memory_bytes:
            _refuse("work-too-large", size, self._settings.work_memory_bytes, "WORK_MEMORY_BYTES")
        return size

    def seconds(self, expected: float) -> None:
        """Checks how long a pass is expected to take."""
        if expected > self._settings.max_pass_seconds:
            _refuse("pass-too-long", round(expected), self._settings.max_pass_seconds, "MAX_PASS_SECONDS")


def _refuse(key: str, size: int, limit: float, setting: str) -> None:
    values = {"size": size, "limit": limit, "setting": f"ADELANTE_{setting}"}
    raise NetworkError(Fault("too-large", key, "", values, hint=key))
