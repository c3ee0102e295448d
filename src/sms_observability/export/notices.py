"""What the door says about itself: one line a minute and cause at most, codes and never values."""

from __future__ import annotations

import logging
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sms_observability.export.records import Signal

_logger: Final = logging.getLogger("sms_observability.export")

_EVERY: Final = 60.0
_MOST_CAUSES: Final = 256

REMEDIES: Final = {
    "connection_refused": "nothing listens there: start the Collector, or set OTEL_EXPORTER_OTLP_ENDPOINT",
    "dns": "the host name cannot be resolved: check OTEL_EXPORTER_OTLP_ENDPOINT",
    "timeout": "no answer in time: is it an OTLP receiver, and is it overloaded?",
    "connection_lost": "the connection was closed in the middle: wrong port or protocol, or a restart",
    "tls": "the TLS handshake failed: check OTEL_EXPORTER_OTLP_CERTIFICATE and the receiver's certificate",
    "not_otlp": "the answer is no OTLP answer: a proxy or a portal is in between",
    "token_file": "the token file cannot be read",
    "status_401": "check OTEL_EXPORTER_OTLP_HEADERS",
    "status_403": "check OTEL_EXPORTER_OTLP_HEADERS",
    "status_404": "check the path of OTEL_EXPORTER_OTLP_ENDPOINT",
    "status_429": "the receiver is overloaded",
    "status_503": "the receiver is overloaded or starting",
}


class Notices:
    """The lines of one door.

    Args:
        channel: `public` or `restricted`.
    """

    def __init__(self, channel: str) -> None:
        self._channel = channel
        self._lock = Lock()
        self._said: dict[str, float] = {}
        self._failing: dict[Signal, tuple[float, str]] = {}
        self._announced = False
        self._lost_before = 0

    def failing(self, signal: Signal, cause: str, address: str, lost: int) -> None:
        """Note that delivery of a signal fails, and for what."""
        with self._lock:
            if not self._failing:
                self._lost_before = lost
            since = self._failing[signal][0] if signal in self._failing else monotonic()
            self._failing[signal] = (since, cause)
            if not self._allows(f"failing:{cause}"):
                return
            self._announced = True
        remedy = REMEDIES.get(cause)
        self._write(
            logging.WARNING,
            "delivery failing since %.0f s: %s to %s: %s%s; telemetry waits in memory and is tried again",
            monotonic() - since,
            signal if self._channel == "public" else f"{self._channel} {signal}",
            address,
            cause,
            f" ({remedy})" if remedy else "",
        )

    def working(self, signal: Signal, lost: int) -> None:
        """Note that delivery of a signal works."""
        if signal not in self._failing:
            return
        with self._lock:
            known = self._failing.pop(signal, None)
            if known is None or self._failing or not self._announced:
                return
            self._announced = False
            lost -= self._lost_before
        self._write(
            logging.WARNING, "delivery recovered after %.0f s, %d items lost meanwhile", monotonic() - known[0], lost
        )

    def say(self, cause: str, line: str, *arguments: object) -> None:
        """Write a warning, unless one for this cause was written within the last minute."""
        with self._lock:
            if not self._allows(cause):
                return
        self._write(logging.WARNING, line, *arguments)

    def failures(self) -> dict[Signal, tuple[float, str]]:
        """Give the signals whose delivery fails: since when (monotonic), and for what."""
        with self._lock:
            return dict(self._failing)

    def _allows(self, cause: str) -> bool:
        now = monotonic()
        before = self._said.get(cause)
        if before is not None and now - before < _EVERY:
            return False
        if len(self._said) >= _MOST_CAUSES:
            self._said.clear()
        self._said[cause] = now
        return True

    def _write(self, level: int, line: str, *arguments: object) -> None:
        try:
            _logger.log(level, line, *arguments)
        except KeyboardInterrupt:
            raise
        except BaseException:  # noqa: BLE001  # handlers are the application's
            return
