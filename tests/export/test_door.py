"""The door: what is emitted arrives once, the account is exact, and nobody is hurt."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import trustme

from cli.sockets import hangs, server
from export.doors import RESOURCE, assert_adds_up, delivered, door, dropped, log, metric, opened, span
from faults.connections import context
from faults.receivers import OK, First, emit, emit_all, failing_first, read
from servers.process import free_port
from servers.waiting import wait_until
from sms_observability.context import is_quiet
from sms_observability.export import open_restricted_door
from sms_observability.export.records import SIGNALS
from sms_observability.privacy import OpenPolicy
from sms_observability.receiver import Answer, Batch, Receiver
from sms_observability.settings import resolve

LOGGER = "sms_observability.export"


def test_everything_arrives_once() -> None:
    """All signals, all items, in the order in which they were emitted."""
    with Receiver() as receiver, door(receiver.endpoint) as made:
        emit_all(made, 2000)
        assert made.flush(30.0)
        assert [each["name"] for each in receiver.spans] == [f"span {number}" for number in range(2000)]
        assert [each["body"] for each in receiver.logs] == [f"log {number}" for number in range(2000)]
        assert len(receiver.metrics) == 2
        assert receiver.spans[0]["resource"]["service.name"] == "parts-api"
        assert delivered(made) == {"traces": 2000, "logs": 2000, "metrics": 2}


def test_it_sends_by_time() -> None:
    """Without a flush, within the schedule's delay; metrics too."""
    environ = {
        "OTEL_BSP_SCHEDULE_DELAY": "20",
        "OTEL_BLRP_SCHEDULE_DELAY": "20",
        "OTEL_METRIC_EXPORT_INTERVAL": "20",
    }
    with Receiver() as receiver, door(receiver.endpoint, environ) as made:
        emit_all(made)
        assert receiver.wait_for(lambda r: r.spans and r.logs and r.metrics)


