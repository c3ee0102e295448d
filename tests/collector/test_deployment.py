"""What is deployed: the service unit, the compose files and the Kubernetes base, each against what it runs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from examples.stack.placeholders import mandatory

from servers.collector import CONFIG
from servers.programs import binary

DEPLOY = CONFIG / "deploy"
SYSTEMD, KUBERNETES = DEPLOY / "systemd", DEPLOY / "kubernetes"
START = SYSTEMD / "sms-otelcol-start"
SET = {
    "SMS_COLLECTOR_VESSEL": "v-1",
    "SMS_COLLECTOR_GATEWAY": "gateway.example:4316",
    "SMS_COLLECTOR_RESTRICTED_GATEWAY": "gateway.example:4320",
    "SMS_COLLECTOR_SAMPLERS": "[127.0.0.1:4327]",
}
TOLD = {
    **dict.fromkeys(("LOGS_URL", "RESTRICTED_BACKEND", "KEYS", "TRACES_ENDPOINT"), "/x"),
    **dict.fromkeys(("VESSEL", "GATEWAY", "RESTRICTED_GATEWAY", "QUEUES"), "/x"),
}


@dataclass(frozen=True)
class Run:
    """One Collector that some file starts: its configuration and the variables that it is given."""

    where: str
    configs: tuple[Path, ...]
    environment: dict[str, str] = field(default_factory=dict)
    memory_mib: float | None = None


def of_arguments(arguments: list[str]) -> tuple[Path, ...]:
    """Give the files of a command line, where they lie in this repository."""
    names = re.findall(r"--config[= ](\S+)", " ".join(arguments))
    assert names
    return tuple(CONFIG / re.sub(r"^/etc/(sms-)?otelcol/", "", name) for name in names)


def units() -> Iterator[Run]:
    """Give what the unit runs, with the variables of its .env files that have a value."""
    for file in sorted(SYSTEMD.glob("*.env")):
        lines = [line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
        pairs = dict(line.split("=", 1) for line in lines)
        yield Run(file.name, of_arguments([pairs.pop("OTELCOL_CONFIGS")]), pairs, 3 * 1024)


def composed() -> Iterator[Run]:
    """Give what the compose files run."""
    for file in sorted(DEPLOY.glob("compose*.yaml")):
        for name, service in yaml.safe_load(file.read_text(encoding="utf-8"))["services"].items():
            limit = float(service["mem_limit"].removesuffix("m"))
            environment = {key: str(text) for key, text in service["environment"].items()}
            yield Run(f"{file.name}: {name}", of_arguments(service["command"]), environment, limit)


def manifests() -> list[dict[str, Any]]:
    """Give every object of the base."""
    listed = yaml.safe_load((KUBERNETES / "kustomization.yaml").read_text(encoding="utf-8"))["resources"]
    assert set(listed) == {file.name for file in KUBERNETES.glob("*.yaml")} - {"kustomization.yaml"}
    return [each for name in listed for each in yaml.safe_load_all((KUBERNETES / name).read_text(encoding="utf-8"))]


def pods() -> Iterator[Run]:
    """Give what the pods run; a variable from a ConfigMap counts only if it is there and the pod insists on it."""
    maps = {each["metadata"]["name"]: each["data"] for each in manifests() if each["kind"] == "ConfigMap"}
    for each in manifests():
        if each["kind"] not in {"Deployment", "StatefulSet"}:
            continue
        (container,) = (one for one in each["spec"]["template"]["spec"]["containers"] if one["name"] == "otelcol")
        environment = {}
        for variable in container["env"]:
            reference = variable.get("valueFrom", {}).get("configMapKeyRef")
            if reference is None:
                environment[variable["name"]] = variable["value"]
            else:
                assert "optional" not in reference, "a missing key must stop the pod"
                environment[variable["name"]] = maps[reference["name"]][reference["key"]]
        limit = float(container["resources"]["limits"]["memory"].removesuffix("Mi"))
        yield Run(f"{each['kind']} {each['metadata']['name']}", of_arguments(container["args"]), environment, limit)


RUNS = [*units(), *composed(), *pods()]


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.where)
def test_each_is_told_what_it_must_know_and_nothing_that_does_not_exist(run: Run) -> None:
    """A mandatory variable is given, or stands there to be filled in; every other name is in the README's table."""
    assert [str(file) for file in run.configs if not file.is_file()] == []
    table = set(re.findall(r"^\| `(SMS_COLLECTOR_\w+)` \|", (CONFIG / "README.md").read_text("utf-8"), re.MULTILINE))
    given = {name for name in run.environment if name.startswith("SMS_COLLECTOR_")}
    assert given <= table
    assert set(mandatory(run.configs)) <= given


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.where)
def test_each_has_a_quarter_more_memory_than_its_limiter_lets_it_take(run: Run) -> None:
    """Else the kernel kills it before it refuses; Go is told to collect in time."""
    limiter = yaml.safe_load(run.configs[0].read_text("utf-8"))["processors"]["memory_limiter"]["limit_mib"]
    most = int(run.environment.get("SMS_COLLECTOR_MEMORY_MIB", limiter.split(":-")[1].rstrip("}")))
    assert run.memory_mib is not None
    assert run.memory_mib >= 1.25 * most
    assert float(run.environment["GOMEMLIMIT"].removesuffix("MiB")) <= run.memory_mib * 0.8


