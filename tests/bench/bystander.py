"""An innocent client: asks for the server's health over and over while others misbehave, and says how long it waited.

Usage: python -m tests.bench.bystander PORT  (ends when standard input closes; a JSON line comes out)
"""

import http.client
import json
import select
import sys
import time

PAUSE_SECONDS = 0.005
PATIENCE_SECONDS = 120.0


def main() -> None:
    """One keep-alive connection, one question at a time.

    Prints `worst_ms`, the longest wait; `middle_ms`, the median; `refused`, how often it was cut off or got no 200.
    """
    connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=PATIENCE_SECONDS)
    waits: list[float] = []
    refused = 0
    while not select.select([sys.stdin], [], [], PAUSE_SECONDS)[0]:
        started = time.perf_counter()
        try:
            connection.request("GET", "/v2/health/live")
            answer = connection.getresponse()
            answer.read()
            served = answer.status == 200
        except (OSError, http.client.HTTPException):
            served = False
            connection.close()
        waits.append(time.perf_counter() - started)
        refused += not served
    waits.sort()
    middle = waits[len(waits) // 2] if waits else 0.0
    print(json.dumps({"worst_ms": 1e3 * max(waits, default=0.0), "middle_ms": 1e3 * middle, "refused": refused}))


if __name__ == "__main__":
    main()
