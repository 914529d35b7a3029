"""WS /api/v1/live: changes in, the values of every neuron out; the newest wins.

A reader takes commands as they come and a worker answers them. What arrives while a pass runs is merged: the worker
takes all that waits, makes the changes in order, runs one pass, and answers with the newest sequence number.

What is watched for later follows in a second frame with the same number, once the client was quiet for as long as it
takes to paint the pass, but not much later than that: neither the next pass nor the painting, where both share a
machine, waits for it. What is as it was told before is left out, and the whole frame where nothing else is. A text
frame {"op": "later", "seq", "order"} announces the arrays wherever they are others than in the frame before.
"""

import asyncio
import struct
import time
from contextlib import suppress
from functools import partial
from typing import Any

import numpy as np
import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from app.api.admission import refuse_socket
from app.api.body import too_large
from app.api.exchange import READ_BYTE_MULTIPLY_ADDS
from app.api.live_commands import Command, Open, Set, apply_changes, apply_watch, open_session, parse
from app.api.problems import RETRY_AFTER_SECONDS, Problem, problem_document, problem_of
from app.compute.service import ComputeBusy, ComputeService, ComputeTimeout
from app.live.session import Basis, Due, Named, Session
from app.locale import negotiate
from app.network.errors import Fault, NetworkError
from app.settings import Settings
from app.store.networks import Networks

router = APIRouter()

# A client that sends faster than it is served waits, once this many commands do.
_MOST_WAITING = 1024
_open_sessions = 0

# Within this a client has painted a pass.
_QUIET_SECONDS = 0.02
# While commands keep coming, what is watched for later comes at least this often.
_LATEST_SECONDS = 0.04

Waiting = tuple[int | None, "Command | Problem | NetworkError"]


@router.websocket("/api/v1/live")
async def live(socket: WebSocket) -> None:
    """One session of one page; see the module."""
    global _open_sessions
    settings: Settings = socket.app.settings
    if _open_sessions >= settings.live_max_sessions:
        await refuse_socket(socket, _full(settings))
        return
    await socket.accept()
    _open_sessions += 1
    conversation = Conversation(socket)
    reader = asyncio.create_task(conversation.read())
    try:
        await conversation.answer()
    except WebSocketDisconnect:
        pass
    finally:
        reader.cancel()
        _open_sessions -= 1


@router.get("/api/v1/live", include_in_schema=False)
async def why_no_socket(request: Request, origin: str | None = None) -> Response:
    """What a page asks whose socket did not open, with its own origin: the reason why this server would refuse it, or
    that a request came through which did not ask for a socket."""
    settings: Settings = request.app.settings
    headers = request.headers
    origin = headers.get("origin") if origin is None else origin
    fault = request.app.admission.origin_fault(headers.get("host", ""), origin, headers.get("x-forwarded-host"))
    if fault is not None:
        raise Problem(fault.type, fault)
    if _open_sessions >= settings.live_max_sessions:
        raise _full(settings)
    raise Problem("upgrade-required", Fault("upgrade-required", "upgrade-required", ""), {"Upgrade": "websocket"})


