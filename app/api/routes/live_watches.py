"""What a live session is to tell beside its pass, as its client wrote it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import torch

from adelante.formats.json.arrays import tensor
from adelante.network.cells import shape_of
from adelante.network.checks import check_range, check_size
from adelante.network.dense.responses import Axis, vary_of
from adelante.network.errors import Fault, NetworkError, shape_text
from app.api.read.cells import (
    AxisDocument,
    axis_place,
    check_computed,
    check_place,
    check_varied,
    place_from,
)
from app.api.read.checked import validated
from app.api.read.live_documents import (
    BatchWatch,
    DifferencesWatch,
    Explain,
    ExplainCell,
    GridWatch,
    SharesWatch,
    SweepWatch,
    TensorWatch,
    WatchCommand,
    watch_model,
)
from app.compute.service import ComputeService
from app.live.cell_watches import WatchCell, WatchMoved, WatchTensor, parts_of
from app.live.general import AnySession, GeneralSession
from app.live.session import Price
from app.live.watches import (
    Watch,
    WatchBatch,
    WatchDifferences,
    WatchExplain,
    WatchGradients,
    WatchGrid,
    WatchShares,
    WatchSweep,
)
from app.settings import Settings

_OF_ANY_NETWORK = (TensorWatch, ExplainCell, SweepWatch, GridWatch)


def apply_watch(session: AnySession, command: WatchCommand, compute: ComputeService, settings: Settings) -> None:
    """Replaces what the session watches. Raises NetworkError."""
    check_size(len(command.watch), settings.live_max_watches, "too-many-watches", "live_max_watches", "/watch")
    watches = [_watch(session, document, f"/watch/{k}", settings) for k, document in enumerate(command.watch)]
    _check_names(watches)
    if isinstance(session, GeneralSession):
        general = [watch for watch in watches if isinstance(watch, WatchTensor | WatchCell | WatchMoved)]
        session.watch(general, lambda: _check_price(session, session.price(general), compute, settings))
    else:
        dense = [watch for watch in watches if not isinstance(watch, WatchMoved)]
        session.watch(dense, lambda: _check_price(session, session.price(dense), compute, settings))


def _check_price(session: AnySession, price: Price, compute: ComputeService, settings: Settings) -> None:
    """What is watched is computed again at each change: all of it is within the limits of one request."""
    limit = settings.live_max_watched_values
    check_size(price.numbers, limit, "watch-too-large", "live_max_watched_values", "/watch")
    try:
        compute.limits.answer(price.frame)
        compute.limits.memory(price.memory)
        compute.check_cost(price.cost, session.network.dtype)
    except NetworkError as error:
        # So that a client knows what to leave out.
        raise NetworkError([replace(fault, pointer="/watch") for fault in error.faults]) from None


def _check_names(watches: Sequence[Watch | WatchMoved]) -> None:
    """No two watches of a kind share a name: a frame's arrays are told apart by it."""
    seen: set[tuple[type, int, str]] = set()
    for k, watch in enumerate(watches):
        if isinstance(watch, WatchSweep | WatchGrid | WatchBatch | WatchTensor | WatchCell | WatchMoved):
            name = watch.name or str(k)
            # With one cell it is a sweep, with two a plane.
            own = type(watch), len(watch.cells) if isinstance(watch, WatchMoved) else 0, name
            if own in seen:
                raise NetworkError(Fault("invalid-value", "watch-name-twice", f"/watch/{k}/as", {"name": name}))
            seen.add(own)


