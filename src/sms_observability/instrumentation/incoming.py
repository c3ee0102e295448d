"""What a request brings along, and what of it is believed.

A well-formed `traceparent` and correlation id are taken from anyone; baggage, tracestate and an SLA budget from trusted
peers only.
"""

from __future__ import annotations

import logging
import math
from typing import TYPE_CHECKING, Any, Final

from opentelemetry import baggage, propagate
from opentelemetry.context import Context

from sms_observability.context import correlation_id_or_none

if TYPE_CHECKING:
    from collections.abc import Iterable

_logger = logging.getLogger("sms_observability.instrumentation")

CORRELATION_HEADER: Final = b"x-correlation-id"
BUDGET_KEY: Final = "sms.sla.budget_ms"
NO_CONTEXT: Final = Context()

_TRUSTED_ONLY: Final = frozenset((b"baggage", b"tracestate"))


class _Fields:
    """The headers that the global propagator reads; `OTEL_PROPAGATORS` decides."""

    __slots__ = ("names", "propagator")

    def __init__(self) -> None:
        self.propagator: object = None
        self.names: frozenset[bytes] = frozenset()

    def current(self) -> frozenset[bytes]:
        propagator = propagate.get_global_textmap()
        if self.propagator is not propagator:
            self.names = frozenset(name.lower().encode("latin-1") for name in propagator.fields) | _TRUSTED_ONLY
            self.propagator = propagator
        return self.names


_fields = _Fields()


def read_headers(headers: Iterable[tuple[bytes, bytes]], *, trusted: bool) -> tuple[Context, str | None]:
    """Take from the headers of a request what its sender may tell us.

    Args:
        headers: As ASGI gives them.
        trusted: Whether the sender is believed.

    Returns:
        The remote context, empty if there is none, and the first well-formed correlation id.
    """
    names = _fields.current()
    carrier: dict[str, str] | None = None
    correlation_id: str | None = None
    for name, value in headers:
        if name == CORRELATION_HEADER:
            if correlation_id is None:
                correlation_id = correlation_id_or_none(value)
        elif name in names and (trusted or name not in _TRUSTED_ONLY):
            key, text = name.decode("latin-1"), value.decode("latin-1")
            if carrier is None:
                carrier = {}
            # A header that came twice is one list; of a traceparent that makes one that is not well formed.
            carrier[key] = f"{carrier[key]},{text}" if key in carrier else text
    if carrier is None:
        return NO_CONTEXT, correlation_id
    try:
        return propagate.extract(carrier, NO_CONTEXT), correlation_id
    except Exception as error:  # noqa: BLE001 - a propagator of somebody else's
        _logger.debug("the trace context of a request could not be read: %s", type(error).__name__)
        return NO_CONTEXT, correlation_id


def budget_of(context: Context) -> float | None:
    """Give the SLA budget that a caller handed on, in milliseconds, as it says; `None` if it says no number."""
    given: Any = baggage.get_baggage(BUDGET_KEY, context)
    if not isinstance(given, str):
        return None
    try:
        milliseconds = float(given)
    except ValueError:
        return None
    return milliseconds if math.isfinite(milliseconds) else None
