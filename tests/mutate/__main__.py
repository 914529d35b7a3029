"""`python -m tests.mutate PATH…`: changes the functions of these modules in one small way after another, in a copy of
the tree, and lists the changes that no test notices. See CONTRIBUTING.md, "Tests".

What was found out stays in `.mutants/`; a later call goes on from there, and tries again what went unnoticed. With
`--of 200` so many changes are tried, spread over all functions, the same ones each time.

Without mutmut: `pip install 'mutmut>=3.8.1,<3.9'` (not among the development dependencies: it brings a terminal
interface).
"""

import argparse
import os
import subprocess
import sys
from contextlib import chdir
from importlib.util import find_spec
from pathlib import Path

from tests.mutate.areas import Area, areas_of
from tests.mutate.sample import spread_out
from tests.mutate.survivors import (
    UNNOTICED,
    Survivor,
    believed_equivalent,
    changes_of,
    forget_survivors,
    survivors_of,
)

ROOT = Path(__file__).parents[2]
WORK = ROOT / ".mutants"
# The first of what `mutmut run` does; it would go on to run every test of the area.
MAKE = """
import os
from mutmut import __main__ as mutmut
os.makedirs("mutants", exist_ok=True)
mutmut.copy_src_dir()
mutmut.copy_also_copy_files()
mutmut.create_mutants(1)
"""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutate", description=__doc__.split(".", 1)[0])
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="modules, or folders of them")
    parser.add_argument("--of", type=int, metavar="COUNT", help="try so many changes, spread over all functions")
    parser.add_argument("--processes", type=int, default=1, help="how many changes are tried at once (1)")
    parser.add_argument("--seconds", type=float, default=20, help="a change's time beyond its tests' own (20)")
    parser.add_argument("--list", action="store_true", help="only list what went unnoticed before")
    arguments = parser.parse_args()
    if find_spec("mutmut") is None:
        sys.exit("mutmut is missing: pip install 'mutmut>=3.8.1,<3.9'")
    areas, failed = areas_of(ROOT, arguments.paths), False
    if not arguments.list:
        for area in areas:
            area.copy_to(WORK / area.name, arguments.seconds)
        some = None if arguments.of is None else sampled(areas, arguments.of)
        for area in areas:
            failed |= not tried(area, arguments.processes, some)
    unnoticed = 0
    for area in areas:
        if (WORK / area.name).exists():
            with chdir(WORK / area.name):
                unnoticed += report(area)
    return 1 if failed or unnoticed else 0


def sampled(areas: list[Area], count: int) -> set[str]:
    """So many of the changes of these modules, spread over all of their functions."""
    found: list[str] = []
    for area in areas:
        # What there is to change is known once the changes are made.
        make = [sys.executable, "-c", MAKE]
        ran = subprocess.run(make, cwd=WORK / area.name, env=_environment(), capture_output=True, text=True)
        if not (WORK / area.name / "mutants").exists():
            sys.exit(f"{area.name}: mutmut made no changes.\n{ran.stdout}{ran.stderr}")
        with chdir(WORK / area.name):
            found += changes_of(area.modules)
    return spread_out(found, count)


def tried(area: Area, processes: int, some: set[str] | None) -> bool:
    """Tries the changes of an area that were not noticed yet, or those among `some`; False where its own tests fail."""
    tree = WORK / area.name
    names: list[str] = []
    if some is None:
        forget_survivors(tree)
    else:
        with chdir(tree):
            open_ones = (name for name, code in changes_of(area.modules).items() if code is None or code in UNNOTICED)
            names = sorted(some.intersection(open_ones))
        if not names:
            return True
    return subprocess.run(_run(processes, names), cwd=tree, env=_environment()).returncode == 0


def _run(processes: int, names: list[str]) -> list[str]:
    return [sys.executable, "-m", "mutmut", "run", "--max-children", str(processes), *names]


def report(area: Area) -> int:
    """Prints what went unnoticed in this area; how many of that nobody has argued for."""
    known = believed_equivalent()
    found, tried, pending = survivors_of(area.modules)
    open_ones = [each for each in found if each.key not in known]
    for survivor in open_ones:
        print(f"\n{survivor}")
    argued = len(found) - len(open_ones)
    print(
        f"\n{area.name}: {tried} changes tried, {len(open_ones)} unnoticed, {argued} argued in equivalent.txt", end=""
    )
    print(f", {pending} still to try" if pending else "")
    for key in known.keys() - {each.key for each in found}:
        if key.path in area.modules and not pending:
            print(f"equivalent.txt names a change that is noticed, or no longer made: {Survivor(0, 'survived', key)}")
    return len(open_ones)


def _environment() -> dict[str, str]:
    # The copy's own package is imported, not the one that is installed; and torch keeps to one core.
    return os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": ""}


if __name__ == "__main__":
    sys.exit(main())