def _watch(session: AnySession, document: dict[str, Any], pointer: str, settings: Settings) -> Watch | WatchMoved:
    model = watch_model(document, pointer)
    if model not in _OF_ANY_NETWORK and isinstance(session, GeneralSession):
        kinds = {"kind": str(document["kind"]), "expected": "tensor, explain, sweep, grid"}
        raise NetworkError(Fault("invalid-value", "watch-dense-only", f"{pointer}/kind", kinds))
    match validated(model, document, pointer):
        case Explain(layer=layer, neuron=neuron):
            return WatchExplain(layer, neuron)
        case ExplainCell() as watch:
            return _cell_watch(session, watch, f"{pointer}/cell")
        case TensorWatch() as watch:
            return _tensor_watch(session, watch, pointer)
        case SharesWatch(layer=layer):
            return WatchShares(layer)
        case DifferencesWatch(values=listed):
            given = [tensor(each, f"{pointer}/values/{k}", (1,), torch.float32) for k, each in enumerate(listed)]
            return WatchDifferences(given)
        case SweepWatch(vary=vary, from_=low, to=high, steps=steps, as_=name, layers=layers, later=later):
            check_size(steps, settings.max_sweep_steps, "too-many-sweep-steps", "max_sweep_steps", f"{pointer}/steps")
            place = place_from(vary, f"{pointer}/vary")
            dtype = check_varied(session.network, place)
            if isinstance(session, GeneralSession):
                check_range(low, high, steps, dtype, pointer)
                return WatchMoved((place.cell,), ((low, high),), steps, name, layers, later)
            return WatchSweep(vary_of(place.cell), low, high, steps, name, layers, later)
        case GridWatch(x=x, y=y, steps=steps, as_=name, later=later):
            check_size(steps, settings.max_grid_steps, "too-many-grid-steps", "max_grid_steps", f"{pointer}/steps")
            if isinstance(session, GeneralSession):
                return _plane(session, x, y, WatchMoved((), (), steps, name, False, later), pointer)
            across, down = _axis(session, x, f"{pointer}/x"), _axis(session, y, f"{pointer}/y")
            return WatchGrid(across, down, steps, name, later)
        case BatchWatch(inputs=inputs, as_=name, layers=layers):
            return WatchBatch(tensor(inputs, f"{pointer}/inputs", (2,), torch.float32), name, layers)
        case _:
            return WatchGradients()


def _plane(session: AnySession, x: AxisDocument, y: AxisDocument, watch: WatchMoved, pointer: str) -> WatchMoved:
    """The plane over any two cells of a network."""
    cells, ranges = [], []
    for name, side in (("x", x), ("y", y)):
        place = axis_place(side, f"{pointer}/{name}")
        check_range(side.from_, side.to, watch.steps, check_varied(session.network, place), f"{pointer}/{name}")
        cells.append(place.cell)
        ranges.append((side.from_, side.to))
    if cells[0] == cells[1]:
        values = {"input": str(list(cells[0].at))}
        raise NetworkError(Fault("out-of-range", "same-cell-twice", f"{pointer}/y", values))
    return replace(watch, cells=tuple(cells), ranges=tuple(ranges))


def _axis(session: AnySession, document: AxisDocument, pointer: str) -> Axis:
    place = axis_place(document, pointer)
    check_varied(session.network, place)
    if place.cell.tensor != "inputs":
        raise NetworkError(Fault("out-of-range", "cell-of-inputs", f"{pointer}/cell", {"tensor": place.cell.tensor}))
    return Axis(place.cell.at[0], document.from_, document.to)


def _cell_watch(session: AnySession, document: ExplainCell, pointer: str) -> WatchCell:
    place = document.cell.place(pointer)
    check_place(session.network, place)
    network = session.network
    check_computed(network, place.cell, pointer)
    return WatchCell(place.cell, parts_of(network, place.cell), document.as_, document.terms)


def _tensor_watch(session: AnySession, document: TensorWatch, pointer: str) -> WatchTensor:
    shape = shape_of(session.network.shapes, document.tensor, f"{pointer}/tensor")
    region = [(0, size) for size in shape] if document.region is None else document.region
    _check_rank(document.tensor, len(region), shape, f"{pointer}/region")
    for k, (side, size) in enumerate(zip(region, shape, strict=True)):
        if len(side) != 2 or not side[0] < side[1] <= size:
            values = {"tensor": document.tensor, "size": size, "expected": shape_text(shape)}
            raise NetworkError(Fault("out-of-range", "region", f"{pointer}/region/{k}", values))
    reduce = document.reduce
    if reduce is not None:
        _check_rank(document.tensor, len(reduce.by), shape, f"{pointer}/reduce/by")
    return WatchTensor(
        document.tensor,
        tuple((side[0], side[1]) for side in region),
        None if reduce is None else tuple(reduce.by),
        "mean" if reduce is None else reduce.with_,
        document.as_,
    )


def _check_rank(tensor: str, got: int, shape: Sequence[int], pointer: str) -> None:
    if got != len(shape):
        values = {"tensor": tensor, "expected": shape_text(shape), "got": got, "count": len(shape)}
        raise NetworkError(Fault("shape-mismatch", "cell-rank", pointer, values))
