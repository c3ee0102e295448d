"""The encoder of one door: its policy, its caches, and the guard around every item."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from sms_observability.export.encode import wire
from sms_observability.export.encode.again import Again
from sms_observability.export.encode.logs import Logs
from sms_observability.export.encode.mend import mend_log, mend_metric, mend_span
from sms_observability.export.encode.metrics import Metrics
from sms_observability.export.encode.spans import Spans
from sms_observability.export.encode.values import Values
from sms_observability.export.records import Scope
from sms_observability.privacy.guard import ValueGuard
from sms_observability.sanitise import sanitise_attributes, sanitise_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sms_observability.export.records import LogData, MetricData, Signal, SpanData
    from sms_observability.privacy.policy import Policy
    from sms_observability.sanitise import Value

_MAX_SCOPES = 1024
_NO_SCOPE = (b"\x0a\x00", b"")

T = TypeVar("T")


class Quarantined(Exception):  # noqa: N818  # it names what happened to the item
    """An item could not be encoded, not even mended; its text is the type of the error, never a value."""


class Encoder:
    """Turns records into OTLP messages and requests, asking one policy what may leave.

    Several threads may use one encoder. Every cache is bounded.

    Args:
        policy: Decides what may leave. It is asked once for each key that it lets out, and every time for one that it
            refuses, so that it can count.

    Example:
        >>> from sms_observability.export.records import Scope, SpanRecord
        >>> from sms_observability.privacy.policy import OpenPolicy
        >>> encoder, scope = Encoder(OpenPolicy()), Scope("parts")
        >>> span = encoder.encode_span(
        ...     SpanRecord(trace_id=1, span_id=2, name="quote", start_ns=3, end_ns=4, scope=scope)
        ... )
        >>> request = encoder.frame(encoder.encode_resource({"service.name": "parts-api"}), [(scope, [span])])
    """

    __slots__ = ("_logs", "_metrics", "_policy", "_scopes", "_spans", "_values")

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._values = Values(policy)
        self._spans = Spans(self._values, policy)
        self._logs = Logs(self._values, policy)
        self._metrics = Metrics(self._values, policy)
        self._scopes: dict[Scope, tuple[bytes, bytes]] = {}

    def encode_span(self, span: SpanData) -> bytes:
        """Encode a span as the body of a `Span` message.

        A span with fields of wrong types or ranges is mended first: an unknown kind becomes INTERNAL, a time that
        is none becomes the other one, unusable ids become random ones, text and attributes are sanitised.

        Raises:
            Quarantined: It cannot be mended, or the policy raised (then nothing must leave).
        """
        return _guarded(self._spans.encode, mend_span, span, _armed(getattr(span, "guard_", None)))

    def encode_log(self, log: LogData) -> bytes:
        """Encode a log record as the body of a `LogRecord` message; mended like a span, unusable ids become none.

        Raises:
            Quarantined: It cannot be mended, or the policy raised.
        """
        return _guarded(self._logs.encode, mend_log, log, _armed(getattr(log, "guard", None)))

    def mask_again(self, signal: Signal, body: bytes, guard: ValueGuard) -> bytes:
        """Look through an encoded span or log record for what its request has made restricted since.

        Args:
            signal: `traces` or `logs`.
            body: What `encode_span` or `encode_log` gave.
            guard: That of its request.

        Returns:
            The same object if there was nothing to mask.

        Raises:
            Quarantined: It cannot be looked through; it must not leave then.
        """
        again = Again(guard, self._policy, self._values)
        look = again.span if signal == "traces" else again.log
        return _guarded(look, lambda same: same, body)

    def encode_metric(self, metric: MetricData) -> bytes | None:
        """Encode a metric as the body of a `Metric` message, mended if need be; points without an amount are left out.

        Returns:
            The message, or `None` if the policy refuses this metric or it has no points.

        Raises:
            Quarantined: It cannot be mended, or the policy raised.
        """
        return _guarded(self._metrics.encode, mend_metric, metric)

    def encode_resource(self, attributes: Mapping[str, Value]) -> bytes:
        """Encode the attributes of a resource as the body of a `Resource` message; the policy is asked for each key.

        Raises:
            Quarantined: The policy raised.
        """
        return _guarded(partial(self._values.pairs, b"\x0a"), sanitise_attributes, attributes)

    def frame(self, resource: bytes, groups: Iterable[tuple[Scope, Sequence[bytes]]], *, schema_url: str = "") -> bytes:
        """Put items into one export request: traces, logs and metrics have the same frame.

        Args:
            resource: What `encode_resource` gave.
            groups: The encoded items of each scope. A scope may come more than once.
            schema_url: The schema of the resource.

        Returns:
            An `ExportTraceServiceRequest`, `ExportLogsServiceRequest` or `ExportMetricsServiceRequest`, depending on
            the items.
        """
        parts = [wire.block(b"\x0a", resource)]
        for scope, items in groups:
            head, tail = self._scope(scope)
            inside = [head]
            for item in items:
                inside += (b"\x12", wire.size(len(item)), item)
            inside.append(tail)
            parts.append(wire.block(b"\x12", b"".join(inside)))
        parts.append(wire.text(b"\x1a", self._schema_url(schema_url)))
        return wire.block(b"\x0a", b"".join(parts))

    def _scope(self, scope: Scope) -> tuple[bytes, bytes]:
        """Give what stands before and after the items of a scope."""
        if type(scope) is not Scope:
            return _NO_SCOPE
        encoded = self._scopes.get(scope)
        if encoded is None:
            try:
                encoded = self._encode_scope(scope)
            except KeyboardInterrupt:
                raise
            except BaseException:  # noqa: BLE001  # the policy raised: the items were allowed, the name was not
                return _NO_SCOPE
            if len(self._scopes) >= _MAX_SCOPES:
                self._scopes.clear()
            self._scopes[scope] = encoded
        return encoded

    def _schema_url(self, url: object) -> str:
        return self._policy.text("schema_url", sanitise_text(url or ""))

    def _encode_scope(self, scope: Scope) -> tuple[bytes, bytes]:
        body = (
            wire.text(b"\x0a", self._policy.scope_name(sanitise_text(scope.name or "")))
            + wire.text(b"\x12", self._policy.text("scope_version", sanitise_text(scope.version or "")))
            + self._values.pairs(b"\x1a", sanitise_attributes(scope.attributes))
        )
        return wire.block(b"\x0a", body), wire.text(b"\x1a", self._schema_url(scope.schema_url))


def _armed(guard: object) -> ValueGuard | None:
    """Give a guard that has anything to look for."""
    return guard if type(guard) is ValueGuard and guard.armed else None


def _guarded(encode: Callable[..., T], mend: Callable[[Any], Any], item: Any, *guard: ValueGuard | None) -> T:
    """Encode an item; what fails is mended and tried once more."""
    try:
        return encode(item, *guard)
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001  # a bad item may raise anything; it can only lose itself
        pass
    try:
        return encode(mend(item), *guard)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001  # as above
        raise Quarantined(type(error).__name__) from None
