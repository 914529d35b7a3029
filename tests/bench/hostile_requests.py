"""The attacks that `attacks` tries, each a function of the server's port.

Most are one request that is small, or honest in size, and once cost far more than its bytes. The others open many
connections and then leave them alone.
"""

import http.client
import json
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise, repeat
from threading import Thread
from typing import Any

import websockets.sync.client as websockets

from app.api.http.zstd import compress
from tests.bench.servers import keep

FORWARD = "/api/v1/forward"
_EXPLAIN, _SWEEP = "/api/v1/explain", "/api/v1/sweep"
_FILE = "application/vnd.safetensors"
JSON = {"Content-Type": "application/json"}
PATIENCE_SECONDS = 60.0


@dataclass
class Outcome:
    """Bytes that were sent, what came back in words, and connections that stay open until the server was stopped."""

    sent: int
    answered: str
    open: list[socket.socket] = field(default_factory=list)

    def release(self) -> None:
        """Closes what was left open."""
        for connection in self.open:
            connection.close()


@dataclass(frozen=True)
class Attack:
    """`settings` are the server's environment; `before` is asked first, where what a process does once is not meant."""

    name: str
    run: Callable[[int], Outcome]
    settings: dict[str, str] = field(default_factory=dict)
    before: Callable[[int], Outcome] | None = None


