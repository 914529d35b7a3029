"""WebSocket as uvicorn speaks it, with bounds on what one client, and all of them, may leave in the server's memory."""

from collections import deque
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import CloseCode
from websockets.protocol import State

from app.api.http.readers import READERS, Readers
from app.live.budget import LIVE_BUDGET, Budget


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
