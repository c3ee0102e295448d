"""The public net on the real Collector: what is restricted stays, what is declared leaves, whoever sends it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from google.protobuf.message import Message
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import EntityRef
from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality, Exemplar, Metric
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from servers import otlp
from servers.collector import Route
from servers.process import http_get
from servers.waiting import wait_until
from sms_observability.catalog import SMS_CATALOG

pytestmark = [pytest.mark.servers, pytest.mark.timeout(90)]

RESTRICTED = sorted(name for name, field in SMS_CATALOG.fields.items() if field.access == "restricted")
JOURNEYS = sorted(SMS_CATALOG.journeys)
PUBLIC_STEPS = sorted(step.name for step in SMS_CATALOG.steps.values() if step.access == "public")
HIDDEN_STEPS = sorted(step.name for step in SMS_CATALOG.steps.values() if step.access != "public")
METRICS = sorted(
    name
    for name, metric in SMS_CATALOG.metrics.items()
    if metric.access == "public" and metric.source in {"sms", "semconv"}
)
HIDDEN_METRICS = sorted(name for name, metric in SMS_CATALOG.metrics.items() if metric.access != "public")

SECRET = 118.2731
"""A figure that would tell the markup; searched in everything that comes out."""


# -- canaries: one marker for each place where text can travel --------------------------------------------------------

Carrier = Callable[[str], Message]


def _span(change: Callable[[Span], object]) -> ExportTraceServiceRequest:
    span = otlp.span("parts_ordering_flow")
    change(span)
    return otlp.traces([span])


def _traces(change: Callable[[ExportTraceServiceRequest], object]) -> ExportTraceServiceRequest:
    request = otlp.traces([otlp.span("parts_ordering_flow")])
    change(request)
    return request


def _log(body: otlp.Plain = "Parts quote requested", **attributes: otlp.Plain) -> ExportLogsServiceRequest:
    return otlp.logs([otlp.log(body, {key.replace("__", "."): value for key, value in attributes.items()})])


def _logs(change: Callable[[ExportLogsServiceRequest], object]) -> ExportLogsServiceRequest:
    request = _log()
    change(request)
    return request


def _metrics(change: Callable[[ExportMetricsServiceRequest], object]) -> ExportMetricsServiceRequest:
    request = otlp.metrics([otlp.counter("sms.parts.quotes.requested", {"urgency": "high"}, unit="{quote}")])
    change(request)
    return request


def _value(marker: str) -> str:
    """Give what stands under the marker as a key."""
    return f"{marker}Value"


def _of_kind(make: Callable[[Metric], Any]) -> Callable[[], tuple[Metric, Any]]:
    def made() -> tuple[Metric, Any]:
        metric = Metric(name="sms.parts.quotes.requested")
        point = make(metric)
        point.time_unix_nano = time.time_ns()
        return metric, point

    return made


_POINTS: dict[str, Callable[[], tuple[Metric, Any]]] = {
    "gauge": _of_kind(lambda metric: metric.gauge.data_points.add(as_double=1.0)),
    "sum": _of_kind(lambda metric: _cumulative(metric.sum).data_points.add(as_int=1)),
    "histogram": _of_kind(
        lambda metric: _cumulative(metric.histogram).data_points.add(
            count=1, sum=1.0, bucket_counts=[1, 0], explicit_bounds=[1.0]
        )
    ),
    "exponential histogram": _of_kind(
        lambda metric: _cumulative(metric.exponential_histogram).data_points.add(count=1, sum=1.0, zero_count=1)
    ),
    "summary": _of_kind(lambda metric: metric.summary.data_points.add(count=1, sum=1.0)),
}


def _cumulative(data: Any) -> Any:
    data.aggregation_temporality = AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE
    return data


def _label_of(kind: str) -> Carrier:
    def carrier(marker: str) -> Message:
        metric, point = _POINTS[kind]()
        point.attributes.extend(otlp.key_values({marker: _value(marker), "urgency": kind}))
        return otlp.metrics([metric])

    return carrier


def _nested_label(marker: str) -> Message:
    metric, point = _POINTS["gauge"]()
    point.attributes.extend(otlp.key_values({"urgency": {marker: [_value(marker)]}}))
    return otlp.metrics([metric])


def _exemplar_of(kind: str) -> Carrier:
    def carrier(marker: str) -> Message:
        metric, point = _POINTS[kind]()
        point.attributes.extend(otlp.key_values({"urgency": kind}))
        pairs = otlp.key_values({marker: _value(marker)})
        point.exemplars.append(Exemplar(as_double=1.0, time_unix_nano=point.time_unix_nano, filtered_attributes=pairs))
        return otlp.metrics([metric])

    return carrier


def _entity(marker: str) -> EntityRef:
    return EntityRef(schema_url=marker, type=marker, id_keys=[marker], description_keys=[marker])


def _link(marker: str, state: str = "") -> Span.Link:
    return Span.Link(
        trace_id=b"t" * 16, span_id=b"s" * 8, trace_state=state, attributes=otlp.key_values({marker: _value(marker)})
    )


CARRIERS: dict[str, Carrier] = {
    "resource attribute": lambda m: otlp.traces([otlp.span("parts_ordering_flow")], resource={m: _value(m)}),
    "resource schema": lambda m: _logs(lambda r: setattr(r.resource_logs[0], "schema_url", m)),
    "resource entity": lambda m: _traces(lambda r: r.resource_spans[0].resource.entity_refs.append(_entity(m))),
    "scope name": lambda m: _traces(lambda r: setattr(r.resource_spans[0].scope_spans[0].scope, "name", m)),
    "scope version": lambda m: _traces(lambda r: setattr(r.resource_spans[0].scope_spans[0].scope, "version", m)),
    "scope schema": lambda m: _logs(lambda r: setattr(r.resource_logs[0].scope_logs[0], "schema_url", m)),
    "scope attribute": lambda m: _traces(
        lambda r: r.resource_spans[0].scope_spans[0].scope.attributes.extend(otlp.key_values({m: _value(m)}))
    ),
    "span name": lambda m: otlp.traces([otlp.span(m)]),
    "span name after an HTTP method": lambda m: otlp.traces([otlp.span(f"GET /api/{m}")]),
    "span attribute": lambda m: otlp.traces([otlp.span("parts_ordering_flow", attributes={m: _value(m)})]),
    "span attribute, nested": lambda m: otlp.traces(
        [otlp.span("parts_ordering_flow", attributes={"sms.step.reason": {m: {m: _value(m)}}})]
    ),
    "span attribute, list": lambda m: otlp.traces(
        [otlp.span("parts_ordering_flow", attributes={"sms.step.reason": [m, {m: _value(m)}]})]
    ),
    "span status": lambda m: _span(lambda s: setattr(s.status, "message", f"ValueError: {m}")),
    "span trace state": lambda m: _span(lambda s: setattr(s, "trace_state", f"vendor={m}")),
    "span event name": lambda m: _span(lambda s: s.events.append(Span.Event(name=m))),
    "span event attribute": lambda m: _span(
        lambda s: s.events.append(Span.Event(name="exception", attributes=otlp.key_values({m: _value(m)})))
    ),
    "exception message": lambda m: _span(
        lambda s: s.events.append(Span.Event(name="exception", attributes=otlp.key_values({"exception.message": m})))
    ),
    "exception stack": lambda m: _span(
        lambda s: s.events.append(
            Span.Event(
                name="exception", attributes=otlp.key_values({"exception.stacktrace": f"Traceback\nValueError: {m}"})
            )
        )
    ),
    "span link attribute": lambda m: _span(lambda s: s.links.append(_link(m))),
    "span link trace state": lambda m: _span(lambda s: s.links.append(_link("x", f"vendor={m}"))),
    "log body": lambda m: _log(f"Quote for {m}"),
    "log body, token": _log,
    "log body, map": lambda m: _log(
        {"message": "Parts quote requested", m: m, "context": {"endpoint": "/", m: [_value(m)]}}
    ),
    "log body, list": lambda m: _log([m, {m: _value(m)}]),
    "log body, JSON": lambda m: _log(json.dumps({"message": "Parts quote requested", "context": {m: {m: _value(m)}}})),
    "log body, broken JSON": lambda m: _log('{"message": "' + m),
    "log body, bytes": lambda m: _log(m.encode()),
    "log message in a map": lambda m: _log({"message": f"Quote for {m}"}),
    "log attribute": lambda m: _log(**{m: _value(m)}),
    "log attribute, nested": lambda m: _log(context={m: _value(m)}),
    "log severity": lambda m: _logs(
        lambda r: setattr(r.resource_logs[0].scope_logs[0].log_records[0], "severity_text", m)
    ),
    "log event name": lambda m: _logs(
        lambda r: setattr(r.resource_logs[0].scope_logs[0].log_records[0], "event_name", m)
    ),
    "metric name": lambda m: otlp.metrics([otlp.counter(m, {})]),
    "metric description": lambda m: _metrics(
        lambda r: setattr(r.resource_metrics[0].scope_metrics[0].metrics[0], "description", m)
    ),
    "metric unit": lambda m: _metrics(lambda r: setattr(r.resource_metrics[0].scope_metrics[0].metrics[0], "unit", m)),
    "metric metadata": lambda m: _metrics(
        lambda r: r.resource_metrics[0].scope_metrics[0].metrics[0].metadata.extend(otlp.key_values({m: _value(m)}))
    ),
    **{f"metric label of a {kind}": _label_of(kind) for kind in _POINTS},
    "metric label, nested": _nested_label,
    **{f"metric exemplar of a {kind}": _exemplar_of(kind) for kind in _POINTS if kind != "summary"},
    "metric resource attribute": lambda m: otlp.metrics(
        [otlp.counter("sms.parts.quotes.requested", {})], resource={m: _value(m)}
    ),
    "metric resource entity": lambda m: _metrics(
        lambda r: r.resource_metrics[0].resource.entity_refs.append(_entity(m))
    ),
    "metric scope attribute": lambda m: _metrics(
        lambda r: r.resource_metrics[0].scope_metrics[0].scope.attributes.extend(otlp.key_values({m: _value(m)}))
    ),
    "metric scope name": lambda m: _metrics(lambda r: setattr(r.resource_metrics[0].scope_metrics[0].scope, "name", m)),
    "log resource attribute": lambda m: otlp.logs([otlp.log("Parts quote requested")], resource={m: _value(m)}),
    "log resource entity": lambda m: _logs(lambda r: r.resource_logs[0].resource.entity_refs.append(_entity(m))),
    "log scope attribute": lambda m: _logs(
        lambda r: r.resource_logs[0].scope_logs[0].scope.attributes.extend(otlp.key_values({m: _value(m)}))
    ),
    "log scope name": lambda m: _logs(lambda r: setattr(r.resource_logs[0].scope_logs[0].scope, "name", m)),
}

MARKERS = {name: f"Canary{number}x7f" for number, name in enumerate(CARRIERS, start=10)}


SIGNALS: dict[type[Message], str] = {
    ExportTraceServiceRequest: "traces",
    ExportLogsServiceRequest: "logs",
    ExportMetricsServiceRequest: "metrics",
}


def _send_all(route: Route) -> str:
    """Send every canary, then one plain item of each signal, and give all that came out when the plain ones have."""
    for name, carrier in CARRIERS.items():
        request = carrier(MARKERS[name])
        route.collector.send(SIGNALS[type(request)], request)
    _settle(route)
    return route.sink.everything() + http_get(route.collector.prometheus)[1]


def _settle(route: Route) -> None:
    """Wait until what was sent before has come out, by sending something plain after it."""
    end = otlp.span("Database.saveQuote")
    mark = f"end-{end.span_id.hex()}"
    route.collector.send("traces", otlp.traces([end]))
    route.collector.send("logs", otlp.logs([otlp.log("The end", {"quote_id": mark})]))
    route.collector.send("metrics", otlp.metrics([otlp.gauge("sms.users.active", 77.0, {"role": mark})]))
    wait_until(lambda: any(span.trace_id == end.trace_id for span in route.sink.spans()), "the last trace")
    wait_until(lambda: mark in str(route.sink.logs[-5:]), "the last log record")
    wait_until(lambda: mark in str(route.sink.metrics[-5:]), "the last metric")


@pytest.fixture(scope="module", params=["own", "stock"])
def public(request: pytest.FixtureRequest) -> str:
    """All that comes out of a net after every canary went in: the shipped one, and the one without our own parts."""
    return _send_all(request.getfixturevalue("with_net" if request.param == "own" else "with_stock_net"))


@pytest.fixture(scope="module")
def control(without_net: Route) -> str:
    """All that comes out without the net."""
    return _send_all(without_net)


@pytest.mark.parametrize("name", CARRIERS)
def test_a_canary_does_not_come_out_whatever_carries_it(name: str, public: str) -> None:
    """One marker a carrier, as key and as value: none is in the exported data or on the Prometheus page."""
    assert MARKERS[name] not in public


@pytest.mark.parametrize("name", CARRIERS)
def test_without_the_net_the_canary_does_come_out(name: str, control: str) -> None:
    """The control run: the marker was really sent, and the search really finds it."""
    assert MARKERS[name] in control
    # Where a key is the carrier, the value under it is another one.
    if f"{MARKERS[name]}Value" in str(CARRIERS[name](MARKERS[name])):
        assert f"{MARKERS[name]}Value" in control


# -- restricted fields among their neighbours -------------------------------------------------------------------------


def test_restricted_fields_stay_and_their_neighbours_leave(net: Route) -> None:
    """A span, a log record and a data point lose every restricted attribute and keep each declared one beside it."""
    secrets = dict.fromkeys(RESTRICTED, SECRET)
    quote = otlp.span(
        "Database.saveQuote", attributes={**secrets, "sms.step.name": "Database.saveQuote", "quote_id": "q-1"}
    )
    net.collector.send("traces", otlp.traces([quote]))
    net.collector.send("logs", otlp.logs([otlp.log("Parts quote requested", {**secrets, "quote_id": "q-2"})]))
    labels: dict[str, otlp.Plain] = {**dict.fromkeys(RESTRICTED, "secret-7f"), "urgency": "high", "vessel_id": "v-3"}
    net.collector.send("metrics", otlp.metrics([otlp.counter("sms.parts.quotes.requested", labels)]))
    _settle(net)

    (span,) = [span for span in net.sink.spans() if span.trace_id == quote.trace_id]
    assert otlp.attributes(span.attributes) == {"sms.step.name": "Database.saveQuote", "quote_id": "q-1"}
    (log,) = [log for log in net.sink.log_records() if otlp.attributes(log.attributes).get("quote_id") == "q-2"]
    assert otlp.attributes(log.attributes) == {"quote_id": "q-2"}
    assert otlp.plain(log.body) == "Parts quote requested"
    points = [
        otlp.attributes(point.attributes)
        for metric in net.sink.points()
        for point in metric.sum.data_points
        if metric.name == "sms.parts.quotes.requested"
    ]
    (point,) = [point for point in points if point.get("vessel_id") == "v-3"]
    assert {key: point[key] for key in ("urgency", "vessel_id")} == {"urgency": "high", "vessel_id": "v-3"}
    assert not set(point) & set(RESTRICTED)

    page = http_get(net.collector.prometheus)[1]
    everything = net.sink.everything() + page
    assert str(SECRET) not in everything
    assert "secret-7f" not in everything


@pytest.fixture(params=["own", "stock"])
def net(request: pytest.FixtureRequest) -> Route:
    """A Collector with the shipped net, and one with the net without our own parts."""
    running: Route = request.getfixturevalue("with_net" if request.param == "own" else "with_stock_net")
    return running


_PLAIN: dict[str, otlp.Plain] = {"string": "plain", "int": 7, "float": 1.5, "bool": True, "object": "plain"}


def test_every_public_attribute_of_the_catalogue_leaves(net: Route) -> None:
    """Ours and the conventions': on spans and on log records, each with its value."""
    wanted = {name: _PLAIN[field.type] for name, field in SMS_CATALOG.fields.items() if field.access == "public"}
    wanted["exception.stacktrace"] = (
        'Traceback (most recent call last):\n  File "/app/a.py", line 3, in quote\nValueError'
    )
    span = otlp.span("Database.saveQuote", attributes=wanted)
    net.collector.send("traces", otlp.traces([span]))
    net.collector.send("logs", otlp.logs([otlp.log("Parts quote requested", {**wanted, "quote_id": "all"})]))
    _settle(net)
    (arrived,) = [each for each in net.sink.spans() if each.trace_id == span.trace_id]
    assert otlp.attributes(arrived.attributes) == wanted
    (log,) = [each for each in net.sink.log_records() if otlp.attributes(each.attributes).get("quote_id") == "all"]
    assert otlp.attributes(log.attributes) == {**wanted, "quote_id": "all"}


