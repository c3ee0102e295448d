"""Whatever is logged, and wherever it goes: the caller gets no exception, and each line stays whole."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import sys
import threading
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hostile import HOSTILE, Level, hostile, summon
from sms_observability.context import bind_context
from sms_observability.logs import get_logger, request_finished
from sms_observability.logs.encoding import encoded, standard_encoded
from sms_observability.privacy import Restricted
from sms_observability.sanitise import sanitise_value

log = get_logger("hostile")


def check(written: Any, count: int) -> None:
    assert len(written.lines) == len(written.records) == count
    assert written.dropped == []
    for entry in written.lines:
        assert list(entry)[:4] == ["timestamp", "level", "service", "trace_id"]
        assert isinstance(entry["message"], str)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_value_anywhere(written: Any, name: str) -> None:
    """As message, argument, field, bound value, key, exception or level: a line comes out, by both ways."""
    written.alone()
    make = HOSTILE[name]
    bind_context(company_id=make(), bound=make())
    log.info(make())
    log.info("%s %d %(x)s", make(), make())
    log.info("field", value=make(), nested=[{"in": make()}])
    log.bind(value=make()).warning("bound")
    log.error("error", exc_info=make())
    log.log(make(), "level")
    plain = logging.getLogger("hostile.plain")
    plain.info(make())
    plain.info("%d %s", make(), 1)
    plain.info("%s", make())
    plain.info("extra", extra={"value": make()})
    request_finished(duration_ms=1.5, status_code=200, value=make())
    level = make()
    check(written, 10 if type(level) is int and level < logging.INFO else 11)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    planned=st.dictionaries(
        st.text(max_size=20).filter(lambda key: key not in {"event", "self", "exc_info", "stack_info", "stacklevel"}),
        st.recursive(hostile | st.text() | st.floats() | st.integers(), lambda inner: st.lists(inner, max_size=4)),
        max_size=5,
    ),
    message=st.text() | hostile,
)
def test_any_mixture(written: Any, planned: Any, message: Any) -> None:
    """Fields of any name and value, with any message, give one line of JSON and one record."""
    written.stream.seek(0)
    written.stream.truncate()
    written.records.clear()
    log.info(summon(message), **summon(planned))
    check(written, 1)


@given(st.recursive(hostile | st.text() | st.floats() | st.integers() | st.booleans(), st.lists, max_leaves=8))
def test_orjson_and_json_write_the_same(planned: Any) -> None:
    """The extra `fast` changes the speed and nothing that a reader could tell apart."""
    record = {"value": sanitise_value(summon(planned))}
    quick, standard = encoded(record), standard_encoded(record)
    assert json.loads(quick) == json.loads(standard)
    assert quick.count("\n") == standard.count("\n") == 0


def test_stdlib_arguments_that_do_not_fit(written: Any) -> None:
    """`log.info("%d", "x")` writes what it can, and raises nothing."""
    written.alone()
    plain = logging.getLogger("parts")
    plain.info("%d parts", "three")
    plain.info("%s and %s", "one")
    plain.info("no place", "for this")
    plain.info("%(missing)s", {"given": 1})
    assert [entry["message"] for entry in written.lines] == ["three parts", "%s and %s", "no place", "%(missing)s"]


@pytest.mark.parametrize(
    ("template", "arguments", "message"),
    [
        ("%d of %s", (3, "parts"), "3 of parts"),
        ("%.2f", (Decimal("1.005"),), "1.00"),
        ("%.2f and %d", (Restricted(1.5), 2), "[RESTRICTED] and 2"),
        ("%(cost).2f", ({"cost": Restricted(1.5)},), "[RESTRICTED]"),
        ("%s", ([1, {"a": "b"}],), "[1, {'a': 'b'}]"),
        ("%03d", (Level.HIGH,), "003"),
        ("%(key1)s", (HOSTILE["endless mapping"](),), "1"),
        ("%s", (10**5000,), "<int of 16610 bits>"),
        ("%", ("one",), "%"),
        ("%c", (2**40,), "1099511627776"),
    ],
)
def test_what_becomes_of_arguments(written: Any, template: str, arguments: Any, message: str) -> None:
    """Structlog's loggers and `logging` put arguments in alike."""
    written.alone()
    log.info(template, *arguments)
    logging.getLogger("parts").info(template, *arguments)
    assert [entry["message"] for entry in written.lines] == [message, message]


