"""deploy/proxies as they stand, in real proxies: TLS, the path, sockets, and what no client may say for a proxy."""

import os
import re
import shutil
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
import websockets.sync.client as websockets
from websockets.typing import Origin

from tests import notebook
from tests.server import Server, free_port

# Certificates here are the proxies' own.
pytestmark = pytest.mark.filterwarnings("ignore:Unverified HTTPS")

PROXIES = Path(__file__).parents[2] / "deploy" / "proxies"
ROOT = "/adelante"
NAMES = ("nginx", "caddy")
NGINX = """{user}events {{}}
pid {folder}/pid;
daemon off;
error_log stderr;
http {{ access_log off; {paths} include {site}; }}
"""
CADDY = "{{\n\tskip_install_trust\n\tadmin off\n\thttp_port {http}\n\thttps_port {https}\n}}\n"


def nginx(folder: Path, to_port: int, port: int) -> list[str]:
    """The command of an nginx with the site as it stands, but for its ports, names and certificate."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    making = f"openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost -keyout {key} -out {certificate}"
    subprocess.run(making.split(), check=True, capture_output=True)
    site = (PROXIES / "nginx.conf").read_text()
    for before, after in (
        ("listen 80;", f"listen 127.0.0.1:{free_port()};"),
        ("listen 443 ", f"listen 127.0.0.1:{port} "),
        ("127.0.0.1:8000", f"127.0.0.1:{to_port}"),
        ("/etc/ssl/nn.example/fullchain.pem", str(certificate)),
        ("/etc/ssl/nn.example/privkey.pem", str(key)),
    ):
        assert before in site
        site = site.replace(before, after)
    (folder / "site.conf").write_text(re.sub(r"listen \[::\].*", "", site))
    # Workers of one that root starts are nobody's otherwise, and can't write into the folder of a test.
    user = "user root;\n" if os.geteuid() == 0 else ""
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    (folder / "nginx.conf").write_text(NGINX.format(user=user, folder=folder, paths=paths, site=folder / "site.conf"))
    return ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")]


def caddy(folder: Path, to_port: int, port: int) -> list[str]:
    settings = CADDY.format(http=free_port(), https=port)
    (folder / "Caddyfile").write_text(settings + (PROXIES / "Caddyfile").read_text())
    os.environ.update(SITE=f"localhost:{port}", UPSTREAM=f"127.0.0.1:{to_port}", XDG_DATA_HOME=str(folder))
    return [os.environ.get("CADDY", "caddy"), "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]


COMMANDS: dict[str, Callable[[Path, int, int], list[str]]] = {"nginx": nginx, "caddy": caddy}


@contextmanager
def running(command: list[str], url: str) -> Iterator[None]:
    process = subprocess.Popen(command)
    try:
        for _ in range(200):
            try:
                requests.get(url, verify=False, timeout=2)
                break
            except requests.RequestException:
                assert process.poll() is None
                time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="module", params=NAMES)
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address under which the proxy shows a server."""
    name = request.param
    if shutil.which(os.environ.get(name.upper(), name)) is None or shutil.which("openssl") is None:
        pytest.skip(f"{name} is not installed: apt install {name}, or {name.upper()}=/path/to/{name}")
    with pytest.MonkeyPatch.context() as patch:
        for variable in ("SITE", "UPSTREAM", "XDG_DATA_HOME"):
            patch.setenv(variable, "")
        server, port = Server.warm(), free_port()
        server.start()
        try:
            url = f"https://localhost:{port}"
            with running(COMMANDS[name](tmp_path_factory.mktemp(name), server.port, port), url):
                yield url + ROOT
        finally:
            server.stop()


def test_pages_and_answers_are_under_the_path(site: str) -> None:
    here = requests.Session()
    here.verify = here.trust_env = False
    assert here.get(site, allow_redirects=False).headers["Location"] == f"{ROOT}/"
    page = here.get(f"{site}/en/")
    assert page.status_code == 200
    script = re.search(r'<script type="module" src="([^"]+)"', page.text)
    assert script is not None
    assert script[1].startswith(f"{ROOT}/static/")
    origin = site.removesuffix(ROOT)
    assert here.get(origin + script[1]).status_code == 200
    assert here.head(f"{site}/en/").headers["Content-Type"] == page.headers["Content-Type"]
    kept = here.post(f"{site}/api/v1/networks", json={"layers": notebook.MULTILAYER["layers"]})
    assert kept.headers["Location"].startswith(f"{ROOT}/api/v1/networks/")
    assert here.get(origin + kept.headers["Location"]).status_code == 200
    problem = here.get(f"{site}/api/v1/nothing").json()
    assert (problem["type"], problem["instance"]) == (f"{ROOT}/problems/not-found", f"{ROOT}/api/v1/nothing")
    assert here.get(f"{site}/es", allow_redirects=False).headers["Location"] == f"{ROOT}/es/"


def test_programs_name_the_address_and_writes_of_the_page_are_its_own(site: str) -> None:
    body: dict[str, Any] = {"network": "xor", "inputs": [1, 0], "language": "curl"}
    forged = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": "/evil", "X-Forwarded-Proto": "http"}
    for headers in ({}, forged):
        source = requests.post(f"{site}/api/v1/code", json=body, headers=headers, verify=False).json()["source"]
        assert f" {site}/api/v1/forward " in source
    for origin, status in ((site.removesuffix(ROOT), 200), ("https://evil.example", 403)):
        headers = {"Origin": origin, "X-Forwarded-Host": "evil.example"}
        answer = requests.post(f"{site}/api/v1/forward", json=notebook.MULTILAYER, headers=headers, verify=False)
        assert answer.status_code == status


def test_the_live_socket_goes_through(site: str) -> None:
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    address, origin = f"{site.replace('https', 'wss')}/api/v1/live", site.removesuffix(ROOT)
    with websockets.connect(address, ssl=trusting, origin=Origin(origin)) as live:
        live.send('{"op": "open", "seq": 1, "network": "xor", "inputs": [1, 0]}')
        assert '"opened"' in str(live.recv(timeout=20))


def test_a_body_as_large_as_the_server_takes_goes_through(site: str) -> None:
    content = b"[" + b" " * (60 * 2**20) + b"1]"
    answer = requests.post(
        f"{site}/api/v1/forward", data=content, headers={"Content-Type": "application/json"}, verify=False
    )
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.status_code in (400, 422)
