"""The ship's Collector against a gateway that refuses, is away, or is slow to come back: nothing is lost or blocked."""

from __future__ import annotations

import base64
import itertools
import json
import os
import random
import shutil
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import grpc
import pytest
from google.protobuf.message import Message
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord, SeverityNumber

from servers import otlp
from servers.collector import Collector
from servers.gateway_double import GatewayDouble
from servers.process import free_ports
from servers.ship import vessel, write_certificates
from servers.waiting import wait_until

pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(150)]

WITHIN = 60.0


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[GatewayDouble]:
    """A gateway's double that does not listen yet, and certificates beside it."""
    write_certificates(tmp_path)
    with GatewayDouble(free_ports(1)[0], tmp_path) as double:
        yield double


def records(numbers: Iterable[int], *, error: bool = False) -> list[LogRecord]:
    made = [otlp.log("Sync started", {"sync_id": f"s-{number}"}) for number in numbers]
    if error:
        for record in made:
            record.severity_number, record.severity_text = SeverityNumber.SEVERITY_NUMBER_ERROR, "ERROR"
    return made


def numbers(found: Iterable[LogRecord]) -> list[int]:
    return [int(str(otlp.attributes(record.attributes)["sync_id"]).removeprefix("s-")) for record in found]


def send_some(ship: Collector, ids: Iterator[int], count: int) -> tuple[set[bytes], set[int]]:
    """Send spans and records in one request each, and give what identifies them."""
    spans = [otlp.span("technician_sync_flow") for _ in range(count)]
    lines = list(itertools.islice(ids, count))
    ship.send("traces", otlp.traces(spans))
    ship.send("logs", otlp.logs(records(lines)))
    return {span.trace_id for span in spans}, set(lines)


def told(gateway: GatewayDouble, name: str, **labels: str) -> float:
    """Give the latest that the ship told ashore of itself, or nought."""
    latest = 0.0
    for metric in gateway.metrics():
        if metric.name == f"sms.vessel.collector.{name}":
            for point in (*metric.gauge.data_points, *metric.sum.data_points):
                if otlp.attributes(point.attributes).items() >= labels.items():
                    latest = point.as_double
    return latest


CODES = [
    grpc.StatusCode.UNAUTHENTICATED,  # what gRPC makes of 401
    grpc.StatusCode.PERMISSION_DENIED,  # 403
    grpc.StatusCode.UNIMPLEMENTED,  # 404
    grpc.StatusCode.RESOURCE_EXHAUSTED,  # 429
    grpc.StatusCode.INTERNAL,  # 500
    grpc.StatusCode.UNKNOWN,  # any other page
    grpc.StatusCode.UNAVAILABLE,  # 503
    grpc.StatusCode.INVALID_ARGUMENT,
]


def test_whatever_the_gateway_answers_each_item_arrives_once(tmp_path: Path, gateway: GatewayDouble) -> None:
    """Eight refusals in turn, each seen at least six times while more is sent: all arrives when they end."""
    gateway.start()
    ids = itertools.count()
    spans: set[bytes] = set()
    lines: set[int] = set()
    with vessel(tmp_path, gateway.port) as ship:
        for code in CODES:
            gateway.answer = lambda _, code=code: code
            before = gateway.refusals
            sent = send_some(ship, ids, 20)
            spans |= sent[0]
            lines |= sent[1]
            wait_until(lambda before=before: gateway.refusals >= before + 6, f"{code} six times", WITHIN)
        gateway.answer = lambda _: None

        def all_there() -> bool:
            there = {span.trace_id for span in gateway.spans()} >= spans and set(numbers(gateway.records())) >= lines
            if not there:  # a batch that stood aside is offered when another one has passed
                sent = send_some(ship, ids, 1)
                later[0].update(sent[0])
                later[1].update(sent[1])
            return there

        later: tuple[set[bytes], set[int]] = (set(), set())
        wait_until(all_there, "all items", WITHIN)
        spans |= later[0]
        lines |= later[1]
        wait_until(lambda: len(list(gateway.spans())) + len(list(gateway.records())) >= len(spans) + len(lines), "more")
        assert "Unauthenticated" in ship.output()
        # What stood aside is let go of when the answer is back, which is after it arrived.
        wait_until(lambda: ship.counter("otelcol_sms_retry_batches_aside") == 0, "nothing aside")
        assert ship.counter("otelcol_exporter_send_failed_spans") == 0
    assert Counter(span.trace_id for span in gateway.spans()) == Counter(spans)
    assert Counter(numbers(gateway.records())) == Counter(lines)


