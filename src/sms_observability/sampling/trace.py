"""The spans that a decision is made on, read from OTLP JSON or from what somebody types."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Attribute = bool | int | float | str

_TRACE_ID = re.compile(r"[0-9a-f]{32}")
_INTEGER = re.compile(r"-?[0-9]{1,18}")
_MS = 1_000_000
_ERROR_CODES = (2, "STATUS_CODE_ERROR")


class TraceError(ValueError):
    """What was given is no trace; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class SampledSpan:
    """What the rules see of a span.

    Attributes:
        name: Its name.
        error: Whether its status is ERROR.
        start_ns: Its start, nanoseconds.
        end_ns: Its end, nanoseconds.
        attributes: Its own attributes.
        resource: Those of its resource.
    """

    name: str
    error: bool = False
    start_ns: int = 0
    end_ns: int = 0
    attributes: Mapping[str, Attribute] = field(default_factory=dict[str, Attribute])
    resource: Mapping[str, Attribute] = field(default_factory=dict[str, Attribute])


def from_attributes(words: Iterable[str]) -> tuple[bytes | None, list[SampledSpan]]:
    """Read a trace of one span from words `key=value`.

    Args:
        words: `name=…`, `duration_ms=…`, `error`, `trace_id=…` (32 hex digits), and any attribute of the span; `true`
            and `false` are booleans, whole numbers integers.

    Returns:
        The trace id, if one was given, and the span.

    Raises:
        TraceError: A word has no meaning.

    Example:
        >>> from_attributes(["name=quote", "duration_ms=200", "sms.journey.revenue=true"])[1][0].attributes
        {'sms.journey.revenue': True}
    """
    name, error, milliseconds, trace_id = "", False, 0.0, None
    attributes: dict[str, Attribute] = {}
    for word in words:
        key, equals, text = word.partition("=")
        if word == "error":
            error = True
        elif not equals or not key:
            msg = f"{word!r} is no attribute: write key=value, or error"
            raise TraceError(msg)
        elif key == "name":
            name = text
        elif key == "duration_ms":
            milliseconds = _number(text)
        elif key == "trace_id":
            trace_id = _trace_id(text)
        else:
            attributes[key] = _typed(text)
    return trace_id, [SampledSpan(name, error, 0, round(milliseconds * _MS), attributes)]


def from_otlp_json(document: object) -> list[tuple[bytes, list[SampledSpan]]]:
    """Read traces from OTLP JSON, as the Collector's file exporter writes it.

    Args:
        document: The parsed JSON: an object with `resourceSpans`.

    Returns:
        Each trace id with its spans, in the order of the first span.

    Raises:
        TraceError: It has another shape, or no span.
    """
    traces: dict[bytes, list[SampledSpan]] = {}
    try:
        for resource_spans in cast("Any", document)["resourceSpans"]:
            resource = _attributes(resource_spans.get("resource", {}).get("attributes", ()))
            for scope_spans in resource_spans.get("scopeSpans", ()):
                for span in scope_spans.get("spans", ()):
                    read = SampledSpan(
                        str(span.get("name", "")),
                        span.get("status", {}).get("code") in _ERROR_CODES,
                        int(span.get("startTimeUnixNano", 0)),
                        int(span.get("endTimeUnixNano", 0)),
                        _attributes(span.get("attributes", ())),
                        resource,
                    )
                    traces.setdefault(_trace_id(span["traceId"]), []).append(read)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        if isinstance(error, TraceError):
            raise
        msg = f"this is no OTLP JSON of traces ({type(error).__name__}): it must be an object with resourceSpans"
        raise TraceError(msg) from None
    if not traces:
        msg = "there is no span in it"
        raise TraceError(msg)
    return list(traces.items())


def _attributes(pairs: Any) -> dict[str, Attribute]:
    """Read the attributes that rules can ask for; lists and maps are none of them."""
    found: dict[str, Attribute] = {}
    for pair in pairs:
        value = pair.get("value", {})
        if "boolValue" in value:
            found[str(pair["key"])] = bool(value["boolValue"])
        elif "intValue" in value:
            found[str(pair["key"])] = int(value["intValue"])
        elif "doubleValue" in value:
            found[str(pair["key"])] = float(value["doubleValue"])
        elif "stringValue" in value:
            found[str(pair["key"])] = str(value["stringValue"])
    return found


def _typed(text: str) -> Attribute:
    if text in ("true", "false"):
        return text == "true"
    return int(text) if _INTEGER.fullmatch(text) else text


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        msg = "duration_ms must be a number of milliseconds"
        raise TraceError(msg) from None


def _trace_id(text: object) -> bytes:
    if not isinstance(text, str) or _TRACE_ID.fullmatch(text.lower()) is None:
        msg = "a trace id has 32 hex digits"
        raise TraceError(msg)
    return bytes.fromhex(text)
