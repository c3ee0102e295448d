"""Real log lines through the real gateway into real stores: each in its class, and the plan's questions answered."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.error
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import yaml

from collector.test_backends import gateway, put
from servers.backends import VictoriaLogs
from servers.elastic_door import ElasticDoor
from servers.java import SOURCES, OpenSearch, jars
from servers.process import http_get
from servers.programs import ROOT
from servers.waiting import wait_until
from sms_observability.catalog import SMS_CATALOG

pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(400)]

ELASTIC = ROOT / "monitoring" / "elasticsearch"
SERVICE = Path(__file__).with_name("log_lines.py")
FIGURE = "118.27"
FEW, MANY = 3, 60
"""Of 200 details, a tenth is kept: less or more than this happens once in a million runs."""

SPOKEN = 8
"""Lines of the service that are no details."""

SAID = {
    "audit": ["Price list exported"],
    "security": ["Login refused"],
    "business": ["Order placed"],
    "application.error": ["Quote failed with exception"],
    "application.warning": ["Supplier is slow"],
}


@dataclass
class Lines:
    """What the service wrote on its standard output, which is what it also sent."""

    all: list[dict[str, Any]] = field(default_factory=list)

    def trace_of(self, message: str) -> str:
        """Give the trace that a line belongs to."""
        return str(next(line["trace_id"] for line in self.all if line["message"] == message))


def run_service(endpoint: str) -> Lines:
    """Run the service to its end, all of its lines delivered."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "SMS_OBSERVABILITY_"))}
    said = subprocess.run(
        [sys.executable, SERVICE],
        env={**kept, "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert said.returncode == 0, said.stderr[-4000:]
    return Lines([json.loads(line) for line in said.stdout.splitlines() if line.startswith("{")])


# -- Elasticsearch ----------------------------------------------------------------------------------------------------


def for_opensearch(content: dict[str, Any]) -> dict[str, Any]:
    """Say the same in OpenSearch's words: it calls two types otherwise, and has no lifecycles and no logsdb."""
    text = json.dumps(content).replace('"flattened"', '"flat_object"').replace('"constant_keyword"', '"keyword"')
    made: dict[str, Any] = json.loads(text)
    index = made["template"].get("settings", {}).get("index", {})
    index.pop("mode", None)
    index.pop("lifecycle", None)
    return made


def load_templates(url: str) -> None:
    """Give the rendered templates to a store."""
    for folder, path in (("component_templates", "_component_template"), ("index_templates", "_index_template")):
        for file in sorted((ELASTIC / folder).glob("*.json")):
            try:
                put(f"{url}/{path}/{file.stem}", for_opensearch(json.loads(file.read_text("utf-8"))))
            except urllib.error.HTTPError as refused:
                with refused:
                    pytest.fail(f"{file.stem} is refused: {refused.read().decode()[:2000]}")


@dataclass
class Store:
    """An OpenSearch and three VictoriaLogs with what the service said."""

    url: str
    lines: Lines
    actions: list[dict[str, object]]
    instances: dict[str, VictoriaLogs]

    def search(self, question: str, streams: str = "logs-sms.*") -> list[dict[str, Any]]:
        """Give the documents that answer a question in Lucene's words, the earliest first."""
        status, text = self._asked(question, streams)
        assert status == 200, text
        return [dict(hit["_source"]) for hit in json.loads(text)["hits"]["hits"]]

    def messages(self, question: str, streams: str = "logs-sms.*") -> list[str]:
        """Give only what was said."""
        return [str(each["body"]["text"]) for each in self.search(question, streams)]

    def has_everything(self) -> bool:
        """Say whether every line has arrived everywhere."""
        http_get(f"{self.url}/_refresh", timeout=60)
        kept = sum(len(each.records("* !severity:DEBUG")) for each in self.instances.values())
        # A stream that has just been made answers that it is not ready.
        status, text = self._asked("NOT severity_text:DEBUG", "logs-sms.*")
        return kept == SPOKEN and status == 200 and len(json.loads(text)["hits"]["hits"]) == SPOKEN

    def _asked(self, question: str, streams: str) -> tuple[int, str]:
        address = f"{self.url}/{streams}/_search?size=1000&sort=@timestamp:asc&q={quote(question)}"
        return http_get(address, timeout=60)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The service has said everything, through one gateway, into its data streams and into three instances."""
    folder = tmp_path_factory.mktemp("logs")
    (folder / "gateway").mkdir()
    rendered = yaml.safe_load((ROOT / "monitoring/victorialogs/instances.yaml").read_text("utf-8"))["instances"]
    with OpenSearch(folder / "node") as node, ElasticDoor(node.url) as door, ExitStack() as running:
        load_templates(node.url)
        instances: dict[str, VictoriaLogs] = {}
        addresses = {"SMS_COLLECTOR_ELASTICSEARCH": f"[{door.url}]"}
        for name, instance in rendered.items():
            flags = [flag for flag in instance["flags"] if not flag.startswith("-storageDataPath")]
            instances[name] = running.enter_context(VictoriaLogs(folder / name, flags=flags))
            addresses[instance["address"]] = f"{instances[name].url}/insert/opentelemetry"
        exporters = ("logs-elasticsearch", "logs-elasticsearch-classes", "logs-victorialogs-classes")
        with gateway(folder / "gateway", ["../policy/log_classes", *exporters], **addresses) as collector:
            kept = Store(node.url, run_service(collector.http), door.actions, instances)
            wait_until(kept.has_everything, "all lines", within=90)
        http_get(f"{node.url}/_refresh", timeout=60)
        yield kept


def test_each_line_is_in_the_data_stream_of_its_class(store: Store) -> None:
    """By logger first, then by severity; and in no other stream."""
    for name, said in SAID.items():
        assert store.messages("*", f"logs-sms.{name}.otel-production") == said
    info = store.messages("*", "logs-sms.application.info.otel-production")
    assert {"Parts quote requested", "Sync finished", "Chairs counted"} <= set(info)
    status, text = http_get(f"{store.url}/_data_stream", timeout=60)
    assert status == 200
    streams = {each["name"] for each in json.loads(text)["data_streams"]}
    assert streams == {f"{each.stream}.otel-production" for each in SMS_CATALOG.log_classes.values()}
    assert all("create" in action for action in store.actions), "a data stream takes nothing else"


def test_a_tenth_of_the_details_is_kept_by_whole_traces(store: Store) -> None:
    """Details of one journey are all there or none is; those without a trace one by one."""
    kept = Counter(store.messages("*", "logs-sms.application.debug.otel-production"))
    written = Counter(line["message"] for line in store.lines.all if line["level"] == "DEBUG")
    assert kept["Place compared"] in (0, written["Place compared"])
    assert FEW < kept["Detail"] < MANY


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ('correlation_id:"order-17"', ["Parts quote requested", "Supplier is slow", "Quote failed with exception"]),
        ("vessel_id:v-8 AND NOT level:DEBUG", ["Sync finished"]),
        ("log.level:ERROR AND @timestamp:[now-1h TO now]", ["Quote failed with exception"]),
        ("log.level:ERROR AND message:exception", ["Quote failed with exception"]),
        ("service.name:parts-api AND level:ERROR", ["Quote failed with exception"]),
        ("error.type:KeyError", ["Quote failed with exception"]),
        ("context.duration_ms:[200 TO 300]", ["Parts quote requested"]),
        ("company_id:cmp_1 AND level:WARNING", ["Supplier is slow"]),
        ("attributes.labels.part_no:PUMP\\-100", ["Parts quote requested"]),
        ("metadata.region:eu\\-west\\-1 AND log.logger:audit", ["Price list exported"]),
    ],
)
def test_the_plans_questions_are_answered(question: str, said: list[str], store: Store) -> None:
    """By correlation id, vessel, severity and time, under the names of the plan and of Elastic Common Schema."""
    assert store.messages(question) == said


def test_a_journeys_log_is_found_by_its_trace(store: Store) -> None:
    """All that was said in it, in the order in which it was said."""
    trace = store.lines.trace_of("Parts quote requested")
    written = [line["message"] for line in store.lines.all if line["trace_id"] == trace and line["level"] != "DEBUG"]
    assert store.messages(f"trace.id:{trace} AND NOT level:DEBUG") == written
    assert len(written) >= 3


def test_nothing_restricted_is_stored(store: Store) -> None:
    """Neither as a field, nor in a message, nor in a stack trace; and a field of nobody's schema makes no mapping."""
    documents = store.search("*")
    assert len(documents) > 10
    assert FIGURE not in json.dumps(documents)
    assert "margin" not in json.dumps(documents)
    status, text = http_get(f"{store.url}/logs-sms.application.info.otel-production/_mapping", timeout=60)
    assert status == 200
    assert "part_no" not in text


# -- lifecycles, read by Elasticsearch's own parser -------------------------------------------------------------------


def said_of(files: list[tuple[str, Path]]) -> dict[str, str]:
    """Give what Elasticsearch says of each file."""
    arguments = [str(each) for pair in files for each in pair]
    classes = f"{jars('elasticsearch')}/*"
    command = ["java", "-XX:TieredStopAtLevel=1", "-cp", classes, str(SOURCES / "PolicyCheck.java"), *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=200)
    assert ran.returncode == 0, ran.stderr[-4000:]
    return dict(line.split("\t", 1) for line in ran.stdout.splitlines() if "\t" in line)


def test_elasticsearchs_own_parser_reads_every_file(tmp_path: Path) -> None:
    """Lifecycles, snapshots and templates pass its checks, and a mistake in one does not."""
    kinds = {"ilm": "ilm", "enterprise/ilm": "ilm", "slm": "slm"}
    kinds |= {"index_templates": "index_template", "component_templates": "component_template"}
    files = [(kind, file) for folder, kind in kinds.items() for file in sorted((ELASTIC / folder).glob("*.json"))]
    broken = tmp_path / "broken.json"
    text = (ELASTIC / "ilm" / "sms-audit.json").read_text("utf-8")
    broken.write_text(text.replace("max_age", "max_aeg"), encoding="utf-8")
    unknown_time = tmp_path / "unknown_time.json"
    unknown_time.write_text(text.replace('"2557d"', '"30x"'), encoding="utf-8")
    said = said_of([*files, ("ilm", broken), ("ilm", unknown_time)])
    assert "phases" in said.pop(str(broken))
    assert said.pop(str(unknown_time)) != "ok"
    assert said == {str(file): "ok" for _, file in files}
    assert len(files) >= 2 * len(SMS_CATALOG.log_classes)


# -- VictoriaLogs -----------------------------------------------------------------------------------------------------


def test_each_instance_has_its_classes(store: Store) -> None:
    """Each line is where it is kept as long as its class wants, and only there."""
    assert list(store.instances) == ["audit", "year", "application"]
    found = {name: Counter(each["_msg"] for each in kept.records("*")) for name, kept in store.instances.items()}
    assert found["audit"] == {"Price list exported": 1}
    assert found["year"] == {"Login refused": 1, "Order placed": 1}
    assert {"Quote failed with exception", "Sync finished", "Chairs counted"} <= set(found["application"])
    assert FEW < found["application"]["Detail"] < MANY
    assert FIGURE not in json.dumps([kept.records("*") for kept in store.instances.values()])


def test_the_same_questions_in_logsql(store: Store) -> None:
    """By correlation id, vessel, errors of the last hour, a journey's log, and by the stream of a service."""
    application = store.instances["application"]
    trace = store.lines.trace_of("Parts quote requested")
    of_journey = ["Parts quote requested", "Supplier is slow", "Quote failed with exception"]
    questions = {
        "correlation_id:order-17 | sort by (_time)": of_journey,
        "vessel_id:v-8 !severity:DEBUG": ["Sync finished"],
        "_time:1h severity:ERROR": ["Quote failed with exception"],
        '{service.name="parts-api",deployment.environment.name="production"} severity:WARNING': ["Supplier is slow"],
        '{data_stream.dataset="sms.application.error"}': ["Quote failed with exception"],
    }
    for question, said in questions.items():
        assert [each["_msg"] for each in application.records(question)] == said, question
    found = [each["_msg"] for each in application.records(f"trace_id:{trace} !severity:DEBUG | sort by (_time)")]
    assert [message for message in found if message in of_journey] == of_journey
