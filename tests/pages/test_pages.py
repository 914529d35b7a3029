"""The pages as the server sends them."""

import json
import re

import pytest
from starlette.testclient import TestClient

from adelante.locale import translate
from app.api.http.problems import STATUS
from app.pages.lessons.course import index_address
from tests import notebook


def studio_data(html: str) -> dict[str, object]:
    found = re.search(r'<script type="application/json" id="studio-data">(.*?)</script>', html, re.DOTALL)
    assert found
    data: dict[str, object] = json.loads(found[1])
    return data


@pytest.mark.parametrize(
    ("path", "accept", "language"),
    [("/", "es", "es"), ("/", "en-GB", "en"), ("/", "", "en"), ("/es/", "en", "es"), ("/en/", "es", "en")],
)
def test_the_language_of_the_page(client: TestClient, path: str, accept: str, language: str) -> None:
    page = client.get(path, headers={"Accept-Language": accept})
    assert page.status_code == 200
    mark = {"en": ".", "es": ","}[language]
    assert f'<html lang="{language}" data-mark="{mark}"' in page.text
    assert page.headers["content-language"] == language
    assert studio_data(page.text)["language"] == language


def test_the_first_paint_has_the_servers_numbers(client: TestClient) -> None:
    page = client.get("/es/").text
    assert re.search(r"<td[^>]*>0,3171</td>", page)
    trace = studio_data(page)["trace"]
    assert isinstance(trace, dict)
    assert trace["outputs"] == pytest.approx([notebook.OUTPUT], abs=1e-7)


def test_the_first_paint_wears_what_was_chosen(client: TestClient) -> None:
    for cookie, worn in {
        "adelante_theme=dark; adelante_text=large": ' data-theme="dark" data-text="large">',
        "adelante_text=large": ' data-text="large">',
        'adelante_theme="; adelante_text=9000': ">",
        "": ">",
    }.items():
        assert f'<html lang="es" data-mark=","{worn}' in client.get("/es/", headers={"Cookie": cookie}).text


def test_no_inline_script_or_style_is_allowed_or_needed(client: TestClient) -> None:
    page = client.get("/")
    policy = page.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "script-src 'self'" in policy
    for attributes in re.findall(r"<script([^>]*)>", page.text):
        assert "src=" in attributes or 'type="application/json"' in attributes
    assert not re.search(r"<style|\sstyle=|\son\w+=", page.text)


def test_only_the_embed_view_may_stand_in_other_pages_frames(client: TestClient) -> None:
    for path in ("/", "/es/", "/problems/busy"):
        assert "frame-ancestors 'self'" in client.get(path).headers["content-security-policy"]
    for path in ("/embed", "/es/embed"):
        page = client.get(path)
        policy = page.headers["content-security-policy"]
        # `*` would leave out slides on disk and applications; without the directive all may frame it.
        assert "frame-ancestors" not in policy
        assert "unsafe" not in policy
        assert studio_data(page.text)["embed"] is True
    assert client.get("/zxx/embed").status_code == 404


def test_built_files_are_compressed_and_immutable(client: TestClient) -> None:
    script = re.search(r'src="(/static/build/assets/[^"]+\.js)"', client.get("/").text)
    assert script
    answer = client.get(script[1], headers={"Accept-Encoding": "br"})
    assert answer.headers["content-encoding"] == "br"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-type"].startswith("text/javascript")
    # Who refuses one coding gets another, or none.
    for accepted, coding in (("br;q=0, gzip", "gzip"), ("br ; q=0.0", None), ("gzip;q=0.5, br;q=0.1", "gzip")):
        assert client.get(script[1], headers={"Accept-Encoding": accepted}).headers.get("content-encoding") == coding


@pytest.mark.parametrize("type_", STATUS)
def test_each_problem_has_a_page(client: TestClient, type_: str) -> None:
    assert client.get(f"/problems/{type_}").status_code == 200
    assert client.get(f"/problems/{type_}", headers={"Accept-Language": "es"}).headers["content-language"] == "es"


def test_a_type_with_two_statuses_names_both(client: TestClient) -> None:
    assert "HTTP 415 / 422" in client.get("/problems/unsupported-file").text


@pytest.mark.parametrize(
    ("path", "accepted", "language"),
    [
        ("/es/nada", "en", "es"),
        ("/en/lessons/nope", "es", "en"),
        ("/nothing", "es,en;q=0.5", "es"),
        ("/docs", "", "en"),
    ],
)
def test_who_reads_a_wrong_address_gets_a_page(client: TestClient, path: str, accepted: str, language: str) -> None:
    """In the address's language, else in the reader's; a program gets the document."""
    headers = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Accept-Language": accepted}
    answer = client.get(path, headers=headers)
    assert (answer.status_code, answer.headers["content-language"]) == (404, language)
    assert answer.headers["content-type"].startswith("text/html")
    assert {"Accept", "Accept-Language"} <= set(answer.headers["vary"].split(", "))
    assert translate(language, "problem.not-found.title") in answer.text
    for address in (f"/{language}/", index_address(language), "/api/docs"):
        assert f'href="{address}"' in answer.text
    assert client.get(path).headers["content-type"] == "application/problem+json"
    assert client.post(path, headers=headers).headers["content-type"] == "application/problem+json"
    assert client.head(path, headers=headers).headers["content-type"].startswith("text/html")


def test_under_the_apis_addresses_a_browser_gets_the_document_too(client: TestClient) -> None:
    headers = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    for path in ("/api/v1/networks/0123456789abcdef", "/v2/models/nope", "/static/nope.js"):
        answer = client.get(path, headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json"), path


def test_what_is_not_there(client: TestClient) -> None:
    assert client.get("/zxx/").status_code == 404
    assert client.get("/problems/nope").status_code == 404
    assert client.get("/es", follow_redirects=False).headers["location"] == "/es/"


def test_the_api_reference_says_in_spanish_that_it_is_english(client: TestClient) -> None:
    spanish = client.get("/api/docs", headers={"Accept-Language": "es"}).text
    assert '<html lang="es"' in spanish
    assert "Esta referencia está en inglés" in spanish
    assert '<div id="api-docs" lang="en">' in spanish
