"""The shipped files: what the real Collector says of them, and what no Collector would notice."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from servers.collector import CONFIG, POLICY, RECEIVE, TOPOLOGY, Collector, config_arguments
from servers.programs import ROOT, binary

NET = ["filter/public", "transform/public", "sms_scrub"]
PLACEHOLDER = re.compile(r"\$\{env:(\w+)(?::-([^}]*))?\}")


def validate(configs: Sequence[Path]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [binary("otelcol"), "validate", *config_arguments(configs)],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


@pytest.mark.servers
@pytest.mark.parametrize("further", [(), (RECEIVE,)], ids=["all-in-one", "with receive"])
def test_the_collector_accepts_each_combination(further: tuple[Path, ...]) -> None:
    """The command lines of the README."""
    said = validate([TOPOLOGY, *POLICY, *further])
    assert said.returncode == 0, said.stderr


@pytest.mark.servers
def test_without_its_net_it_does_not_start() -> None:
    """Forgetting the redaction policy is an error, not a Collector that lets everything through."""
    said = validate([TOPOLOGY, *POLICY[1:]])
    assert said.returncode != 0
    assert "filter/public" in said.stderr


@pytest.mark.servers
def test_without_sampling_rules_it_does_not_start() -> None:
    """Forgetting the sampling policy is an error, not a Collector that drops every trace."""
    with pytest.raises(AssertionError, match=r'ended with 1 at start(?s:.*)"sms_weight" which is not configured'):
        Collector([TOPOLOGY, *(each for each in POLICY if each.stem != "sampling")], backend="http://127.0.0.1:9")


def merged(*configs: Path) -> dict[str, Any]:
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


def pipelines() -> Iterator[tuple[str, dict[str, list[str]]]]:
    for further in ((), (RECEIVE,)):
        yield from merged(TOPOLOGY, *POLICY, *further)["service"]["pipelines"].items()


def test_whatever_a_service_sends_meets_the_memory_limit_first_and_then_the_whole_net() -> None:
    """In the pipelines behind the entrance to which every receiver leads, in the order in which the net was proven."""
    received = [pipeline for _, pipeline in pipelines() if "otlp" in pipeline["receivers"]]
    assert received
    assert all(not pipeline.get("processors") for pipeline in received)
    assert {exporter for pipeline in received for exporter in pipeline["exporters"]} == {"forward/entrance"}
    entrances = [
        (name, pipeline["processors"]) for name, pipeline in pipelines() if "forward/entrance" in pipeline["receivers"]
    ]
    assert {name for name, _ in entrances} == {"traces/in", "metrics/public", "logs/public"}
    for name, processors in entrances:
        assert processors[0] == "memory_limiter", name
        start = processors.index(NET[0])
        assert processors[start : start + len(NET)] == NET, name
        # What runs before the net may add data, but never send it anywhere; what runs after it only renames.
        assert set(processors[1:start]) <= {"resource_detection"}, name
        assert set(processors[start + len(NET) :]) <= {"transform/plan_names"}, name


def test_span_metrics_count_before_traces_are_sampled() -> None:
    """Only then are rates exact."""
    found = dict(pipelines())
    assert "span_metrics" in found["traces/in"]["exporters"]
    assert "tail_sampling" not in found["traces/in"]["processors"]
    assert found["traces/sampled"]["processors"] == ["tail_sampling", "sms_weight"]


def test_every_rate_is_a_percentage_and_the_smaller_ones_lie_inside_the_larger() -> None:
    """The Collector would take 1000 % without a word; another salt would break the nesting."""
    text = POLICY[1].read_text(encoding="utf-8")
    rates = [int(rate) for rate in re.findall(r"sampling_percentage: (\S+)", text)]
    assert sorted(rates) == [10, 50]
    assert "hash_salt" not in text


def test_every_exporter_keeps_what_its_backend_does_not_take_at_once() -> None:
    """A queue and retries on whatever leaves the machine."""
    for name, exporter in merged(TOPOLOGY)["exporters"].items():
        if not name.startswith("prometheus"):
            assert exporter["sending_queue"]["queue_size"] > 0, name
            assert exporter["retry_on_failure"]["max_elapsed_time"], name


def test_every_address_is_on_loopback_unless_somebody_says_otherwise() -> None:
    """No port of the default configuration can be reached from another machine."""

    def addresses(node: Any, key: str = "") -> Iterator[str]:
        if isinstance(node, dict):
            for name, child in node.items():
                yield from addresses(child, name)
        elif isinstance(node, list):
            for child in node:
                yield from addresses(child, key)
        elif key in {"endpoint", "host"}:
            yield str(node)

    found = [PLACEHOLDER.sub(lambda hit: hit[2] or "", address) for address in addresses(merged(TOPOLOGY, *POLICY))]
    assert len(found) >= 6
    for address in found:
        assert re.match(r"(http://)?127\.0\.0\.1(:\d+)?$", address), address


def test_no_component_is_written_under_a_name_that_is_going_away() -> None:
    """The aliases still load, but the queue on disk is named after the type as written."""
    types = {
        name.split("/")[0]
        for kind in ("receivers", "processors", "exporters", "connectors")
        for name in merged(TOPOLOGY, *POLICY)[kind]
        if (kind, name.split("/")[0]) != ("receivers", "otlp")
    }
    assert not types & {
        "otlp",
        "otlphttp",
        "spanmetrics",
        "loadbalancing",
        "servicegraph",
        "resourcedetection",
        "batch",
    }


def test_every_placeholder_is_in_the_readmes_table_with_its_default() -> None:
    """The table is the whole truth: nothing is missing from it, and nothing in it does nothing."""
    used: dict[str, set[str]] = {}
    for config in sorted(CONFIG.rglob("*.yaml")):
        for name, default in PLACEHOLDER.findall(config.read_text(encoding="utf-8").replace("${env:...}", "")):
            used.setdefault(name, set()).update({default} if default else ())
    section = (CONFIG / "README.md").read_text(encoding="utf-8").split("## Placeholders")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `(SMS_COLLECTOR_\w+)` \| ([^|]*) \|", section, re.MULTILINE)
    assert used == {name: set(re.findall("`([^`]*)`", defaults)) for name, defaults in rows}
    assert len(rows) == len(used)


def test_the_committed_sources_are_those_of_the_manifest() -> None:
    """Every component of the manifest is compiled in, at the version it names, and no other."""
    manifest = yaml.safe_load((CONFIG / "manifest.yaml").read_text(encoding="utf-8"))
    wanted = {
        tuple(entry["gomod"].split())
        for kind in ("receivers", "processors", "exporters", "connectors", "extensions")
        for entry in manifest[kind]
    }
    components = (ROOT / "tools" / "collector" / "components.go").read_text(encoding="utf-8")
    compiled = {tuple(found.split()) for found in re.findall(r'\.Type\(\): +"([^"]+)"', components)}
    assert compiled == wanted
    locked = (ROOT / "tools" / "collector" / "go.mod").read_text(encoding="utf-8")
    assert [module for module in wanted if f"\t{module[0]} {module[1]}\n" not in locked] == []


def test_the_image_runs_the_command_line_of_the_readme() -> None:
    """Every file that the Dockerfile copies is there, and it starts with the whole policy."""
    text = (CONFIG / "Dockerfile").read_text(encoding="utf-8")
    copied = [part for line in re.findall(r"^COPY (?!--from)(.+)$", text, re.MULTILINE) for part in line.split()[:-1]]
    assert [part for part in copied if not list(ROOT.glob(part.rstrip("/")))] == []
    folders = {part.name for part in CONFIG.iterdir() if part.is_dir()} - {"deploy"}  # what starts the image
    assert folders <= {Path(part).name for part in copied}
    for config in (TOPOLOGY, *POLICY):
        assert f'"/etc/otelcol/{config.relative_to(CONFIG)}"' in text


@pytest.mark.parametrize("part", ["scrub", "retry", "weight"])
def test_our_own_part_is_built_against_the_same_versions(part: str) -> None:
    """Our own parts are built against the very versions that the Collector is built of."""
    version = re.compile(r"^\s*(?:require )?(go\.opentelemetry\.io/collector\S*) (v\S+)", re.MULTILINE)
    own = dict(version.findall((CONFIG / part / "go.mod").read_text(encoding="utf-8")))
    whole = dict(version.findall((ROOT / "tools" / "collector" / "go.mod").read_text(encoding="utf-8")))
    shared = own.keys() & whole.keys()
    assert len(shared) >= 4
    assert {name: own[name] for name in shared} == {name: whole[name] for name in shared}