def test_bad_batches_do_not_block_good_ones_and_are_put_away(tmp_path: Path, gateway: GatewayDouble) -> None:
    """More bad batches than there are senders, refused for good or for now: good ones pass, bad ones are counted."""
    bad: set[bytes] = set()

    def answer(request: Message) -> grpc.StatusCode | None:
        if isinstance(request, ExportTraceServiceRequest):
            found = {s.trace_id for r in request.resource_spans for c in r.scope_spans for s in c.spans} & bad
            if found:
                return [grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.UNAVAILABLE][min(found)[-1] % 2]
        return None

    gateway.answer = answer
    gateway.start()
    with vessel(tmp_path, gateway.port, TEST_BUSY="1s", SMS_COLLECTOR_OWN_INTERVAL="1s") as ship:
        for last in range(4):
            poison = otlp.span("technician_sync_flow", trace_id=os.urandom(15) + bytes([last]))
            bad.add(poison.trace_id)
            ship.send("traces", otlp.traces([poison]))
            wait_until(
                lambda last=last: ship.counter("otelcol_sms_retry_batches_aside", extension="sms_retry") == last + 1,
                "the bad batch to step aside",
                WITHIN,
            )
        good: set[bytes] = set()

        def put_away() -> bool:
            spans = [otlp.span("technician_sync_flow") for _ in range(5)]
            good.update(span.trace_id for span in spans)
            ship.send("traces", otlp.traces(spans))
            return ship.counter("otelcol_sms_retry_refused_batches") == 4

        wait_until(put_away, "four batches put away", WITHIN)
        wait_until(lambda: {span.trace_id for span in gateway.spans()} == good, "the good ones", WITHIN)
        assert ship.counter("otelcol_sms_retry_refused_files") == 4
        assert ship.counter("otelcol_sms_retry_batches_aside") == 0
        wait_until(lambda: told(gateway, "batches.refused", queue="gateway", vessel_id="v-42") == 4, "the news", WITHIN)
    kept = [json.loads(each.read_text()) for each in sorted((tmp_path / "queue" / "refused" / "refused").iterdir())]
    assert {each["answer"] for each in kept} == {"InvalidArgument", "Unavailable"}
    assert all(each["route"].endswith("TraceService/Export") and each["refused"] >= 3 for each in kept)
    assert not list((tmp_path / "queue" / "refused" / "aside").iterdir())


def test_of_a_batch_that_is_refused_only_what_is_bad_stays_behind(tmp_path: Path, gateway: GatewayDouble) -> None:
    """One bad record among 300 good ones of the same batch: it alone is put away, and each good one arrives once."""
    bad = 7

    def answer(request: Message) -> grpc.StatusCode | None:
        if isinstance(request, ExportLogsServiceRequest):
            found = (r for each in request.resource_logs for scope in each.scope_logs for r in scope.log_records)
            if bad in numbers(found):
                return grpc.StatusCode.INTERNAL
        return None

    gateway.answer = answer
    gateway.start()
    ids = itertools.count(1000)
    with vessel(tmp_path, gateway.port) as ship:
        ship.send("logs", otlp.logs(records(range(301))))

        def put_away() -> bool:
            ship.send("logs", otlp.logs(records([next(ids)])))
            return ship.counter("otelcol_sms_retry_refused_batches") == 1

        wait_until(put_away, "the bad record put away", WITHIN)
        good = {*range(301), *range(1000, next(ids))} - {bad}
        wait_until(lambda: set(numbers(gateway.records())) >= good, "the good ones", WITHIN)
        wait_until(lambda: ship.counter("otelcol_sms_retry_batches_aside") == 0, "nothing aside", WITHIN)
    assert Counter(numbers(gateway.records())) == Counter(good)
    (file,) = (tmp_path / "queue" / "refused" / "refused").iterdir()
    kept = ExportLogsServiceRequest.FromString(base64.b64decode(json.loads(file.read_text())["body"]))
    assert numbers(kept.resource_logs[0].scope_logs[0].log_records) == [bad]


