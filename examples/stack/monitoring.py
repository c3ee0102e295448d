"""Prometheus, the restricted Prometheus and Alertmanager, with what is rendered under `monitoring/`.

Only addresses are changed: what a rendered file calls by the name of a host runs on this machine here, and what does
not run here is left out. Rules and routes stay as they are, or are given in compressed time.
"""

import sys
from pathlib import Path
from typing import Any

import yaml

from examples.portal.processes import ROOT
from examples.stack.places import Places
from examples.stack.program import Program, needed, optional
from examples.stack.tempo import Tempo

MONITORING = ROOT / "monitoring"

_HERE = {
    "gateway:9464": "gateway_prometheus",
    "gateway:9465": "gateway_restricted_prometheus",
    "gateway:8888": "gateway_telemetry",
    "sampler:9464": "sampler_prometheus",
    "sampler:8888": "sampler_telemetry",
    "alertmanager:9093": "alertmanager",
    "alertmanager-restricted:9093": "alertmanager_restricted",
}
"""What the rendered files call by the name of a host, and where that is here."""


def monitoring(places: Places, folder: Path, tempo: Tempo, environment: str) -> list[Program]:
    """Write the configurations and give the programs.

    Raises:
        StackError: Prometheus or Alertmanager has not been built.
    """
    return [
        program
        for restricted in (False, True)
        for program in (
            _inbox(places, restricted=restricted),
            _alertmanager(places, folder, tempo, restricted=restricted),
            _prometheus(places, folder, tempo, environment, restricted=restricted),
            _dashboards(places, tempo, restricted=restricted),
        )
    ]


def _prometheus(places: Places, folder: Path, tempo: Tempo, environment: str, *, restricted: bool) -> Program:
    name = "prometheus_restricted" if restricted else "prometheus"
    home = folder / name
    home.mkdir(exist_ok=True)
    source = MONITORING / "prometheus" / ("restricted" if restricted else ".")
    config = yaml.safe_load((source / "prometheus.yaml").read_text(encoding="utf-8"))
    interval = f"{tempo.scrape_interval * 1000:.0f}ms"
    evaluated = f"{tempo.evaluation_interval * 1000:.0f}ms"
    config["global"].update(scrape_interval=interval, scrape_timeout=interval, evaluation_interval=evaluated)
    config["global"]["external_labels"]["environment"] = environment
    config["rule_files"] = _rules(source / "rules", home / "rules", tempo)
    for manager in config["alerting"]["alertmanagers"]:
        _move(manager, places, name)
    for job in config["scrape_configs"]:
        _move(job, places, name)
        if job["job_name"] == "otelcol":  # the ship is in reach here
            job["static_configs"][0]["targets"].append(places.address("vessel_telemetry"))
    file = home / "prometheus.yaml"
    file.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    flags = (
        f"--config.file={file}",
        f"--storage.tsdb.path={home / 'data'}",
        "--storage.tsdb.retention.time=31d",
        f"--web.listen-address={places.address(name)}",
        "--web.enable-lifecycle",
        "--enable-feature=exemplar-storage",
        "--log.level=warn",
    )
    return Program(
        name.replace("_", "-"),
        (needed("prometheus"), *flags),
        ready=places.url(name, "/-/ready"),
        shows="finance's metrics and rules" if restricted else "metrics, rules and alerts",
        page=places.url(name, "/api/v1/alerts"),
        killed="nothing is measured or alarmed until it is back; what it has is on disk",
    )


def _move(job: dict[str, Any], places: Places, own: str) -> None:
    """Let a scrape or an Alertmanager's entry lead to what runs here."""
    for entry in job.get("static_configs", ()):
        moved = [
            places.address(_HERE.get(target, own if target.startswith("localhost:") else ""))
            for target in entry["targets"]
        ]
        entry["targets"] = moved


