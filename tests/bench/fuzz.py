"""Each format fuzzed with coverage guidance (atheris, libFuzzer): what leads to new lines is changed further.

It wants `pip install atheris`. `FORMATS=words` chooses, `FUZZ_SECONDS` says for how long each (720: an hour in all),
`CORPUS` a folder where what was found stays (a new one otherwise). Each format has a process of its own, which tells
how far it is in a log there; its last lines are printed.
"""

import os
import random
import subprocess
import sys
from pathlib import Path
from tempfile import mkdtemp

_FORMATS = ("json", "safetensors", "onnx", "exported", "state_dict")
_FOLLOWED = ["adelante", "torch.serialization", "torch._weights_only_unpickler"]
_SECONDS_OF_ONE = 60
_MEMORY_MB = 4096
_LONGEST = 1 << 18


def main() -> None:
    folder = Path(os.environ.get("CORPUS") or mkdtemp())
    seconds = os.environ.get("FUZZ_SECONDS", "720")
    for format in os.environ.get("FORMATS", "").split() or _FORMATS:
        (folder / format).mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "tests.bench.fuzz", format, str(folder / format), f"-max_total_time={seconds}"]
        command += [
            f"-artifact_prefix={folder}/{format}-",
            f"-timeout={_SECONDS_OF_ONE}",
            f"-rss_limit_mb={_MEMORY_MB}",
        ]
        log = folder / f"{format}.log"
        print(f"== {format}: told in {log}", flush=True)
        with log.open("wb") as file:
            told = subprocess.run([*command, f"-max_len={_LONGEST}"], stderr=subprocess.STDOUT, stdout=file)
        lines = log.read_text("utf-8", "replace").splitlines()
        print(f"ended with {told.returncode}", *lines[-30:], sep="\n", flush=True)


def fuzz(format: str, folder: Path, options: list[str]) -> None:
    """Fuzzes one format in this process, which ends with it."""
    import atheris  # type: ignore[import-untyped]

    with atheris.instrument_imports(include=_FOLLOWED):
        from tests.adelante.formats import hostile_files

        # Readers are imported when the first file of theirs comes.
        for k, data in enumerate(hostile_files.seeds(format)):
            hostile_files.survives(format, data)
            (folder / f"seed-{k}").write_bytes(data)

    def survives(data: bytes) -> None:
        hostile_files.survives(format, data)

    def mutated(data: bytes, most: int, seed: int) -> bytes:
        draw = random.Random(seed)
        parts = hostile_files.parts_of(data) if data[:2] == b"PK" and draw.random() < 0.8 else {}
        if not parts:
            return bytes(atheris.Mutate(data, most))
        # Of an archive one of its files: changed as a whole it would be no archive.
        name = draw.choice(list(parts))
        return hostile_files.archived({**parts, name: atheris.Mutate(parts[name], len(parts[name]) + 64)})[:most]

    atheris.Setup([sys.argv[0], *options, str(folder)], survives, custom_mutator=mutated)
    atheris.Fuzz()


if __name__ == "__main__":
    fuzz(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
