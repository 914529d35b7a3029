"""What every answer has in common: HEAD beside GET, nosniff, redirects that name no host."""

from urllib.parse import urljoin

import pytest
from starlette.testclient import TestClient

VARIES = {"x-request-id", "date", "server-timing"}
PAGES = [
    "/",
    "/en/",
    "/es/embed",
    "/en/lessons",
    "/en/tensor-lab",
    "/problems/busy",
    "/api/docs",
    "/api/v1/openapi.json",
    "/api/v1/presets",
    "/api/v1/presets/xor",
    "/api/v1/activations",
    "/api/v1/device",
    "/v2",
    "/v2/health/live",
    "/v2/health/ready",
    "/v2/models/xor",
    "/v2/models/xor/versions/1/ready",
    "/static/page.css",
    "/api/v1/live",
    "/api/v1/presets/nope",
    "/nowhere",
]


@pytest.mark.parametrize("path", PAGES)
def test_head_is_get_without_the_body(client: TestClient, path: str) -> None:
    asked = {"Accept-Encoding": "gzip"}
    get, head = client.get(path, headers=asked), client.head(path, headers=asked)
    assert (head.status_code, head.content) == (get.status_code, b"")
    of_get, of_head = ({k: v for k, v in each.headers.items() if k not in VARIES} for each in (get, head))
    assert of_head == of_get


def test_head_of_the_metrics(client: TestClient) -> None:
    head = client.head("/metrics")
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) > 0
    assert 'method="HEAD",route="/metrics",status="200"' in client.get("/metrics").text


def test_head_is_not_where_get_is_not(client: TestClient) -> None:
    head = client.head("/api/v1/forward")
    assert (head.status_code, head.headers["allow"], head.content) == (405, "POST", b"")


@pytest.mark.parametrize("path", PAGES)
def test_no_answer_is_sniffed(client: TestClient, path: str) -> None:
    assert client.get(path).headers.get_list("x-content-type-options") == ["nosniff"]
    assert client.post(path, json={}).headers.get_list("x-content-type-options") == ["nosniff"]


def test_answers_of_the_short_way_are_not_sniffed_either(client: TestClient) -> None:
    answer = client.post("/api/v1/forward", json={"network": "xor", "inputs": [1, 0]})
    assert answer.status_code == 200
    assert answer.headers.get_list("x-content-type-options") == ["nosniff"]


def test_an_address_with_a_name_is_counted_by_its_pattern(client: TestClient) -> None:
    inputs = [{"name": "inputs", "shape": [1, 2], "datatype": "FP32", "data": [1, 0]}]
    for name, status in (("xor", 200), ("nobody", 404), ("a/b", 404), ("", 404)):
        answer = client.post(f"/v2/models/{name}/infer", json={"inputs": inputs})
        assert answer.status_code == status
        assert answer.headers.get_list("x-content-type-options") == ["nosniff"]
    assert 'route="/v2/models/{name}/infer",status="404"} 1.0' in client.get("/metrics").text


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/api/v1/presets/", "/api/v1/presets"),
        ("/en/lessons/?a=b&c", "/en/lessons?a=b&c"),
        ("/en/embed/", "/en/embed"),
    ],
)
def test_a_redirect_names_no_host(client: TestClient, path: str, target: str) -> None:
    answer = client.get(path, headers={"Host": "evil.example"}, follow_redirects=False)
    assert answer.status_code == 307
    location = answer.headers["location"]
    assert "//" not in location
    # Under a prefix that a proxy takes away too.
    assert urljoin(f"https://nn.example/prefix{path}", location) == f"https://nn.example/prefix{target}"


def test_more_than_one_slash_leads_there_too(client: TestClient) -> None:
    answer = client.get("/api/v1/presets///", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (307, "/api/v1/presets")


@pytest.mark.parametrize("path", ["//evil.example/", "//evil.example/en/lessons/", "/en/lessons//"])
def test_no_redirect_leads_to_another_host(client: TestClient, path: str) -> None:
    answer = client.request("GET", f"http://testserver{path}", follow_redirects=False)
    assert "evil.example" not in urljoin("http://testserver/", answer.headers.get("location", "")).split("/")[2]
