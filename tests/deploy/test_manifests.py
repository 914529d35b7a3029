"""What deploy/ says to Kubernetes and KServe: their schemas, and what this program has: settings, paths, metrics."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml
from starlette.testclient import TestClient

from app.settings import Settings, variable

DEPLOY = Path(__file__).parents[2] / "deploy"
KUBERNETES = DEPLOY / "kubernetes"
MISSING = "Kubernetes' schemas are kubernetes-validate's: pip install 'adelante[dev]'"
# The oldest that is still kept anywhere, and one of today.
VERSIONS = ("1.27", "1.37")
OWN = re.compile(r"ADELANTE_[A-Z][A-Z_]*")
GIB = 2**30


def documents(*folders: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    for folder in folders:
        for path in sorted((DEPLOY / folder).rglob("*.yaml")):
            for document in yaml.safe_load_all(path.read_text()):
                yield path, document


def manifest(kind: str, *folders: str) -> dict[str, Any]:
    return next(document for _, document in documents(*(folders or ("kubernetes/base",))) if document["kind"] == kind)


def own_settings() -> dict[str, str]:
    lines = (KUBERNETES / "base" / "settings.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)


def with_components(tmp_path: Path, *components: str) -> list[dict[str, Any]]:
    """All that `kubectl apply -k` would send, with these components."""
    shutil.copytree(KUBERNETES, tmp_path / "k")
    path = tmp_path / "k" / "kustomization.yaml"
    path.write_text(yaml.safe_dump({**yaml.safe_load(path.read_text()), "components": list(components)}))
    built = subprocess.run(["kubectl", "kustomize", path.parent], capture_output=True, text=True, timeout=60)
    assert built.returncode == 0, built.stderr
    return list(yaml.safe_load_all(built.stdout))


def valid(document: dict[str, Any]) -> None:
    from kubernetes_validate import validate

    for version in VERSIONS:
        validate(document, version, strict=True)


@pytest.mark.skipif(find_spec("kubernetes_validate") is None, reason=MISSING)
def test_each_manifest_is_what_kubernetes_takes() -> None:
    kinds = set()
    for path, document in documents("kubernetes"):
        if not document["apiVersion"].startswith("kustomize"):
            valid(document)
            kinds.add(document["kind"])
            assert path.name in (path.parent / "kustomization.yaml").read_text()
    assert {"Deployment", "Service", "HorizontalPodAutoscaler", "PodDisruptionBudget", "NetworkPolicy"} <= kinds


@pytest.mark.skipif(find_spec("kubernetes_validate") is None, reason=MISSING)
def test_a_manifest_that_is_wrong_would_be_noticed() -> None:
    deployment = manifest("Deployment")
    deployment["spec"]["template"]["spec"]["enableServiceLink"] = False
    with pytest.raises(Exception, match="enableServiceLink"):
        valid(deployment)


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed here")
@pytest.mark.skipif(find_spec("kubernetes_validate") is None, reason=MISSING)
def test_the_components_fit_together(tmp_path: Path) -> None:
    built = {each["kind"]: each for each in with_components(tmp_path, "folder", "gpu", "live-sessions")}
    for document in built.values():
        valid(document)
    (container,) = built["Deployment"]["spec"]["template"]["spec"]["containers"]
    assert container["resources"]["limits"]["nvidia.com/gpu"] == 1
    assert [each["mountPath"] for each in container["volumeMounts"]] == ["/tmp", "/data"]
    assert container["envFrom"][0]["configMapRef"]["name"] == built["ConfigMap"]["metadata"]["name"]
    assert built["ConfigMap"]["data"]["ADELANTE_STORE"] == "/data"
    assert [each["type"] for each in built["HorizontalPodAutoscaler"]["spec"]["metrics"]] == ["Resource", "Pods"]


@pytest.mark.skipif(find_spec("kubernetes_validate") is None, reason=MISSING)
def test_the_kserve_runtime_makes_a_pod_that_kubernetes_takes() -> None:
    """KServe's own fields were checked against its resource definitions once, as docs/scale.md says."""
    runtime, service = manifest("ServingRuntime", "kserve"), manifest("InferenceService", "kserve")
    predictor = service["spec"]["predictor"]
    own = {"model", "minReplicas", "maxReplicas", "scaleMetric", "scaleTarget"}
    pod = {name: value for name, value in predictor.items() if name not in own}
    pod |= {name: runtime["spec"][name] for name in ("containers", "volumes")}
    valid({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "adelante"}, "spec": pod})
    assert predictor["model"]["runtime"] == runtime["metadata"]["name"]
    (made,) = runtime["spec"]["supportedModelFormats"]
    assert predictor["model"]["modelFormat"] == {"name": made["name"], "version": made["version"]}
    assert predictor["model"]["protocolVersion"] in runtime["spec"]["protocolVersions"]
    assert runtime["spec"]["containers"][0]["name"] == "kserve-container"


