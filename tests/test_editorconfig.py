"""What .editorconfig says of this repository's files is true of them."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXTS = (".css", ".html", ".js", ".json", ".md", ".po", ".py", ".svelte", ".toml", ".ts", ".txt", ".yaml", ".yml")


def test_what_editorconfig_says_is_true() -> None:
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no git here")
    paths = [ROOT / name for name in listed.split("\0") if name.endswith(TEXTS)]
    texts = {path: path.read_bytes() for path in paths if path.exists()}
    assert texts
    assert [path for path, text in texts.items() if b"\r" in text or (text and not text.endswith(b"\n"))] == []
    assert [
        path for path, text in texts.items() if any(line.endswith((b" ", b"\t")) for line in text.split(b"\n"))
    ] == []
    assert [path for path, text in texts.items() if any(line.startswith(b"\t") for line in text.split(b"\n"))] == []