def test_after_an_outage_errors_go_first_the_oldest_before_the_newest_and_no_faster_than_agreed(
    tmp_path: Path, gateway: GatewayDouble
) -> None:
    """A backlog of some seconds at the agreed rate: it takes them, in order, and errors do not wait for its end."""
    rate = 40_000
    with vessel(tmp_path, gateway.port, SMS_COLLECTOR_BYTES_PER_SECOND=str(rate)) as ship:
        for start in range(0, 3000, 100):
            ship.send("logs", otlp.logs(records(range(start, start + 100))))
        ship.send("logs", otlp.logs([*records(range(9000, 9020), error=True), *records(range(3000, 3100))]))
        breach = otlp.counter("sms.journey.sla.breaches", {"sms.journey.name": "technician_sync_flow"})
        ship.send("metrics", otlp.metrics([breach]))
        gateway.start()
        wait_until(lambda: len(set(numbers(gateway.records()))) == 3120, "the whole backlog", WITHIN)
        wait_until(lambda: "sms.journey.sla.breaches" in {m.name for m in gateway.metrics()}, "the breach", WITHIN)

    order = numbers(gateway.records())
    assert [number for number in order if number < 9000] == list(range(3100))
    assert order.index(9019) < order.index(2500), "errors waited for the bulk"
    bulk = [
        each
        for each in gateway.taken
        if isinstance(each.request, ExportLogsServiceRequest)
        and each.request.resource_logs[0].scope_logs[0].log_records[0].severity_number == 9
    ]
    largest = max(each.size for each in bulk)
    assert len(bulk) > 5
    for first, last in itertools.combinations(range(len(bulk)), 2):
        sent = sum(each.size for each in bulk[first : last + 1])
        # Its share, and one batch at either end; a loaded server may see the first of them late.
        stretch = bulk[last].at - bulk[first].at
        assert sent <= rate * (stretch + 3.0) + 2 * largest, "more than agreed"


def test_a_full_budget_refuses_what_is_new_and_keeps_what_was_taken(tmp_path: Path, gateway: GatewayDouble) -> None:
    """The sender learns it with an answer that it may repeat; everything acknowledged arrives, once, nothing else."""
    taken: set[int] = set()
    small = {"SMS_COLLECTOR_QUEUE_BYTES": "200000", "SMS_COLLECTOR_OWN_INTERVAL": "1s"}
    with vessel(tmp_path, gateway.port, **small) as ship:
        refusal = ""
        for start in range(0, 100_000, 100):
            try:
                ship.send("logs", otlp.logs(records(range(start, start + 100))))
            except AssertionError as error:
                refusal = str(error)
                break
            taken.update(range(start, start + 100))
        assert "503" in refusal
        assert "sending queue is full" in refusal
        assert ship.counter("otelcol_exporter_enqueue_failed_log_records") == 100
        assert len(taken) > 500
        own = "otelcol_exporter_queue_size"
        wait_until(
            lambda: ship.counter(own, data_type="metrics", exporter="otlp_grpc/first") > 0, "its own word", WITHIN
        )
        ship.send("logs", otlp.logs(records(range(200_000, 200_010), error=True)))  # errors have a budget of their own
        taken.update(range(200_000, 200_010))
        gateway.start()
        wait_until(lambda: set(numbers(gateway.records())) >= taken, "all that was acknowledged", WITHIN)
        # A full queue is told of, because that goes by another one.
        full = {"reason": "queue_full", "signal": "logs"}
        wait_until(lambda: told(gateway, "items.failed", **full) == 100, "the refusal told of", WITHIN)
        ship.send("logs", otlp.logs(records([999_999])))
        wait_until(lambda: 999_999 in numbers(gateway.records()), "room again", WITHIN)
    assert Counter(numbers(gateway.records())) == Counter([*taken, 999_999])