def request(port: int, path: str, body: bytes, headers: dict[str, str] | None = None) -> Outcome:
    """One POST; its status, the answer's size and how it begins."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    try:
        try:
            connection.request("POST", path, body, {**JSON, **(headers or {})})
        except (BrokenPipeError, ConnectionResetError) as error:
            return Outcome(len(body), f"{type(error).__name__} while sending")
        answer = connection.getresponse()
        size, beginning = 0, b""
        while piece := answer.read(1 << 20):
            size += len(piece)
            beginning = beginning or piece[:70]
        return Outcome(len(body), f"{answer.status}, {size} B: {beginning.decode('utf-8', 'replace')}")
    except (OSError, http.client.HTTPException) as error:
        return Outcome(len(body), f"{type(error).__name__}: {error}")
    finally:
        connection.close()


def _posts(body: Callable[[], bytes], path: str = FORWARD, **headers: str) -> Callable[[int], Outcome]:
    return lambda port: request(port, path, body(), {name.replace("_", "-"): value for name, value in headers.items()})


def _packed(text: Callable[[], bytes]) -> Callable[[int], Outcome]:
    return lambda port: request(port, FORWARD, compress(text()), {"Content-Encoding": "zstd"})


def _escapes(quotes: int) -> bytes:
    return b'{"a":[' + b"[]," * 40 + b'"' + b'\\"' * quotes + b"]}"


def _keys(count: int, doubled: bool = False) -> bytes:
    keys = [f'"k{i:06d}":0' for i in range(count)]
    return ("{" + ",".join([*keys, keys[0]] if doubled else keys) + "}").encode()


def _quick_live(text: str) -> Callable[[int], Outcome]:
    def run(port: int) -> Outcome:
        with websockets.connect(f"ws://127.0.0.1:{port}/api/v1/live", max_size=None) as session:
            session.send(text)
            answer = session.recv(timeout=PATIENCE_SECONDS)
            return Outcome(len(text), f"live: {answer[:90]!r}")

    return run


def _large_frame(port: int) -> Outcome:
    """17 MiB of blanks inside a command, then an ordinary one on the same socket."""
    blanks = " " * (17 * 2**20)
    first = f'{{"op":"open","seq":1,"network":"multilayer","inputs":[1,0,-1]{blanks}}}'
    try:
        with websockets.connect(f"ws://127.0.0.1:{port}/api/v1/live", max_size=None) as session:
            session.send(first)
            one = session.recv(timeout=PATIENCE_SECONDS)
            session.send('{"op":"open","seq":2,"network":"multilayer","inputs":[1,0,-1]}')
            heard = [session.recv(timeout=PATIENCE_SECONDS) for _ in range(2)]
            return Outcome(len(first), f"live: {one[:40]!r}, then {heard[-1][:40]!r}")
    except Exception as error:
        return Outcome(len(first), f"{type(error).__name__}: {error}")


def _infinite_numbers() -> bytes:
    return json.dumps({"inputs": [[3e38]] * 2000, "layers": [{"weights": [[9.0] * 1000]}]}).encode()


def _wide_trace() -> bytes:
    return json.dumps({"inputs": [[1]] * 40_000, "layers": [{"weights": [[1] * 1000]}]}).encode()


def _many_layers() -> bytes:
    return json.dumps({"inputs": [1], "layers": [{"weights": [[1]]}] * 100_000}).encode()


def _unknown_fields() -> bytes:
    layer = {"weights": [[1]], **{f"field{i}": 1 for i in range(150_000)}}
    return json.dumps({"inputs": [1], "layers": [layer]}).encode()


def _honest(megabytes: int, path: str) -> Callable[[int], Outcome]:
    """A network of this many megabytes of text, with a vector of inputs where the operation takes one."""

    def run(port: int) -> Outcome:
        n_out = 1000
        n_in = megabytes * 10**6 // (n_out * 9)
        row = "[" + ",".join(repeat("0.123456", n_out)) + "]"
        inputs = "" if path.endswith("networks") else '"inputs":[' + ",".join(repeat("0.5", n_in)) + "],"
        body = "{" + inputs + '"layers":[{"weights":[' + ",".join(repeat(row, n_in)) + "]}]}"
        return request(port, path, body.encode())

    return run


def _head(path: str, length: int) -> bytes:
    lines = (f"POST {path} HTTP/1.1", "Host: x", "Content-Type: application/json", f"Content-Length: {length}", "", "")
    return "\r\n".join(lines).encode()


def _unread_answers(port: int) -> Outcome:
    """Eight answers of several megabytes that nobody reads."""
    body = b'{"sizes":[2000,2000],"seed":1}'
    sent = _head("/api/v1/random", len(body)) + body
    held = []
    for _ in range(8):
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", port))
        connection.sendall(sent)
        held.append(connection)
    time.sleep(10)
    return Outcome(8 * len(sent), "never read; still open when the server is told to stop", held)


def _half_headers(port: int) -> Outcome:
    held = []
    for _ in range(200):
        connection = socket.create_connection(("127.0.0.1", port))
        connection.sendall(b"POST /api/v1/forward HTTP/1.1\r\nHost: x\r\n")
        held.append(connection)
    time.sleep(2)
    return Outcome(200 * 41, "200 half headers, still open when the server is told to stop", held)


def _half_body(port: int) -> Outcome:
    connection = socket.create_connection(("127.0.0.1", port))
    head = _head(FORWARD, 100) + b"{"
    connection.sendall(head)
    time.sleep(0.5)
    return Outcome(len(head), "half a body, still open when the server is told to stop", [connection])


def _long_headers(port: int) -> Outcome:
    lines = b"".join(b"X-Header-%06d: " % i + b"x" * 4000 + b"\r\n" for i in range(10_000))
    sent = b"GET /v2/health/live HTTP/1.1\r\nHost: x\r\n" + lines + b"\r\n"
    with socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS) as connection:
        try:
            connection.sendall(sent)
        except OSError as error:
            return Outcome(len(sent), f"{type(error).__name__} while sending")
        return Outcome(len(sent), connection.recv(200).decode("latin-1", "replace").splitlines()[0])


def _expensive_pass(port: int) -> Outcome:
    """A kept network of 8 million asked in float16 with 7,500 rows, and somebody's small work beside it."""
    id = keep(port, (2000, 2000, 2000))
    body = (
        '{"network":"' + id + '","dtype":"float16","return":"outputs","inputs":[' + "[" + ("0," * 1999) + "0]" + "]}"
    ).encode()
    rows = body.replace(b"[[", b"[" + (b"[" + b"0," * 1999 + b"0],") * 7499 + b"[", 1)
    heard: list[str] = []
    sender = Thread(
        target=lambda: heard.append(request(port, FORWARD, compress(rows), {"Content-Encoding": "zstd"}).answered)
    )
    sender.start()
    time.sleep(1)
    started = time.perf_counter()
    beside = request(port, "/api/v1/tensors", b'{"steps":[{"op":"ones","args":[[2,2]],"as":"a"}]}')
    waited = time.perf_counter() - started
    sender.join()
    sent = len(compress(rows))
    return Outcome(sent, f"{heard[0][:50]}; the lab meanwhile {beside.answered[:3]} after {waited:.1f} s")


def _many_opens(port: int) -> Outcome:
    """Forty live sessions of one kept network of four million weights."""
    id = keep(port, (2000, 2000))
    command = json.dumps({"op": "open", "seq": 1, "network": id, "inputs": [0.0] * 2000})
    sessions = []
    for _ in range(40):
        session = websockets.connect(f"ws://127.0.0.1:{port}/api/v1/live", max_size=None)
        session.send(command)
        session.recv(timeout=PATIENCE_SECONDS)
        sessions.append(session)
    for session in sessions:
        session.close()
    return Outcome(40 * len(command), "40 sessions opened")


