"""What one live connection is sent goes out piece by piece, and whole."""

import json

import numpy as np
from websockets.sync.client import connect

_MOST_OF_A_FRAME = 1 << 20
_SIZE = [600, 1000]


def _opened() -> str:
    layers = [
        {"name": "many", "kind": "full", "size": _SIZE, "fill_value": 0.5},
        {"kind": "mul", "inputs": ["many", "inputs"]},
    ]
    return json.dumps(
        {"op": "open", "seq": 1, "input": {"shape": [1]}, "batch": "one", "layers": layers, "inputs": [3]}
    )


def test_a_large_message_comes_in_frames_that_no_other_message_parts(server_url: str) -> None:
    watch = {"op": "watch", "seq": 2, "watch": [{"kind": "tensor", "tensor": "layers.1.activations"}]}
    with connect(f"{server_url.replace('http', 'ws')}/api/v1/live", max_size=None) as session:
        session.send(_opened())
        while not isinstance(session.recv(timeout=20), bytes):
            pass
        session.send(json.dumps(watch))
        session.send(json.dumps({"op": "nonsense", "seq": 3}))
        told, large = b"", b""
        while not (large and told):
            pieces = [bytes(piece) for piece in session.recv_streaming(decode=False)]
            message = b"".join(pieces)
            if message.startswith(b'{"op":"problem"'):
                told = message
            elif len(message) > _MOST_OF_A_FRAME:
                assert max(map(len, pieces)) <= _MOST_OF_A_FRAME
                large = message
    assert json.loads(told)["seq"] == 3
    numbers = np.frombuffer(large[len(large) % 4 :], "<f4")
    assert int((numbers == 1.5).sum()) == _SIZE[0] * _SIZE[1]
