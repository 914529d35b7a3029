"""`make` and tests/run where something is missing, too old, moved or offline; on stand-ins for Python, pip and npm."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.set_up import settings

ROOT = Path(__file__).parents[1]
PROGRAMS = (
    "bash",
    "sh",
    "make",
    "cat",
    "find",
    "mkdir",
    "rm",
    "mktemp",
    "dirname",
    "touch",
    "env",
    "sleep",
    "chmod",
    "cp",
)
pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="no make here")

# A Python that makes environments, whose pip takes a moment, notes when it begins and ends, and may fail.
PYTHON = """#!/bin/sh
case "$*" in
*version_info*) exit 0 ;;
*pip.__version__*) [ ! -e dated ] ;;
"-m venv "*) mkdir -p "$3/bin"; cp "$0" "$3/bin/python" ;;
"hatch_build.py --node") [ ! -e nodeless ] ;;
hatch_build.py) [ ! -e unbuildable ] && echo "studio" >> done ;;
tests/set_up.py) [ -e quick ] && echo "${ADELANTE_STUDIO_BUILT:-unbuilt} quickly" >> done ;;
*"-m pip install"*)
  echo begin >> log; sleep 0.2; echo end >> log
  echo "${ADELANTE_STUDIO_BUILT:-unbuilt} $*" >> asked
  [ ! -e offline ] ;;