def _tiny_layers(number: float) -> list[dict[str, Any]]:
    return [{"weights": [[number]], "name": f"layer{k}"} for k in range(4000)]


def _many_kept(port: int) -> Outcome:
    """Twelve networks of 4,000 tiny layers, handed over one after the other."""
    sent = 0
    for k in range(12):
        sent += request(port, "/api/v1/networks", json.dumps({"layers": _tiny_layers(k + 0.5)}).encode()).sent
    return Outcome(sent, "12 networks kept")


def _many_deep_opens(port: int) -> Outcome:
    """Twelve live sessions that each have 4,000 tiny layers of their own."""
    sent, sessions = 0, []
    for k in range(12):
        command = json.dumps({"op": "open", "seq": 1, "layers": _tiny_layers(k + 0.5), "inputs": [1]})
        session = websockets.connect(f"ws://127.0.0.1:{port}/api/v1/live", max_size=None)
        session.send(command)
        session.recv(timeout=PATIENCE_SECONDS)
        sent += len(command)
        sessions.append(session)
    for session in sessions:
        session.close()
    return Outcome(sent, "12 sessions opened")


def _unread_commands(port: int) -> Outcome:
    """A live client that sends a hundred commands of 4 MB and reads none of the answers."""
    command: dict[str, Any] = {"op": "open", "seq": 1, "network": "multilayer", "inputs": [1, 0, -1]}
    text = json.dumps(command)[:-1] + " " * 4_000_000 + "}"
    session = websockets.connect(f"ws://127.0.0.1:{port}/api/v1/live", max_size=None, max_queue=1)
    sent = 0

    def send() -> None:
        nonlocal sent
        try:
            for _ in range(100):
                session.send(text)
                sent += len(text)
        except Exception as error:
            heard.append(type(error).__name__)

    heard: list[str] = []
    sender = Thread(target=send, daemon=True)
    sender.start()
    sender.join(20)
    answered = f"the server took {sent / 1e6:.0f} MB" + (f", then {heard[0]}" if heard else "")
    return Outcome(sent, answered, [session.socket])


def _drawings(port: int) -> Outcome:
    """Four large networks at once, each drawn as the largest picture."""
    sizes = (784, 128, 64, 10)
    layers = [
        {"weights": [[(3 * i + j) % 7 / 7 - 0.4 for j in range(n_out)] for i in range(n_in)], "biases": [0] * n_out}
        for n_in, n_out in pairwise(sizes)
    ]
    body = json.dumps({"layers": layers, "inputs": [0.5] * sizes[0], "scale": 4}).encode()
    found: list[Outcome] = []
    senders = [
        Thread(target=lambda: found.append(request(port, "/api/v1/diagram", body, {"Accept": "image/png"})))
        for _ in range(4)
    ]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    return Outcome(sum(each.sent for each in found), found[-1].answered)


def _nothing(port: int) -> Outcome:
    time.sleep(3)
    return Outcome(0, "")


def _over_the_limit(port: int) -> Outcome:
    return request(port, "/api/v1/networks", b" " * 140_000_000)


def _sum_of(parts: int) -> dict[str, Any]:
    """A number that is made of so many others, none of which the request brings."""
    full = {"name": "many", "kind": "full", "size": [parts], "fill_value": 0.5}
    summed = {"name": "sum", "kind": "sum", "inputs": ["many"]}
    layers = [full, summed, {"kind": "add", "inputs": ["inputs", "sum"]}]
    target = {"tensor": "layers.1.activations", "at": []}
    return {"input": {"shape": [1]}, "layers": layers, "inputs": [1], "target": target}


def _explanation(parts: int, **more: Any) -> bytes:
    return json.dumps({**_sum_of(parts), "gradients": False, **more}).encode()


def _convolution(side: int, channels: int) -> dict[str, Any]:
    """Two convolutions of a picture of that side, 3×3 and as wide."""
    kernel = [[0.1] * 3] * 3
    first = {"kind": "conv2d", "padding": 1, "weights": [[kernel]] * channels, "activation": "relu"}
    second = {"kind": "conv2d", "padding": 1, "weights": [[kernel] * channels] * channels}
    picture = [[[0.5] * side] * side]
    return {"input": {"shape": [1, side, side]}, "layers": [first, second], "inputs": picture}


