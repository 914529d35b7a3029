"""Which tests concern which modules, and the copy of the tree in which both are tried."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

PACKAGES = ("adelante/", "app/")
# The tests beside those of the same name, for packages and modules that are used through others.
BESIDE = {
    "app/live": ["tests/api/routes/test_live.py"],
    "app/api/routes/live_watches.py": ["tests/live", "tests/api/routes/test_live_commands.py"],
    "app/api/routes/live_inbox.py": ["tests/api/routes/test_live.py"],
    "app/api/read/decode.py": ["tests/api/routes/test_forward.py", "tests/api/http/test_problems.py"],
    "app/api/read/documents.py": ["tests/api/routes/test_forward.py", "tests/api/read/test_ranges.py"],
    "app/api/http/decompress.py": ["tests/api/http/test_body.py"],
    "adelante/formats/json/numbers.py": ["tests/api/read/test_readers.py", "tests/api/read/test_ranges.py"],
    "app/api/read/form.py": ["tests/api/routes/test_networks.py"],
    "app/api/read/handwriting.py": ["tests/api/routes/test_handwriting.py"],
    "app/api/read/drawings.py": ["tests/api/routes/test_random_kinds.py", "tests/api/read/test_leniency.py"],
    "app/api/read/cells.py": ["tests/api/routes/test_explaining_routes.py"],
    "app/api/read/request_arrays.py": ["tests/api/read/test_readers.py", "tests/api/read/test_fast_forward.py"],
}
# Where a module of app/api has no tests of its name and is not named above.
API_TESTS = ["tests/api/routes/test_forward.py", "tests/api/http/test_problems.py"]


@dataclass(frozen=True)
class Area:
    """Modules that the same tests concern."""

    name: str
    modules: list[str]
    tests: list[str]

    def copy_to(self, tree: Path, seconds: float) -> None:
        """Brings the copy up to date; only what differs is written, so that what was found of the rest stays true."""
        root = Path(__file__).parents[2]
        listed = subprocess.check_output(["git", "ls-files", "-coz", "--exclude-standard"], cwd=root, text=True)
        wanted = {name for name in listed.split("\0") if name and (root / name).is_file() and _is_needed(name)}
        wanted |= {str(path.relative_to(root)) for path in (root / "app/static/build").rglob("*") if path.is_file()}
        for copied in [path for path in tree.glob("[!m]*/**/*") if path.is_file()]:
            if str(copied.relative_to(tree)) not in wanted and "__pycache__" not in copied.parts:
                copied.unlink()
                (tree / "mutants" / copied.relative_to(tree)).unlink(missing_ok=True)
        for name in wanted - {"pyproject.toml"}:
            _copy(root / name, tree / name)
            # What it doesn't change, mutmut copies once and never again.
            changed = tree / "mutants" / name
            if changed.exists() and not name.endswith(".py"):
                _copy(root / name, changed)
        settings = (root / "pyproject.toml").read_text() + "\n" + self._settings(seconds)
        (tree / "pyproject.toml").write_text(settings)

    def _settings(self, seconds: float) -> str:
        settings = {
            "source_paths": ["adelante", "app"],
            "only_mutate": self.modules,
            "pytest_add_cli_args": [
                "-p",
                "no:cacheprovider",
                "-m",
                "not browser and not gpu",
                "--hypothesis-profile=mutate",
            ],
            "pytest_add_cli_args_test_selection": self.tests,
            "also_copy": ["README.md", "constraints.txt", "hatch_build.py", "docs"],
            # torch's threads don't outlive a fork: the process that forks runs no test.
            "process_isolation": "forkserver",
            "timeout_constant": seconds / 3,
            "timeout_multiplier": 3.0,
            "use_setproctitle": False,
            "use_git_change_detection": False,
        }
        return "[tool.mutmut]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in settings.items())


def areas_of(root: Path, paths: Iterable[Path]) -> list[Area]:
    """The modules at these paths, those together that the same tests concern."""
    modules: list[str] = []
    for path in paths:
        found = sorted(path.rglob("*.py")) if path.is_dir() else [path]
        modules += [str(each.resolve().relative_to(root)) for each in found if each.name != "__init__.py"]
    unknown = [module for module in modules if not module.startswith(PACKAGES) or not (root / module).exists()]
    if unknown or not modules:
        sys.exit(f"no modules of app/ or adelante/: {', '.join(unknown) or 'nothing found'}")
    by_tests: dict[tuple[str, ...], list[str]] = {}
    for module in dict.fromkeys(modules):
        by_tests.setdefault(tuple(tests_of(root, module)), []).append(module)
    return [Area(_name(found), found, list(tests)) for tests, found in by_tests.items()]


def tests_of(root: Path, module: str) -> list[str]:
    """tests/ mirrors the packages: a module's tests are those of its folder's name, in app/api those of the file's."""
    folder = Path("tests") / (Path(module).parent if module.startswith("adelante/") else Path(module[4:]).parent)
    if module.startswith("app/api/"):
        own = [str(path) for path in (folder / f"test_{Path(module).stem}.py",) if (root / path).exists()]
        return own + BESIDE.get(module, [] if own else API_TESTS)
    while not (root / folder).exists():
        folder = folder.parent
    return [str(folder), *BESIDE.get(str(Path(module).parent), [])]


def _name(modules: list[str]) -> str:
    first = Path(modules[0])
    return "-".join((first if first.parts[1] == "api" else first.parent).with_suffix("").parts[1:]) or first.stem


def _is_needed(name: str) -> bool:
    return not name.startswith(("app/frontend/", "tests/browser/", "."))


def _copy(source: Path, target: Path) -> None:
    if target.exists() and target.read_bytes() == source.read_bytes():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
