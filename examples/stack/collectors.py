"""The Collectors of the stack: one on board, the gateway ashore, the sampler behind it."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

import trustme

from examples.stack.placeholders import CONFIG, require
from examples.stack.places import HOST, Places
from examples.stack.program import Program, needed, optional


def write_keys(folder: Path) -> None:
    """Write what ship and gateway know each other by, and the token of the restricted branch."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.crt")
    for name in ("gateway", "vessel"):
        issued = authority.issue_cert("localhost", HOST)
        issued.private_key_pem.write_to_path(folder / f"{name}.key")
        (folder / f"{name}.key").chmod(0o600)
        for number, part in enumerate(issued.cert_chain_pems):
            part.write_to_path(folder / f"{name}.crt", append=number > 0)
    token = folder / "restricted.token"
    token.touch(mode=0o600)
    token.write_text(secrets.token_urlsafe(32), encoding="utf-8")


def collectors(places: Places, folder: Path, settings: Mapping[str, str]) -> list[Program]:
    """Give sampler, gateway and ship.

    Args:
        places: The ports.
        folder: Where the keys are, and the ship's queues will be.
        settings: Further variables; they beat those worked out here.

    Raises:
        StackError: A variable without a default is missing, or the Collector has not been built.
    """
    return [_sampler(places, folder, settings), _gateway(places, folder, settings), _vessel(places, folder, settings)]


def _sampler(places: Places, folder: Path, settings: Mapping[str, str]) -> Program:
    configs = ["sampler", "policy/redaction", "policy/sampling", "policy/span_metrics"]
    environment = {
        **_ports(places, "sampler", grpc="GRPC", prometheus="PROMETHEUS", telemetry="TELEMETRY", health="HEALTH"),
        "SMS_COLLECTOR_TRACES_FILE": str(folder / "traces.jsonl"),
        "SMS_COLLECTOR_TRACES_ENDPOINT": places.address("jaeger_otlp"),
        "SMS_COLLECTOR_TRACES_INSECURE": "true",
    }
    traces = "exporters/traces-otlp" if optional("jaeger") else "exporters/traces-file"
    return _collector(
        "sampler", [*configs, traces], environment, settings, places, "undecided traces are lost, their metrics are not"
    )


def _gateway(places: Places, folder: Path, settings: Mapping[str, str]) -> Program:
    configs = ["gateway", "policy/redaction", "policy/metric_names", "samplers/static", "exporters/logs-otlp"]
    logs = places.url("victoria_logs", "/insert/opentelemetry") if optional("victoria-logs") else places.url("receive")
    if not os.environ.get("SMS_STACK_LEAN"):
        configs.append("receivers/host")
    if optional("victoria-metrics"):
        configs.append("exporters/metrics-remote-write")
    environment = {
        **_ports(places, "gateway", grpc="GRPC", http="HTTP", vessels="VESSELS", prometheus="PROMETHEUS"),
        **_ports(places, "gateway", telemetry="TELEMETRY", health="HEALTH", restricted="RESTRICTED"),
        **_ports(places, "gateway", restricted_vessels="RESTRICTED_VESSELS"),
        **_ports(places, "gateway", restricted_prometheus="RESTRICTED_PROMETHEUS"),
        **_keys(folder, "gateway"),
        "SMS_COLLECTOR_SAMPLERS": f"[{places.address('sampler_grpc')}]",
        "SMS_COLLECTOR_LOGS_URL": logs,
        "SMS_COLLECTOR_RESTRICTED_BACKEND": places.url("receive_restricted"),
        "SMS_COLLECTOR_REMOTE_WRITE_URL": places.url("victoria_metrics", "/api/v1/write"),
    }
    return _collector(
        "gateway",
        [*configs, "restricted/gateway-restricted"],
        environment,
        settings,
        places,
        "services and ship keep what they have until it is back",
    )


def _vessel(places: Places, folder: Path, settings: Mapping[str, str]) -> Program:
    configs = ["vessel", "policy/redaction", "policy/span_metrics", "restricted/vessel-restricted"]
    environment = {
        **_ports(places, "vessel", grpc="GRPC", http="HTTP", telemetry="TELEMETRY", health="HEALTH"),
        **_ports(places, "vessel", restricted="RESTRICTED"),
        **_keys(folder, "vessel"),
        "SMS_COLLECTOR_GATEWAY": f"localhost:{places.port('gateway_vessels')}",
        "SMS_COLLECTOR_RESTRICTED_GATEWAY": f"localhost:{places.port('gateway_restricted_vessels')}",
        "SMS_COLLECTOR_STORAGE": str(folder / "vessel" / "public"),
        "SMS_COLLECTOR_RESTRICTED_STORAGE": str(folder / "vessel" / "restricted"),
    }
    return _collector("vessel", configs, environment, settings, places, "what it took is on disk, and is sent later")


def _collector(  # noqa: PLR0913 - each is one fact about it
    name: str,
    configs: list[str],
    environment: Mapping[str, str],
    settings: Mapping[str, str],
    places: Places,
    killed: str,
) -> Program:
    files = [CONFIG / f"{config}.yaml" for config in configs]
    whole = {**environment, **settings}
    require(files, whole)
    return Program(
        name,
        (needed("otelcol"), *(part for file in files for part in ("--config", str(file)))),
        {**whole, "GOMEMLIMIT": "400MiB"},
        ready=places.url(f"{name}_health", "/"),
        shows="the Collector's own metrics",
        page=places.url(f"{name}_telemetry", "/metrics"),
        killed=killed,
    )


def _ports(places: Places, collector: str, **variables: str) -> dict[str, str]:
    return {
        f"SMS_COLLECTOR_{variable}_PORT": str(places.port(f"{collector}_{port}"))
        for port, variable in variables.items()
    }


def _keys(folder: Path, name: str) -> dict[str, str]:
    pair = {"CERTIFICATE": f"{name}.crt", "KEY": f"{name}.key", "CA": "ca.crt"}
    found = {
        f"SMS_COLLECTOR_{side}{kind}": str(folder / file) for side in ("", "RESTRICTED_") for kind, file in pair.items()
    }
    return {**found, "SMS_COLLECTOR_RESTRICTED_TOKEN_FILE": str(folder / "restricted.token")}
