"""A metric becomes an OTLP `Metric` message."""

from __future__ import annotations

from functools import partial
from struct import Struct, pack
from typing import TYPE_CHECKING, Any

from sms_observability.export.encode import wire
from sms_observability.export.encode.values import Names

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sms_observability.export.encode.values import Values
    from sms_observability.export.records import (
        Exemplar,
        ExponentialHistogramPoint,
        HistogramPoint,
        MetricData,
        NumberPoint,
        SummaryPoint,
    )
    from sms_observability.privacy.policy import Policy

_TIMES = Struct("<BQBQ").pack
_TIMES_COUNT = Struct("<BQBQBQ").pack
_QUANTILE = Struct("<BdBd").pack
_TEMPORALITIES = {0: b"", 1: b"\x10\x01", 2: b"\x10\x02"}
_MAX_BOUNDS = 256
_MAX_DESCRIPTIONS = 1024


class Metrics:
    """Encodes metrics of the five kinds."""

    __slots__ = ("_bounds", "_descriptions", "_kinds", "_names", "_policy", "_units", "_values")

    def __init__(self, values: Values, policy: Policy) -> None:
        self._values = values
        self._policy = policy
        self._names = Names(b"\x0a")
        self._descriptions: dict[tuple[str, str], bytes] = {}
        self._units = Names(b"\x1a", partial(policy.text, "unit"))
        self._bounds: dict[tuple[float, ...], bytes] = {}
        self._kinds: dict[str, tuple[bytes, Callable[[Any], bytes]]] = {
            "gauge": (b"\x2a", self._number),
            "sum": (b"\x3a", self._number),
            "histogram": (b"\x4a", self._histogram),
            "exponential_histogram": (b"\x52", self._exponential),
            "summary": (b"\x5a", self._summary),
        }

    def encode(self, metric: MetricData) -> bytes | None:
        """Encode the body of a `Metric` message; nothing if the policy refuses it or it has no points.

        Raises:
            Exception: A field is not of the type or range that a sanitised one has.
        """
        name, unit = self._names[metric.name], self._units[metric.unit]
        head = name + self._description(metric.name, metric.description) + unit
        if not metric.points or not self._policy.metric(metric.name):
            return None
        kind = metric.kind
        tag, encode = self._kinds[kind]
        data = b"".join([wire.block(b"\x0a", encode(point)) for point in metric.points])
        if kind not in {"gauge", "summary"}:
            data += _TEMPORALITIES[metric.temporality]
        if kind == "sum" and metric.monotonic:
            data += b"\x18\x01"
        return head + wire.block(tag, data)

    def _description(self, metric: str, text: str) -> bytes:
        key = (metric, text)
        encoded = self._descriptions.get(key)
        if encoded is None:
            encoded = wire.text(b"\x12", self._policy.description(metric, text))
            if len(self._descriptions) >= _MAX_DESCRIPTIONS:
                self._descriptions.clear()
            self._descriptions[key] = encoded
        return encoded

    def _number(self, point: NumberPoint) -> bytes:
        body = (
            self._values.pairs(b"\x3a", point.attributes)
            + _TIMES(0x11, point.start_ns, 0x19, point.time_ns)
            + _amount(b"\x31", b"\x21", point.value)
        )
        if point.exemplars:
            body += self._exemplars(b"\x2a", point.exemplars)
        if point.flags:
            body += b"\x40" + wire.uint32(point.flags)
        return body

    def _histogram(self, point: HistogramPoint) -> bytes:
        counts = point.counts
        body = self._values.pairs(b"\x4a", point.attributes) + _TIMES_COUNT(
            0x11, point.start_ns, 0x19, point.time_ns, 0x21, point.count
        )
        if point.sum is not None:
            body += b"\x29" + wire.DOUBLE(point.sum)
        if counts:
            body += wire.block(b"\x32", pack(f"<{len(counts)}Q", *counts))
        if point.bounds:
            body += self._explicit_bounds(point.bounds)
        if point.exemplars:
            body += self._exemplars(b"\x42", point.exemplars)
        if point.flags:
            body += b"\x50" + wire.uint32(point.flags)
        if point.min is not None:
            body += b"\x59" + wire.DOUBLE(point.min)
        if point.max is not None:
            body += b"\x61" + wire.DOUBLE(point.max)
        return body

    def _explicit_bounds(self, bounds: Sequence[float]) -> bytes:
        key = tuple(bounds)
        encoded = self._bounds.get(key)
        if encoded is None:
            encoded = wire.block(b"\x3a", pack(f"<{len(key)}d", *key))
            if len(self._bounds) >= _MAX_BOUNDS:
                self._bounds.clear()
            self._bounds[key] = encoded
        return encoded

    def _exponential(self, point: ExponentialHistogramPoint) -> bytes:
        body = self._values.pairs(b"\x0a", point.attributes) + _TIMES_COUNT(
            0x11, point.start_ns, 0x19, point.time_ns, 0x21, point.count
        )
        if point.sum is not None:
            body += b"\x29" + wire.DOUBLE(point.sum)
        body += b"\x30" + wire.sint32(point.scale) + b"\x39" + wire.FIXED64(point.zero_count)
        if point.positive_counts:
            body += wire.block(b"\x42", _buckets(point.positive_offset, point.positive_counts))
        if point.negative_counts:
            body += wire.block(b"\x4a", _buckets(point.negative_offset, point.negative_counts))
        if point.flags:
            body += b"\x50" + wire.uint32(point.flags)
        if point.exemplars:
            body += self._exemplars(b"\x5a", point.exemplars)
        if point.min is not None:
            body += b"\x61" + wire.DOUBLE(point.min)
        if point.max is not None:
            body += b"\x69" + wire.DOUBLE(point.max)
        if point.zero_threshold:
            body += b"\x71" + wire.DOUBLE(point.zero_threshold)
        return body

    def _summary(self, point: SummaryPoint) -> bytes:
        body = (
            self._values.pairs(b"\x3a", point.attributes)
            + _TIMES_COUNT(0x11, point.start_ns, 0x19, point.time_ns, 0x21, point.count)
            + b"\x29"
            + wire.DOUBLE(point.sum)
        )
        for quantile, value in point.quantiles:
            body += b"\x32\x12" + _QUANTILE(0x09, quantile, 0x11, value)
        if point.flags:
            body += b"\x40" + wire.uint32(point.flags)
        return body

    def _exemplars(self, tag: bytes, exemplars: Sequence[Exemplar]) -> bytes:
        parts: list[bytes] = []
        for exemplar in exemplars:
            body = b"\x11" + wire.FIXED64(exemplar.time_ns) + _amount(b"\x31", b"\x19", exemplar.value)
            if exemplar.trace_id and exemplar.span_id:
                body += wire.ids(0x2A10, exemplar.trace_id, 0x2208, exemplar.span_id)
            body += self._values.pairs(b"\x3a", exemplar.attributes)
            parts.append(wire.block(tag, body))
        return b"".join(parts)


def _amount(int_tag: bytes, float_tag: bytes, value: float) -> bytes:
    if type(value) is int:
        return int_tag + wire.SFIXED64(value)
    if type(value) is float:
        return float_tag + wire.DOUBLE(value)
    raise TypeError


def _buckets(offset: int, counts: Sequence[int]) -> bytes:
    return b"\x08" + wire.sint32(offset) + wire.block(b"\x12", b"".join([wire.uint64(count) for count in counts]))
