"""Writes requirements.lock: what the image installs, each file by its SHA-256. Run it with uv on PATH.

torch is left out, and CUDA with it: which build is wanted, and so from which index it comes, whoever builds the image
says (TORCH_INDEX), and its files' hashes differ from index to index. constraints.txt pins its version all the same.
"""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]
EXTRAS = ("s3", "otel")
_OF_TORCH = re.compile(r"(torch|triton|nvidia-|cuda-)")
_HEAD = "# Made by deploy/lock.py from pyproject.toml and constraints.txt: pip install --require-hashes --no-deps -r\n"


def locked() -> str:
    """The file's text: a package and its hashes after another, in the order of their names."""
    command = ["uv", "pip", "compile", "--quiet", "--universal", "--generate-hashes", "--python-version", "3.11"]
    command += ["--no-header", "--no-annotate", "--no-emit-index-url", "-c", "constraints.txt", "pyproject.toml"]
    command += [part for extra in EXTRAS for part in ("--extra", extra)]
    found = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    packages = re.split(r"\n(?=\S)", found.strip())
    return _HEAD + "\n".join(each for each in packages if not _OF_TORCH.match(each)) + "\n"


if __name__ == "__main__":
    (ROOT / "requirements.lock").write_text(locked())
