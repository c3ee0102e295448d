"""What others say takes our way: `logging`, warnings, hooks, servers; and everything is given back."""

from __future__ import annotations

import logging
import logging.config
import sys
import threading
import warnings
from typing import Any

import pytest
import structlog
from inline_snapshot import snapshot

from sms_observability.logs import restore_logs, take_over_servers


def state() -> list[Any]:
    root = logging.getLogger()
    return [
        sys.excepthook,
        threading.excepthook,
        sys.unraisablehook,
        warnings.showwarning,
        logging.config.dictConfig,
        [handler for handler in root.handlers if not type(handler).__module__.startswith("_pytest")],
        root.level,
        logging.getLogger("parts").level,
        list(logging.getLogger("uvicorn.error").handlers),
        logging.getLogger("uvicorn.access").propagate,
        structlog.is_configured(),
    ]


def test_everything_is_given_back(written: Any) -> None:
    """After `restore_logs` the process is as it was; a second time does nothing."""
    restore_logs()
    handler = logging.NullHandler()
    logging.getLogger("uvicorn.error").addHandler(handler)
    try:
        before = state()
        written.configure(levels={"parts": "DEBUG"})
        take_over_servers()
        during = state()
        restore_logs()
        restore_logs()
        assert state() == before
        assert [a == b for a, b in zip(during, before, strict=True)].count(True) <= 1
    finally:
        logging.getLogger("uvicorn.error").removeHandler(handler)


def test_somebody_who_came_on_top_stays(written: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hook that was set after ours is not taken away."""

    def theirs(*_: Any) -> None: ...

    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    sys.excepthook = theirs
    restore_logs()
    assert sys.excepthook is theirs


def test_a_warning(written: Any) -> None:
    """Its class and place are written; its text, which may quote a figure, is not."""
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn_explicit("secret-price 118.25", UserWarning, "parts.py", 17)
    assert (written.line["level"], written.line["message"]) == ("WARNING", "Python warning")
    assert written.line["context"] == snapshot(
        {
            "logger": "py.warnings",
            "event": "UserWarning",
            "code.file.path": "parts.py",
            "code.line.number": 17,
        }
    )


def test_logging(written: Any) -> None:
    """A record of the standard library has its logger's name, `extra=`, its own time and its exception."""
    record = logging.makeLogRecord(
        {"name": "parts.quotes", "levelno": logging.ERROR, "msg": "By %s", "args": ("logging",), "created": 0.5}
    )
    vars(record).update(shelf="A-12", exc_info=(ValueError, ValueError("secret-price"), None))
    logging.getLogger("parts.quotes").handle(record)
    assert written.line["timestamp"] == "1970-01-01T00:00:00.500Z"
    assert (written.line["level"], written.line["message"]) == ("ERROR", "By logging")
    assert written.line["context"] == snapshot(
        {"logger": "parts.quotes", "shelf": "A-12", "exception": {"type": "ValueError", "frames": []}}
    )
    assert written.record.time_ns == 500_000_000


@pytest.mark.parametrize(
    ("logger", "message", "arguments", "said"),
    [
        (
            "httpx",
            'HTTP Request: %s %s "%s %d %s"',
            ("GET", "https://user:pw@a.example/quotes?cost=118.25#x", "HTTP/1.1", 200, "OK"),
            'HTTP Request: GET https://a.example "HTTP/1.1 200 OK"',
        ),
        (
            "urllib3.connectionpool",
            '%s://%s:%s "%s %s %s" %s %s',
            ("https", "a.example", 443, "GET", "/quotes?cost=118.25", "HTTP/1.1", 200, None),
            'https://a.example:443 "GET HTTP/1.1" 200 None',
        ),
    ],
)
def test_clients_log_no_urls(written: Any, logger: str, message: str, arguments: Any, said: str) -> None:
    """Of a URL only scheme and host are written."""
    logging.getLogger(logger).warning(message, *arguments)
    assert written.line["message"] == said


def test_uvicorn_configures_logging_after_us(written: Any) -> None:
    """Its handlers are taken over at once; its access lines are silent as soon as requests are watched."""
    from uvicorn.config import Config

    Config("nowhere:app").configure_logging()
    logging.getLogger("uvicorn.error").info("Started")
    take_over_servers()
    Config("nowhere:app").configure_logging()
    logging.getLogger("uvicorn.access").info('%s - "%s %s HTTP/%s" %d', "1.2.3.4:5", "GET", "/?cost=1", "1.1", 200)
    assert written.line["message"] == "Started"
    assert written.line["context"] == {"logger": "uvicorn.error"}
