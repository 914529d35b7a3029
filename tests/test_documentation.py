"""docs/ as a small site: one index for each language, with every page in it; no link leads nowhere."""

import re
from pathlib import Path

import pytest

from app.presets_table import FILES, page

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
INDEXES = {"en": DOCS / "README.md", "es": DOCS / "LEEME.md"}
PAGES = [*DOCS.glob("*.md"), *ROOT.glob("*.md")]


def links(path: Path) -> list[str]:
    found = re.findall(r"\]\(([^)\s]+)\)", path.read_text())
    return [link.partition("#")[0] for link in found if not re.match(r"\w+:|#", link)]


@pytest.mark.parametrize("path", PAGES, ids=[path.name for path in PAGES])
def test_every_link_leads_somewhere(path: Path) -> None:
    for link in links(path):
        assert (path.parent / link).exists(), link


def test_each_page_is_in_one_index() -> None:
    listed = {language: {link for link in links(path) if "/" not in link} for language, path in INDEXES.items()}
    english, spanish = (listed[language] - {path.name for path in INDEXES.values()} for language in ("en", "es"))
    assert not english & spanish
    assert english | spanish == {path.name for path in DOCS.glob("*.md")} - {path.name for path in INDEXES.values()}
    assert len(english) == len(spanish)


@pytest.mark.parametrize("path", PAGES, ids=[path.name for path in PAGES])
def test_the_forward_pass_has_one_name_in_spanish(path: Path) -> None:
    """It is the propagation, in the texts of the page as in the pages here."""
    assert re.findall(r"(?i)\bpasadas?\b", path.read_text()) == []


@pytest.mark.parametrize("language", FILES)
def test_the_page_of_data_sets_is_that_of_today(language: str) -> None:
    """`python -m app.presets_table` writes it anew."""
    assert (ROOT / FILES[language]).read_text() == page(language)