class Full(io.StringIO):
    """A stream that cannot take anything."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error

    def write(self, text: str) -> int:
        raise self.error


@pytest.mark.parametrize(
    "error",
    [
        BrokenPipeError(),
        OSError(28, "No space left on device"),
        ValueError("closed"),
        UnicodeEncodeError("ascii", "é", 0, 1, "no"),
        RuntimeError("reentrant call inside <_io.BufferedWriter>"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_broken_stream(written: Any, error: Exception) -> None:
    """Where standard output cannot be written, nothing raises, and the copy leaves all the same."""
    written.configure(stream=Full(error))
    log.info("Said")
    assert [record.body for record in written.records] == ["Said"]


def test_no_standard_output(written: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process without any standard output still exports."""
    monkeypatch.setattr(sys, "stdout", None)
    written.configure(stream=None)
    log.info("Said")
    assert [record.body for record in written.records] == ["Said"]


def test_a_closed_pipe(written: Any) -> None:
    """A reader that went away is no reason to fail."""
    reading, writing = os.pipe()
    os.close(reading)
    stream = os.fdopen(writing, "w")
    written.configure(stream=stream)
    log.info("Said")
    log.info("Said again")
    assert len(written.records) == 2
    with contextlib.suppress(OSError):
        stream.close()


def test_an_ascii_stream(written: Any) -> None:
    """What the stream's encoding lacks is escaped, and stays JSON."""
    raw = io.BytesIO()
    written.configure(stream=io.TextIOWrapper(raw, encoding="ascii"))
    log.info("Größe € 😀")
    assert json.loads(raw.getvalue())["message"] == "Größe € 😀"


def test_an_exporter_that_raises(written: Any) -> None:
    """What the port of the copy does stays there, and is counted."""

    def emit(record: Any) -> None:
        raise SystemExit(3)

    written.configure(emit=emit)
    log.info("Said")
    assert written.line["message"] == "Said"
    assert written.dropped == [("logs", "emit_failed")]


def test_many_threads_never_mix_lines(written: Any) -> None:
    """Each line is written by one call, so that it stays whole."""
    reading, writing = os.pipe()
    chunks: list[bytes] = []

    def read() -> None:
        while chunk := os.read(reading, 65536):
            chunks.append(chunk)

    reader = threading.Thread(target=read)
    reader.start()
    with os.fdopen(writing, "w") as stream:
        written.configure(stream=stream)
        start = threading.Barrier(8)

        def work(number: int) -> None:
            start.wait()
            for count in range(100):
                log.info("Said", number=number, count=count, padding="x" * 2000)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    reader.join()
    os.close(reading)
    said = [json.loads(entry)["context"] for entry in b"".join(chunks).splitlines()]
    assert sorted((entry["number"], entry["count"]) for entry in said) == [(n, c) for n in range(8) for c in range(100)]


def test_a_value_that_logs_while_it_is_written(written: Any) -> None:
    """No lock is held while code of others runs: text that logs itself cannot block anybody."""
    written.alone()

    class Talks:
        def __str__(self) -> str:
            worker = threading.Thread(target=lambda: logging.getLogger("inner").info("inner"))
            worker.start()
            worker.join(10)
            assert not worker.is_alive()
            log.info("inner too")
            return "outer"

    logging.getLogger("outer").info("%s", Talks())
    log.info("field", value=Talks())
    assert [entry["message"] for entry in written.lines] == [
        "inner",
        "inner too",
        "outer",
        "inner",
        "inner too",
        "field",
    ]
