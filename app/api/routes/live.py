"""WS /api/v1/live: changes in, values out; the newest wins.

A reader takes commands as they come and a worker answers them. What arrives while a pass runs is merged: the worker
takes all that waits, makes the changes in order, runs one pass, and answers with the newest sequence number.

What is watched for later follows in a second frame with the same number, once the client was quiet for as long as it
takes to paint the pass, but not much later than that: neither the next pass nor the painting, where both share a
machine, waits for it. Arrays that have not changed since they were sent are left out, and so is a frame without any. A
text frame {"op": "later", "seq", "order"} announces the arrays wherever they differ from those of the frame before.

Of a watched cell a text frame {"op": "explained", "seq", "cells"} says before the first frame which numbers its arrays
are, and again before every frame in which they are others (another cell was the largest, say); where the lengths of the
arrays are others too, {"op": "order", "seq", "order"} follows it.
"""

import asyncio
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from hashlib import blake2b
from typing import Any

import numpy as np
import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from adelante.network.errors import Fault, NetworkError
from app.api.http.admission import refuse_socket
from app.api.http.body import too_large
from app.api.http.guard import offered
from app.api.http.places import Places
from app.api.http.problems import RETRY_AFTER_SECONDS, Problem, problem_document, problem_of
from app.api.read.live_documents import Command, Open, Reshape, Set, SetBinary, WatchCommand, parse
from app.api.routes.exchange import reading_cost
from app.api.routes.live_changes import apply_changes, drawn_cost, open_session, reshape_session
from app.api.routes.live_inbox import Inbox
from app.api.routes.live_pace import Pace
from app.api.routes.live_watches import apply_watch
from app.api.write.explained import Explained
from app.compute.pool import Abandoned, Steps
from app.compute.service import ComputeBusy, ComputeService, ComputeTimeout
from app.compute.steps import CALL_COST
from app.live.budget import Budget
from app.live.general import AnySession, GeneralSession
from app.live.session import Named, Session, Stale, Version
from app.negotiation import negotiate
from app.root_path import address_root
from app.settings import Settings
from app.store.networks import Networks
from app.tally import Tally

router = APIRouter()

_open_sessions = 0
ANSWERS = Tally()
"""Seconds from a command to the frame that answers it, of all sessions in this process."""

# Within this a client has painted a pass.
_QUIET_SECONDS = 0.02
# While commands keep coming, what is watched for later comes at least this often.
_LATEST_SECONDS = 0.04

_FAILED = (ComputeBusy, ComputeTimeout, Abandoned)
Order = list[dict[str, Any]]
# The order of a frame's arrays, the frame, and what is said before it of the cells in it.
Framed = tuple[Order, bytes, str | None]
# What announces the arrays of what such a command asked for.
_ANSWERS: dict[type, str] = {Open: "opened", Reshape: "reshaped", WatchCommand: "watching"}


@router.websocket("/api/v1/live")
async def live(socket: WebSocket) -> None:
    """One session of one page; see the module."""
    global _open_sessions
    settings: Settings = socket.app.settings
    if _open_sessions >= settings.live_max_sessions:
        await refuse_socket(socket, _full(settings))
        return
    places: Places = socket.app.live_places
    if not places.are_free(socket.client):
        await refuse_socket(socket, _no_place(places))
        return
    await socket.accept(offered(socket.scope.get("subprotocols", ())))
    _open_sessions += 1
    places.take(socket.client)
    try:
        await Conversation(socket).run()
    finally:
        _open_sessions -= 1
        places.leave(socket.client)


@router.get("/api/v1/live", include_in_schema=False)
async def why_no_socket(request: Request, origin: str | None = None) -> Response:
    """What a page asks whose socket did not open, with its own origin: the reason why this server would refuse it, or
    that a request came through which did not ask for a socket."""
    settings: Settings = request.app.settings
    headers = request.headers
    origin = headers.get("origin") if origin is None else origin
    fault = request.app.admission.origin_fault(headers.get("host", ""), origin, headers.get("x-forwarded-host"))
    if fault is not None:
        raise NetworkError(fault)
    if _open_sessions >= settings.live_max_sessions:
        raise _full(settings)
    places: Places = request.app.live_places
    if not places.are_free(request.client):
        raise _no_place(places)
    raise Problem("upgrade-required", Fault("upgrade-required", "upgrade-required", ""), {"Upgrade": "websocket"})


def _full(settings: Settings) -> Problem:
    values = {"limit": settings.live_max_sessions, "setting": "ADELANTE_LIVE_MAX_SESSIONS"}
    return Problem("busy", Fault("busy", "too-many-sessions", "", values), {"Retry-After": str(RETRY_AFTER_SECONDS)})


def _no_place(places: Places) -> Problem:
    values = {"limit": places.limit, "setting": "ADELANTE_LIVE_MAX_SESSIONS_PER_CLIENT"}
    fault = Fault("busy", "too-many-sessions-here", "", values)
    return Problem("busy", fault, {"Retry-After": str(RETRY_AFTER_SECONDS)})


