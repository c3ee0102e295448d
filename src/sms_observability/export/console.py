"""The console exporter: what would be sent, as one line of JSON an item on standard error, already redacted.

Items are read back from the bytes that would leave, so that what is shown is what a receiver would see.
"""

from __future__ import annotations

import json
import struct
import sys
from typing import TYPE_CHECKING, Any, Final, cast

from sms_observability.export.answer import Answer
from sms_observability.export.protobuf import MalformedError, fields

if TYPE_CHECKING:
    from sms_observability.export.records import Signal

_NAMES: Final[dict[Signal, dict[int, str]]] = {
    "traces": {
        1: "trace_id",
        2: "span_id",
        4: "parent_span_id",
        5: "name",
        6: "kind",
        7: "start_ns",
        8: "end_ns",
        9: "attributes",
    },
    "logs": {1: "time_ns", 3: "severity", 5: "body", 6: "attributes", 9: "trace_id", 10: "span_id"},
    "metrics": {1: "name", 2: "description", 3: "unit"},
}
_TEXTS: Final = frozenset({"name", "severity", "description", "unit"})
_IDS: Final = frozenset({"trace_id", "span_id", "parent_span_id"})
_MAX_DEPTH: Final = 10


class ConsoleTransport:
    """Writes each item of a request.

    Args:
        signal: What the requests hold.
    """

    def __init__(self, signal: Signal) -> None:
        self._signal: Signal = signal

    def send(self, body: bytes, timeout: float) -> Answer:  # noqa: ARG002
        """Write the items of one request; a stream that cannot be written to is nobody's trouble."""
        try:
            for item in _items(body):
                line = json.dumps({self._signal: _read(self._signal, item)}, default=str)
                if sys.stderr is not None:
                    sys.stderr.write(f"{line}\n")
        except (OSError, ValueError, MalformedError, TypeError):
            pass
        return Answer("delivered")

    def abort(self) -> None:
        """Do nothing: writing does not hang."""

    def close(self) -> None:
        """Do nothing: the stream is the process's."""


def _items(request: bytes) -> list[bytes]:
    """Give the items of a request: resource groups (1) hold scope groups (2), which hold items (2)."""
    found: list[bytes] = []
    for _, _, resource in fields(request):
        for number, _, scope in fields(cast("bytes", resource)):
            if number == 2:  # noqa: PLR2004
                found += [cast("bytes", item) for place, _, item in fields(cast("bytes", scope)) if place == 2]  # noqa: PLR2004
    return found


def _read(signal: Signal, item: bytes) -> dict[str, Any]:
    names, shown = _NAMES[signal], dict[str, Any]()
    for number, _, content in fields(item):
        name = names.get(number)
        if name is None:
            continue
        if name == "attributes":
            key, value = _pair(cast("bytes", content))
            shown.setdefault(name, {})[key] = value
        elif name == "body":
            shown[name] = _value(cast("bytes", content))
        elif isinstance(content, bytes):
            shown[name] = content.hex() if name in _IDS else _text_or_number(name, content)
        else:
            shown[name] = content
    return shown


def _text_or_number(name: str, content: bytes) -> Any:
    return content.decode("utf-8", "replace") if name in _TEXTS else int.from_bytes(content, "little")


def _pair(content: bytes) -> tuple[str, Any]:
    parts = {number: part for number, _, part in fields(content)}
    return cast("bytes", parts.get(1, b"")).decode("utf-8", "replace"), _value(cast("bytes", parts.get(2, b"")))


def _value(content: bytes, depth: int = 0) -> Any:
    """Read an `AnyValue`."""
    if depth > _MAX_DEPTH:
        return "…"
    for number, _, part in fields(content):
        match number:
            case 1:
                return cast("bytes", part).decode("utf-8", "replace")
            case 2:
                return bool(part)
            case 3:
                whole = cast("int", part)
                return whole - 2**64 if whole >= 2**63 else whole
            case 4:
                return struct.unpack("<d", part)[0] if isinstance(part, bytes) else part
            case 5:
                return [_value(cast("bytes", each), depth + 1) for _, _, each in fields(cast("bytes", part))]
            case 6:
                return dict(_pair(cast("bytes", each)) for _, _, each in fields(cast("bytes", part)))
            case _:
                return part
    return None
