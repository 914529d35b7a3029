"""A process that writes files into a store until it is killed, and says which are written: python -m … FOLDER"""

import os
import sys

from app.store.files import NetworkFiles

SIZE = 2_000_000
MOST = 100


def main() -> None:
    files = NetworkFiles(sys.argv[1])
    for _ in range(MOST):
        id, _ = files.write(os.urandom(SIZE))
        sys.stdout.write(f"{id}\n")
        sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
