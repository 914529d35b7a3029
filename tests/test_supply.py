"""What Adelante is made of, dependencies by their hashes, and that its server asks nobody else."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import distribution, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.long import long

ROOT = Path(__file__).parents[1]
CONSTRAINTS = (ROOT / "constraints.txt").read_text()
LOCK = (ROOT / "requirements.lock").read_text()
# What reaches out, or could: by the module's name.
CLIENTS = {
    *("urllib.request", "urllib3", "http.client", "httpx", "httpx2", "requests", "aiohttp", "ftplib", "smtplib"),
    *("telnetlib", "xmlrpc", "socket", "pycurl", "websockets.client", "websockets.sync", "socketserver", "webbrowser"),
}
# Why each of these may all the same.
REASONS = {
    "app/listening.py": "`adelante health` asks its own server",
    "app/cli/serve.py": "it binds the socket that it listens on",
    "app/cli/server.py": "it is handed the sockets to listen on",
    "app/cli/draining.py": "it closes the sockets that it was handed",
    "app/cli/workers.py": "it hands them to its workers",
    "app/api/http/readers.py": "it asks a client's socket how much is unread",
    "app/cli/listen.py": "it binds the sockets that it listens on",
}


def pinned(text: str) -> dict[str, set[str]]:
    """The versions of each package: some have another one for an older Python."""
    versions: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([\w.-]+)==([^\s;\\]+)", text, re.M):
        versions.setdefault(name.lower().replace("_", "-"), set()).add(version)
    return versions


def test_the_lock_has_a_hash_of_every_file_and_the_versions_of_the_constraints() -> None:
    packages = re.split(r"\n(?=\w)", LOCK)[1:]
    assert len(packages) > 40
    for package in packages:
        lines = package.strip().split("\n")
        assert len(lines) > 1, lines[0]
        assert all(re.fullmatch(r" +--hash=sha256:[0-9a-f]{64}( \\)?", line) for line in lines[1:]), lines[0]
    versions = pinned(CONSTRAINTS)
    differing = {name: own for name, own in pinned(LOCK).items() if not own <= versions.get(name, own)}
    assert differing == {}, "python deploy/lock.py writes it anew"
    assert "torch" in versions
    assert "torch" not in pinned(LOCK)
    assert "://" not in LOCK + CONSTRAINTS


def test_every_dependency_has_a_lower_bound_and_its_pins_are_within() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [
        *project["dependencies"],
        *(each for extra in project["optional-dependencies"].values() for each in extra),
    ]
    versions = pinned(CONSTRAINTS)
    assert len(wanted) > 30
    for each in map(Requirement, wanted):
        assert any(bound.operator in (">=", "==", "~=") for bound in each.specifier), each
        for version in versions.get(each.name.lower().replace("_", "-").replace(".", "-"), set()):
            assert each.specifier.contains(version), (each, version)


def test_the_lock_has_all_that_the_server_imports() -> None:
    own = [each for each in requires("adelante") or () if "extra ==" not in each]
    needed = [re.split(r"[\s;<>=\[!~]", each)[0].lower() for each in own]
    assert len(needed) > 12
    missing = set(needed) - set(pinned(LOCK)) - {"torch"}
    assert {each for each in missing if each.replace(".", "-") not in pinned(LOCK)} == set()


MATERIALS = ("adelante", "torch", "numpy", "fastapi", "uvicorn", "onnx")


@pytest.mark.parametrize("whole", [False, long(True)])
def test_the_bill_of_materials_is_valid_and_names_torch(tmp_path: Path, whole: bool) -> None:
    """Of this environment, or of one that has a few of its packages."""
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    file = tmp_path / "sbom.json"
    command = ["-m", "cyclonedx_py", "environment", "--output-reproducible", "--pyproject", "pyproject.toml"]
    # Its own look at what it wrote would be the one below.
    command.append("--no-validate")
    python = sys.executable if whole else str(of_a_few(tmp_path, MATERIALS))
    subprocess.run([sys.executable, *command, "-o", str(file), python], cwd=ROOT, check=True, timeout=120)
    text = file.read_text()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    document = json.loads(text)
    assert document["metadata"]["component"]["name"] == "adelante"
    named = {each["name"]: each for each in document["components"]}
    assert set(MATERIALS) - {"adelante"} <= set(named)
    assert named["torch"]["purl"].startswith("pkg:pypi/torch@")


def of_a_few(folder: Path, packages: Iterable[str]) -> Path:
    """A Python that has only these packages, of which it says where they are."""
    for name in packages:
        metadata = Path(str(distribution(name)._path))  # type: ignore[attr-defined]
        (folder / metadata.name).symlink_to(metadata)
    python = folder / "python"
    python.write_text(f"#!/bin/sh\necho '{json.dumps([str(folder)])}'\n")
    python.chmod(0o700)
    return python


def imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found |= {node.module or "", *(f"{node.module}.{each.name}" for each in node.names)}
    return found


def test_the_server_fetches_nothing() -> None:
    """What a client sends is never an address that the server opens: there is nothing here that could open one."""
    reaching = {}
    for part in ("adelante", "app"):
        for path in (ROOT / part).rglob("*.py"):
            name = str(path.relative_to(ROOT))
            modules = imported(path)
            found = {each for each in modules if any(each == one or each.startswith(f"{one}.") for one in CLIENTS)}
            if found and name not in REASONS:
                reaching[name] = sorted(found)
    assert reaching == {}


def test_only_the_store_opens_addresses_and_only_the_settings_one() -> None:
    opening = {
        str(path.relative_to(ROOT))
        for part in ("adelante", "app")
        for path in (ROOT / part).rglob("*.py")
        if {each.partition(".")[0] for each in imported(path)} & {"fsspec", "obstore", "s3fs"}
    }
    assert opening
    assert all(name.startswith("app/store/") for name in opening)


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/net.onnx", "file:///etc/passwd", "//host/net"])
def test_an_address_in_place_of_a_network_is_a_name_that_nobody_has(address: str) -> None:
    from starlette.testclient import TestClient

    from app.main import create_app
    from app.settings import Settings

    with TestClient(create_app(Settings())) as client:
        answer = client.post("/api/v1/forward", json={"network": address, "inputs": [1]})
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/unknown-network")


@pytest.mark.parametrize("name", ["SECURITY.md", "SECURITY.es.md", "docs/public.md", "docs/publico.md"])
def test_what_is_said_of_security_names_what_is_there(name: str) -> None:
    from app.settings import Settings, variable

    text = (ROOT / name).read_text()
    for path in re.findall(r"`((?:tests/|formats/|test_)[\w/.]+)`", text):
        places = ("", "tests/adelante/", "tests/api/http/")
        assert any((ROOT / place / path).exists() for place in places), path
    settings = {variable(each) for each in Settings.model_fields}
    assert set(re.findall(r"`(ADELANTE_[A-Z_]+)", text)) <= settings
    for link in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (ROOT / name).parent.joinpath(link).exists(), link