def test_each_setting_in_deploy_is_one() -> None:
    known = {variable(name) for name in Settings.model_fields}
    for path in DEPLOY.rglob("*"):
        if path.is_file():
            # ADELANTE_PORT_ in a comment is what Kubernetes sets.
            named = {name for name in OWN.findall(path.read_text()) if not name.endswith("_")}
            assert named <= known, path
    own = {name.removeprefix("ADELANTE_").lower(): v for name, v in own_settings().items() if OWN.match(name)}
    assert len(own) > 3
    Settings.model_validate(own)


def test_every_container_is_closed() -> None:
    pod = manifest("Deployment")["spec"]["template"]["spec"]
    assert pod["enableServiceLinks"] is False
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"]
    for container in (pod["containers"][0], manifest("ServingRuntime", "kserve")["spec"]["containers"][0]):
        security = container["securityContext"]
        assert security["readOnlyRootFilesystem"]
        assert not security["allowPrivilegeEscalation"]
        assert security["capabilities"] == {"drop": ["ALL"]}
        assert {"cpu", "memory"} <= container["resources"]["limits"].keys()


def test_probes_and_metrics_ask_for_what_there_is(client: TestClient) -> None:
    deployment, runtime = manifest("Deployment")["spec"]["template"], manifest("ServingRuntime", "kserve")["spec"]
    paths = {deployment["metadata"]["annotations"]["prometheus.io/path"]}
    paths.add(runtime["annotations"]["prometheus.kserve.io/path"])
    for container in (deployment["spec"]["containers"][0], runtime["containers"][0]):
        probes = [probe for name, probe in container.items() if name.endswith("Probe")]
        assert len(probes) >= 2
        paths |= {probe["httpGet"]["path"] for probe in probes}
    for path in paths:
        # As the kubelet asks: by the pod's address.
        assert client.get(path, headers={"Host": "10.0.0.7:8000"}).status_code == 200, path
    component = (KUBERNETES / "live-sessions" / "kustomization.yaml").read_text()
    assert "name: adelante_live_sessions" in component
    assert "\nadelante_live_sessions " in client.get("/metrics").text


def test_the_memory_limit_holds_what_the_settings_allow() -> None:
    settings = own_settings()
    allowed = sum(int(settings[f"ADELANTE_{name}_BYTES"]) for name in ("STORE_CACHE", "WORK_MEMORY", "LIVE_MEMORY"))
    (container,) = manifest("Deployment")["spec"]["template"]["spec"]["containers"]
    limit = int(container["resources"]["limits"]["memory"].removesuffix("Gi")) * GIB
    # Half a gibibyte for Python and torch.
    assert allowed + GIB // 2 <= limit


def test_a_pod_has_the_time_to_end_well() -> None:
    pod = manifest("Deployment")["spec"]["template"]["spec"]
    settings = own_settings()
    needed = sum(float(settings[f"ADELANTE_{name}_SECONDS"]) for name in ("DRAIN", "SHUTDOWN"))
    assert needed + 2 <= pod["terminationGracePeriodSeconds"]