def test_the_stock_net_drops_what_it_cannot_clean(with_net: Route, with_stock_net: Route) -> None:
    """A span with a link goes as a whole where nothing can clear links; its neighbour stays. Ours clears the link."""
    linked, plain = otlp.span("Database.saveQuote"), otlp.span("Database.saveQuote")
    linked.links.append(_link("Canary"))
    for running, expected in ((with_net, {linked.trace_id, plain.trace_id}), (with_stock_net, {plain.trace_id})):
        running.collector.send("traces", otlp.traces([linked, plain]))
        _settle(running)
        arrived = {span.trace_id for span in running.sink.spans()}
        assert arrived & {linked.trace_id, plain.trace_id} == expected


def test_every_journey_and_public_step_leaves_under_its_name(net: Route) -> None:
    """As span name, as attribute, as list element and as log field, no declared name is harmed."""
    spans = {}
    for name in (*JOURNEYS, *PUBLIC_STEPS):
        key = "sms.journey.name" if name in JOURNEYS else "sms.step.name"
        spans[name] = otlp.span(
            name, attributes={key: name, "sms.sla.slowest_step": name, "sms.journey.steps_missing": [name]}
        )
    net.collector.send("traces", otlp.traces(spans.values()))
    _settle(net)

    arrived = {span.trace_id: span for span in net.sink.spans()}
    for name, sent in spans.items():
        span = arrived[sent.trace_id]
        assert span.name == name
        found = otlp.attributes(span.attributes)
        assert set(found.values()) == {name}
        assert len(found) == 3


