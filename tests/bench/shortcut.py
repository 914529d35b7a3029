"""What the short cut past the framework gains: small forward passes a second with it, beside the same without."""

import statistics

from tests.bench.servers import load, ours
from tests.bench.throughput import CONNECTIONS, ROUNDS, SECONDS, sent


def main() -> None:
    """The median ratio of rounds that alternate between the two servers."""
    with ours() as with_it, ours(ADELANTE_SHORTCUT="false") as without:
        for name in ("3-2-1", "64-64-10"):
            rates: dict[int, list[float]] = {with_it: [], without: []}
            for k in range(ROUNDS):
                for port in (with_it, without) if k % 2 else (without, with_it):
                    found = load(port, sent(port, name), CONNECTIONS, SECONDS)
                    assert found["bad"] == 0, f"{name}: answers other than 200"
                    rates[port].append(found["rate"])
            ratios = [quick / slow for quick, slow in zip(rates[with_it], rates[without], strict=True)]
            print(
                f"{name:12s} {statistics.median(ratios):5.2f} times ({min(ratios):.2f} to {max(ratios):.2f})",
                flush=True,
            )
