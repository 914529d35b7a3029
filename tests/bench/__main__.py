"""`python -m tests.bench [name…]`: runs the named measurements, or all of them, one after the other."""

import sys
from importlib import import_module

NAMES = (
    "throughput",
    "shortcut",
    "latency",
    "interference",
    "memory",
    "gpu",
    "attacks",
    "cost",
    "networks",
    "pad",
    "drawing",
    "growth",
    "frames",
)
# Only where they are named: they need packages that are not among the development dependencies.
ON_REQUEST = ("clients", "models", "onnx_models", "exported", "mutated", "fuzz")

wanted = sys.argv[1:] or NAMES
unknown = [name for name in wanted if name not in NAMES + ON_REQUEST]
if unknown:
    sys.exit(f"unknown: {', '.join(unknown)}. There are: {', '.join(NAMES + ON_REQUEST)}")
# In their own order: `pad`, `drawing`, `growth` and `frames` lower the process's priority for good.
for name in (name for name in NAMES + ON_REQUEST if name in wanted):
    print(f"\n== {name}")
    import_module(f"tests.bench.{name}").main()