def _full(settings: Settings) -> Problem:
    values = {"limit": settings.live_max_sessions, "setting": "ADELANTE_LIVE_MAX_SESSIONS"}
    return Problem("busy", Fault("busy", "too-many-sessions", "", values), {"Retry-After": str(RETRY_AFTER_SECONDS)})


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
        self._language = negotiate(socket.headers.get("accept-language"))
        self._waiting: asyncio.Queue[Waiting | None] = asyncio.Queue(_MOST_WAITING)
        self._session: Session | None = None
        # The openings and watches whose order of arrays the client does not know yet.
        self._unannounced: list[tuple[str, int]] = []
        # What is still owed of a pass, by its number, and until when that may wait for quiet.
        self._owing: tuple[int, Due] | None = None
        self._owed_by = 0.0
        # What the client has of it, and the arrays that were announced last.
        self._told: dict[int, Basis] = {}
        self._later_order: list[dict[str, Any]] | None = None

    async def read(self) -> None:
        """Queues commands until the client leaves; then queues the end."""
        try:
            while True:
                message = await self._socket.receive()
                if message["type"] == "websocket.disconnect":
                    break
                await self._waiting.put(await self._command_in(message.get("text")))
        except WebSocketDisconnect:
            pass
        await self._waiting.put(None)

    async def _command_in(self, text: str | None) -> Waiting:
        """A frame's command; long ones are read in a thread."""
        if text is None:
            return None, Problem("invalid-json", Fault("invalid-json", "text-frames", ""))
        limit = self._settings.max_body_bytes
        if len(text) > limit or (not text.isascii() and len(text.encode()) > limit):
            return None, too_large(limit)
        try:
            return await self._compute.run(
                partial(parse, text, self._settings), cost=READ_BYTE_MULTIPLY_ADDS * len(text)
            )
        except (ComputeBusy, ComputeTimeout) as error:
            return None, problem_of(error)

    async def answer(self) -> None:
        """Answers commands until the client leaves."""
        while True:
            batch = [await self._next()]
            while not self._waiting.empty():
                batch.append(self._waiting.get_nowait())
            newest: int | None = None
            for item in batch:
                if item is None:
                    return
                seq, command = item
                if await self._did(seq, command):
                    newest = seq
                    if not isinstance(command, Set | Problem | NetworkError):
                        self._unannounced.append(("opened" if isinstance(command, Open) else "watching", seq or 0))
                        self._owing, self._told, self._later_order = None, {}, None
            if newest is not None:
                await self._tell(newest)

    async def _next(self) -> Waiting | None:
        """The next command. What is owed is told before it, unless it comes at once."""
        if self._owing is not None:
            patience = min(_QUIET_SECONDS, self._owed_by - time.monotonic())
            if patience > 0:
                with suppress(TimeoutError):
                    return await asyncio.wait_for(self._waiting.get(), patience)
            await self._tell_later(*self._owing)
        return await self._waiting.get()

    async def _did(self, seq: int | None, command: "Command | Problem | NetworkError") -> bool:
        """Does one command; where it can't be done, answers the problem and leaves everything as it was."""
        try:
            if isinstance(command, Problem | NetworkError):
                raise command
            if isinstance(command, Open):
                self._session = await open_session(command, self._compute, self._networks)
            elif self._session is None:
                raise Problem("invalid-value", Fault("invalid-value", "open-first", "/op"))
            elif isinstance(command, Set):
                apply_changes(self._session, command)
            else:
                apply_watch(self._session, command)
        except (Problem, NetworkError) as error:
            await self._complain(seq, error)
            return False
        return True

    async def _tell(self, seq: int) -> None:
        session = self._session
        assert session is not None
        owing, self._owing = self._owing, None
        try:
            arrays = await self._compute.run(session.arrays, cost=session.cost)
        except (ComputeBusy, ComputeTimeout) as error:
            await self._complain(seq, error)
            return
        if self._socket.client_state != WebSocketState.CONNECTED:
            return
        order = _order(arrays) if self._unannounced else []
        for op, announced_seq in self._unannounced:
            message = {"op": op, "seq": announced_seq, "order": order, "dtype": "float32", "device": session.device}
            await self._socket.send_text(orjson.dumps(message).decode())
        self._unannounced.clear()
        await self._socket.send_bytes(frame(seq, arrays))
        due = session.due(self._told)
        if due.watches:
            if owing is None:
                self._owed_by = time.monotonic() + _LATEST_SECONDS
            self._owing = seq, due

    async def _tell_later(self, seq: int, due: Due) -> None:
        """What is due of the pass that was told last."""
        session, self._owing = self._session, None
        assert session is not None
        try:
            arrays = await self._compute.run(partial(session.later_arrays, due), cost=due.cost)
        except (ComputeBusy, ComputeTimeout) as error:
            await self._complain(seq, error)
            return
        if self._socket.client_state != WebSocketState.CONNECTED:
            return
        self._told = due.bases
        order = _order(arrays)
        if order != self._later_order:
            message = {"op": "later", "seq": seq, "order": order}
            await self._socket.send_text(orjson.dumps(message).decode())
            self._later_order = order
        await self._socket.send_bytes(frame(seq, arrays))

    async def _complain(self, seq: int | None, error: Exception) -> None:
        problem = problem_of(error)
        document = problem_document(self._language, problem.type, problem.faults, "/api/v1/live")
        await self._socket.send_text(orjson.dumps({"op": "problem", "seq": seq, "problem": document}).decode())


def _order(arrays: Named) -> list[dict[str, Any]]:
    return [{"name": name, "shape": list(values.shape)} for name, values in arrays]


def frame(seq: int, arrays: Named) -> bytes:
    """A binary frame: uint32 seq, then every array's values as float32, all little-endian."""
    parts = [np.ascontiguousarray(values.numpy(), dtype="<f4").tobytes() for _, values in arrays]
    return b"".join([struct.pack("<I", seq), *parts])
