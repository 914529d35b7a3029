"""The data sets that come with the product: each drawn by a seed or read from a file beside this one."""

from functools import cache

from adelante.datasets import digits, gates, iris, points, rain, sequences
from adelante.datasets.dataset import Column, DataSet, Maker
from adelante.network.errors import Fault, NetworkError

__all__ = ["DATA_SET_NAMES", "Column", "DataSet", "data_set_named"]

_MAKERS: dict[str, Maker] = {
    **gates.MAKERS,
    **points.MAKERS,
    **rain.MAKERS,
    **iris.MAKERS,
    **digits.MAKERS,
    **sequences.MAKERS,
}

DATA_SET_NAMES: tuple[str, ...] = tuple(_MAKERS)


@cache
def data_set_named(name: str) -> DataSet:
    """The data set of that name. Raises NetworkError (unknown-data-set), which lists the known ones."""
    if name not in _MAKERS:
        values = {"name": name[:100], "known": list(DATA_SET_NAMES)}
        raise NetworkError(Fault("unknown-data-set", "unknown-data-set", "", values))
    return _MAKERS[name]()