def _rules(source: Path, home: Path, tempo: Tempo) -> list[str]:
    """Give the rule files: the rendered ones, or copies in compressed time."""
    rendered = sorted(source.glob("*.yaml"))
    if not tempo.compressed:
        return [str(file) for file in rendered]
    home.mkdir(exist_ok=True)
    copies = []
    for file in rendered:
        rules = yaml.safe_load(file.read_text(encoding="utf-8"))
        for group in rules["groups"]:
            group["interval"] = f"{tempo.evaluation_interval * 1000:.0f}ms"
            for rule in group["rules"]:
                rule["expr"] = tempo.expression(rule["expr"])
                for wait in {"for", "keep_firing_for"} & rule.keys():
                    rule[wait] = tempo.wait(rule[wait])
        copy = home / file.name
        copy.write_text(yaml.safe_dump(rules, sort_keys=False), encoding="utf-8")
        copies.append(str(copy))
    return copies


def _alertmanager(places: Places, folder: Path, tempo: Tempo, *, restricted: bool) -> Program:
    name = "alertmanager_restricted" if restricted else "alertmanager"
    home = folder / name
    home.mkdir(exist_ok=True)
    rendered = MONITORING / "alertmanager" / ("restricted" if restricted else ".") / "alertmanager.yaml"
    config = yaml.safe_load(rendered.read_text(encoding="utf-8"))
    inbox = "inbox_restricted" if restricted else "inbox"
    config["receivers"] = [_to_inbox(receiver["name"], places.url(inbox)) for receiver in config["receivers"]]
    for other in ("global", "templates"):  # they are for the receivers that the inbox stands in for
        config.pop(other, None)
    _pace(config["route"], tempo)
    file = home / "alertmanager.yaml"
    file.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    return Program(
        name.replace("_", "-"),
        (
            needed("alertmanager"),
            f"--config.file={file}",
            f"--storage.path={home / 'data'}",
            f"--web.listen-address={places.address(name)}",
            "--cluster.listen-address=",
            "--log.level=warn",
        ),
        ready=places.url(name, "/-/ready"),
        shows="finance's alerts, routed" if restricted else "alerts, grouped and routed",
        page=places.url(name, "/api/v2/alerts"),
        killed="Prometheus repeats its alerts; nobody is told until it is back",
    )


def _inbox(places: Places, *, restricted: bool) -> Program:
    name = "inbox_restricted" if restricted else "inbox"
    return Program(
        name.replace("_", "-"),
        (sys.executable, "-m", "examples.stack.inbox", "--port", str(places.port(name))),
        ready=places.url(name, "/notifications"),
        shows="what finance would be told" if restricted else "what people would be told",
        page=places.url(name, "/"),
        killed="Alertmanager repeats what it did not take",
    )


def _dashboards(places: Places, tempo: Tempo, *, restricted: bool) -> Program:
    name = "dashboards_restricted" if restricted else "dashboards"
    since = "now-5m" if tempo.compressed else "now-15m"
    asked = ["--prometheus", places.url("prometheus"), "--since", since, "--interval", f"{tempo.scrape_interval:g}"]
    if restricted:
        asked += ["--restricted-prometheus", places.url("prometheus_restricted")]
    if optional("victoria-logs"):
        asked += ["--logs", places.url("victoria_logs")]
    return Program(
        name.replace("_", "-"),
        (sys.executable, "-m", "examples.stack.dashboards", "--port", str(places.port(name)), *asked),
        ready=places.url(name, "/up"),
        shows="all dashboards, finance's included" if restricted else "all dashboards but finance's",
        page=places.url(name, "/"),
        killed="nothing else depends on it",
    )


def _to_inbox(receiver: str, inbox: str) -> dict[str, Any]:
    """Give a receiver that tells the inbox instead of people."""
    return {"name": receiver, "webhook_configs": [{"url": f"{inbox}/{receiver}", "send_resolved": True}]}


def _pace(route: dict[str, Any], tempo: Tempo) -> None:
    if tempo.compressed:  # whoever watches for a minute does so on a Sunday night, too
        route.pop("mute_time_intervals", None)
    for wait in ("group_wait", "group_interval", "repeat_interval"):
        if wait in route:
            route[wait] = tempo.wait(route[wait])
    for inner in route.get("routes", ()):
        _pace(inner, tempo)
