"""Standard variables beside the settings: those that are honoured, and those that are refused, with the reason.

`docs/settings.md` is rendered from this table too, and `sms-observability doctor` names a refused one that is set.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Variable(NamedTuple):
    """One variable of the OpenTelemetry specification.

    Attributes:
        name: The variable.
        meaning: What it does here; for a refused one, why it does nothing and what to use.
        default: What holds without it.
        honoured: Whether it does anything.
    """

    name: str
    meaning: str
    default: str = ""
    honoured: bool = True


_BATCHES: Final = "Items in one request at most; so many that wait are sent at once."
_QUEUE: Final = "Items that may wait, as a bound beside `buffer_bytes`."
_EXPORT: Final = "Milliseconds that one export may take, beside `OTEL_EXPORTER_OTLP_TIMEOUT`."

VARIABLES: Final[tuple[Variable, ...]] = (
    Variable("OTEL_BSP_SCHEDULE_DELAY", "Milliseconds between two exports of spans.", "5000"),
    Variable("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", _BATCHES, "512"),
    Variable("OTEL_BSP_MAX_QUEUE_SIZE", _QUEUE, "no other bound"),
    Variable("OTEL_BSP_EXPORT_TIMEOUT", _EXPORT, "30000"),
    Variable("OTEL_BLRP_SCHEDULE_DELAY", "Milliseconds between two exports of log records.", "1000"),
    Variable("OTEL_BLRP_MAX_EXPORT_BATCH_SIZE", _BATCHES, "512"),
    Variable("OTEL_BLRP_MAX_QUEUE_SIZE", _QUEUE, "no other bound"),
    Variable("OTEL_BLRP_EXPORT_TIMEOUT", _EXPORT, "30000"),
    Variable("OTEL_METRIC_EXPORT_INTERVAL", "Milliseconds between two exports of metrics.", "60000"),
    Variable("OTEL_METRIC_EXPORT_TIMEOUT", _EXPORT, "30000"),
    Variable("OTEL_TRACES_SAMPLER", "What is recorded; sampling belongs into the Collector.", "parentbased_always_on"),
    Variable("OTEL_TRACES_SAMPLER_ARG", "Argument of the sampler, such as a share.", "none"),
    Variable("OTEL_PROPAGATORS", "How context travels between services.", "tracecontext,baggage"),
    Variable("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "Attributes of a span, at most 1024.", "128"),
    Variable("OTEL_SPAN_EVENT_COUNT_LIMIT", "Events of a span, at most 1024.", "128"),
    Variable("OTEL_SPAN_LINK_COUNT_LIMIT", "Links of a span, at most 1024.", "128"),
    Variable("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "Longest text of an attribute of a span.", "4096"),
    Variable("OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", "Attributes of an event, at most 1024.", "128"),
    Variable("OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", "Attributes of a link, at most 1024.", "128"),
    Variable(
        "OTEL_ATTRIBUTE_COUNT_LIMIT", "Attributes of a span, an event and a link without a limit of its own.", "128"
    ),
    Variable("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "Longest text of an attribute without a limit of its own.", "4096"),
    Variable(
        "OTEL_METRICS_EXEMPLAR_FILTER", "Exemplars of metrics of the plain OpenTelemetry API; never on money.", "off"
    ),
    Variable("OTEL_EXPORTER_OTLP_INSECURE", "For `grpc` and an endpoint without scheme: no TLS.", "false"),
    Variable(
        "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE",
        "Metrics are cumulative, as Prometheus needs them: convert in the Collector.",
        honoured=False,
    ),
    Variable(
        "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION",
        "Buckets are stated in the catalogue, so that SLA boundaries are exact.",
        honoured=False,
    ),
    Variable(
        "OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT",
        "A log record has 128 attributes at most, as everything that is sanitised.",
        honoured=False,
    ),
    Variable("OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT", "A text is cut at 4 KiB.", honoured=False),
    Variable("OTEL_PYTHON_LOG_LEVEL", "Write `SMS_OBSERVABILITY_LOG_LEVEL`.", honoured=False),
    Variable("OTEL_LOG_LEVEL", "Write `SMS_OBSERVABILITY_LOG_LEVEL`.", honoured=False),
    Variable("OTEL_CONFIG_FILE", "There is no configuration file: use keywords and variables.", honoured=False),
)


def refused(environ: Mapping[str, str]) -> list[Variable]:
    """Give the variables that are set and do nothing.

    Example:
        >>> [variable.name for variable in refused({"OTEL_LOG_LEVEL": "debug"})]
        ['OTEL_LOG_LEVEL']
    """
    return [each for each in VARIABLES if not each.honoured and environ.get(each.name, "").strip()]
