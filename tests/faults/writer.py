"""A process that writes files into a store until it is killed, and says which are written: python -m … FOLDER"""

import os
import sys

from app.store.files import NetworkFiles

SIZE = 2_000_000


def main() -> None:
    files = NetworkFiles(sys.argv[1])
    while True:
        id, _ = files.write(os.urandom(SIZE))
        sys.stdout.write(f"{id}\n")
        sys.stdout.flush()
        if len(files.ids()) > 50:
            files.delete(files.ids()[0])


if __name__ == "__main__":
    main()
