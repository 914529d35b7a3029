"""The application as Ray Serve hosts it. Ray itself is large: what starts it skips where it is missing."""

import asyncio
import json
import subprocess
import sys
import urllib.request
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import connect

from app.cluster import Stateful, deployment_options, replica_application
from app.settings import SettingFault, Settings
from tests.server import free_port

ROOT = Path(__file__).parents[1]
RIGHT = 0.584926
REQUEST = json.dumps({"network": "multilayer", "inputs": [1, 0, -1]}).encode()

SERVES = """
import sys
import ray
from ray import serve
from ray.serve.config import HTTPOptions

ray.init(address="local", include_dashboard=False, num_cpus=1)
serve.start(http_options=HTTPOptions(host="127.0.0.1", port=int(sys.argv[1])))
import app.cluster
serve.run(app.cluster.app, route_prefix="/")
print("ready", flush=True)
sys.stdin.read()
serve.shutdown()
ray.shutdown()
"""


def test_replicas_need_a_store_that_they_share(tmp_path: Path) -> None:
    with pytest.raises(SettingFault):
        deployment_options(Settings())
    assert deployment_options(Settings(ray_max_replicas=1))
    assert deployment_options(Settings(store=str(tmp_path)))


def test_settings_become_shares_and_scaling(tmp_path: Path) -> None:
    settings = Settings(store=str(tmp_path), ray_cpus=4, ray_replicas_per_gpu=4, ray_min_replicas=9, ray_max_replicas=6)
    options = deployment_options(settings)
    assert options["ray_actor_options"] == {"num_cpus": 4, "num_gpus": 0.25}
    assert options["autoscaling_config"]["min_replicas"] == options["autoscaling_config"]["max_replicas"] == 6
    # All the sockets that a replica may have are requests in progress, and one more must be told that it is busy.
    assert options["max_ongoing_requests"] > settings.live_max_sessions
    assert "num_gpus" not in deployment_options(Settings(store=str(tmp_path)))["ray_actor_options"]


def test_requests_find_what_the_lifespan_gave() -> None:
    """As Ray calls an application: its lifespan once, then requests whose scope says nothing of it."""

    async def check() -> None:
        application = replica_application(Settings(ray_cpus=3))
        assert isinstance(application, Stateful)
        said: list[dict[str, Any]] = []
        started, end = asyncio.Event(), asyncio.Event()
        begun: list[int] = []

        async def lifespan_receive() -> dict[str, Any]:
            if not begun:
                begun.append(1)
                return {"type": "lifespan.startup"}
            await end.wait()
            return {"type": "lifespan.shutdown"}

        async def send(message: Any) -> None:
            said.append(message)
            started.set()

        life = asyncio.create_task(application({"type": "lifespan"}, lifespan_receive, send))
        await started.wait()
        assert said.pop()["type"] == "lifespan.startup.complete"
        for path, body in (("/api/v1/forward", REQUEST), ("/v2", b"")):
            scope = {
                "type": "http",
                "asgi": {"version": "3.0"},
                "http_version": "1.1",
                "method": "POST" if body else "GET",
                "scheme": "http",
                "path": path,
                "raw_path": path.encode(),
                "query_string": b"",
                "root_path": "",
                "headers": [(b"host", b"127.0.0.1"), (b"content-type", b"application/json")],
                "server": ("127.0.0.1", 8000),
                "client": ("127.0.0.1", 1),
            }

            async def receive(body: bytes = body) -> dict[str, Any]:
                return {"type": "http.request", "body": body, "more_body": False}

            await application(scope, receive, send)
            assert said[0]["status"] == 200
            if body:
                assert json.loads(said[1]["body"])["outputs"] == pytest.approx([RIGHT], abs=1e-6)
            said.clear()
        end.set()
        await life

    asyncio.run(check())


@pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed: pip install 'adelante[ray]'")
def test_ray_serves_requests_and_live_sockets(tmp_path: Path) -> None:
    port = free_port()
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)}
    environment |= {"ADELANTE_STORE": str(tmp_path / "store"), "ADELANTE_RAY_MAX_REPLICAS": "2"}
    with subprocess.Popen(
        [sys.executable, "-c", SERVES, str(port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        while b"ready" not in (line := process.stdout.readline()):
            assert line, "Ray ended before it was ready"
        url = f"http://127.0.0.1:{port}/api/v1/forward"
        request = urllib.request.Request(url, REQUEST, {"Content-Type": "application/json"})
        assert json.load(urllib.request.urlopen(request, timeout=20))["outputs"] == pytest.approx([RIGHT], abs=1e-6)
        with connect(f"ws://127.0.0.1:{port}/api/v1/live", open_timeout=20) as socket:
            socket.send(json.dumps({"op": "open", "seq": 1, "network": "multilayer", "inputs": [1, 0, -1]}))
            assert json.loads(socket.recv(10))["op"] == "opened"
            assert isinstance(socket.recv(10), bytes)
        process.stdin.close()
        process.wait(60)
