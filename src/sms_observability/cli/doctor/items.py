"""One item of each signal, made and encoded as the door would."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from sms_observability.export.encode import Encoder
from sms_observability.export.records import LogData, MetricData, NumberPoint, Scope, SpanRecord
from sms_observability.privacy import OpenPolicy
from sms_observability.providers.ids import random_span_id, random_trace_id
from sms_observability.version import VERSION

if TYPE_CHECKING:
    from sms_observability.export.records import Signal

SERVICE: Final = "sms-observability-doctor"
"""The service that the items come from, so that nobody takes them for a real one's."""

_NAME: Final = "doctor"
_METRIC: Final = "sms.telemetry.emitted"


def request(signal: Signal) -> bytes:
    """Give an export request with one item, made just now."""
    encoder = Encoder(OpenPolicy())
    scope = Scope("sms_observability", VERSION)
    now = time.time_ns()
    if signal == "traces":
        item: bytes | None = encoder.encode_span(
            SpanRecord(
                trace_id=random_trace_id(),
                span_id=random_span_id(),
                name=_NAME,
                start_ns=now - 1_000_000,
                end_ns=now,
                scope=scope,
            )
        )
    elif signal == "logs":
        item = encoder.encode_log(LogData(now, 9, "INFO", "sms-observability doctor was here", {}, scope))
    else:
        item = encoder.encode_metric(
            MetricData(
                _METRIC,
                "",
                "{item}",
                "sum",
                [NumberPoint({"signal": "traces"}, now - 1_000_000, now, 1)],
                scope,
                monotonic=True,
            )
        )
    resource = encoder.encode_resource({"service.name": SERVICE, "service.version": VERSION})
    return encoder.frame(resource, [(scope, [item or b""])])
