"""A third language needs nothing but its catalogs and lesson texts: a copy of the product is given one, and asked."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from adelante.locale import DEFAULT_LANGUAGE, LANGUAGES

pytestmark = pytest.mark.long
ROOT = Path(__file__).parents[3]
# Esperanto, which has a decimal comma.
CODE = "eo"
ASKS = """
import json
from starlette.testclient import TestClient
from app.cli.words import language_of
from app.main import create_app
from app.pages.lessons.course import LESSONS, index_address

found = {}
with TestClient(create_app()) as client:
    def get(path, **headers):
        answer = client.get(path, headers=headers)
        return {"status": answer.status_code, "language": answer.headers.get("content-language"), "text": answer.text}

    found["studio"] = get("/eo/")
    found["negotiated"] = get("/", **{"Accept-Language": "eo,en;q=0.5"})
    found["english"] = get(index_address("en"))
    found["contents"] = get(index_address("eo"))
    found["lessons"] = [get(lesson.address("eo")) for lesson in LESSONS]
    found["teachers"] = get("/eo/teachers")
    found["lab"] = get("/eo/tensor-lab")
    found["guess"] = client.post("/eo/exercises/neuron-z", json={"guess": ["0,5"]}).json()
    refused = client.post("/api/v1/forward", json={}, headers={"Accept-Language": "eo"})
    found["problem"] = refused.headers["content-language"]
    found["cli"] = language_of([], {"LANG": "eo.UTF-8"})
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the product answers once it has the folders of one more language, here with English words in them."""
    assert CODE not in LANGUAGES
    home = tmp_path_factory.mktemp("third")
    for package in ("adelante", "app"):
        shutil.copytree(ROOT / package, home / package, ignore=shutil.ignore_patterns("frontend", "__pycache__"))
    for folder in ("adelante/locale", "app/pages/lessons"):
        shutil.copytree(home / folder / DEFAULT_LANGUAGE, home / folder / CODE)
    catalog = home / "adelante" / "locale" / CODE / "LC_MESSAGES" / "lessons.po"
    words = catalog.read_text(encoding="utf-8")
    catalog.write_text(words.replace('msgstr "lessons"', 'msgstr "lecionoj"'), encoding="utf-8")
    ran = subprocess.run([sys.executable, "-c", ASKS], cwd=home, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    answers: dict[str, Any] = json.loads(ran.stdout)
    return answers


def test_every_page_is_there_in_it(found: dict[str, Any]) -> None:
    for page in (
        found["studio"],
        found["negotiated"],
        found["contents"],
        found["teachers"],
        found["lab"],
        *found["lessons"],
    ):
        assert isinstance(page, dict)
        assert (page["status"], page["language"]) == (200, CODE)
        assert f'<html lang="{CODE}"' in page["text"]


def test_the_other_languages_lead_to_it(found: dict[str, Any]) -> None:
    assert f'hreflang="{CODE}" href="/{CODE}/lecionoj"' in found["english"]["text"]
    assert 'aria-label="Esperanto"' in found["english"]["text"]
    studio = found["studio"]["text"]
    data = json.loads(re.findall(r'id="studio-data">(.*?)</script>', studio, re.DOTALL)[0])
    assert {"code": CODE, "name": "Esperanto"} in data["languages"]
    assert data["course_address"] == f"/{CODE}/lecionoj"
    assert f'href="/{CODE}/lecionoj"' in studio


def test_its_numbers_have_its_decimal_mark(found: dict[str, Any]) -> None:
    assert "0,3171</td>" in found["studio"]["text"]
    neuron = found["lessons"][3]
    assert ">0,1595</data>" in neuron["text"]
    assert ">0.1595</data>" not in neuron["text"]


def test_guesses_problems_and_the_command_line_know_it(found: dict[str, Any]) -> None:
    assert found["guess"]["readable"]
    assert (found["problem"], found["cli"]) == (CODE, CODE)