def test_a_folder_deleted_under_a_running_ship_is_reported_and_its_backlog_still_sent(
    tmp_path: Path, gateway: GatewayDouble
) -> None:
    """The queue holds its files open: what they hold is delivered while the process lives, and the log says so."""
    with vessel(tmp_path, gateway.port, SMS_COLLECTOR_OWN_INTERVAL="1s") as ship:
        ship.send("logs", otlp.logs(records(range(500))))
        shutil.rmtree(tmp_path / "queue")
        wait_until(lambda: "does not survive this process" in ship.output(), "the message", WITHIN)
        assert ship.counter("otelcol_sms_retry_folder_gone", extension="sms_retry") == 1
        gateway.start()
        wait_until(lambda: sorted(numbers(gateway.records())) == list(range(500)), "the backlog", WITHIN)
        wait_until(lambda: told(gateway, "folder.gone", queue="gateway") == 1, "the news", WITHIN)


_soak = [pytest.mark.soak, pytest.mark.timeout(3000)]


# At the agreed rate a week's backlog is gone in half an hour: of a hundred kills in that week, two are many to meet it.
@pytest.mark.parametrize(
    ("kills", "meet_the_drain", "life"),
    [(5, 1, 1.0), pytest.param(100, 2, 5.0, marks=_soak), pytest.param(100, 100, 1.0, marks=_soak)],
)
def test_killed_at_random_moments_it_loses_nothing_that_it_took(
    kills: int, meet_the_drain: int, life: float, tmp_path: Path, gateway: GatewayDouble
) -> None:
    """Killed outright while items come in and, for some kills, leave: each acknowledged item arrives."""
    chance = random.Random(kills)
    ids = itertools.count()
    spans: set[bytes] = set()
    lines: set[int] = set()
    rate = {"SMS_COLLECTOR_BYTES_PER_SECOND": "400000"}
    for number in range(kills):
        if number == kills - meet_the_drain:
            gateway.start()
        with vessel(tmp_path, gateway.port, **rate) as ship:
            killer = threading.Timer(chance.uniform(0.02, life), ship.kill)
            killer.start()
            while killer.is_alive():
                made = [otlp.span("technician_sync_flow") for _ in range(50)]
                some = list(itertools.islice(ids, 50))
                try:  # what is not acknowledged may arrive or not; its sender would repeat it
                    ship.send("traces", otlp.traces(made))
                    spans.update(span.trace_id for span in made)
                    ship.send("logs", otlp.logs(records(some)))
                    lines.update(some)
                except OSError:
                    break
            killer.join()
    with vessel(tmp_path, gateway.port):
        wait_until(lambda: {span.trace_id for span in gateway.spans()} >= spans, "every span", WITHIN * 10)
        wait_until(lambda: set(numbers(gateway.records())) >= lines, "every record", WITHIN * 10)
    arrived = Counter(span.trace_id for span in gateway.spans()) + Counter(map(str, numbers(gateway.records())))
    twice = arrived.total() - len(arrived)
    acknowledged = len(spans) + len(lines)
    print(f"{kills} kills, {meet_the_drain} in the drain: {acknowledged} acknowledged, 0 lost, {twice} twice")
    # What has just left can arrive twice: at most a batch of each signal for a kill that meets the drain.
    assert twice <= (acknowledged // 1000 if kills == 100 and meet_the_drain == 2 else meet_the_drain * 2000)