*) echo "$*" >> done ;;
esac
"""
TOO_OLD = "#!/bin/sh\nexit 1\n"


def program(folder: Path, name: str, text: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text)
    (folder / name).chmod(0o755)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with this one's Makefile and tests/run, and a `path` of programs in which there is no Python yet."""
    folder = tmp_path / "clone"
    for name in (
        "pyproject.toml",
        "constraints.txt",
        "hatch_build.py",
        "app/frontend/vite.config.ts",
        "tests/run",
        "tests/early",
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("true\n")
    (folder / "app/frontend/package-lock.json").write_text("{}")
    shutil.copy(ROOT / "Makefile", folder)
    (tmp_path / "path").mkdir()
    for name in PROGRAMS:
        (tmp_path / "path" / name).symlink_to(shutil.which(name) or "/nowhere")
    return folder


def called(folder: Path, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": str(folder.parent / "path"), "HOME": str(folder), "LC_ALL": "C.UTF-8", **variables}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("name", ["python3", "python3.14", "python"])
def test_any_python_that_is_new_enough_is_found_past_those_that_are_not(project: Path, name: str) -> None:
    for other in ("python3", "python3.11", "python"):
        program(project.parent / "path", other, TOO_OLD)
    program(project.parent / "path", name, PYTHON)
    made = called(project, "make", "run")
    assert made.returncode == 0, made.stderr
    assert (project / "done").read_text() == "studio\n-m app.cli serve\n"


def test_without_a_python_that_is_new_enough_it_says_what_is_needed(project: Path) -> None:
    program(project.parent / "path", "python3", TOO_OLD)
    none = called(project, "make", "run")
    assert (none.returncode, none.stdout.count("\n")) == (2, 1)
    assert none.stdout.startswith("Adelante needs Python 3.11 or newer: install it, or name one")
    chosen = called(project, "make", "run", "PYTHON=python3")
    assert chosen.stdout.startswith("python3 is no Python 3.11 or newer: name another")


def test_an_environment_of_an_old_python_is_told(project: Path) -> None:
    program(project.parent / "path", "python3", PYTHON)
    (project / ".venv").mkdir()
    program(project / ".venv" / "bin", "python", TOO_OLD)
    told = called(project, "make", "run")
    assert told.returncode == 2
    assert "remove it (rm -rf .venv) and run make again" in told.stdout


def test_one_set_up_waits_for_the_other(project: Path) -> None:
    program(project.parent / "path", "python3", PYTHON)
    assert called(project, "make", "-j4", "run", "test").returncode == 0
    assert (project / "log").read_text().split() == ["begin", "end"] * 2


def test_for_the_tests_pip_is_asked_once_and_the_studio_is_built_beside_it(project: Path) -> None:
    program(project.parent / "path", "python3", PYTHON)
    assert called(project, "make", "test").returncode == 0
    asked = (project / "asked").read_text().splitlines()
    assert [(each.split()[0], each.split()[-1]) for each in asked] == [("1", ".[dev]")]
    assert (project / "done").read_text() == "studio\n"
    (project / "unbuildable").touch()
    later = (project / ".venv" / "run.stamp").stat().st_mtime + 10
    os.utime(project / "pyproject.toml", (later, later))
    assert "The set-up failed" in called(project, "make", "test").stdout


def test_where_uv_installs_for_the_tests_pip_is_not_asked(project: Path) -> None:
    program(project.parent / "path", "python3", PYTHON)
    (project / "quick").touch()
    assert called(project, "make", "test").returncode == 0
    assert sorted((project / "done").read_text().splitlines()) == ["1 quickly", "studio"]
    assert not (project / "asked").exists()


def test_what_pip_was_told_uv_is_told_or_it_does_not_try() -> None:
    told = """:env:.disable-pip-version-check='1'
global.cert='/etc/ours.pem'
global.extra-index-url='file:///one file:///two'
install.find-links='/wheels'
"""
    indexes = ["--extra-index-url", "file:///one", "--extra-index-url", "file:///two"]
    assert settings(told) == ([*indexes, "--find-links", "/wheels"], {"SSL_CERT_FILE": "/etc/ours.pem"})
    assert settings("") == ([], {})
    assert settings(f"{told}global.proxy='three:3128'\n") is None


def test_without_node_pip_builds_the_studio(project: Path) -> None:
    program(project.parent / "path", "python3", PYTHON)
    (project / "nodeless").touch()
    assert called(project, "make", "run").returncode == 0
    assert called(project, "make", "test").returncode == 0
    asked = (project / "asked").read_text().splitlines()
    assert [(each.split()[0], each.split()[-1]) for each in asked] == [("unbuilt", "."), ("1", ".[dev]")]
    assert (project / "done").read_text() == "-m app.cli serve\n"


@pytest.mark.parametrize("reached", [True, False])
def test_an_old_pip_is_renewed_first_where_a_newer_one_is_to_be_had(project: Path, reached: bool) -> None:
    told = (
        PYTHON
        if reached
        else PYTHON.replace('*"-m pip install"*)', '*upgrade*) echo refused >&2; exit 1 ;;\n*"-m pip install"*)')
    )
    program(project.parent / "path", "python3", told)
    (project / "dated").touch()
    made = called(project, "make", "run")
    assert (made.returncode, made.stderr) == (0, "")
    asked = [each.split()[-2:] for each in (project / "asked").read_text().splitlines()]
    assert asked == [["--upgrade", "pip"], ["-e", "."]][not reached :]


def test_a_moved_folder_is_set_up_again(project: Path) -> None:
    program(project.parent / "path", "python3", PYTHON)
    called(project, "make", "run")
    assert called(project, "make", "run").stdout == ""
    moved = project.rename(project.parent / "mi carpeta ñandú")
    again = called(moved, "make", "run")
    assert again.stdout.startswith("This folder was moved or renamed: setting up again.")
    assert (moved / "log").read_text().split() == ["begin", "end"] * 2


def test_offline_what_was_installed_before_goes_on(project: Path) -> None:
    program(project.parent / "path", "python3", PYTHON)
    (project / "offline").touch()
    program(project.parent / "path", "python3", PYTHON.replace("*) echo", "*import*) exit 1 ;;\n*) echo"))
    first = called(project, "make", "run")
    assert first.returncode == 2
    assert "Run make again once it does." in first.stdout
    (project / "offline").unlink()
    called(project, "make", "run")
    program(project / ".venv" / "bin", "python", PYTHON)
    (project / "offline").touch()
    later = (project / ".venv" / "run.stamp").stat().st_mtime + 10
    os.utime(project / "pyproject.toml", (later, later))
    told = called(project, "make", "run")
    assert told.returncode == 0
    assert "going on with what was installed before" in told.stdout


# What the checks call; nothing is downloaded here, and there is no browser.
CHECKS = """#!/bin/sh
echo "$*" >> done
case "$*" in *playwright*) echo "Error: getaddrinfo ENOTFOUND"; exit 1 ;; esac
"""


def test_the_checks_without_a_browser_say_so_in_a_sentence_and_the_rest_runs(project: Path) -> None:
    for name in ("run", "early"):
        shutil.copy(ROOT / "tests" / name, project / "tests")
    for name in ("python", "npm", "node"):
        program(project.parent / "path", name, CHECKS)
    program(project.parent / "path", "id", "#!/bin/sh\necho 1000\n")
    checked = called(project, "bash", "tests/run")
    assert checked.returncode == 1
    assert checked.stdout.count("No Chromium was found and none could be fetched") == 2
    assert checked.stdout.rstrip().splitlines()[-3].startswith("== No Chromium was found")
    assert "make test CHROMIUM=/path/to/chromium" in checked.stdout
    assert not re.search("ENOTFOUND|Traceback", checked.stdout + checked.stderr)
    done = (project / "done").read_text()
    assert "-m pytest -n 2 -m not browser" in done
    assert all(each in done for each in ("-m ruff check", "-m mypy", "run --silent check", "run --silent test"))


def test_what_needs_no_python_runs_beside_pip_and_is_told_once(project: Path) -> None:
    for name in ("run", "early"):
        shutil.copy(ROOT / "tests" / name, project / "tests")
    program(project.parent / "path", "python3", PYTHON)
    program(project.parent / "path", "id", "#!/bin/sh\necho 1000\n")
    program(project.parent / "path", "node", CHECKS)
    program(project.parent / "path", "npm", CHECKS + 'echo "npm: $*"\ncase "$*" in *test) exit 3 ;; esac\n')
    first = called(project, "make", "test", CHROMIUM="/usr/bin/true")
    assert first.returncode == 2
    assert re.findall("npm: .*", first.stdout) == [
        "npm: --prefix app/frontend run --silent check",
        "npm: --prefix app/frontend run --silent test",
    ]
    done = (project / "done").read_text()
    assert done.index("run --silent test") < done.index("-m ruff check")
    assert not (project / ".venv" / "early").exists()
    program(project.parent / "path", "npm", CHECKS)
    again = called(project, "make", "test", CHROMIUM="/usr/bin/true")
    assert again.returncode == 0, again.stdout
    assert (project / "done").read_text().count("run --silent test") == 2
