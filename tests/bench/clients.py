"""Clients that generators write from the OpenAPI document: no operation is dropped, each client compiles and computes.

Not a matter of speed, but of tools that are too large for the tests: openapi-python-client and openapi-generator-cli
(with Java), which GENERATORS says where to find; TypeScript is checked by the frontend's own tsc and run by node.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from textwrap import dedent

from app.main import create_app
from app.settings import Settings
from tests.bench.servers import ours

RIGHT = 0.584926
_TSC = Path(__file__).parents[2] / "app/frontend/node_modules/.bin/tsc"

_PYTHON_CLIENT = """
    import json, sys, urllib.request
    from made.client import Client
    from made.api.forward import post_forward
    from made.api.open_inference_protocol import post_infer
    from made import models as m
    client = Client(base_url=sys.argv[1])
    Forward = m.PostForwardJsonForwardDocument
    named = post_forward.sync(client=client, body=Forward(inputs=[1, 0, -1], network="multilayer"))
    layers = json.load(urllib.request.urlopen(sys.argv[1] + "/api/v1/presets/multilayer"))["layers"]
    sent = post_forward.sync(client=client, body=Forward.from_dict({"layers": layers, "inputs": [1, 0, -1]}))
    tensor = {"name": "inputs", "shape": [1, 3], "datatype": "FP32", "data": [1, 0, -1]}
    body = m.PostInferJsonInferDocument.from_dict({"inputs": [tensor]})
    inferred = post_infer.sync("multilayer", client=client, body=body)
    print(json.dumps([*named.outputs, *sent.outputs, *inferred.outputs[0].data]))
"""
_PYTHON = """
    import json, sys, urllib.request
    import openapi_client as made
    with made.ApiClient(made.Configuration(host=sys.argv[1])) as client:
        forward, inputs = made.ForwardApi(client).post_forward, [1, 0, -1]
        named = forward(made.ForwardDocument(network="multilayer", inputs=inputs))
        layers = json.load(urllib.request.urlopen(sys.argv[1] + "/api/v1/presets/multilayer"))["layers"]
        sent = forward(made.ForwardDocument.from_dict({"layers": layers, "inputs": inputs}))
        tensor = made.InputDocument(name="inputs", shape=[1, 3], datatype="FP32", data=inputs)
        inferred = made.OpenInferenceProtocolApi(client).post_infer("multilayer", made.InferDocument(inputs=[tensor]))
    data = [each.actual_instance for each in inferred.outputs[0].data]
    print(json.dumps([*named.outputs, *sent.outputs, *data]))
"""
_TYPESCRIPT = """
    import { Configuration, ForwardApi, OpenInferenceProtocolApi, type ForwardDocumentLayersInner } from "./index";
    declare const process: { argv: string[] };
    async function main(basePath: string): Promise<void> {
      const configuration = new Configuration({ basePath });
      const forward = new ForwardApi(configuration);
      const inputs = [1, 0, -1];
      const named = await forward.postForward({ forwardDocument: { network: "multilayer", inputs } });
      const preset = await (await fetch(`${basePath}/api/v1/presets/multilayer`)).json();
      const layers = preset.layers as ForwardDocumentLayersInner[];
      const sent = await forward.postForward({ forwardDocument: { layers, inputs } });
      const tensor = { name: "inputs" as const, shape: [1, 3], datatype: "FP32" as const, data: inputs };
      const models = new OpenInferenceProtocolApi(configuration);
      const inferred = await models.postInfer({ name: "multilayer", inferDocument: { inputs: [tensor] } });
      console.log(JSON.stringify([named.outputs, sent.outputs, inferred.outputs[0]!.data].flat()));
    }
    void main(process.argv[2]!);
"""


def main() -> None:
    """Each generator's client, with the numbers that it gets; it ends with 1 where one is wrong."""
    tools = Path(os.environ.get("GENERATORS", sys.prefix)) / "bin"
    document = create_app(Settings()).openapi()
    operations = {each["operationId"] for path in document["paths"].values() for each in path.values()}
    good = True
    with tempfile.TemporaryDirectory() as name, ours() as port:
        folder, url = Path(name), f"http://127.0.0.1:{port}"
        (folder / "openapi.json").write_text(json.dumps(document))
        for title, client in (
            ("openapi-python-client", _python_client),
            ("openapi-generator python", _python),
            ("openapi-generator typescript-fetch", _typescript),
        ):
            made, numbers = client(tools, folder, url)
            dropped = operations - made
            right = len(numbers) == 3 and all(abs(number - RIGHT) < 1e-6 for number in numbers)
            good &= right and not dropped
            print(
                f"{title:36s} {numbers} {'right' if right else 'WRONG'}, dropped: {sorted(dropped) or 'none'}",
                flush=True,
            )
    if not good:
        sys.exit(1)


def _run(*command: str | Path, folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode:
        sys.exit(f"{command[0]} failed:\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}")
    return done.stdout


def _program(text: str, path: Path) -> Path:
    path.write_text(dedent(text))
    return path


def _python_client(tools: Path, folder: Path, url: str) -> tuple[set[str], list[float]]:
    command = (tools / "openapi-python-client", "generate", "--path", "openapi.json", "--meta", "none")
    _run(*command, "--output-path", "made", folder=folder)
    made = {path.stem for path in (folder / "made/api").glob("*/*.py")}
    program = _program(_PYTHON_CLIENT, folder / "use.py")
    return made, json.loads(_run(tools / "python", program, url, folder=folder))


def _generated(tools: Path, folder: Path, language: str) -> Path:
    command = (tools / "openapi-generator-cli", "generate", "-i", "openapi.json", "-g", language, "-o", language)
    _run(*command, folder=folder)
    return folder / language


def _python(tools: Path, folder: Path, url: str) -> tuple[set[str], list[float]]:
    made = _generated(tools, folder, "python")
    _run(tools / "python", "-m", "compileall", "-q", "openapi_client", folder=made)
    texts = [path.read_text() for path in (made / "openapi_client/api").glob("*.py")]
    operations = {name for text in texts for name in re.findall(r"    def ([a-z_]+)\(", text)}
    return operations, json.loads(_run(tools / "python", _program(_PYTHON, made / "use.py"), url, folder=made))


def _typescript(tools: Path, folder: Path, url: str) -> tuple[set[str], list[float]]:
    made = _generated(tools, folder, "typescript-fetch")
    program = _program(_TYPESCRIPT, made / "use.ts")
    options = "--target es2022 --module commonjs --moduleResolution node10 --ignoreDeprecations 6.0 --strict"
    _run(_TSC, *options.split(), "--lib", "es2022,dom", "--skipLibCheck", "--outDir", "out", program, folder=made)
    texts = [path.read_text() for path in (made / "apis").glob("*.ts")]
    names = {name for text in texts for name in re.findall(r"    async ([A-Za-z]+)\(", text)}
    operations = {re.sub(r"([A-Z])", lambda found: "_" + found[1].lower(), name) for name in names}
    return operations, json.loads(_run("node", made / "out/use.js", url, folder=made))
