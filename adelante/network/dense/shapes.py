"""The shapes of a dense chain's tensors, each found when it is asked for: a list of thousands would take a while."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from torch import Tensor

from adelante.network.names import layer_of, result_names


class ChainShapes(Mapping[str, tuple[int, ...]]):
    """The inputs', the parameters' and the layers' results' shapes; `before` stands before what has a batch."""

    def __init__(self, sizes: Sequence[int], parameters: Mapping[str, Tensor], before: tuple[int, ...]) -> None:
        self._sizes = sizes
        self._parameters = parameters
        self._before = before

    def __getitem__(self, name: str) -> tuple[int, ...]:
        parameter = self._parameters.get(name)
        if parameter is not None:
            return tuple(parameter.shape)
        k = -1 if name == "inputs" else layer_of(name)
        if k is None or k + 1 >= len(self._sizes):
            raise KeyError(name)
        return (*self._before, self._sizes[k + 1])

    def __iter__(self) -> Iterator[str]:
        results = (result_names(k, activated=True) for k in range(len(self._sizes) - 1))
        return chain(("inputs",), self._parameters, chain.from_iterable(results))

    def __len__(self) -> int:
        return 1 + len(self._parameters) + 2 * (len(self._sizes) - 1)