def test_an_internal_step_leaves_under_its_neutral_name(net: Route) -> None:
    """Neither as the name of a span nor within any value does an internal step's own name come out."""
    assert HIDDEN_STEPS, "the catalogue has no internal step any more: this test proves nothing"
    for name in HIDDEN_STEPS:
        shown = SMS_CATALOG.steps[name].shown_name
        step = otlp.span(name, attributes={"sms.step.name": name, "sms.journey.steps_missing": [name]})
        step.events.append(
            Span.Event(name="sms.sla.breached", attributes=otlp.key_values({"sms.sla.slowest_step": name}))
        )
        net.collector.send("traces", otlp.traces([step]))
        net.collector.send("logs", otlp.logs([otlp.log(f"Slow step {name}", {"step": name})]))
        _settle(net)

        (span,) = [span for span in net.sink.spans() if span.trace_id == step.trace_id]
        assert span.name == shown
        assert set(otlp.attributes(span.attributes).values()) == {shown}
        assert otlp.attributes(span.events[0].attributes) == {"sms.sla.slowest_step": shown}
        assert name not in net.sink.everything()
        assert name not in http_get(net.collector.prometheus)[1]


def test_every_public_metric_leaves_and_no_restricted_one(net: Route) -> None:
    """The names of the catalogue pass or stay as it says."""
    net.collector.send("metrics", otlp.metrics([otlp.gauge(name, 1.0) for name in (*METRICS, *HIDDEN_METRICS)]))
    _settle(net)
    arrived = {metric.name for metric in net.sink.points()}
    assert set(METRICS) <= arrived
    assert not arrived & set(HIDDEN_METRICS)


