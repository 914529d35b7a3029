"""Adelante in a JupyterHub, for real: `python -m tests.deploy.jupyter`, in an environment that has jupyterhub,
jupyter-server and jupyter-server-proxy besides Adelante, with configurable-http-proxy (npm) on PATH.

A hub with a user "maria" starts a single-user server, and through it Adelante is asked on the two ways that there are:
  /user/maria/proxy/PORT/   one that runs already, by its port; jupyter-server-proxy says the path in X-Forwarded-Prefix
  /user/maria/adelante/     one that jupyter-server-proxy starts, as the configuration below (and docs/deploy.md) says
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests
import websockets.sync.client as websockets
from websockets.typing import Origin

from tests.server import Server, free_port

SINGLE_USER = """
c.ServerProxy.servers = {
    "adelante": {
        "command": ["adelante", "serve", "--port", "{port}"],
        "environment": {"ADELANTE_ROOT_PATH": "{base_url}adelante"},
        "timeout": 60,
    }
}
"""
HUB = """
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = "x"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"
c.Spawner.args = ["--allow-root"]
c.Spawner.environment = {{"JUPYTER_CONFIG_DIR": "{folder}", "PATH": "{path}"}}
c.Spawner.default_url = "/api"
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_port = {hub_port}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api_port}"
c.JupyterHub.load_roles = [{{"name": "user", "scopes": ["self", "servers!user=maria"]}}]
"""


def until(true: Callable[[], bool], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.3)


def signed_in(hub: str) -> requests.Session:
    """A browser of the user's, with her server started."""
    session = requests.Session()
    session.trust_env = False

    def answers() -> bool:
        try:
            return session.get(f"{hub}/hub/login").ok
        except requests.ConnectionError:
            return False

    until(answers)
    form = session.get(f"{hub}/hub/login").text
    token = re.search(r'name="_xsrf"\s+value="([^"]+)"', form)
    told = {"username": "maria", "password": "x", "_xsrf": "" if token is None else token[1]}
    session.post(f"{hub}/hub/login", data=told)
    session.get(f"{hub}/hub/spawn")
    until(lambda: session.get(f"{hub}/user/maria/api").text.startswith('{"version"'))
    return session


def check(session: requests.Session, hub: str, root: str) -> None:
    """A visit under the path."""
    until(lambda: session.get(f"{hub}{root}/v2/health/ready").ok)
    page = session.get(f"{hub}{root}/es/")
    script = re.search(r'<script type="module" src="([^"]+)"', page.text)
    assert script is not None
    assert script[1].startswith(f"{root}/static/"), script[1]
    assert session.get(hub + script[1]).ok
    headers = {"Origin": hub}
    asked: dict[str, Any] = {"layers": [{"weights": [[1, 2]], "activation": "relu"}], "inputs": [1]}
    answer = session.post(f"{hub}{root}/api/v1/forward", json=asked, headers=headers)
    assert answer.ok, answer.text
    code = session.post(f"{hub}{root}/api/v1/code", json={**asked, "language": "curl"}, headers=headers).json()
    assert f" {hub}{root}/api/v1/forward " in code["source"], code["source"]
    assert session.get(f"{hub}{root}/api/v1/nothing").json()["type"] == f"{root}/problems/not-found"
    cookies = "; ".join(f"{each.name}={each.value}" for each in session.cookies)
    address = f"{hub.replace('http', 'ws')}{root}/api/v1/live"
    with websockets.connect(address, origin=Origin(hub), additional_headers={"Cookie": cookies}, proxy=None) as live:
        live.send('{"op": "open", "seq": 1, "network": "xor", "inputs": [1, 0]}')
        assert '"opened"' in str(live.recv(timeout=20))
    sys.stdout.write(f"{root}: page, script, forward, code, problem, live socket\n")


def main() -> None:
    server, port = Server(), free_port()
    server.start()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "jupyter_server_config.py").write_text(SINGLE_USER)
        config = Path(folder) / "jupyterhub_config.py"
        ports = {"port": port, "hub_port": free_port(), "api_port": free_port()}
        config.write_text(HUB.format(folder=folder, path=os.environ["PATH"], **ports))
        hub = subprocess.Popen([sys.executable, "-m", "jupyterhub", "-f", str(config)], cwd=folder)
        try:
            session = signed_in(f"http://127.0.0.1:{port}")
            for root in (f"/user/maria/proxy/{server.port}", "/user/maria/adelante"):
                check(session, f"http://127.0.0.1:{port}", root)
        finally:
            hub.terminate()
            hub.wait(30)
            server.stop()


if __name__ == "__main__":
    main()
