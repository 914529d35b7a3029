"""uvicorn's server, which ends well on SIGTERM: not ready first, then nobody new, and status 0 once all is answered."""

import signal
import socket
import time
from types import FrameType

import uvicorn

from app.api.http.drain import DRAIN, Drain
from app.api.http.live_protocol import LiveProtocol


class DrainingServer(uvicorn.Server):
    """The first SIGTERM begins the drain, another one or Ctrl+C ends it."""

    @property
    def _drain(self) -> Drain | None:
        found: Drain | None = self.lifespan.state.get(DRAIN) if self.started else None
        return found

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        drain = self._drain
        if sig == signal.SIGTERM and drain is not None and not drain.began:
            drain.begin(time.monotonic())
            self.should_exit = drain.is_over(time.monotonic())
        else:
            super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        if self.force_exit:
            # uvicorn then leaves the application as it is, and what it waits for is cancelled with a traceback.
            await self.lifespan.shutdown()

    async def on_tick(self, counter: int) -> bool:
        drain, now = self._drain, time.monotonic()
        if drain is not None and drain.began:
            self.should_exit = self.should_exit or drain.is_over(now)
        if drain is not None and drain.began and not self.should_exit:
            live = [each for each in self.server_state.connections if isinstance(each, LiveProtocol)]
            for each in live[: drain.leaving(now, len(live))]:
                each.send_away()
        return await super().on_tick(counter)
