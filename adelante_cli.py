"""The console script `adelante`.

`app` is a name that any project may have. Where the import would find another than Adelante's, this puts Adelante's
first and says so. Only the standard library is imported here, since nothing else is known to be ours yet.
"""

import sys
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> None:
    found = find_spec("app")
    other = None if found is None else found.origin or next(iter(found.submodule_search_locations or ()), None)
    ours = HERE / "app"
    if other is None or Path(other).resolve() != ours / "__init__.py":
        sys.path.insert(0, str(HERE))
    try:
        from app.cli import main as run
        from app.cli.shadow import tell
    except ImportError as error:
        # Its catalogs are not to be had either.
        sys.exit(
            f"Error: {ours} is not Adelante's any more ({error}): another distribution has an `app` too. "
            "Install Adelante again, in an environment of its own.\n"
            f"Error: {ours} ya no es de Adelante: otra distribución también tiene un `app`. "
            "Vuelve a instalar Adelante, en un entorno propio."
        )
    tell(other, ours)
    run()


if __name__ == "__main__":
    main()
