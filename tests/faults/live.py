"""A learner at a live socket, whose numbers are checked against torch."""

import json
import random
from contextlib import ExitStack, suppress
from types import TracebackType

import numpy as np
import torch
import websockets.sync.client as websockets
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin

from adelante.network.forward import forward
from adelante.network.presets import chain_named


class Learner:
    """Opens the notebook's network at a server and drags its inputs. It can be opened again at another one."""

    def __init__(self, url: str) -> None:
        self._inputs = [1.0, 0.0, -1.0]
        self._seq = 1
        self._open = ExitStack()
        self.open(url)

    def open(self, url: str) -> None:
        """As a page does that lost its socket: with its own numbers."""
        address = url.replace("http", "ws") + "/api/v1/live"
        self.close()
        self._socket = self._open.enter_context(websockets.connect(address, origin=Origin(url), open_timeout=20))
        self._seq += 1
        document = {"op": "open", "seq": self._seq, "network": "multilayer", "inputs": self._inputs}
        self._socket.send(json.dumps(document))
        self._check(self._frame())

    def drag(self) -> None:
        """One change, whose answer must be right."""
        k, value = random.randrange(3), random.uniform(-3, 3)
        self._seq += 1
        self._inputs[k] = value
        self._socket.send(json.dumps({"op": "set", "seq": self._seq, "changes": [{"input": k, "value": value}]}))
        self._check(self._frame())

    def _frame(self) -> bytes:
        while True:
            frame = self._socket.recv(20)
            if isinstance(frame, bytes) and int.from_bytes(frame[:4], "little") == self._seq:
                return frame

    def _check(self, frame: bytes) -> None:
        outputs = forward(chain_named("multilayer").network, torch.tensor(self._inputs)).outputs
        np.testing.assert_allclose(np.frombuffer(frame[4:], "<f4")[-len(outputs) :], outputs.numpy(), atol=1e-6)

    def close(self) -> None:
        with suppress(ConnectionClosed):
            self._open.close()

    def __enter__(self) -> "Learner":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self.close()