def _swept(side: int, channels: int, steps: int, cell: dict[str, Any]) -> bytes:
    ranged = {"vary": cell, "from": -1, "to": 1, "steps": steps, "return": ["layers.1.activations"]}
    summed = {"kind": "sum", "dim": [1, 2, 3]}
    network = _convolution(side, channels)
    network["layers"].append(summed)
    return json.dumps({**network, **ranged, "return": "outputs"}).encode()


def _watched_region(port: int) -> Outcome:
    """All of a tensor of four million numbers, told after each of twenty changes."""
    full = {"name": "many", "kind": "full", "size": [2000, 2000], "fill_value": 0.5}
    layers = [full, {"kind": "mul", "inputs": ["many", "inputs"]}]
    opened = {"op": "open", "seq": 1, "input": {"shape": [1]}, "batch": "one", "layers": layers, "inputs": [1]}
    watch = {"op": "watch", "seq": 2, "watch": [{"kind": "tensor", "tensor": "layers.1.activations"}]}
    sent = 0
    heard: list[str] = []
    with websockets.connect(f"ws://127.0.0.1:{port}/api/v1/live", max_size=None) as session:
        for command in (opened, watch, *({"op": "set", "seq": 3 + k, "changes": [_PIXEL]} for k in range(20))):
            text = json.dumps(command)
            session.send(text)
            sent += len(text)
        while len(heard) < 40 and (not heard or not heard[-1].startswith("problem")):
            try:
                answer = session.recv(timeout=5)
            except TimeoutError:
                break
            heard.append(answer[:120] if isinstance(answer, str) else f"{len(answer)} B")
    return Outcome(sent, f"live: {len(heard)} answers, the last: {heard[-1][:90] if heard else None}")


_PIXEL: dict[str, Any] = {"cell": {"tensor": "inputs", "at": [0]}, "value": 0.25}
_OF_INPUT, _OF_WEIGHT = {"tensor": "inputs", "at": [0, 0, 0]}, {"tensor": "layers.0.weights", "at": [0, 0, 0, 0]}

_small_explanation = _posts(lambda: _explanation(3), _EXPLAIN)


def _many_kinds(count: int) -> bytes:
    target = {"tensor": "layers.0.activations", "at": [0]}
    layers = [{"kind": "relu"}] * count
    return json.dumps({"input": {"shape": [1]}, "layers": layers, "inputs": [1], "target": target}).encode()


def _many_dense(count: int) -> bytes:
    target = {"tensor": "layers.0.activations", "at": [0]}
    return json.dumps({"layers": [{"weights": [[1]]}] * count, "inputs": [1], "target": target}).encode()


def _asked(name: str, body: Callable[[], bytes], path: str = _EXPLAIN, **headers: str) -> Attack:
    """One request about a network of other kinds, on a server that has met such networks before."""
    return Attack(name, _posts(body, path, **headers), before=_small_explanation)


_MANY_INPUTS = '{"kind":"cat","dim":1,"inputs":[' + ",".join(['"inputs"'] * 90_000) + "]}"
_FULL = '{"kind":"full","size":[1000000,1000000],"fill_value":0}'
_DOUBLED = '{"kind":"repeat","repeats":[1,2]}'


def _layers_of(layer: str, count: int) -> bytes:
    """A network of so many layers that are alike, of two numbers."""
    return ('{"input":{"shape":[2]},"inputs":[1,2],"layers":[' + ",".join([layer] * count) + "]}").encode()


def _cycle() -> bytes:
    layers = [f'{{"kind":"relu","name":"n{k}","inputs":["n{(k + 1) % 4000}"]}}' for k in range(4000)]
    return ('{"input":{"shape":[2]},"inputs":[1,2],"layers":[' + ",".join(layers) + "]}").encode()


def _ragged_kernels() -> bytes:
    kernels = ",".join(["[[[1,2],[3,4]]]"] * 200_000)
    return _layers_of(f'{{"kind":"conv2d","weights":[{kernels},[[[1]]]]}}', 1)


