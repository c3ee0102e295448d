"""The figures that are promised, each against its base, and why one is missed where it is.

`make bench` measures them and writes the table of `docs/performance.md`. Numbers are those of `docs/performance.md` as
well as of the goals that were set before anything was built.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One promised ratio.

    Args:
        number: Its number among all goals.
        what: What is measured.
        base: What it is compared with, in the same run.
        bench: The module that measures it.
        case: The case of it.
        goal: The ratio that it should not exceed.
        if_missed: Why it is missed, in one sentence, for the page; used only where it is.
    """

    number: int
    what: str
    base: str
    bench: str
    case: str
    goal: float
    if_missed: str = ""


FIGURES = (
    Figure(
        1,
        "a journey with its SLA check, 3 attributes more, and its metrics",
        "a bare root span of the stock SDK",
        "bench_journey",
        "journey_set_3",
        1.25,
    ),
    Figure(
        2,
        "CPU that a request costs, hello",
        "contrib's FastAPI instrumentation with its defaults",
        "bench_request",
        "/hello, ours",
        1.0,
    ),
    Figure(
        2,
        "CPU that a request costs, quote (3 spans and 2 measurements of its own)",
        "the same",
        "bench_request",
        "/quote/7, ours",
        1.0,
    ),
    Figure(
        3,
        "CPU to export a span: sanitised, redacted, encoded",
        "the official encoder alone",
        "bench_export",
        "span",
        0.20,
    ),
    Figure(
        3,
        "the same in a request that holds restricted values, all of which are looked for",
        "the same",
        "bench_export",
        "span, armed",
        0.20,
        "What holds digits and is no id is compared each time; requests without restricted values do not pay it.",
    ),
    Figure(3, "CPU to export a log record", "the same", "bench_export", "log", 0.25),
    Figure(
        3,
        "a log record of a request that holds restricted values",
        "the same",
        "bench_export",
        "log, armed",
        0.25,
        "What holds digits and is no id is compared each time; requests without restricted values do not pay it.",
    ),
    Figure(3, "CPU to export a metric's point", "the same", "bench_export", "metric point", 0.25),
    Figure(
        3,
        "memory of a queued span with 6 attributes",
        "a span of the stock SDK",
        "bench_export",
        "queued span",
        0.40,
    ),
    Figure(
        4,
        "99th percentile of requests at 300 a second, with a live receiver",
        "the same service without observability",
        "bench_latency",
        "p99, ours",
        2.0,
    ),
    Figure(
        5,
        "a log line, with trace ids, redaction and its OTLP copy, on the calling thread",
        "structlog with its JSON renderer, with none of them",
        "bench_log",
        "line",
        0.40,
        "The base does a part of the work. Of ours, a seventh is the write; the three calls down to it, the fields of "
        "the call, and the dictionaries of line and copy are a tenth each; the JSON of what varies, the trace's ids, "
        "the time and the copy are a twentieth each. What all lines of a request share is put together for its first "
        "one, which takes two thirds more.",
    ),
    Figure(6, "a debug line that is not written", "the same", "bench_log", "disabled", 0.02),
    Figure(
        9,
        "import and `init_observability`",
        "import and set-up of tracing by OTLP/HTTP on the stock SDK",
        "bench_import",
        "ours",
        1.0,
        "The base has traces alone; what the stock SDK needs for all three signals is below. A start waits for "
        "nothing that it does not use: the thread that sends first imports the HTTP client, the first instrument of "
        "the plain API the SDK's metrics, the first logger structlog and with it asyncio (below: with a logger), which "
        "a web service has anyway. `import sms_observability` alone is next to nothing: names are loaded when first "
        "used.",
    ),
    Figure(
        10,
        "an operation on `Restricted[Decimal]`, the slowest of five",
        "the same on `Decimal`",
        "bench_restricted",
        "slowest",
        10.0,
    ),
)
