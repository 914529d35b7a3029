"""Under a path: every address that is given begins with it, whether the proxy cuts it off or passes it on."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest
import requests
from starlette.testclient import TestClient

from adelante.locale import LANGUAGES
from app.api.http.problems import STATUSES
from app.main import create_app
from app.pages.lessons.course import LESSONS, index_address
from app.root_path import normal_root
from app.settings import Settings
from tests import notebook
from tests.server import Server

ROOT = "/school/adelante"
PAGES = [
    "/",
    "/en/",
    "/es/embed",
    "/api/docs",
    "/problems/busy",
    "/en/?network=lines",
    *(index_address(language) for language in LANGUAGES),
    *(LESSONS[0].address(language) for language in LANGUAGES),
    "/en/tensor-lab",
    "/es/docentes",
]


@pytest.fixture(scope="module")
def rooted() -> Iterator[TestClient]:
    with TestClient(create_app(Settings(root_path=ROOT)), follow_redirects=False) as client:
        yield client


@pytest.fixture(scope="module", params=["cut off", "passed on"])
def start(request: pytest.FixtureRequest) -> str:
    """What the application sees before its own path."""
    return "" if request.param == "cut off" else ROOT


class _Addresses(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name in ("href", "src", "action", "poster", "srcset")]


@pytest.mark.parametrize("path", PAGES)
def test_every_address_in_a_page_is_under_the_path(rooted: TestClient, start: str, path: str) -> None:
    page = rooted.get(start + path)
    assert page.status_code == 200
    seen = f"https://host.example{ROOT}{path}"
    targets = {urljoin(seen, each) for each in _Addresses(page.text).found}
    own = {urlsplit(each).path for each in targets if each.startswith("https://host.example/")}
    assert own
    assert [each for each in own if not each.startswith(f"{ROOT}/")] == []
    assert f'data-root="{ROOT}"' in page.text
    for each in sorted(own):
        assert rooted.get(each).status_code == 200, each


def test_the_api_says_where_things_are(rooted: TestClient, start: str) -> None:
    kept = rooted.post(f"{start}/api/v1/networks", json={"layers": notebook.MULTILAYER["layers"]})
    id = kept.json()["id"]
    if kept.status_code == 201:
        assert kept.headers["Location"] == f"{ROOT}/api/v1/networks/{id}"
    problem = rooted.get(f"{start}/api/v1/networks/none").json()
    assert (problem["type"], problem["instance"]) == (
        f"{ROOT}/problems/unknown-network",
        f"{ROOT}/api/v1/networks/none",
    )
    assert rooted.get(problem["type"]).status_code == 200
    refused = rooted.post(f"{start}/api/v1/forward", json={"network": "xor", "inputs": [1]})
    assert refused.json()["type"] == f"{ROOT}/problems/shape-mismatch"
    assert "error" in rooted.get(f"{start}/v2/models/none").json()
    wrong = rooted.put(f"{start}/static/page.css")
    assert (wrong.status_code, wrong.headers["Allow"]) == (405, "GET, HEAD")
    assert wrong.json()["type"] == f"{ROOT}/problems/method-not-allowed"


def test_what_to_do_next_names_addresses_under_the_path(rooted: TestClient, start: str) -> None:
    for type_ in STATUSES:
        told = rooted.get(f"{start}/problems/{type_}", headers={"Accept-Language": "es"}).text
        assert "/api/" not in told.replace(f"{ROOT}/api/", "")
        assert "{root}" not in told


def test_redirects_stay_under_the_path(rooted: TestClient, start: str) -> None:
    assert rooted.get(f"{start}/es").headers["Location"] == f"{ROOT}/es/"
    seen = f"https://host.example{ROOT}"
    for path, target in (("/en/lessons", "/en/lessons/"), ("//en//lessons/", None), ("/api/docs/", "/api/docs")):
        answer = rooted.get(start + path)
        if answer.status_code == 307:
            place = urlsplit(urljoin(seen + path, answer.headers["Location"])).path
            assert place.startswith(f"{ROOT}/")
            assert target is None or place == ROOT + target
    bare = rooted.get(ROOT)
    assert urljoin(seen, bare.headers["Location"]) == f"{seen}/"


def test_the_openapi_document_is_of_the_api_there(rooted: TestClient, client: TestClient, start: str) -> None:
    document = rooted.get(f"{start}/api/v1/openapi.json").json()
    plain = client.get("/api/v1/openapi.json").json()
    assert "servers" not in plain
    assert document.pop("servers") == [{"url": ROOT}]
    assert json.dumps(document).replace(f'"{ROOT}/problems/', '"/problems/') == json.dumps(plain)


def test_generated_programs_and_the_socket(rooted: TestClient, start: str) -> None:
    body = {"network": "xor", "inputs": [1, 0], "language": "curl"}
    source = rooted.post(f"{start}/api/v1/code", json=body, headers={"Host": "school.example"}).json()["source"]
    assert f" http://school.example{ROOT}/api/v1/forward " in source
    with rooted.websocket_connect(f"{start}/api/v1/live") as live:
        live.send_json({"op": "open", "seq": 1, "network": "none", "inputs": [1, 0]})
        problem = live.receive_json()["problem"]
    assert (problem["type"], problem["instance"]) == (f"{ROOT}/problems/unknown-network", f"{ROOT}/api/v1/live")


@pytest.mark.parametrize("shortcut", ["true", "false"])
def test_a_real_server_answers_under_the_path_and_without_it(shortcut: str) -> None:
    server = Server.warm(ADELANTE_ROOT_PATH=f"{ROOT}/", ADELANTE_SHORTCUT=shortcut)
    server.start()
    try:
        answers = [
            requests.post(f"{server.url}{start}/api/v1/forward", json=notebook.MULTILAYER) for start in ("", ROOT)
        ]
        assert [each.status_code for each in answers] == [200, 200]
        assert answers[0].content == answers[1].content
        passes = 'adelante_requests_total{method="POST",route="/api/v1/forward",status="200"} 2.0'
        assert passes in requests.get(f"{server.url}{ROOT}/metrics").text
        # Refused before it is anybody's request.
        broken = requests.get(f"{server.url}/api/v1/presets", headers={"X-Much": "x" * 100_000}).json()
        assert (broken["type"], broken["instance"]) == (f"{ROOT}/problems/too-large", f"{ROOT}/api/v1/presets")
    finally:
        server.stop()


@pytest.mark.parametrize(
    ("text", "root"),
    [
        ("", ""),
        ("/", ""),
        ("/adelante/", "/adelante"),
        ("/user/mar%C3%ADa%20p/proxy/8000", "/user/maría p/proxy/8000"),
        ("/user/maría p/proxy/8000", "/user/maría p/proxy/8000"),
        ("/en/tools/adelante", "/en/tools/adelante"),
        ("/apis", "/apis"),
    ],
)
def test_paths_come_encoded_or_not(text: str, root: str) -> None:
    assert normal_root(text) == root


@pytest.mark.parametrize(
    "text",
    [
        *("adelante", "https://host.example/adelante", "//evil.example", "/a//b", "/a/../b", "/./a"),
        *("/a?b", "/a#b", "/a\\b", "/a\nb", "/" + "a" * 1001),
        *("/api", "/v2/x/y/z", "/static", "/en", "/problems"),
    ],
)
def test_what_is_no_path_or_an_own_one_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"no path|own address"):
        normal_root(text)


def test_encoded_where_it_stands_in_an_address() -> None:
    with TestClient(create_app(Settings(root_path="/user/mar%C3%ADa p"))) as client:
        page = client.get("/user/mar%C3%ADa%20p/en/")
        assert re.search(r'<script type="module" src="(/user/mar%C3%ADa%20p/static/build/[^"]+)"', page.text)
        assert client.get("/api/v1/nothing").json()["type"] == "/user/mar%C3%ADa%20p/problems/not-found"
