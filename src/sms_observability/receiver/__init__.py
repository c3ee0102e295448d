"""The embedded OTLP receiver of the demo, the command line, tests and benchmarks."""

try:
    import opentelemetry.proto.collector.trace.v1.trace_service_pb2  # noqa: F401  # pyright: ignore[reportUnusedImport]
except ImportError as error:
    msg = (
        "the embedded OTLP receiver needs opentelemetry-proto: "
        'install it with pip install "sms-observability[cli]" or "sms-observability[testing]"'
    )
    raise ImportError(msg) from error

from sms_observability.receiver.items import Answer, Batch, Exemplar, Log, MetricPoint, Signal, Span
from sms_observability.receiver.line import Line, plain, write
from sms_observability.receiver.live import Live
from sms_observability.receiver.report import JourneyFigures, accounting_table, journey_table, journeys
from sms_observability.receiver.server import Receiver
from sms_observability.receiver.view import latest, log_line, metric_line, trace_tree

__all__ = [
    "Answer",
    "Batch",
    "Exemplar",
    "JourneyFigures",
    "Line",
    "Live",
    "Log",
    "MetricPoint",
    "Receiver",
    "Signal",
    "Span",
    "accounting_table",
    "journey_table",
    "journeys",
    "latest",
    "log_line",
    "metric_line",
    "plain",
    "trace_tree",
    "write",
]
