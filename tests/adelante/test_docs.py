"""The page about the library runs as it stands."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_page_about_the_library_runs_as_it_stands(tmp_path: Path) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "library.md").read_text(), re.DOTALL)
    (tmp_path / "cell.py").write_text(code)
    done = subprocess.run(
        [sys.executable, "cell.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    printed = done.stdout.splitlines()
    assert printed[0] == "0 conv2d (8, 26, 26) cell.py:15: x = F.relu(self.conv(x))"
    assert printed[-3].startswith("sum-of-products ")
    assert printed[-2].startswith("the largest of 9 terms: inputs [0, ")
    assert printed[-1] == "it sees 16 pixels"
    assert (tmp_path / "digits.safetensors").exists()
