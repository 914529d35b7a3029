"""Serves from this installation, asks what people ask, and stops it: the image is not made where one of them fails.

What Python loads on the way is compiled on the way.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.request import Request, urlopen

PORT = 18000
ADELANTE = str(Path(sys.executable).parent / "adelante")


def ask(path: str, body: object = None, kind: str = "application/json", accept: str = "*/*") -> bytes:
    content = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
    headers = {"Accept": accept, **({"Content-Type": kind} if content else {})}
    request = Request(f"http://127.0.0.1:{PORT}{path}", content, headers)
    with urlopen(request, timeout=60) as answer:
        found: bytes = answer.read()
    return found


def visit(folder: Path) -> None:
    for path in ("/", "/es/", "/en/?network=digits-conv", "/es/lecciones/", "/en/tensor-lab", "/metrics", "/api/docs"):
        ask(path)
    for path, operations in json.loads(ask("/api/v1/openapi.json"))["paths"].items():
        body = operations.get("post", {}).get("requestBody", {}).get("content", {}).get("application/json", {})
        for example in body.get("examples", {}).values() if "{" not in path else ():
            ask(path, example["value"])
    ask("/api/v1/diagram", {"network": "xor", "inputs": [0, 1]}, accept="image/png")
    for name in ("network.onnx", "network.safetensors"):
        subprocess.run([ADELANTE, "convert", "digits-conv", str(folder / name)], check=True)
        kept = json.loads(ask("/api/v1/networks", (folder / name).read_bytes(), "application/octet-stream"))
        ask(f"/api/v1/networks/{kept['id']}/outline")


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        settings = {"ADELANTE_PORT": str(PORT), "ADELANTE_HOST": "127.0.0.1", "ADELANTE_STORE": f"{folder}/store"}
        environment = {**os.environ, **settings}
        server = subprocess.Popen([ADELANTE, "serve"], env=environment)
        while subprocess.run([ADELANTE, "health"], env=environment, capture_output=True).returncode:
            if server.poll() is not None:
                return 1
            time.sleep(0.2)
        visit(Path(folder))
        server.terminate()
        return server.wait(30)


if __name__ == "__main__":
    sys.exit(main())