def open_sessions() -> int:
    """How many live sockets are open in this process."""
    return _open_sessions


class Conversation:
    """A socket and the session that it talks about, None until the first open."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._settings: Settings = socket.app.settings
        self._compute: ComputeService = socket.app.compute
        self._networks: Networks = socket.app.networks
        # A page can't set a socket's headers, and its language may be another than the browser's.
        wishes = (socket.query_params.get("language"), socket.headers.get("accept-language"))
        self._language = negotiate(",".join(filter(None, wishes)))
        limit = self._settings.live_session_bytes
        self._budget = Budget(limit, "ADELANTE_LIVE_SESSION_BYTES", socket.app.live_budget)
        self._inbox = Inbox(self._budget)
        self._pace = Pace(self._settings.live_max_changes_per_second)
        self._session: AnySession | None = None
        # The kept network that it was opened on.
        self._name: str | None = None
        # The openings and watches whose order of arrays the client does not know yet.
        self._unannounced: list[tuple[str, int]] = []
        # What is to be sent later of a pass, by its number, and until when that may wait for quiet.
        self._pending: tuple[int, Stale] | None = None
        self._pending_until = 0.0
        # What the client has of it, and the arrays that were announced last.
        self._sent: dict[int, Version] = {}
        # Of an order that was told its digest will do: one of thousands of arrays takes megabytes.
        self._later_order = b""
        # What the client knows of the cells that it watches, and the order that it was told last while it watches some.
        self._explained = Explained()
        self._order = b""
        # Whether what was done since the last frame could not be computed, and is undone.
        self._gone_back = False

    async def run(self) -> None:
        """Reads and answers until the client leaves. What is computed for it then is given up."""
        tasks = [asyncio.create_task(work) for work in (self._read(), self._answer())]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                with suppress(WebSocketDisconnect):
                    task.result()
        finally:
            for task in tasks:
                task.cancel()
            if self._session is not None:
                self._session.close()
            self._networks.unpin(self._name)
            self._budget.close()

    async def _read(self) -> None:
        """Takes commands until the client leaves."""
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            limit = self._settings.max_body_bytes
            given: str | bytes = message.get("bytes") or message.get("text") or ""
            # Most text is ASCII, whose bytes need not be counted.
            size = len(given.encode()) if isinstance(given, str) and not given.isascii() else len(given)
            await self._inbox.put(too_large(limit) if size > limit else given)

    async def _answer(self) -> None:
        """Answers commands: all that wait are done before one pass tells what they came to."""
        while True:
            text: str | bytes | Problem | None = await self._next()
            await self._pace.turn()
            newest: int | None = None
            began = time.perf_counter()
            while text is not None:
                cost = _cost_of(text)
                seq, command = await self._parsed(text, cost)
                if await self._did(seq, command, cost=cost):
                    newest = seq
                    op = _ANSWERS.get(type(command))
                    if op is not None:
                        self._unannounced.append((op, seq or 0))
                        self._pending, self._sent, self._later_order = None, {}, b""
                        self._explained.forget()
                self._inbox.answered(text)
                more = self._pace.one_more() and not self._inbox.empty
                text = await self._inbox.next() if more else None
            if newest is not None:
                self._gone_back = False
                await self._tell(newest)
                ANSWERS.add(time.perf_counter() - began)
                if self._gone_back and self._unannounced:
                    await self._tell(self._unannounced[-1][1])

    async def _next(self) -> str | bytes | Problem:
        """The next command. What is pending is sent before it, unless it comes at once."""
        if self._pending is not None:
            patience = min(_QUIET_SECONDS, self._pending_until - time.monotonic())
            found = await self._inbox.next_within(patience) if patience > 0 else None
            if found is not None:
                return found
            await self._tell_later(*self._pending)
        return await self._inbox.next()

    async def _parsed(
        self, text: str | bytes | Problem, cost: int
    ) -> "tuple[int | None, Command | Problem | NetworkError]":
        if isinstance(text, Problem):
            return None, text
        try:
            return await self._compute.run(partial(parse, text, self._settings), cost=cost)
        except _FAILED as error:
            return None, problem_of(error)

    async def _did(self, seq: int | None, command: "Command | Problem | NetworkError", *, cost: int) -> bool:
        """Does one command; where it can't be done, answers the problem and leaves everything as it was."""
        try:
            session = self._session
            # What comes most often is asked for first.
            if session is not None and isinstance(command, Set | SetBinary):
                changing = partial(apply_changes, session, command)
                cost += drawn_cost(command) + _layers_cost(session)
                await self._compute.run(changing, cost=cost)
            elif isinstance(command, Problem | NetworkError):
                raise command
            elif isinstance(command, Open):
                opened = await open_session(command, self._compute, self._networks, self._budget)
                await self._begun(opened)
                if session is not None:
                    session.close()
                self._session = opened
                self._networks.pin(command.named.network)
                self._networks.unpin(self._name)
                self._name = command.named.network
            elif session is None or isinstance(command, Set | SetBinary):
                raise NetworkError(Fault("invalid-value", "open-first", "/op"))
            elif isinstance(command, Reshape):
                change = partial(reshape_session, session, command, self._compute, self._budget)
                cost += session.network.size + _layers_cost(session)
                after: AnySession = await self._compute.run(change, cost=cost)
                session.close()
                self._session = after
            else:
                watch = partial(apply_watch, session, command, self._compute, self._settings)
                await self._compute.run(watch, cost=cost)
        except (Problem, NetworkError, *_FAILED) as error:
            await self._complain(seq, error)
            return False
        return True

    async def _begun(self, session: AnySession) -> None:
        """Runs the first pass of a network of other kinds: where it has none, the session before goes on."""
        if isinstance(session, Session):
            return
        first = partial(session.told, self._compute.speed(session.network.dtype))
        try:
            _: Named = await self._compute.run(first, cost=session.cost, memory=session.memory)
        except (NetworkError, *_FAILED):
            session.close()
            raise

    async def _tell(self, seq: int) -> None:
        session = self._session
        assert session is not None
        pending, self._pending = self._pending, None
        arrays = partial(session.told, self._compute.speed(session.network.dtype))
        found = await self._framed(seq, arrays, session, session.cost)
        if found is None:
            return
        order, content, explained = found
        for op, announced_seq in self._unannounced:
            await self._send_text(
                {"op": op, "seq": announced_seq, "order": order, "dtype": "float32", "device": session.device}
            )
        if explained is not None:
            await self._socket.send_text(explained)
            if not self._unannounced and _digest(order) != self._order:
                await self._send_text({"op": "order", "seq": seq, "order": order})
        self._unannounced.clear()
        self._order = _digest(order) if order else self._order
        await self._socket.send_bytes(content)
        stale = session.stale(self._sent)
        if stale.due:
            if pending is None:
                self._pending_until = time.monotonic() + _LATEST_SECONDS
            self._pending = seq, stale

    async def _tell_later(self, seq: int, stale: Stale) -> None:
        """What is stale since the pass that was told last."""
        session, self._pending = self._session, None
        assert session is not None
        arrays = partial(session.told_later, stale, self._compute.speed(session.network.dtype))
        found = await self._framed(seq, arrays, session, stale.cost, later=True)
        if found is None:
            return
        order, content, _ = found
        self._sent = stale.versions
        digest = _digest(order)
        if digest != self._later_order:
            await self._send_text({"op": "later", "seq": seq, "order": order})
            self._later_order = digest
        await self._socket.send_bytes(content)

    async def _framed(
        self,
        seq: int,
        arrays: Callable[[], Named | Steps[Named]],
        session: AnySession,
        cost: int,
        *,
        later: bool = False,
    ) -> Framed | None:
        """The arrays as a frame, their order and what its cells are where the client has to know that.

        None where there is none to send.
        """
        ordered = later or bool(self._unannounced)

        # In quotes: it would be put together anew for each frame.
        def work() -> "Steps[Framed]":
            named = arrays()
            if not isinstance(named, list):
                named = yield from named
            explained = None if later else self._explained.text(seq, session.cells.explained)
            return _order(named) if ordered or explained else [], frame(seq, named), explained

        found: Framed
        try:
            found = await self._compute.run(work, cost=cost + session.loading, memory=session.memory)
        except (NetworkError, *_FAILED) as error:
            await self._complain(seq, error)
            if isinstance(error, NetworkError) and isinstance(session, GeneralSession) and not later:
                # It has gone back to what it was and watched before.
                self._unannounced = [each for each in self._unannounced if each[0] != _ANSWERS[WatchCommand]]
                self._gone_back = True
            return None
        return found if self._socket.client_state == WebSocketState.CONNECTED else None

    async def _complain(self, seq: int | None, error: Exception) -> None:
        problem = problem_of(error)
        root = address_root(self._socket.scope)
        document = problem_document(self._language, problem.type, problem.faults, f"{root}/api/v1/live", root=root)
        await self._send_text({"op": "problem", "seq": seq, "problem": document})

    async def _send_text(self, message: dict[str, Any]) -> None:
        await self._socket.send_text(orjson.dumps(message).decode())


def _cost_of(text: str | bytes | Problem) -> int:
    """Multiply-adds that take as long as reading a command."""
    if isinstance(text, bytes):
        return len(text)
    return reading_cost(text) if isinstance(text, str) else 0


def _layers_cost(session: AnySession) -> int:
    """Multiply-adds that take as long as putting a network's layers together anew, which a change may ask for."""
    return CALL_COST * len(session.network.layers) // 2


def _order(arrays: Named) -> Order:
    return [{"name": name, "shape": list(values.shape)} for name, values in arrays]


def _digest(order: Order) -> bytes:
    return blake2b(orjson.dumps(order), digest_size=16).digest()


def frame(seq: int, arrays: Named) -> bytes:
    """A binary frame: uint32 seq, then every array's values as float32, all little-endian."""
    parts = [np.ascontiguousarray(values.numpy(), dtype="<f4").tobytes() for _, values in arrays]
    return b"".join([struct.pack("<I", seq), *parts])
