"""The console script where `app` is the name of something else too."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app import __version__

ROOT = Path(__file__).parents[2]
SCRIPT = [sys.executable, "-c", "from adelante_cli import main; main()"]


def call(folder: Path, *arguments: str, path: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "PYTHONPATH": path, "LC_ALL": "en_US.UTF-8"}
    return subprocess.run(
        [*SCRIPT, *arguments], capture_output=True, text=True, env=environment, timeout=60, cwd=folder
    )


@pytest.mark.parametrize("name", ["app.py", "app/__init__.py", "app/other.py"])
def test_a_project_with_an_app_of_its_own_is_told_which_one_runs(tmp_path: Path, name: str) -> None:
    other = tmp_path / name
    other.parent.mkdir(exist_ok=True)
    other.write_text("raise SystemExit('the wrong one')\n")
    result = call(tmp_path, "--version", path=f"{tmp_path}{os.pathsep}{ROOT}")
    assert result.stdout == f"adelante {__version__}\n"
    assert result.returncode == 0
    # A folder without __init__.py gives way to a package by itself.
    told = f" is called `app` as well; adelante runs its own: {ROOT / 'app'}.\n" if name != "app/other.py" else ""
    assert result.stderr == (f"{other}{told}" if told else "")


def test_alone_it_says_nothing(tmp_path: Path) -> None:
    result = call(tmp_path, "--version", path=str(ROOT))
    assert (result.stdout, result.stderr) == (f"adelante {__version__}\n", "")


def test_an_app_that_another_distribution_wrote_over_is_said(tmp_path: Path) -> None:
    shutil.copy(ROOT / "adelante_cli.py", tmp_path)
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "__init__.py").write_text("")
    result = call(tmp_path, "--version", path=str(tmp_path))
    assert result.returncode == 1
    assert f"{tmp_path / 'app'} is not Adelante's any more" in result.stderr
    assert "Install Adelante again" in result.stderr
