"""WebSocket as uvicorn speaks it, with bounds on what one client, and all of them, may leave in the server's memory."""

import asyncio
from collections import deque
from typing import Any

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import InvalidState
from websockets.frames import CloseCode
from websockets.protocol import State

from app.api.http.readers import READERS, Readers
from app.live.budget import LIVE_BUDGET, Budget

# What is longer goes out as a message of several frames, so that others get their turn between them.
_FRAME = 1 << 20


class LiveProtocol(WebSocketsSansIOProtocol):
    """One live connection."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        # It would log what clients send and are sent.
        self.conn.debug = False
        self._readers: Readers | None = self.app_state.get(READERS)
        self._budget: Budget | None = self.app_state.get(LIVE_BUDGET)
        self._whole: deque[int] = deque()  # bytes of each command that the application has not taken yet
        self._counted = 0
        # A message's frames may not be parted by another message.
        self._sending = asyncio.Lock()

    def send_away(self) -> None:
        """Closes with 1012 (service restart), on which a page connects again, to another server if there is one."""
        if self.handshake_complete and self.conn.state is not State.OPEN:
            # It is closing already, and uvicorn's own way would fail on that.
            self.transport.close()
        else:
            super().shutdown()

    def shutdown(self) -> None:
        self.send_away()
        if self._readers is not None:
            self._readers.shut_down()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._readers is not None:
            self._readers.read(self.transport)

    def handle_ping(self) -> None:
        # For a client that does not read, every answered ping would be one more answer to keep.
        if self.writable.is_set():
            super().handle_ping()
        else:
            self.conn.data_to_send()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if not self._count() and not self.close_sent and not self.transport.is_closing():
            self.conn.fail(CloseCode.TRY_AGAIN_LATER, "too much is sent at once")
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.close_sent = True
            self.transport.close()

    def send_receive_event_to_app(self) -> None:
        if not self.close_sent:
            self._whole.append(sum(map(len, self.frames)))
        super().send_receive_event_to_app()

    async def receive(self) -> Any:
        message = await super().receive()
        if message["type"] == "websocket.receive" and self._whole:
            self._whole.popleft()
            self._count()
        return message

    async def send(self, message: Any) -> None:
        async with self._sending:
            content: str | bytes | None = message.get("bytes") or message.get("text")
            if message["type"] == "websocket.send" and content is not None and len(content) > _FRAME:
                await self._send_in_frames(content)
            else:
                await super().send(message)

    async def _send_in_frames(self, content: str | bytes) -> None:
        try:
            for start in range(0, len(content), _FRAME):
                self._hold(len(content) - start)
                await self.writable.wait()
                if self.disconnected:
                    raise ClientDisconnected()
                if self.close_sent:
                    return
                self._send_frame(content[start : start + _FRAME], first=start == 0, last=start + _FRAME >= len(content))
                await asyncio.sleep(0)
        except InvalidState:
            raise ClientDisconnected() from None
        finally:
            self._hold(0)

    def _send_frame(self, piece: str | bytes, *, first: bool, last: bool) -> None:
        data = piece.encode() if isinstance(piece, str) else piece
        if not first:
            self.conn.send_continuation(data, last)
        elif isinstance(piece, str):
            self.conn.send_text(data, last)
        else:
            self.conn.send_binary(data, last)
        self.transport.write(b"".join(self.conn.data_to_send()))

    def _hold(self, count: int) -> None:
        if self._readers is not None:
            self._readers.hold(self.transport, count)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self._budget is not None:
            self._budget.take(-self._counted)
            self._budget = None

    def _count(self) -> bool:
        """Whether what the client sent, and the application has not taken yet, is within the budget."""
        if self._budget is None:
            return True
        held = len(self.conn.reader.buffer) + sum(map(len, self.frames)) + sum(self._whole)
        if not self._budget.take(held - self._counted):
            return False
        self._counted = held
        return True
