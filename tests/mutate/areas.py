"""Which tests concern which modules, and the copy of the tree in which both are tried."""

import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.mutate.plain import undecorated

PACKAGES = ("adelante/", "app/")
# The tests beside those of the same name, for packages and modules that are used through others, or whose package's
# tests take long.
BESIDE = {
    "adelante/code/sources.py": [],
    "adelante/network/cells.py": ["tests/api/read/test_cells.py"],
    "adelante/network/edits/proposals.py": ["tests/api/routes/test_changed_networks.py"],
    "adelante/network/errors.py": [
        "tests/adelante/network/test_checks.py",
        "tests/adelante/tensors/test_refused_programs.py",
    ],
    "adelante/network/explain.py": ["tests/adelante/operations/test_explanations.py", "tests/api/routes/test_cells.py"],
    "adelante/network/explanation.py": ["tests/adelante/network/test_worked.py", "tests/api/write/test_explanation.py"],
    "adelante/network/following.py": ["tests/adelante/network/test_worked.py"],
    "adelante/network/names.py": ["tests/adelante/network/dense/test_names.py", "tests/api/routes/test_inference.py"],
    "adelante/network/operations": ["tests/adelante/operations"],
    "adelante/network/precision.py": [
        "tests/api/read/test_ranges.py",
        "tests/api/routes/test_forward_of_every_kind.py",
    ],
    "adelante/network/worked.py": ["tests/api/routes/test_live_forms.py"],
    "app/live": ["tests/api/routes/test_live.py"],
    "app/api/routes/live_watches.py": ["tests/live", "tests/api/routes/test_live_commands.py"],
    "app/api/routes/live_inbox.py": ["tests/api/routes/test_live.py"],
    "app/api/read/cells.py": ["tests/api/routes/test_explaining_routes.py"],
    "app/api/read/checked.py": ["tests/api/http/test_problems.py"],
    "app/api/read/choices.py": ["tests/api/read/test_form.py"],
    "app/api/read/decode.py": [
        "tests/api/read/test_json_reader.py",
        "tests/api/read/test_json_limits.py",
        "tests/api/http/test_problems.py",
    ],
    "app/api/read/documents.py": ["tests/api/routes/test_forward.py", "tests/api/openapi/test_openapi.py"],
    "app/api/read/drawings.py": ["tests/api/routes/test_random_kinds.py"],
    "app/api/read/forward_binary.py": ["tests/api/routes/test_forward_binary.py", "tests/api/routes/test_costs.py"],
    "app/api/read/forward_request.py": ["tests/api/routes/test_forward.py", "tests/api/routes/test_cells.py"],
    "app/api/read/handwriting.py": ["tests/api/routes/test_handwriting.py"],
    "app/api/read/inputs.py": ["tests/api/read/test_cells.py", "tests/api/routes/test_forward_of_every_kind.py"],
    "app/api/read/json_reader.py": [
        "tests/api/read/test_json_limits.py",
        "tests/api/read/test_json_pieces.py",
        "tests/api/read/test_long_arrays.py",
    ],
    "app/api/read/kinds.py": ["tests/api/routes/test_networks_of_every_kind.py"],
    "app/api/read/live_documents.py": ["tests/api/routes/test_live_cells.py", "tests/api/routes/test_live_commands.py"],
    "app/api/read/network_body.py": ["tests/api/routes/test_networks.py", "tests/api/routes/test_choices.py"],
    "app/api/read/query.py": ["tests/api/read/test_form.py"],
    "app/api/read/request_arrays.py": ["tests/api/read/test_fast_forward.py", "tests/api/read/test_request_reuse.py"],
    "app/api/write/activations.py": ["tests/api/routes/test_catalog.py"],
    "app/api/write/explained_cell.py": ["tests/api/write/test_explanation.py"],
    "app/api/write/presets.py": ["tests/api/routes/test_catalog.py"],
    "app/api/http/decompress.py": ["tests/api/http/test_body.py"],
}
# Lines of a module have other numbers once its functions are changed.
LEFT_OUT = ["tests/adelante/network/test_presets.py::test_layers_say_the_line_that_they_were_written_in"]
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
            _copy(root / name, tree / name, plain=name in self.modules)
            # What it doesn't change, mutmut copies once and never again.
            changed = tree / "mutants" / name
            if changed.exists() and not name.endswith(".py"):
                _copy(root / name, changed, plain=False)
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
                *(f"--deselect={test}" for test in LEFT_OUT),
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
    """tests/ mirrors the packages: a module's tests are those of its folder's name; of app/api, and of a module that is
    named above, those of the file's name."""
    folder = Path("tests") / (Path(module).parent if module.startswith("adelante/") else Path(module[4:]).parent)
    if module.startswith("app/api/") or module in BESIDE:
        own = [str(path) for path in (folder / f"test_{Path(module).stem}.py",) if (root / path).exists()]
        return own + [each for each in BESIDE.get(module, [] if own else API_TESTS) if each not in own]
    beside = BESIDE.get(str(Path(module).parent), [])
    if beside and not (root / folder).exists():
        return beside
    while not (root / folder).exists():
        folder = folder.parent
    return [str(folder), *beside]


def _name(modules: list[str]) -> str:
    first = Path(modules[0])
    alone = first.parts[1] == "api" or modules[0] in BESIDE
    return "-".join((first if alone else first.parent).with_suffix("").parts[1:]) or first.stem


def _is_needed(name: str) -> bool:
    return not name.startswith(("app/frontend/", "tests/browser/", "."))


def _copy(source: Path, target: Path, *, plain: bool) -> None:
    content = undecorated(source.read_text()).encode() if plain else source.read_bytes()
    if target.exists() and target.read_bytes() == content:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
