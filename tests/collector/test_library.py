"""A real service that uses the library, behind the real Collector: all it emits comes out, and nothing of finance."""

from __future__ import annotations

import re
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from servers.collector import POLICY, RECEIVE, TOPOLOGY, Collector
from servers.process import Server, free_ports, http_get, loopback
from servers.programs import ROOT
from servers.waiting import wait_until
from sms_observability.catalog import SMS_CATALOG
from sms_observability.receiver import Batch, Receiver

pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(120)]

FIGURE = "118.27"
"""The cost, which is in a header's answer, a log field, a log message and an exception of the service."""

_KEEP_ALL = """
exporters:
  otlp_http/backend: {sending_queue: {batch: {flush_timeout: 20ms}}}
service:
  pipelines:
    traces/sampled: {processors: []}
"""
ADDED_BY_THE_COLLECTOR = {"host.name", "os.type"}
OF_ALL = {"service": "parts-api", "version": "1.2.3", "environment": "test"}


def post(url: str) -> int:
    try:
        with loopback.open(urllib.request.Request(url, data=b"", method="POST"), timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


@dataclass
class Passage:
    """What the service emitted, what came out behind the Collector, and the page for Prometheus."""

    emitted: Receiver
    arrived: Receiver
    page: str


@pytest.fixture(scope="module")
def passage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Passage]:
    """Run three journeys of the service, end it, and wait until all that it emitted has come out."""
    further = tmp_path_factory.mktemp("library") / "keep_all.yaml"
    further.write_text(_KEEP_ALL, encoding="utf-8")
    with (
        Receiver() as arrived,
        Collector([TOPOLOGY, *POLICY, RECEIVE, further], backend=arrived.endpoint) as collector,
    ):

        def hand_on(batch: Batch) -> None:
            collector.post(batch.signal, batch.body)

        (port,) = free_ports(1)
        url = f"http://127.0.0.1:{port}"
        with Receiver(on_receive=hand_on) as emitted:
            service = Server(
                [sys.executable, "-m", "uvicorn", "collector.library_app:app", "--port", str(port)],
                ready=f"{url}/livez",
                environment={
                    "OTEL_EXPORTER_OTLP_ENDPOINT": emitted.endpoint,
                    "PYTHONPATH": f"{ROOT / 'tests'}:{ROOT / 'src'}",
                },
            )
            with service:
                answers = [post(f"{url}/api/{path}") for path in ("parts/quote", "sync/upload", "vessels/create")]
                assert answers == [200, 500, 409], service.output()
            expected = {signal: totals["items"] for signal, totals in emitted.totals().items()}
            assert min(expected.values()) > 0, service.output()
            arrived.wait_for(lambda it: len(it.spans) >= len(emitted.spans), 20)
            arrived.wait_for(lambda it: len(it.logs) >= len(emitted.logs), 20)
            names = {point["name"] for point in emitted.metrics}
            wait_until(lambda: names <= {point["name"] for point in arrived.metrics}, "every metric")
            yield Passage(emitted, arrived, http_get(collector.prometheus)[1])


def flat(attributes: dict[str, Any]) -> dict[str, Any]:
    """Give attributes as the Collector hands them on: an element of a list is an attribute of its own."""
    whole: dict[str, Any] = {}
    for key, value in attributes.items():
        whole |= {f"{key}.{n}": each for n, each in enumerate(value)} if isinstance(value, list) else {key: value}
    return whole


def test_every_span_comes_out_as_it_was_emitted(passage: Passage) -> None:
    """Names, attributes, events and stack traces of our own instrumentation are all known to the net."""
    arrived = {span["span_id"]: span for span in passage.arrived.spans}
    assert len(arrived) == len(passage.emitted.spans)
    for span in passage.emitted.spans:
        came: Any = dict(arrived[span["span_id"]])
        sent: Any = {**span, "attributes": flat(span["attributes"])}
        assert came["resource"].keys() - sent["resource"].keys() <= ADDED_BY_THE_COLLECTOR
        assert sent.pop("resource").items() <= came.pop("resource").items()
        assert came == sent


def test_the_service_really_used_what_the_library_offers(passage: Passage) -> None:
    """Journeys, steps, a request served, one sent, and statements: else the test before proves little."""
    names = {span["name"] for span in passage.emitted.spans}
    assert {*SMS_CATALOG.journeys, "PartsService.getSupplierQuotes", "QuoteService.prepareQuote"} <= names
    assert {"POST /api/parts/quote", "GET /suppliers/{number}", "GET", "INSERT quotes"} <= names
    scopes = {span["scope"]["name"] for span in passage.emitted.spans}
    assert {f"sms_observability.{room}" for room in ("asgi", "http", "journeys", "sqlalchemy")} <= scopes


def test_every_log_line_comes_out_with_all_of_its_fields(passage: Passage) -> None:
    """Of the texts only numbers are masked; no line of the library, of uvicorn or httpx is taken for a secret."""

    def lines(receiver: Receiver) -> list[tuple[Any, ...]]:
        return sorted(
            (log["time_ns"], log["severity"], log["span_id"], sorted(log["attributes"].items(), key=str))
            for log in receiver.logs
        )

    assert lines(passage.arrived) == lines(passage.emitted)
    bodies = {str(log["body"]) for log in passage.arrived.logs}
    assert {"Parts quote requested", "Request finished", "Sync started", "Quote for # dollars"} <= bodies
    assert any(body.startswith("Exception in ASGI application") for body in bodies)
    readable = [log for log in passage.arrived.logs if log["body"] != "redacted"]
    hidden = {str(log["attributes"].get("logger")) for log in passage.arrived.logs if log["body"] == "redacted"}
    assert readable
    assert hidden <= {"httpx"}, "httpx writes URLs in quotation marks; everything else is a sentence"


def test_every_measurement_comes_out_with_its_labels(passage: Passage) -> None:
    """And says who it was."""
    arrived = {(point["name"], tuple(sorted(point["labels"].items()))) for point in passage.arrived.metrics}
    for point in passage.emitted.metrics:
        labels = {**point["labels"], **OF_ALL}
        assert (point["name"], tuple(sorted(labels.items()))) in arrived
    for name in ("sms_journey_duration_seconds_count", "http_requests_total", "db_query_duration_seconds_count"):
        assert re.search(rf"^{name}\{{", passage.page, re.MULTILINE), name


def test_no_figure_of_finance_and_no_internal_name_comes_out(passage: Passage) -> None:
    """The cost was in a field, a text and an exception; the internal step and the restricted metric have names."""
    came = passage.page + "".join(
        str(each) for each in (passage.arrived.spans, passage.arrived.logs, passage.arrived.metrics)
    )
    assert FIGURE not in came
    assert re.search("(?i)mark.?up|margin|supplier_cost", came) is None