def test_whoever_marks_his_data_restricted_is_believed(with_net: Route) -> None:
    """A span, a log record or a resource with sms.class=restricted is dropped as a whole; its neighbours are not."""
    marked = otlp.span("Cache.invalidate", attributes={"sms.class": "restricted"})
    plain = otlp.span("Cache.invalidate")
    source = otlp.span("Cache.invalidate")
    with_net.collector.send("traces", otlp.traces([marked, plain]))
    with_net.collector.send("traces", otlp.traces([source], resource={"sms.class": "restricted"}))
    _settle(with_net)
    arrived = {span.trace_id for span in with_net.sink.spans()}
    assert plain.trace_id in arrived
    assert not arrived & {marked.trace_id, source.trace_id}


@pytest.mark.parametrize(
    "name",
    [
        "GET /api/vessels/{vessel_id}/parts",
        "POST /api/parts/quote",
        "GET",
        "INSERT quotes",
        "SELECT sms.parts_quotes",
        "BEGIN",
        "HGETALL",
        "process parts.orders",
    ],
)
def test_names_in_the_shape_of_the_conventions_leave(name: str, with_net: Route) -> None:
    """An HTTP method with a route template, an SQL verb with a table, a Redis command, a message's destination."""
    sent = otlp.span(name)
    with_net.collector.send("traces", otlp.traces([sent]))
    _settle(with_net)
    assert [span.name for span in with_net.sink.spans() if span.trace_id == sent.trace_id] == [name]