def test_it_sends_by_count() -> None:
    """A full batch does not wait for its time."""
    with Receiver() as receiver, door(receiver.endpoint, {"OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "10"}) as made:
        emit(made, 10)
        assert receiver.wait_for(lambda r: len(r.spans) == 10)
        emit(made, 25)
        assert made.flush(30.0)
        assert receiver.totals()["traces"]["requests"] <= 5


def test_it_sends_by_bytes() -> None:
    """A request is no larger than a gRPC receiver takes by default."""
    sizes: list[int] = []

    def note(batch: Batch) -> Answer | None:
        sizes.append(len(batch.body))
        return None

    with Receiver(on_receive=note) as receiver, door(receiver.endpoint) as made:
        for number in range(500):
            made.emit_span(span(number, **{f"a{place}": "x" * 4000 for place in range(8)}))
        assert made.flush(30.0)
        assert sum(sizes) > 16_000_000
        assert max(sizes) < 4 * 1024 * 1024


def test_many_threads_emit() -> None:
    """The account is exact under contention, and each item arrives once."""
    with Receiver(keep=50_000) as receiver, door(receiver.endpoint) as made:

        def work(place: int) -> None:
            for number in range(2000):
                made.emit_span(span(place * 2000 + number))

        threads = [threading.Thread(target=work, args=(place,)) for place in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert made.flush(30.0)
        assert delivered(made)["traces"] == 16_000
        assert len({each["name"] for each in receiver.spans}) == 16_000


def test_the_account_adds_up_while_all_goes_wrong() -> None:
    """At any moment, with every kind of answer."""
    answers = [Answer(), Answer(status=503), Answer(rejected=2), Answer(status=400), Answer(status=429)]
    count = iter(range(10**9))

    def answer(_: Batch) -> Answer:
        return answers[next(count) % len(answers)]

    environ = {"OTEL_BSP_SCHEDULE_DELAY": "5", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "7"}
    with Receiver(on_receive=answer) as receiver, door(receiver.endpoint, environ, buffer_bytes=65_536) as made:
        for _ in range(40):
            emit(made, 50)
            assert_adds_up(made)
        made.flush(2.0)
        account = made.accounting()["traces"]
        assert account["emitted"] == 2000
        assert account["dropped"]["rejected"] > 0


def test_a_dead_collector_costs_a_request_nothing() -> None:
    """Emitting takes no longer where nothing listens, or nothing answers, than with a receiver."""

    def cost(endpoint: str) -> float:
        with door(endpoint, {"OTEL_BSP_SCHEDULE_DELAY": "20"}) as made:
            best = 1.0
            for _ in range(5):
                began = time.perf_counter()
                emit(made, 200)
                best = min(best, time.perf_counter() - began)
            return best

    with Receiver() as receiver:
        alive = cost(receiver.endpoint)
    dead = cost(f"http://127.0.0.1:{free_port()}")
    with server(hangs) as port:
        hung = cost(f"http://127.0.0.1:{port}")
    # No wait of any kind: 200 spans are milliseconds; the bound is for a machine that is busy.
    assert max(dead, hung) < alive + 0.05


def test_flush_tells_the_truth_since_the_last_one() -> None:
    """A loss is told once; then all is well again."""
    with Receiver() as receiver, door(receiver.endpoint) as made:
        assert made.flush(1.0)
        made.count_dropped("traces", "emit_failed")
        assert made.flush(1.0) is False
        assert made.flush(1.0)
        made.count_dropped("metrics", "restricted")
        assert made.flush(1.0)
        assert dropped(made, "metrics") == {"restricted": 1}


def test_flush_cuts_a_wait_short() -> None:
    """A back-off of minutes does not hold a flush up."""
    first = [Answer(status=503, retry_after=200)]

    def answer(_: Batch) -> Answer | None:
        return first.pop() if first else None

    with (
        Receiver(on_receive=answer) as receiver,
        door(receiver.endpoint, {"OTEL_BSP_SCHEDULE_DELAY": "20"}) as made,
    ):
        emit(made)
        wait_until(lambda: made.failures()["traces"])
        assert made.flush(30.0)


@pytest.mark.parametrize("before", [True, False], ids=["asked before the flush", "asked during the flush"])
def test_a_flush_keeps_the_wait_that_the_receiver_asked_for(before: bool) -> None:  # noqa: FBT001
    """If there is time for it: who says 2 seconds is not asked again in 50 milliseconds."""
    times: list[float] = []

    def answer(_: Batch) -> Answer | None:
        times.append(time.monotonic())
        return Answer(status=429, retry_after=2) if len(times) == 1 else None

    delay = "20" if before else "600000"
    with Receiver(on_receive=answer) as receiver, door(receiver.endpoint, {"OTEL_BSP_SCHEDULE_DELAY": delay}) as made:
        emit(made)
        if before:
            wait_until(lambda: made.failures()["traces"])
        assert made.flush(60.0)
        assert times[1] - times[0] >= 1.9


def test_after_shutdown_everything_is_dropped_and_counted() -> None:
    """It can be shut down twice, and no thread is left."""
    with Receiver() as receiver:
        made, _ = opened(receiver.endpoint)
        emit(made, 3)
        assert made.shutdown(5.0)
        assert made.shutdown(5.0)
        emit(made, 2)
        assert made.accounting()["traces"] == {
            "emitted": 5,
            "delivered": 3,
            "spooled": 0,
            "queued": 0,
            "dropped": {"shutdown": 2},
        }
        wait_until(lambda: not any(worker.thread.is_alive() for worker in made._workers if worker.thread))


def test_what_could_not_be_sent_is_dropped_at_the_end() -> None:
    """`shutdown` leaves nothing undecided."""
    made, _ = opened(f"http://127.0.0.1:{free_port()}")
    emit(made, 3)
    assert made.shutdown(0.5) is False
    wait_until(lambda: made.accounting()["traces"]["queued"] == 0)
    assert dropped(made) == {"shutdown": 3}


def test_headers_compression_and_path() -> None:
    """The request is what an OTLP receiver expects, with our headers."""
    with failing_first(hangs, 0) as (first, endpoint):
        with door(f"{endpoint}/base", headers={"x-tenant": "acme"}) as made:
            emit(made)
            assert made.flush(30.0)
        head = first.heads[0].lower()
    assert head.startswith(b"post /base/v1/traces http/1.1")
    for line in (b"content-type: application/x-protobuf", b"content-encoding: gzip", b"x-tenant: acme"):
        assert line in head


def test_a_token_file_is_read_again(tmp_path: Path) -> None:
    """A rotated token is used without a restart; a missing one loses nothing."""
    token, seen = tmp_path / "token", list[str]()

    def check(batch: Batch) -> Answer | None:
        seen.append(batch.headers.get("authorization", ""))
        return None if seen[-1] == "Bearer second" else Answer(status=401)

    with Receiver(on_receive=check) as receiver:
        settings, _ = resolve(
            "parts-api",
            {"restricted_endpoint": receiver.endpoint, "restricted_token_file": str(token)},
            {},
        )
        made, problems = open_restricted_door(settings, {}, OpenPolicy(), RESOURCE)
        assert made is not None
        assert problems == []
        emit(made)
        assert made.flush(0.5) is False
        assert seen == []
        token.write_text("first\n", encoding="ascii")
        assert made.flush(0.5) is False
        token.write_text("second\n", encoding="ascii")
        assert made.flush(30.0)
        assert set(seen) == {"Bearer first", "Bearer second"}
        made.shutdown(0)


def test_the_restricted_door_has_its_own_place(tmp_path: Path) -> None:
    """It is refused where it is the public one, or not safe enough; the reason names the variable."""
    token = tmp_path / "token"
    token.write_text("1", encoding="ascii")

    def refused(**keywords: Any) -> str:
        settings, _ = resolve("parts-api", {"traces": "otlp", **keywords}, {})
        made, problems = open_restricted_door(settings, {}, OpenPolicy(), RESOURCE)
        assert made is None
        return " ".join(map(str, problems))

    assert refused() == ""
    assert "public" in refused(endpoint="https://c:4318", restricted_endpoint="https://c:4318/x")
    assert "public" in refused(restricted_endpoint="http://127.0.0.1:4318")
    assert "https" in refused(restricted_endpoint="http://c:4319", restricted_token_file=str(token))
    assert "TOKEN_FILE" in refused(restricted_endpoint="https://c:4319")
    assert "CERTIFICATE" in refused(restricted_endpoint="http://127.0.0.1:4319", restricted_certificate="/none")


def test_tls_with_our_own_authority(tmp_path: Path) -> None:
    """The configured certificate is what the receiver's is checked against."""
    ca = trustme.CA()
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with (
        server(First(hangs, 0), context(ca.issue_cert("127.0.0.1"))) as port,
        door(f"https://127.0.0.1:{port}", {"OTEL_EXPORTER_OTLP_CERTIFICATE": str(tmp_path / "ca.pem")}) as made,
    ):
        emit(made)
        assert made.flush(30.0)


@pytest.mark.parametrize("signal", SIGNALS)
def test_each_signal_can_have_its_own_endpoint(signal: str) -> None:
    """The variables of one signal send it elsewhere."""
    with Receiver() as general, Receiver() as own:
        environ = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": general.endpoint,
            f"OTEL_EXPORTER_OTLP_{signal.upper()}_ENDPOINT": f"{own.endpoint}/v1/{signal}",
        }
        with door(None, environ) as made:
            emit_all(made, 1)
            assert made.flush(30.0)
        assert {name for name, total in own.totals().items() if total["items"]} == {signal}
        assert {name for name, total in general.totals().items() if total["items"]} == set(SIGNALS) - {signal}


def test_the_console_shows_what_would_leave(capfd: pytest.CaptureFixture[str]) -> None:
    """One line of JSON an item, read back from the bytes that would be sent."""
    with door(None, **dict.fromkeys(SIGNALS, "console")) as made:
        made.emit_span(span(1, company_id="acme", nested={"a": [1, 2.5, None, True]}))
        made.emit_log(log(2))
        made.add_metric_source(lambda: [metric()])
        assert made.flush(30.0)
        assert delivered(made) == {"traces": 1, "logs": 1, "metrics": 2}
    captured = capfd.readouterr()
    lines = [json.loads(line) for line in (captured.out + captured.err).splitlines()]
    shown = {signal: body for line in lines for signal, body in line.items()}
    assert shown["traces"]["name"] == "span 1"
    assert shown["traces"]["trace_id"] == f"{2:032x}"
    assert shown["traces"]["attributes"] == {"company_id": "acme", "nested": {"a": [1, 2.5, None, True]}}
    assert shown["logs"]["body"] == "log 2"
    assert shown["metrics"]["name"] == "parts.quotes"


def test_none_is_nothing() -> None:
    """A signal that is not wanted costs no thread and is not counted."""
    before = threading.active_count()
    with door(None, **dict.fromkeys(SIGNALS, "none")) as made:
        emit_all(made)
        assert threading.active_count() == before
        assert made.flush(1.0)
        assert made.accounting()["traces"]["emitted"] == 0


def test_its_own_work_is_quiet() -> None:
    """Metric sources, and whatever the transport does, run where nothing is recorded."""
    quiet: list[bool] = []

    def collect() -> list[Any]:
        quiet.append(is_quiet())
        return []

    with Receiver() as receiver, door(receiver.endpoint) as made:
        made.add_metric_source(collect)
        assert made.flush(30.0)
        assert quiet
        assert all(quiet)


def test_lines_about_trouble_are_few(caplog: pytest.LogCaptureFixture) -> None:
    """One line for a cause, one when it is over, and no value in either."""
    port = free_port()
    environ = {f"OTEL_{name}_SCHEDULE_DELAY": "20" for name in ("BSP", "BLRP")}
    with caplog.at_level(logging.DEBUG, LOGGER), door(f"http://127.0.0.1:{port}", environ) as made:
        emit_all(made)
        wait_until(lambda: len(made.failures()["traces"]) and len(made.failures()["logs"]))
        for _ in range(5):
            made.flush(0.1)
        lines = [record.getMessage() for record in caplog.records if record.name == LOGGER]
        assert len(lines) == 1
        assert "delivery failing since" in lines[0]
        assert "connection_refused" in lines[0]
        with Receiver(port=port):
            assert made.flush(30.0)
            wait_until(lambda: made.status() == "pass")
        lines = [record.getMessage() for record in caplog.records if record.name == LOGGER]
        assert len(lines) == 2
        assert "recovered after" in lines[1]
        assert "0 items lost" in lines[1]
        assert "span" not in "".join(lines).replace("spans", "")


def test_a_log_handler_that_raises_hurts_nobody() -> None:
    """Handlers are the application's, and so are their mistakes."""

    class Bad(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            raise SystemExit

    handler = Bad()
    logging.getLogger(LOGGER).addHandler(handler)
    try:
        with failing_first(lambda _: None, 2) as (first, endpoint), door(endpoint) as made:
            emit(made)
            assert made.flush(30.0)
            assert first.names
    finally:
        logging.getLogger(LOGGER).removeHandler(handler)


def test_after_a_fork_nothing_is_inherited() -> None:
    """Queues are empty, counts are zero, and locks that another thread held are new."""
    with Receiver() as receiver, door(receiver.endpoint) as made:
        emit(made, 5)
        old = made._buffer
        with old._lock:
            made.after_fork({**RESOURCE, "service.instance.id": "child"})
            held = threading.Thread(target=emit, args=(made, 3))
            held.start()
            held.join(5)
            assert not held.is_alive()
        assert made.flush(30.0)
        assert made.accounting()["traces"]["emitted"] == 3
        assert {each["resource"]["service.instance.id"] for each in receiver.spans} == {"child"}


def test_a_signal_handler_may_emit_while_its_thread_emits() -> None:
    """The lock can be entered again by its holder."""
    import signal

    with Receiver(keep=50_000) as receiver, door(receiver.endpoint) as made:
        previous = signal.signal(signal.SIGALRM, lambda *_: made.emit_log(log(1)))
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
            emit(made, 5000)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, previous)
        assert made.flush(30.0)
        assert receiver.totals()["traces"]["items"] == 5000
        assert receiver.totals()["logs"]["items"] == delivered(made)["logs"] > 0


def test_a_queued_span_is_small() -> None:
    """A span with six attributes takes at most 1.2 KB while it waits."""
    import tracemalloc

    with door(f"http://127.0.0.1:{free_port()}") as made:
        emit(made, 100)
        tracemalloc.start()
        try:
            before = tracemalloc.get_traced_memory()[0]
            for number in range(400):
                made.emit_span(span(number, a=f"company-{number}", b=number, c="x" * 20, d=True, e=2.5, f="GET"))
            each = (tracemalloc.get_traced_memory()[0] - before) / 400
        finally:
            tracemalloc.stop()
    assert each < 1200


def test_hostile_times_and_timeouts() -> None:
    """A deadline of nothing, of the past or of eternity is one."""
    with Receiver() as receiver, door(receiver.endpoint) as made:
        emit(made, 1)
        made.flush(-1.0)
        made.flush(0.0)
        assert made.flush(1e300)


def test_the_answer_of_a_pid_is_its_own() -> None:
    """Process and parent share no connection: a child made by `os.fork` opens its own (see `tests/faults`)."""
    ports: set[int] = set()

    def serve(connection: Any) -> None:
        while True:
            head, _ = read(connection)
            if not head:
                return
            ports.add(connection.getpeername()[1])
            connection.sendall(OK.replace(b"Connection: close\r\n", b""))

    with server(serve) as port, door(f"http://127.0.0.1:{port}") as made:
        emit(made, 1)
        assert made.flush(30.0)
        emit(made, 1)
        assert made.flush(30.0)
        assert len(ports) == 1
        made.after_fork(RESOURCE)
        emit(made, 1)
        assert made.flush(30.0)
        assert len(ports) == 2


def test_a_measure_that_raises_sends_nothing_twice() -> None:
    """Who counts the exports cannot make them happen again."""

    def bad(*_: object) -> None:
        raise ValueError

    with Receiver() as receiver, door(receiver.endpoint) as made:
        made.on_export = bad
        emit(made)
        assert made.flush(30.0)
        assert len(receiver.spans) == delivered(made)["traces"] == 20


_IMPORTS = """
import sys
from export.doors import UNHURRIED, log, metric, opened, span
from sms_observability.receiver import Receiver
from sms_observability import lifecycle

class Loose:  # notes what is imported while a fork would not wait for it
    def find_spec(self, name, path=None, target=None):
        if not lifecycle._process.imports._is_owned():
            found.append(name)

found = []
made, _ = opened(sys.argv[1], {**UNHURRIED, "OTEL_EXPORTER_OTLP_PROTOCOL": sys.argv[2]})
sys.meta_path.insert(0, Loose())
made.emit_span(span(1)); made.emit_log(log(1)); made.add_metric_source(lambda: [metric()])
print(made.flush(5.0), found)
"""


@pytest.mark.parametrize("protocol", ["http/protobuf", "grpc"])
def test_a_fork_waits_for_whatever_sending_imports(protocol: str) -> None:
    """A child that is forked while a thread loads a module would wait for that module for ever."""
    with Receiver() as receiver:
        done = subprocess.run(
            [sys.executable, "-c", _IMPORTS, receiver.endpoint, protocol],
            cwd=Path(__file__).parents[1],
            capture_output=True,
            text=True,
            check=True,
            timeout=30,
        )
    # The receiver speaks HTTP alone; by gRPC, what matters is done when the connection fails.
    assert done.stdout == f"{protocol == 'http/protobuf'} []\n"


# Holds the first import of the HTTP client until the fork is under way.
_FORKED_MEANWHILE = """
import os, sys, threading, time
from export.doors import UNHURRIED, opened, span
made, _ = opened(sys.argv[1], UNHURRIED)
begun, parent = threading.Event(), os.getpid()

class Slow:
    def find_spec(self, name, path=None, target=None):
        if name == "urllib3" and os.getpid() == parent:
            begun.set()
            time.sleep(0.5)

sys.meta_path.insert(0, Slow())
made.emit_span(span(1))
flushing = threading.Thread(target=made.flush, args=(20.0,))
flushing.start()
assert begun.wait(20)
child = os.fork()
if not child:
    made.after_fork({})
    made.emit_span(span(2))
    os._exit(0 if made.flush(20.0) else 1)
flushing.join()
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks here")
def test_a_child_that_is_forked_while_the_http_client_is_imported_sends() -> None:
    """The fork waits for the import, which the child could neither finish nor begin again."""
    with Receiver() as receiver:
        done = subprocess.run(
            [sys.executable, "-c", _FORKED_MEANWHILE, receiver.endpoint],
            cwd=Path(__file__).parents[1],
            capture_output=True,
            text=True,
            check=True,
            timeout=90,
        )
    assert done.stdout == "0\n", done.stderr
