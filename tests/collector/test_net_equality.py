"""The net with our own part and the net of stock parts are one: the same comes out of both, whatever goes in.

What is meant to differ: stock parts drop a span that has links, where ours clears the links; they let five keys pass
under which one of them would write what it has done; and they make resources anew, which loses the URLs of schemas and
joins metrics of one name. So schemas, which one part that both nets have holds to their shape, are not compared, and no
request has two metrics of one name.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.message import Message
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.net_requests import FIELDS, PIECES, REQUESTS, STEPS, WHOLE
from collector.test_redaction import CARRIERS, MARKERS, SIGNALS
from servers import otlp
from servers.collector import CONFIG, Collector
from servers.otlp_sink import OtlpSink

pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(600)]

NETS = {
    "policy": ["filter/public", "transform/public", "sms_scrub"],
    "stock": ["filter/public", "groupbyattrs", "transform/public", "redaction/public"],
}
# No queue: what comes out has come out when the answer is there.
_AROUND = """
receivers:
  otlp: {{protocols: {{http: {{endpoint: "127.0.0.1:${{env:SMS_COLLECTOR_HTTP_PORT}}"}}}}}}
exporters:
  otlp_http:
    endpoint: ${{env:SMS_COLLECTOR_BACKEND}}
    timeout: 60s
    sending_queue: {{enabled: false}}
    retry_on_failure: {{enabled: false}}
extensions:
  health_check: {{endpoint: "127.0.0.1:${{env:SMS_COLLECTOR_HEALTH_PORT}}"}}
service:
  extensions: [health_check]
  telemetry: {{logs: {{level: error}}, metrics: {{level: none}}}}
  pipelines:
    traces: &net {{receivers: [otlp], processors: [{net}], exporters: [otlp_http]}}
    metrics: *net
    logs: *net
"""


@dataclass(frozen=True)
class Net:
    """A Collector with one of the nets and nothing else, and what arrives behind it."""

    collector: Collector
    sink: OtlpSink

    def out(self, signal: str, request: Message) -> list[bytes] | str:
        """Give each item that comes out, with its resource and scope, in an order of its own; or how it is refused."""
        arrived: list[Any] = getattr(self.sink, signal)
        arrived.clear()
        try:
            self.collector.send(signal, request)
        except AssertionError as refusal:
            return str(refusal).partition("with ")[2][:3]
        return sorted(_items(arrived))


@pytest.fixture(scope="module")
def nets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Net]]:
    """One Collector with each net."""
    folder = tmp_path_factory.mktemp("nets")
    with ExitStack() as stack:
        running = {}
        for name, processors in NETS.items():
            around = Path(folder, f"{name}.yaml")
            around.write_text(_AROUND.format(net=", ".join(processors)), encoding="utf-8")
            sink = stack.enter_context(OtlpSink())
            collector = Collector([around, CONFIG / name / "redaction.yaml"], backend=sink.url)
            running[name] = Net(stack.enter_context(collector), sink)
        yield running


def _items(requests: list[Any]) -> Iterator[bytes]:
    for request in requests:
        for _, groups in request.ListFields():
            for group in groups:
                for scope in getattr(group, _scopes(group)):
                    (items,) = (value for field, value in scope.ListFields() if field.name in _ITEMS)
                    for item in items:
                        parts = (_sorted(part) for part in (group.resource, scope.scope, item))
                        yield b"\0".join(part.SerializeToString(deterministic=True) for part in parts)


_ITEMS = {"spans", "metrics", "log_records"}


def _scopes(group: Message) -> str:
    return next(field.name for field in group.DESCRIPTOR.fields if field.name.startswith("scope_"))


def _sorted(message: Any) -> Any:
    """Sort attributes by their keys, at any depth: their order means nothing."""
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        parts = list(value) if field.is_repeated else [value]
        for part in parts:
            _sorted(part)
        if field.message_type.name == "KeyValue":
            del value[:]
            value.extend(sorted(parts, key=lambda pair: (pair.key, pair.value.SerializeToString(deterministic=True))))
    return message


def _same(nets: dict[str, Net], signal: str, request: Message) -> list[bytes] | str:
    """Send twice, so that the second time our own part answers from memory."""
    expected = nets["stock"].out(signal, request)
    for _ in range(2):
        assert nets["policy"].out(signal, request) == expected
    return expected


@pytest.mark.parametrize("signal", REQUESTS)
@settings(max_examples=70, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_the_same_comes_out_of_both_nets(signal: str, nets: dict[str, Net], data: st.DataObject) -> None:
    """Names, keys and values of all kinds, nested and double, on every carrier of the signal."""
    _same(nets, signal, data.draw(REQUESTS[signal]))


@pytest.mark.soak
@pytest.mark.parametrize("signal", REQUESTS)
@settings(max_examples=3_000, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_the_same_comes_out_of_both_nets_in_the_long_run(
    signal: str, nets: dict[str, Net], data: st.DataObject
) -> None:
    """The same with many more."""
    _same(nets, signal, data.draw(REQUESTS[signal]))


def test_each_word_in_each_place_of_a_span_has_one_verdict(nets: dict[str, Net]) -> None:
    """As name, vouched for or not, as value under every declared key, and as key; and some of each kind come out."""
    words = (*WHOLE, *PIECES, *STEPS, *(f"{one}{two}" for one in PIECES for two in ("_up", " cost", "s", "/quote")))
    spans = [
        otlp.span(word, attributes={key: word, word: word, "endpoint": [word, word]})
        for word in words
        for key in ("sms.journey.name", "sms.step.name")
    ]
    spans += [otlp.span(word) for word in words]
    spans += [
        otlp.span("BEGIN", attributes={key: word}) for key in FIELDS for word in (*WHOLE[:8], *STEPS[:3], "costs")
    ]
    came = _same(nets, "traces", otlp.traces(spans))
    assert len(came) == len(spans)
    text = b"".join(came if isinstance(came, list) else ())
    for expected in (b"redacted", b"****", b"crew_change_flow", b"QuoteService.prepareQuote", b"HGETALL", b"u-17"):
        assert expected in text
    assert b"MarkupService" not in text


@pytest.mark.parametrize("name", CARRIERS)
def test_every_carrier_of_a_canary_is_treated_alike(name: str, nets: dict[str, Net]) -> None:
    """The requests that prove the net, but for links: with one the stock net drops the span."""
    request = CARRIERS[name](MARKERS[name])
    came = nets["stock"].out(SIGNALS[type(request)], request)
    if "link" in name:
        assert came == []
        return
    assert _same(nets, SIGNALS[type(request)], request) == came


def test_the_keys_that_stock_parts_have_for_themselves_do_not_pass_ours(nets: dict[str, Net]) -> None:
    """What the catalogue does not declare does not leave, whoever else may know it."""
    keys = [
        f"redaction.{what}"
        for what in ("redacted.keys", "redacted.count", "masked.keys", "masked.count", "ignored.count")
    ]
    request = otlp.traces([otlp.span("BEGIN", attributes={**dict.fromkeys(keys, "Canary"), "step": "BEGIN"})])
    (ours,), (stock,) = nets["policy"].out("traces", request), nets["stock"].out("traces", request)
    assert b"Canary" in stock
    assert b"Canary" not in ours
    assert b"step" in ours