@pytest.mark.parametrize(
    "name", ["GET /api/price/18.50", "quote 1234", "POST /internal/markup/calculate", "crew change"]
)
def test_other_names_become_redacted(name: str, with_net: Route) -> None:
    """A number in the place of a name, a telling word, and what nobody declared."""
    sent = otlp.span(name)
    with_net.collector.send("traces", otlp.traces([sent]))
    _settle(with_net)
    assert [span.name for span in with_net.sink.spans() if span.trace_id == sent.trace_id] == ["redacted"]


def test_a_journey_of_another_service_is_vouched_for_by_its_attribute(with_net: Route) -> None:
    """A span whose name is also its sms.journey.name keeps it, if it is an identifier that tells nothing."""
    good = otlp.span("crew_change_flow", attributes={"sms.journey.name": "crew_change_flow"})
    telling = otlp.span("markup_review_flow", attributes={"sms.journey.name": "markup_review_flow"})
    with_net.collector.send("traces", otlp.traces([good, telling]))
    _settle(with_net)
    names = {span.trace_id: span.name for span in with_net.sink.spans()}
    assert names[good.trace_id] == "crew_change_flow"
    assert names[telling.trace_id] == "redacted"


def test_the_numbers_of_a_log_message_are_masked_and_its_words_stay(with_net: Route) -> None:
    """A sentence stays readable; amounts in it do not leave."""
    sent = "Order 4711 confirmed after 2.5 s"
    with_net.collector.send("logs", otlp.logs([otlp.log(sent, {"order_id": "o-masked"})]))
    _settle(with_net)
    (log,) = [
        log for log in with_net.sink.log_records() if otlp.attributes(log.attributes).get("order_id") == "o-masked"
    ]
    assert otlp.plain(log.body) == "Order # confirmed after # s"


def test_the_log_schema_of_the_plan_leaves_as_a_json_body(with_net: Route) -> None:
    """A service that writes JSON lines loses nothing but what is restricted; nested keys become dotted ones."""
    line = {
        "timestamp": "2025-01-05T10:30:45.123Z",
        "level": "INFO",
        "service": "parts-api",
        "user_id": "usr_123",
        "message": "Parts quote requested",
        "context": {"endpoint": "/api/parts/quote", "duration_ms": 245, "supplier_cost": SECRET},
        "metadata": {"environment": "production", "region": "us-east-1"},
        "margin": SECRET,
    }
    with_net.collector.send("logs", otlp.logs([otlp.log(json.dumps(line), {"order_id": "o-json"})]))
    _settle(with_net)
    (log,) = [log for log in with_net.sink.log_records() if otlp.attributes(log.attributes).get("order_id") == "o-json"]
    assert otlp.plain(log.body) == {
        "timestamp": "2025-01-05T10:30:45.123Z",
        "level": "INFO",
        "service": "parts-api",
        "user_id": "usr_123",
        "message": "Parts quote requested",
        "context.endpoint": "/api/parts/quote",
        "context.duration_ms": 245,
        "metadata.environment": "production",
        "metadata.region": "us-east-1",
    }
