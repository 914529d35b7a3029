"""What POST /sweep and POST /grid share where cells of any network move: the limits, the work, the answer."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from fastapi import Request
from starlette.responses import Response
from torch import Tensor

from adelante.network.cells import Cell
from adelante.network.checks import check_size
from adelante.network.network import Network
from app.api.http.answer import Answer, Clock
from app.api.routes import exchange
from app.api.write.encode import NonFinite
from app.api.write.responses import responses_members
from app.compute.content import Content
from app.compute.devices import name_of
from app.compute.limits import text_bytes
from app.compute.pool import Steps
from app.compute.responses import Wanted, responses_in_steps
from app.compute.service import JSON_NUMBER_COST, ComputeService
from app.settings import Settings


class Moving(NamedTuple):
    """Cells that move, the values of each row of `rows` (n, cells), and what is to be told of the responses.

    `told` is "outputs", "trace" or names of tensors; `arranged` gives a response (n, *shape) the shape that is told;
    `beside` are the answer's own members; `key` names the sentence for responses that are too many.
    """

    network: Network
    inputs: Tensor | Mapping[str, Tensor]
    cells: tuple[Cell, ...]
    rows: Tensor
    keep: tuple[str, ...]
    told: str | Sequence[str]
    beside: Mapping[str, Any]
    arranged: Callable[[Tensor], Tensor]
    key: str


async def answered(request: Request, moving: Moving, device: str, clock: Clock) -> Response:
    """The answer. Raises NetworkError before anything is spent (too-large; unsupported-device)."""
    settings: Settings = request.app.settings
    compute: ComputeService = request.app.compute
    network = moving.network
    wanted = Wanted(network, moving.cells, moving.keep, len(moving.rows))
    size = wanted.size
    check_size(size, settings.max_derived_values, moving.key, "max_derived_values", "/steps")
    cost = wanted.cost
    compute.place(device, cost)
    dtype = network.dtype
    speed = compute.check_cost(cost, dtype)
    seconds = wanted.seconds(speed)
    compute.limits.seconds(seconds)
    answer = compute.limits.answer(text_bytes(size + moving.rows.numel(), dtype))
    clock.mark("decode")

    def work() -> Steps[Content]:
        found = yield from responses_in_steps(wanted, moving.inputs, moving.rows, speed)
        clock.mark("compute")
        bad = NonFinite(compute.limits.listed_non_finite)
        told = responses_members(
            network, {name: moving.arranged(each) for name, each in found.items()}, moving.told, bad
        )
        rest = {"dtype": name_of(dtype), "device": "cpu", **bad.members()}
        return (yield from exchange.written({**moving.beside, **told, **rest}, clock, compute.limits))

    content: Content = await compute.run(
        work,
        cost=int(seconds * speed) + JSON_NUMBER_COST * size,
        memory=answer + 2 * wanted.memory(speed),
        gone=exchange.left(request),
    )
    return Answer(content, clock)
