"""Ship, gateway, sampler and one machine: every combination of files that the README allows, and those it does not."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml

from servers.collector import CONFIG, config_arguments
from servers.programs import binary

NET = ["filter/public", "transform/public", "sms_scrub"]
STOCK_NET = ["filter/public", "groupbyattrs", "transform/public", "redaction/public"]
MANDATORY = {
    "SMS_COLLECTOR_GATEWAY": "gateway.example:4316",
    "SMS_COLLECTOR_VESSEL": "v-1",
    "SMS_COLLECTOR_SAMPLERS": "[127.0.0.1:4327]",
    "SMS_COLLECTOR_RESTRICTED_GATEWAY": "gateway.example:4320",
    "SMS_COLLECTOR_ENVIRONMENT": "test",
}


def files(*names: str) -> list[Path]:
    return [CONFIG / f"{name}.yaml" for name in names]


def policy(*names: str) -> list[Path]:
    return files(*(f"policy/{name}" for name in names))


def found(folder: str, pattern: str = "*.yaml") -> list[Path]:
    return sorted((CONFIG / folder).glob(pattern))


def choices(
    base: list[Path], each: list[Path], together: list[Path], restricted: list[Path], prefix: str = ""
) -> Iterator[list[Path]]:
    """Give the base alone, with some options one by one, with all of them; first and last also with the branch.

    That no option can disturb another one is shown by what they define (`test_no_option_touches_another_one`), so
    further combinations would say nothing new.
    """
    last = [*base, *each, *together, *files("receivers/files")]
    yield base
    yield from ([*base, option] for option in each)
    yield [*base, *restricted]
    yield [*last, *files(f"extensions/{prefix}files")]
    yield [*last, *restricted, *files(f"extensions/{prefix}files-restricted")]


RECEIVERS = [file for file in found("receivers") if file.stem != "files"]


def all_in_one() -> Iterator[list[Path]]:
    base = [*files("all-in-one"), *policy("redaction", "sampling", "span_metrics", "metric_names")]
    yield from choices(base, [*files("receive"), *RECEIVERS], [], files("restricted/all-in-one-restricted"))


def vessel() -> Iterator[list[Path]]:
    base = [*files("vessel"), *policy("redaction", "span_metrics")]
    yield from choices(base, [], RECEIVERS, files("restricted/vessel-restricted"), "vessel-")


def gateway() -> Iterator[list[Path]]:
    base = [*files("gateway"), *policy("redaction", "metric_names")]
    logs, *further = [file for file in found("exporters", "logs-*.yaml") if not file.stem.endswith("-classes")]
    restricted = files("restricted/gateway-restricted")
    dns, *rings = found("samplers")
    options = [*further, *found("exporters", "metrics-*.yaml")]
    yield from choices([*base, dns, logs], options, RECEIVERS, restricted)
    classes = files("policy/log_classes", "exporters/logs-elasticsearch-classes", "exporters/logs-victorialogs-classes")
    yield [*base, dns, *files("exporters/logs-elasticsearch"), *classes]
    for ring in rings:
        yield from ([*base, ring, *further, *branch] for branch in ([], restricted))


def sampler() -> Iterator[list[Path]]:
    base = [*files("sampler"), *policy("redaction", "sampling", "span_metrics")]
    backends = found("exporters", "traces-*.yaml")
    for backend in backends:
        yield [*base, backend]
    yield [*base, *backends]


TOPOLOGIES = {"all-in-one": all_in_one, "vessel": vessel, "gateway": gateway, "sampler": sampler}
COMBINATIONS = [configs for each in TOPOLOGIES.values() for configs in each()]


def validate(configs: list[Path], **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "SMS_COLLECTOR_"))}
    samplers = "samplers.sms" if {"dns.yaml", "kubernetes.yaml"} & {each.name for each in configs} else None
    wanted = MANDATORY | ({"SMS_COLLECTOR_SAMPLERS": samplers} if samplers else {}) | environment
    return subprocess.run(
        [binary("otelcol"), "validate", *config_arguments(configs)],
        env={**kept, **{name: value for name, value in wanted.items() if value}},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.servers
@pytest.mark.slow
@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_the_collector_accepts_every_combination(topology: str) -> None:
    """With and without each optional file, in the order of the README."""
    binary("otelcol")
    combinations = list(TOPOLOGIES[topology]())
    with ThreadPoolExecutor(2) as pool:
        for configs, said in zip(combinations, pool.map(validate, combinations), strict=True):
            assert said.returncode == 0, f"{[each.name for each in configs]}: {said.stderr}"


@pytest.mark.servers
@pytest.mark.parametrize(
    ("configs", "word"),
    [
        ([*files("vessel"), *policy("span_metrics")], "filter/public"),
        ([*files("gateway", "samplers/static", "exporters/logs-otlp"), *policy("metric_names")], "filter/public"),
        ([*files("gateway", "samplers/static", "exporters/logs-otlp"), *policy("redaction")], "transform/plan_names"),
        ([*files("gateway", "exporters/logs-otlp"), *policy("redaction", "metric_names")], "no resolvers"),
        ([*files("gateway", "samplers/static"), *policy("redaction", "metric_names")], "forward/logs"),
        ([*files("sampler"), *policy("redaction", "sampling", "span_metrics")], "forward/traces"),
        ([*files("sampler", "exporters/traces-file"), *policy("sampling", "span_metrics")], "filter/public"),
    ],
    ids=[
        "vessel without net", "gateway without net", "gateway without names", "gateway without samplers",
        "gateway without logs backend", "sampler without backend", "sampler without net",
    ],
)  # fmt: skip
def test_a_combination_that_would_leak_or_lose_is_refused(configs: list[Path], word: str) -> None:
    """Forgetting a file is an error that names what is missing, not a Collector that lets through or drops."""
    said = validate(configs)
    assert said.returncode != 0
    assert word in said.stderr


@pytest.mark.servers
@pytest.mark.parametrize(
    ("name", "configs"),
    [
        ("SMS_COLLECTOR_GATEWAY", next(vessel())),
        ("SMS_COLLECTOR_VESSEL", next(vessel())),
        ("SMS_COLLECTOR_SAMPLERS", next(gateway())),
        ("SMS_COLLECTOR_RESTRICTED_GATEWAY", list(vessel())[-1]),
    ],
)
def test_a_mandatory_placeholder_that_is_not_set_stops_the_start(name: str, configs: list[Path]) -> None:
    """Nothing is sent to nowhere, and no ship sends without saying which it is."""
    configs = [each for each in configs if each.parent.name != "samplers"] + (
        files("samplers/static") if configs[0].stem == "gateway" else []
    )
    assert validate(configs).returncode == 0
    assert validate(configs, **{name: ""}).returncode != 0


# -- what the merged files say ----------------------------------------------------------------------------------------


def merged(configs: list[Path]) -> dict[str, Any]:
    """Merge as the Collector does: maps are joined, everything else is replaced."""

    def join(below: Any, above: Any) -> Any:
        if isinstance(below, dict) and isinstance(above, dict):
            shared = {key: join(below[key], above[key]) for key in below.keys() & above.keys()}
            return {**below, **above, **shared}
        return above

    whole: dict[str, Any] = {}
    for config in configs:
        whole = join(whole, yaml.safe_load(config.read_text(encoding="utf-8")))
    return whole


def reachable(pipelines: dict[str, Any], connectors: set[str], start: str) -> tuple[set[str], set[str]]:
    """Give the pipelines and the final exporters to which data from a receiver can come."""
    seen: set[str] = set()
    ends: set[str] = set()
    sources = {start}
    while sources:
        source = sources.pop()
        for name, pipeline in pipelines.items():
            if source in pipeline["receivers"] and name not in seen:
                seen.add(name)
                for exporter in pipeline["exporters"]:
                    (sources if exporter in connectors else ends).add(exporter)
    return seen, ends


WHOLE = {name: max(combinations(), key=len) for name, combinations in TOPOLOGIES.items()}


@pytest.mark.parametrize("configs", COMBINATIONS, ids=lambda each: "+".join(part.stem for part in each))
def test_no_way_leads_from_the_restricted_to_the_public_side_or_back(configs: list[Path]) -> None:
    """The graph is walked from every receiver: which side it is on decides which components it can ever meet."""
    whole = merged(configs)
    pipelines = whole["service"]["pipelines"]
    connectors = set(whole.get("connectors", {}))
    for receiver in whole["receivers"]:
        seen, ends = reachable(pipelines, connectors, receiver)
        assert ends, f"{receiver} leads nowhere"
        used = {part for name in seen for kind in ("receivers", "processors", "exporters") for part in
                pipelines[name].get(kind, [])} | seen | {receiver}  # fmt: skip
        is_restricted = "restricted" in receiver
        assert {part for part in used if ("restricted" in part) is not is_restricted} == set()


def defined(config: Path) -> set[tuple[str, str]]:
    """Give every component and pipeline that a file defines."""
    whole = yaml.safe_load(config.read_text(encoding="utf-8"))
    pipelines = {("pipelines", name) for name in whole.get("service", {}).get("pipelines", {})}
    return pipelines | {(kind, name) for kind, each in whole.items() if kind != "service" for name in each}


def test_no_option_touches_another_one() -> None:
    """Each defines components and pipelines of its own and no list, so any number can be combined, in any order."""
    fixed = [*files(*TOPOLOGIES), *found("restricted"), *found("policy"), *found("samplers")]
    taken = {each for config in fixed for each in defined(config)}
    for option in [*found("receivers"), *found("exporters")]:
        if option.stem == "logs-elasticsearch-classes":
            continue  # it is no backend: it changes how `logs-elasticsearch` writes, after which it is given
        service = yaml.safe_load(option.read_text(encoding="utf-8"))["service"]
        assert set(service) == {"pipelines"}, option
        # Printing is the same for all three signals, word by word.
        own = {each for each in defined(option) if not each[1].startswith("debug/")}
        assert own
        assert not own & taken, option
        taken |= own


@pytest.mark.parametrize("topology", ["all-in-one", "vessel", "gateway"])
@pytest.mark.parametrize("restricted", ["", "-restricted"])
def test_the_list_of_extensions_is_the_topologys_with_the_offsets_of_files(topology: str, restricted: str) -> None:
    """A list in a later file replaces the earlier one, so those of `extensions/` repeat it."""
    base = files(topology, *([f"restricted/{topology}-restricted"] if restricted else []))
    listed = merged(base)["service"]["extensions"]
    prefix = "vessel-" if topology == "vessel" else ""
    with_files = merged(files(f"extensions/{prefix}files{restricted}"))["service"]["extensions"]
    assert sorted([*listed, "file_storage/files"]) == sorted(with_files)


@pytest.mark.servers
@pytest.mark.parametrize("signal", ["traces", "logs", "metrics"])
def test_printing_telemetry_is_refused_in_production(signal: str) -> None:
    """Where nobody says which environment it is, it is production, too."""
    configs = next(sampler()) if signal == "traces" else next(gateway())
    configs = [*configs, *files(f"exporters/{signal}-debug")]
    assert validate(configs, SMS_COLLECTOR_ENVIRONMENT="development").returncode == 0
    for environment in ("", "production"):
        said = validate(configs, SMS_COLLECTOR_ENVIRONMENT=environment)
        assert said.returncode != 0
        assert "debug/production" in said.stderr


@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_what_is_restricted_has_its_own_token_queue_and_place(topology: str) -> None:
    """Every restricted receiver asks for a token; its exporters share neither storage nor address with others."""
    whole = merged(WHOLE[topology])
    if topology == "sampler":
        assert "restricted" not in str(whole["service"])
        return
    for protocol in whole["receivers"]["otlp/restricted"]["protocols"].values():
        assert protocol["auth"] == {"authenticator": "bearertokenauth/restricted"}
        assert "4319" in protocol["endpoint"] or "tls" in protocol
    assert "bearertokenauth/restricted" in whole["service"]["extensions"]
    storages = {
        name: exporter["sending_queue"]["storage"]
        for name, exporter in whole["exporters"].items()
        if "storage" in (exporter.get("sending_queue") or {})
    }
    assert all(("restricted" in name) is ("restricted" in storage) for name, storage in storages.items())
    assert set(storages.values()) <= set(whole["service"]["extensions"])
    signals = {name.split("/")[0] for name in whole["service"]["pipelines"] if "restricted" in name}
    assert signals == {"metrics", "traces", "logs"}
    for kind in ("receivers", "processors", "exporters", "extensions"):
        added = set(whole[kind]) - set(
            merged([each for each in WHOLE[topology] if "restricted" not in each.stem])[kind]
        )
        assert added
        assert all("restricted" in name for name in added)


@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_every_public_entrance_has_the_memory_limit_first_and_then_the_whole_net(topology: str) -> None:
    """In the order in which the net was proven; only what adds to the data may stand between."""
    whole = merged(WHOLE[topology])
    pipelines = whole["service"]["pipelines"]
    connectors = set(whole["connectors"])
    entrances: dict[str, list[str]] = {}
    for name, pipeline in pipelines.items():
        if set(pipeline["receivers"]) <= connectors or "restricted" in name:
            continue
        if pipeline["exporters"] == ["forward/entrance"]:
            # What a receiver's own file does to its data comes after the memory limit, too.
            assert (pipeline.get("processors") or ["memory_limiter"])[0] == "memory_limiter", name
        else:
            entrances[name] = pipeline["processors"]
    entrances |= {
        name: pipeline["processors"]
        for name, pipeline in pipelines.items()
        if "forward/entrance" in pipeline["receivers"]
    }
    assert entrances
    for name, processors in entrances.items():
        assert processors[0] == "memory_limiter", name
        start = processors.index(NET[0])
        assert processors[start : start + len(NET)] == NET, name
        assert set(processors[1:start]) <= {"resource_detection", "resource/vessel"}, name
        assert set(processors[start + len(NET) :]) <= {"transform/plan_names"}, name


@pytest.mark.parametrize(
    ("topology", "edge"), [("all-in-one", True), ("vessel", True), ("gateway", False), ("sampler", False)]
)
def test_only_the_edge_says_on_which_host_something_ran(topology: str, edge: bool) -> None:
    """Ashore the Collector's own host would be stamped on everybody's data; what is read of it says so itself."""
    pipelines = merged(WHOLE[topology])["service"]["pipelines"]
    found = {name for name, each in pipelines.items() if "resource_detection" in each.get("processors", [])}
    assert bool(found) is edge
    own = {name for name, each in pipelines.items() if "resource_detection/host" in each.get("processors", [])}
    assert own <= {"metrics/host"}


@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_whatever_leaves_the_machine_is_kept_and_repeated(topology: str) -> None:
    """A queue and retries on each exporter that sends; on board without an end, and on disk."""
    for name, exporter in merged(WHOLE[topology])["exporters"].items():
        kind = name.split("/")[0]
        if kind in {"prometheus", "file", "debug"}:
            continue
        queue = exporter["remote_write_queue" if kind == "prometheus_remote_write" else "sending_queue"]
        assert queue["queue_size"], name
        assert exporter.get("retry") or exporter["retry_on_failure"]["max_elapsed_time"], name
        if topology == "vessel":
            assert queue["storage"].startswith("file_storage/"), name
            assert exporter["retry_on_failure"]["max_elapsed_time"] == "0s", name
            assert queue["batch"]["max_size"] <= 3 * 1024 * 1024, name
            assert kind == "otlp_grpc", "a captive portal answers 200 to HTTP"


@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_each_topology_names_the_command_that_starts_it(topology: str) -> None:
    """Its first lines show every policy file that it needs."""
    text = (CONFIG / f"{topology}.yaml").read_text(encoding="utf-8").split("\nreceivers:")[0]
    command = text.replace("\\\n#", " ")
    for config in next(TOPOLOGIES[topology]()):
        if config.parent.name not in {"exporters", "samplers"}:
            assert f"--config {config.relative_to(CONFIG)}" in command


@pytest.mark.parametrize("topology", [each for each in TOPOLOGIES if each != "vessel"])
def test_the_stock_variant_differs_by_its_net_alone(topology: str) -> None:
    """The same pipelines, the same order; a ship needs our own parts, which keep what is refused."""
    whole, stock = merged([CONFIG / f"{topology}.yaml"]), merged([CONFIG / "stock" / f"{topology}.yaml"])
    expected = {
        name: ",".join(pipeline["processors"]).replace(",".join(NET), ",".join(STOCK_NET)).split(",")
        for name, pipeline in whole["service"]["pipelines"].items()
        if "sms_scrub" in (pipeline.get("processors") or ())
    }
    assert expected
    assert {name: pipeline["processors"] for name, pipeline in stock["service"]["pipelines"].items()} == expected
    assert list(stock) == ["service"]
    files = (f"{topology}.yaml", "stock/redaction.yaml", f"stock/{topology}.yaml")
    both = merged([CONFIG / name for name in files])
    kinds = ("receivers", "processors", "connectors", "exporters", "extensions")
    assert not [name for kind in kinds for name in both.get(kind, ()) if name.startswith("sms_")]