@pytest.mark.servers
@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.where)
def test_the_collector_accepts_each(run: Run) -> None:
    """`otelcol validate` with the files and variables of each."""
    given = {name: text for name, text in run.environment.items() if text and not text.startswith("${")}
    arguments = [part for file in run.configs for part in ("--config", str(file))]
    done = subprocess.run(
        [binary("otelcol"), "validate", *arguments],
        env={"PATH": os.environ["PATH"], **SET, **given},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr


class TestTheUnit:
    @pytest.mark.parametrize("run", list(units()), ids=lambda run: run.where)
    def test_it_refuses_to_start_and_names_each_variable_that_is_missing(self, run: Run, tmp_path: Path) -> None:
        """Exit status 78, after which systemd does not try again; with all of them the Collector gets its files."""
        program = tmp_path / "otelcol"
        program.write_text('#!/bin/sh\necho started "$@"\n', encoding="utf-8")
        program.chmod(0o755)
        arguments = [part for file in run.configs for part in ("--config", str(file))]

        def start(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                [START, program, *arguments],
                env={"PATH": os.environ["PATH"], **environment},
                capture_output=True,
                text=True,
                check=False,
                timeout=30,
            )

        needed = set(mandatory(run.configs))
        assert needed == {name for name, text in run.environment.items() if not text}
        whole = start({**run.environment, **SET})
        assert (whole.returncode, whole.stdout) == (0, f"started {' '.join(arguments)}\n"), whole.stderr
        for name in needed:
            refused = start({**run.environment, **SET, name: ""})
            assert refused.returncode == 78
            assert [line for line in refused.stderr.splitlines() if f"{name} is not set" in line]
            assert "started" not in refused.stdout
        if needed:
            assert {name for name in needed if name in start(run.environment).stderr} == needed

    def test_a_file_that_is_not_there_is_named(self, tmp_path: Path) -> None:
        """A path with a slip is not a Collector without its net."""
        done = subprocess.run(
            [START, "/bin/true", "--config", str(tmp_path / "gone.yaml")], capture_output=True, text=True, check=False
        )
        assert done.returncode == 78
        assert "gone.yaml cannot be read" in done.stderr

    def test_systemd_finds_no_fault_in_it(self, tmp_path: Path) -> None:
        """Where systemd is, it reads the unit itself; everywhere, what the unit names is what the documents say."""
        text = (SYSTEMD / "sms-otelcol@.service").read_text(encoding="utf-8")
        for part in ("EnvironmentFile=/etc/sms-otelcol/%i.env", "RestartPreventExitStatus=78", "Restart=always"):
            assert f"\n{part}\n" in text
        analyse = shutil.which("systemd-analyze")
        if analyse is None:
            return
        unit = tmp_path / "sms-otelcol@.service"
        unit.write_text(text.replace("/usr/lib/sms-otelcol/sms-otelcol-start", str(START)), encoding="utf-8")
        done = subprocess.run([analyse, "verify", "--man=no", unit], capture_output=True, text=True, check=False)
        ours = [line for line in done.stderr.splitlines() if "sms-otelcol" in line]
        assert ours == []


@pytest.mark.slow
class TestTheComposeFiles:
    @pytest.mark.parametrize("file", sorted(DEPLOY.glob("compose*.yaml")), ids=lambda file: file.name)
    def test_they_are_refused_by_name_without_any_mandatory_variable(self, file: Path, tmp_path: Path) -> None:
        """A kept implementation of compose reads them; the message names the variable and says what it is."""
        engine = tmp_path / "podman"  # compose asks it for its version, and for nothing else
        engine.write_text("#!/bin/sh\necho podman version 5.0.0\n", encoding="utf-8")
        engine.chmod(0o755)

        def read(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
            told = {f"SMS_COLLECTOR_{name}": text for name, text in environment.items()}
            return subprocess.run(
                [shutil.which("podman-compose", path=_programs()) or "podman-compose", "-f", str(file), "config"],
                env={"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "HOME": str(tmp_path), **told},
                capture_output=True,
                text=True,
                check=False,
                timeout=60,
            )

        whole = read(TOLD)
        assert whole.returncode == 0, whole.stderr
        services = yaml.safe_load(whole.stdout)["services"]
        assert services.keys() == yaml.safe_load(file.read_text("utf-8"))["services"].keys()
        needed = set(re.findall(r"\$\{SMS_COLLECTOR_(\w+):\?", file.read_text("utf-8")))
        assert needed
        for name in needed:
            refused = read({other: text for other, text in TOLD.items() if other != name})
            assert refused.returncode != 0
            assert re.search(rf"SMS_COLLECTOR_{name}\b.*set it to", refused.stderr + refused.stdout)

    def test_restricted_ports_are_open_to_vessels_only(self) -> None:
        """4319 on loopback of the host; 4320 asks for a certificate and a token."""
        services = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]
        ports = [port for service in services.values() for port in service.get("ports", ())]
        assert "127.0.0.1:4319:4319" in ports
        assert [port for port in ports if not port.startswith("127.0.0.1:")] == ["4316:4316", "4320:4320"]
        assert not [port for port in ports if "9465" in port]


class TestTheKubernetesBase:
    @pytest.mark.parametrize("version", ["1.28", "1.31", kubernetes_validate.latest_version()])
    def test_each_object_is_what_its_schema_says(self, version: str) -> None:
        """Strictly: an unknown key is an error."""
        for each in manifests():
            kubernetes_validate.validate(each, version, strict=True)

    def test_an_unknown_key_would_be_seen(self) -> None:
        """The check above can fail."""
        broken = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}, "dta": {}}
        with pytest.raises(kubernetes_validate.ValidationError):
            kubernetes_validate.validate(broken, "1.31", strict=True)

    def test_the_gateway_finds_the_samplers_and_may(self) -> None:
        """The setting names the headless service, the service selects the pods, the account may watch endpoints."""
        found = {(each["kind"], each["metadata"]["name"]): each for each in manifests()}
        namespace = yaml.safe_load((KUBERNETES / "kustomization.yaml").read_text("utf-8"))["namespace"]
        service = found["Service", "sms-otelcol-sampler"]
        setting = found["ConfigMap", "sms-otelcol-gateway"]["data"]["SMS_COLLECTOR_SAMPLERS"]
        assert setting == f"{service['metadata']['name']}.{namespace}"
        samplers = found["StatefulSet", "sms-otelcol-sampler"]
        assert service["spec"]["clusterIP"] == "None"
        assert samplers["spec"]["serviceName"] == service["metadata"]["name"]
        assert service["spec"]["selector"] == samplers["spec"]["template"]["metadata"]["labels"]
        account = found["Deployment", "sms-otelcol-gateway"]["spec"]["template"]["spec"]["serviceAccountName"]
        binding = found["RoleBinding", "sms-otelcol-samplers"]
        assert [subject["name"] for subject in binding["subjects"]] == [account]
        (rule,) = found["Role", binding["roleRef"]["name"]]["rules"]
        assert rule == {
            "apiGroups": ["discovery.k8s.io"],
            "resources": ["endpointslices"],
            "verbs": ["get", "list", "watch"],
        }

    def test_what_is_restricted_is_marked_and_apart(self) -> None:
        """No service has ports of both sides; whatever names a restricted port or page says so in name and label."""
        for each in manifests():
            marked = each["metadata"].get("labels", {}).get("sms.class") == "restricted"
            assert marked is ("restricted" in each["metadata"]["name"])
            if each["kind"] == "Service":
                assert {("restricted" in port["name"]) for port in each["spec"]["ports"]} == {marked}
        text = yaml.safe_dump_all(each for each in manifests() if each["kind"] == "NetworkPolicy")
        assert "restricted" not in text

    def test_pods_are_locked_down_and_asked_for_their_health(self) -> None:
        """No root, no writable root file system, no capability; probes on the health port."""
        for each in manifests():
            if each["kind"] not in {"Deployment", "StatefulSet"}:
                continue
            pod = each["spec"]["template"]["spec"]
            assert pod["securityContext"]["runAsNonRoot"] is True
            assert pod["terminationGracePeriodSeconds"] >= 60
            for container in pod["containers"]:
                locked = container["securityContext"]
                assert locked["readOnlyRootFilesystem"] is True
                assert locked["allowPrivilegeEscalation"] is False
                assert locked["capabilities"] == {"drop": ["ALL"]}
            assert pod["containers"][0]["readinessProbe"]["httpGet"]["port"] == "health"


def _programs() -> str:
    import sys

    return os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
