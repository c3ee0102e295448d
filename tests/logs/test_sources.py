"""What others say takes our way: `logging`, warnings, hooks, servers; and everything is given back."""

from __future__ import annotations

import io
import logging
import logging.config
import sys
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from inline_snapshot import snapshot

from sms_observability.logs import restore_logs, take_over_servers
from sms_observability.privacy import Restricted


def state() -> list[Any]:
    root = logging.getLogger()
    return [
        sys.excepthook,
        threading.excepthook,
        sys.unraisablehook,
        warnings.showwarning,
        logging.config.dictConfig,
        logging.config.fileConfig,
        [handler for handler in root.handlers if not type(handler).__module__.startswith("_pytest")],
        root.level,
        logging.getLogger("parts").level,
        list(logging.getLogger("uvicorn.error").handlers),
        logging.getLogger("uvicorn.access").propagate,
        structlog.is_configured(),
    ]


def test_everything_is_given_back(written: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """After `restore_logs` the process is as it was; a second time does nothing."""
    restore_logs()
    # Servers that ran in this process, and structlog where it was configured, have left theirs as we would.
    monkeypatch.setattr(logging.getLogger("uvicorn.access"), "propagate", True)
    structlog.reset_defaults()
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


def test_a_warning_whose_class_may_speak(written: Any) -> None:
    """A class that the catalogue vouches for is written with its text, as with any exception."""
    written.configure(allow_message=lambda kind: kind is DeprecationWarning)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn_explicit("write quote() in the place of price()", DeprecationWarning, "parts.py", 17)
        warnings.warn_explicit("secret-price 118.25", UserWarning, "parts.py", 18)
    assert [line["message"] for line in written.lines] == ["write quote() in the place of price()", "Python warning"]


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


def configuration(stream: str, **root: Any) -> dict[str, Any]:
    return {
        "version": 1,
        "disable_existing_loggers": True,
        "formatters": {"plain": {"format": "PLAIN %(message)s"}},
        "handlers": {"terminal": {"class": "logging.StreamHandler", "formatter": "plain", "stream": stream}},
        "loggers": {"parts.shop": {"handlers": ["terminal"], "propagate": False, "level": "INFO"}},
        **root,
    }


@pytest.fixture
def _as_before() -> Iterator[None]:
    root, loggers = logging.getLogger(), logging.Logger.manager.loggerDict
    handlers, level = list(root.handlers), root.level
    disabled = {name: each.disabled for name, each in loggers.items() if isinstance(each, logging.Logger)}
    yield
    restore_logs()
    root.handlers[:], root.level = handlers, level
    for name, each in loggers.items():
        if isinstance(each, logging.Logger):
            each.disabled = disabled.get(name, False)
    logging.getLogger("parts.shop").handlers.clear()
    logging.getLogger("parts.shop").propagate = True


STREAMS = pytest.mark.parametrize("stream", ["ext://sys.stdout", "ext://sys.stderr"])


@pytest.mark.usefixtures("_as_before")
@STREAMS
def test_a_logger_that_writes_to_the_terminal_takes_our_way(
    written: Any, stream: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whether it was configured before us or after; it keeps its file, and gets its handlers back."""
    restore_logs()
    logging.config.dictConfig(configuration(stream))
    shop = logging.getLogger("parts.shop")
    file = logging.FileHandler(tmp_path / "shop.log")
    shop.addHandler(file)
    before = list(shop.handlers)
    try:
        written.configure()
        shop.info("Before us")
        logging.config.dictConfig(configuration(stream))
        shop.info("After us")
        restore_logs()
        assert [line["message"] for line in written.lines] == ["Before us", "After us"]
        assert capsys.readouterr() == ("", "")
        assert (tmp_path / "shop.log").read_text(encoding="utf-8") == "Before us\n"
        assert (shop.handlers, shop.propagate) == (before, False)
    finally:
        file.close()


@pytest.mark.usefixtures("_as_before")
@STREAMS
def test_a_configuration_of_the_root_after_us(written: Any, stream: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Lines go on in our form, ours among them though all other loggers are disabled by it."""
    ours = logging.getLogger("sms_observability.export")
    logging.config.dictConfig(configuration(stream, root={"handlers": ["terminal"], "level": "ERROR"}))
    logging.getLogger(f"parts.{stream}").info("Theirs")
    ours.warning("Ours")
    assert [line["message"] for line in written.lines] == ["Theirs", "Ours"]
    assert capsys.readouterr() == ("", "")
    restore_logs()
    assert [type(handler) for handler in logging.getLogger().handlers] == [logging.StreamHandler]


@pytest.mark.usefixtures("_as_before")
def test_alembic_configures_logging_after_us(written: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By a file, while the service starts; its lines take our way too."""
    path = tmp_path / "alembic.ini"
    path.write_text(
        "[loggers]\nkeys=root,alembic\n[handlers]\nkeys=console\n[formatters]\nkeys=\n"
        "[logger_root]\nlevel=WARNING\nhandlers=console\n"
        "[logger_alembic]\nlevel=INFO\nhandlers=\nqualname=alembic\n"
        "[handler_console]\nclass=StreamHandler\nargs=(sys.stderr,)\n",
        encoding="utf-8",
    )
    logging.config.fileConfig(path)
    logging.getLogger("alembic").info("Running upgrade")
    assert written.line["message"] == "Running upgrade"
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("template", "arguments", "said"),
    [
        ("cost %d", (Restricted(4711),), "cost [RESTRICTED]"),
        ("cost %.2f for %5s", (Restricted(4711.08), "pump"), "cost [RESTRICTED] for pump"),
        ("cost %(cost)08.2f", ({"cost": Restricted(4711.08)},), "cost [RESTRICTED]"),
        ("cost %s for %5d", (Restricted(4711.08), 7), "cost [RESTRICTED] for     7"),
    ],
)
def test_handlers_of_others_show_a_restricted_value_as_ours_do(
    written: Any, template: str, arguments: Any, said: str
) -> None:
    """Each conversion gives the placeholder; none raises, which pytest's own handler would hand on to the caller."""
    written.configure()
    stream = io.StringIO()
    theirs = logging.StreamHandler(stream)
    logging.getLogger().addHandler(theirs)
    try:
        logging.getLogger("parts").warning(template, *arguments)
    finally:
        logging.getLogger().removeHandler(theirs)
    assert stream.getvalue() == f"{said}\n"
    assert written.lines[-1]["message"].split() == said.split()