ATTACKS = (
    Attack("nothing", _nothing),
    Attack("the first network of another kind", _small_explanation),
    _asked("4,000 small layers of another kind", lambda: _many_kinds(4000)),
    _asked("a cell of 4,000 dense layers", lambda: _many_dense(4000)),
    _asked("an explanation of two million parts", lambda: _explanation(2_000_000)),
    _asked("an explanation of a million parts", lambda: _explanation(1_000_000)),
    _asked("an explanation of 500,000 parts", lambda: _explanation(500_000)),
    _asked("an explanation of 400,000 parts as a file", lambda: _explanation(400_000), Accept=_FILE),
    _asked("what 400,000 parts hang on", lambda: _explanation(400_000, reach=True)),
    _asked("a sweep of 4,096 large convolutions", lambda: _swept(112, 64, 4096, _OF_INPUT), _SWEEP),
    _asked("a sweep of 4,096 small convolutions", lambda: _swept(28, 16, 4096, _OF_INPUT), _SWEEP),
    _asked("a sweep of a convolution's weight", lambda: _swept(28, 16, 2048, _OF_WEIGHT), _SWEEP),
    _asked("4,096 layers, one line each", lambda: _layers_of('{"kind":"relu"}', 4096), FORWARD),
    _asked("a million layers of other kinds", lambda: _layers_of('{"kind":"relu"}', 1_000_000), FORWARD),
    _asked("4,096 kinds that nobody knows", lambda: _layers_of('{"kind":"' + "x" * 150 + '"}', 4096), FORWARD),
    _asked("4,000 layers that take each other", _cycle, FORWARD),
    _asked("a layer of 90,000 inputs", lambda: _layers_of(_MANY_INPUTS, 1), FORWARD),
    _asked("a tensor of 4,000 dimensions", lambda: _layers_of('{"kind":"unsqueeze","dim":1}', 4000), FORWARD),
    _asked("10^12 numbers out of nothing", lambda: _layers_of(_FULL, 1), FORWARD),
    _asked("numbers doubled 60 times", lambda: _layers_of(_DOUBLED, 60), FORWARD),
    _asked("kernels of which the last is short, 3 MB", _ragged_kernels, FORWARD),
    Attack("a watch of four million numbers", _watched_region, before=_small_explanation),
    Attack("escaped quotes after brackets, 64 kB packed", _packed(lambda: _escapes(32_000))),
    Attack("escaped quotes after brackets, 1 MB", _posts(lambda: _escapes(500_000))),
    Attack(
        "a string of 20 MB beside brackets, packed",
        _packed(lambda: b'{"a":[' + b"[]," * 40 + b'"' + b"x" * 20_000_000 + b'"]}'),
    ),
    Attack("doubled keys, 20,000", _posts(lambda: _keys(20_000, True))),
    Attack("doubled keys, 64,000", _posts(lambda: _keys(64_000, True))),
    Attack("keys nobody knows, 64,000", _posts(lambda: _keys(64_000))),
    Attack("keys nobody knows, 64,000, on the live socket", _quick_live(_keys(64_000).decode())),
    Attack("doubled keys, 64,000, on the live socket", _quick_live(_keys(64_000, True).decode())),
    Attack("150,000 unknown fields in a layer", _posts(_unknown_fields)),
    Attack("100,000 layers", _posts(_many_layers)),
    Attack("100,000 layers, packed", _packed(_many_layers)),
    Attack("results that are all infinite", _posts(_infinite_numbers)),
    Attack("a trace of 40 million numbers", _posts(_wide_trace)),
    Attack("random sizes of 25 million", _posts(lambda: b'{"sizes":[5000,5000],"seed":1}', "/api/v1/random")),
    Attack("an honest 41 MB to explain", _honest(41, "/api/v1/explain")),
    Attack("an honest 41 MB to networks", _honest(41, "/api/v1/networks")),
    Attack("an honest 41 MB to forward", _honest(41, FORWARD)),
    Attack("an honest 1 MB to code", lambda port: request(port, "/api/v1/code", _code_body())),
    Attack("four large diagrams as PNG at once", _drawings),
    Attack("140 MB where 64 are the limit", _over_the_limit),
    Attack("eight answers that nobody reads", _unread_answers),
    Attack("200 half headers", _half_headers),
    Attack("half a body", _half_body),
    Attack("40 MB of headers", _long_headers),
    Attack("an expensive float16 pass", _expensive_pass),
    Attack("40 live sessions of one kept network", _many_opens),
    Attack("12 kept networks of 4,000 tiny layers", _many_kept),
    Attack("12 live sessions of 4,000 tiny layers", _many_deep_opens),
    Attack("a live client that does not read", _unread_commands),
    Attack("a live command of 17 MiB", _large_frame),
)


def _code_body() -> bytes:
    row = "[" + ",".join(repeat("0.123456", 300)) + "]"
    weights = "[" + ",".join(repeat(row, 300)) + "]"
    inputs = ",".join(repeat("0.5", 300))
    return ('{"language":"pytorch","inputs":[' + inputs + '],"layers":[{"weights":' + weights + "}]}").encode()
