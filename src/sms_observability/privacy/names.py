"""Names are data: which of them a door lets pass, and what stands for the others."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from sms_observability.catalog import shapes
from sms_observability.catalog.words import RESTRICTED_TEXT_PATTERN, reveals

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sms_observability.catalog import Catalog
    from sms_observability.privacy.policy import TextKind
    from sms_observability.sanitise import Value

REDACTED: Final = "redacted"
"""What stands for a name or text that may not leave; no part of it survives."""

REDACTED_FRAME: Final = '  File "redacted", line 0, in redacted'
"""What stands for a frame whose file or function tells of something restricted."""

STACK_TRACE: Final = "exception.stacktrace"

NAME_KEYS: Final = frozenset(
    (
        *("code.function.name", "code.file.path", "thread.name", "exception.type", "error.type", "error_type"),
        *("exception", "event.name", "event", "logger", "http.route", "url.template", "endpoint"),
        *("db.collection.name", "db.query.summary", "db.stored_procedure.name", "table"),
        *("messaging.destination.name", "queue", "topic", "task", "component", "operation"),
        *("sms.journey.name", "sms.step.name", "sms.sla.slowest_step", "step"),
    )
)
"""The public keys under which code writes names, of functions, tables or queues, without thinking of it."""


def _shape(*patterns: str) -> Callable[[str], bool]:
    @cache
    def forms() -> list[Callable[[str], object]]:
        # Compiled for the first name that is asked about: no start waits for it.
        return [re.compile(pattern).fullmatch for pattern in patterns]

    def fits(text: str) -> bool:
        return any(form(text) for form in forms())

    return fits


_is_span_name: Final = _shape(*shapes.SPAN_NAMES)
_is_event_name: Final = _shape(shapes.EVENT_NAMES)
# Loggers and scopes are called like the module that has them.
_is_scope_name: Final = _shape(r"[a-z_]{1,60}(\.[a-z_]{1,60}){0,8}")
_is_metric_name: Final = _shape(
    r"(http|db|rpc|messaging|dns|process|cpython|system|asgi|otel)(\.[a-z_]{1,60}){1,6}",
)
_is_status_text: Final = _shape(shapes.STATUS_TEXTS)
_is_text: Final[Mapping[TextKind, Callable[[str], bool]]] = {
    "scope_version": _shape(shapes.SCOPE_VERSIONS),
    "schema_url": _shape(shapes.SCHEMA_URLS),
    "trace_state": _shape(f"ot=({shapes.TRACE_STATES})"),
    "severity": _shape(r"(?i)(TRACE|DEBUG|INFO|WARN|WARNING|ERROR|CRITICAL|FATAL)[1-4]?"),
    "unit": _shape(shapes.UNITS),
}
_LONGEST_KEPT: Final = 256
_MOST_KEPT: Final = 4096

_tells: Final = re.compile(RESTRICTED_TEXT_PATTERN).search


def through(held: Callable[[str], str], value: Value) -> Value:
    """Hold every text in a value; a number stays one unless something else stands for it."""
    if isinstance(value, str):
        return held(value)
    if isinstance(value, list):
        return [through(held, item) for item in value]
    if isinstance(value, dict):
        return {key: through(held, item) for key, item in value.items()}
    if value is None or isinstance(value, bool):
        return value
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    shown = held(text)
    return value if shown == text else shown


class Names:
    """Holds the names of one door to the catalogue and to the forms of the semantic conventions.

    Args:
        catalog: Declares the names of ours.
        public: Whether others than finance read this door: then internal steps have their neutral name.
        strict: Whether what is neither declared nor of a convention's form is replaced.
    """

    def __init__(self, catalog: Catalog, *, public: bool, strict: bool) -> None:
        self._strict = strict
        self._public = public
        steps = catalog.steps.values()
        self._shown = {step.name: step.shown_name for step in steps if step.access != "public"} if public else {}
        self._declared = {*catalog.journeys, *(step.shown_name for step in steps)}
        if not public:
            self._declared |= set(catalog.steps)
        # Files, functions and lines of frames come again and again; a search for words takes a microsecond for each.
        self._innocent: set[str] = set()
        self._metrics = {
            metric.otel_name: metric for metric in catalog.metrics.values() if not public or metric.access == "public"
        }
        self._hidden_metrics = catalog.metrics.keys() - self._metrics.keys()
        self.under: dict[str, Callable[[str], str]] = {}
        """What the values of a key are held to, for the keys whose values are names."""
        if strict and public:
            self.under = {**dict.fromkeys(NAME_KEYS, self.value), STACK_TRACE: self.stack}

    def span(self, name: str) -> str:
        """Give the name of a span: that of a journey or step, or one of a convention's form."""
        return self._held(name, _is_span_name)

    def event(self, name: str) -> str:
        """Give the name of an event."""
        return self._held(name, _is_event_name)

    def scope(self, name: str) -> str:
        """Give the name of a scope or logger: that of a module."""
        return self._held(name, _is_scope_name) if name else name

    def metric(self, name: str) -> bool:
        """Say whether a metric may leave."""
        if name in self._metrics:
            return True
        if name in self._hidden_metrics or (self._public and reveals(name)):
            return False
        return not self._strict or _is_metric_name(name)

    def description(self, metric: str, text: str) -> str:
        """Give the description of a metric: the catalogue's, as others are free text."""
        declared = self._metrics.get(metric)
        return text if not self._strict or (declared is not None and declared.description == text) else ""

    def status(self, text: str) -> str:
        """Give the description of a status: the type of an exception."""
        if not self._strict or not text:
            return text
        return text if _is_status_text(text) and not (self._public and _tells(text)) else REDACTED

    def body(self, text: str) -> str:
        """Give a log message: a constant text, in which nothing restricted is spoken of."""
        return REDACTED if self._strict and self._public and _tells(text) else text

    def text(self, kind: TextKind, text: str) -> str:
        """Give one of the lesser texts: of its form, or nothing."""
        return text if not text or not self._strict or _is_text[kind](text) else ""

    def value(self, text: str) -> str:
        """Give a value that is a name: any that tells of nothing restricted."""
        if text in self._innocent:
            return text
        if text in self._shown:
            return self._shown[text]
        if text not in self._declared and _tells(text):
            return REDACTED
        if len(text) <= _LONGEST_KEPT:
            if len(self._innocent) >= _MOST_KEPT:
                self._innocent.clear()
            self._innocent.add(text)
        return text

    def stack(self, text: str) -> str:
        """Give a stack trace in which frames that tell of something restricted are replaced."""
        if not _tells(text):
            return text
        return "\n".join([self._line(line) for line in text.split("\n")])

    def _held(self, name: str, is_form: Callable[[str], bool]) -> str:
        if name in self._declared:
            return name
        if name in self._shown:
            return self._shown[name]
        if self._public and reveals(name):
            return REDACTED
        return name if not self._strict or is_form(name) else REDACTED

    def _line(self, line: str) -> str:
        if not _tells(line):
            return line
        return REDACTED_FRAME if line.startswith("  File ") else REDACTED
