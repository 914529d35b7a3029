"""Installs what the tests need with uv, in half of pip's time, for `make test`.

Where pip was told what cannot be told to uv, or where anything fails, its status is 1, and pip does it.
"""

import os
import re
import subprocess
import sys
from ast import literal_eval
from pathlib import Path

ROOT = Path(__file__).parents[1]
# What uv calls as pip does, what it reads from the environment, and what is nothing to it.
SAME = {"index-url", "extra-index-url", "find-links", "constraint"}
VARIABLES = {"cert": "SSL_CERT_FILE", "default-timeout": "UV_HTTP_TIMEOUT", "timeout": "UV_HTTP_TIMEOUT"}
NOTHING = {"disable-pip-version-check", "no-color", "no-input", "progress-bar", "quiet", "root-user-action"}


def settings(told: str) -> tuple[list[str], dict[str, str]] | None:
    """What `pip config list` tells, as arguments and variables of uv; None where it has no such words."""
    arguments: list[str] = []
    variables: dict[str, str] = {}
    for line in told.splitlines():
        key, _, value = line.partition("=")
        name = re.sub("^(global|install|:env:)[.]", "", key)
        if name in SAME:
            arguments += [each for one in literal_eval(value).split() for each in (f"--{name}", one)]
        elif name in VARIABLES:
            variables[VARIABLES[name]] = literal_eval(value)
        elif name not in NOTHING:
            return None
    return arguments, variables


def main() -> bool:
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    told = subprocess.run([*pip, "config", "list"], capture_output=True, text=True, check=True).stdout
    found = settings(told)
    if found is None:
        return False
    arguments, variables = found
    subprocess.run([*pip, "install", "--quiet", "-c", ROOT / "constraints.txt", "uv"], check=True, capture_output=True)
    # As pip does, the newest of all indexes; and pip itself, as new as it is to be had.
    installing = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--index-strategy", "unsafe-best-match"]
    wanted = ["--constraint", str(ROOT / "constraints.txt"), "--editable", f"{ROOT}[dev]", "pip>=25"]
    command = [*installing, *arguments, "--python", sys.executable, *wanted]
    return subprocess.run(command, env={**os.environ, **variables}, check=False).returncode == 0


if __name__ == "__main__":
    try:
        sys.exit(not main())
    except (OSError, ValueError, subprocess.SubprocessError):
        sys.exit(1)
