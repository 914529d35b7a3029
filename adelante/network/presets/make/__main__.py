"""python -m adelante.network.presets.make [NAME …]: learns all presets, or those named, and writes their files."""

import json
import sys
import time

import torch

from adelante.formats.safetensors import network_to_safetensors
from adelante.network.presets.make import MAKERS
from adelante.network.presets.trained import FOLDER


def main(names: list[str]) -> int:
    """Writes NAME.safetensors and NAME.json of each. Returns the exit status: 2 for a name that nothing is made for."""
    if unknown := [name for name in names if name not in MAKERS]:
        print(f"Nothing is made under the name {unknown[0]}. There are: {', '.join(MAKERS)}.", file=sys.stderr)
        return 2
    # Sums in one order, so that the same numbers come out on every machine with this version of torch.
    torch.set_num_threads(1)
    for name in names or MAKERS:
        begun = time.perf_counter()
        made = MAKERS[name]()
        data = network_to_safetensors(made.network)
        (FOLDER / f"{name}.safetensors").write_bytes(data)
        known = {**made.known, "torch": torch.__version__.partition("+")[0]}
        (FOLDER / f"{name}.json").write_text(json.dumps(known, indent=2) + "\n")
        seconds = time.perf_counter() - begun
        print(f"{name}: {known['measure']} {known['value']}, {len(data):,} bytes, {seconds:.1f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
