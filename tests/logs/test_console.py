"""The form for people: readable, and nothing in it controls the terminal but our own colours."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from dirty_equals import IsStr
from inline_snapshot import snapshot

from hostile import HOSTILE
from sms_observability.context import bind_context
from sms_observability.logs import get_logger

log = get_logger()
COLOUR = re.compile(r"\x1b\[[\d;]*m")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("stream", [Terminal(), io.StringIO()], ids=["terminal", "pipe"])
def test_auto_knows_who_reads(written: Any, stream: io.StringIO) -> None:
    """`auto` writes for people in a terminal, and JSON everywhere else."""
    written.configure(format="auto", stream=stream)
    log.info("Said")
    assert stream.getvalue().startswith("{") is not stream.isatty()


def test_a_line_for_people(written: Any) -> None:
    """Time, level, message, fields and ids are on one line."""
    written.configure(format="console")
    bind_context(company_id="cmp_456")
    log.warning("Slow supplier", duration_ms=245, name="Acme Ltd")
    assert written.text == IsStr(
        regex=r"\d\d:\d\d:\d\d\.\d{3} WARNING  Slow supplier {17} duration_ms=245 name=Acme Ltd company_id=cmp_456\n"
    )
    assert [record.body for record in written.records] == ["Slow supplier"]


@pytest.mark.parametrize(("variable", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_who_wants_no_colours_gets_none(
    written: Any, variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line is for people all the same."""
    monkeypatch.setenv(variable, value)
    terminal = Terminal()
    written.configure(stream=terminal, format="auto")
    log.error("Failed", count=2)
    assert not COLOUR.search(terminal.getvalue())
    assert terminal.getvalue()[12:] == " ERROR    Failed                         count=2\n"


def test_a_stream_of_somebodys_own_is_no_terminal(written: Any) -> None:
    """Whatever it says when it is asked."""

    class Stream(io.StringIO):
        def isatty(self) -> bool:
            raise RuntimeError

    stream = Stream()
    written.configure(stream=stream, format="auto")
    log.info("Said")
    assert stream.getvalue().startswith("{")


def test_colours_are_for_terminals(written: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without colours, the line in a terminal is the same as elsewhere."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    terminal = Terminal()
    written.configure(format="console", stream=terminal)
    log.error("Failed", count=2)
    written.configure(format="console")
    log.error("Failed", count=2)
    assert COLOUR.search(terminal.getvalue())
    assert (
        COLOUR.sub("", terminal.getvalue())[12:]
        == written.text[12:]
        == snapshot(" ERROR    Failed                         count=2\n")
    )


def test_an_exception_is_shown_below(written: Any) -> None:
    """Type and frames of the exception and its cause, without what they say."""
    written.configure(format="console")
    error = ValueError("secret-price 118.25")
    error.__cause__ = KeyError("secret-price 118.25")
    try:
        raise error
    except ValueError:
        log.exception("Failed")
    lines = written.text.splitlines()
    assert lines[1] == "  ValueError"
    assert lines[2].startswith(f'    File "{__file__}", line ')
    assert lines[3:] == ["  which came of", "  KeyError"]
    assert "118.25" not in written.text


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_controls_the_terminal(written: Any, name: str) -> None:
    """A hostile value, or one with control characters, is shown on the line and does nothing."""
    stream = Terminal()
    written.configure(format="console", stream=stream)
    evil = type("\x1b[2J\n", (ValueError,), {})
    log.error("a\x1b]0;title\x07\nb\r", exc_info=evil(), value=HOSTILE[name](), **{"key\x1b[1m\n": "\x9b2J"})
    text = COLOUR.sub("", stream.getvalue())
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", text)
    assert text.count("\n") == 2
    assert written.dropped == []
