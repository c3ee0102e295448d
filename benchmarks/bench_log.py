"""What a log line costs the code that writes it: ours with all it does, against stock structlog with JSON.

The base is structlog with five processors (context variables, level, stack, ISO time stamp, `json`), cached loggers and
nothing else: no trace ids, no redaction, no copy. Ours runs in a span and a request with three ids bound, asks the
catalogue which fields may be written, looks for restricted values, and hands a copy to a bounded deque, as to the
door's queue. Both write to the null device. Interleaved, as ratios of medians. Run it with
`python benchmarks/bench_log.py [rounds]`.
"""

from __future__ import annotations

import logging
import os
import sys
from collections import deque
from pathlib import Path
from statistics import median
from time import perf_counter

import structlog

from sms_observability.catalog import SMS_CATALOG
from sms_observability.context import Request, bind_context, enter_request, exit_request
from sms_observability.logs import LogOptions, configure_logs, get_logger, restore_logs
from sms_observability.privacy import CataloguePolicy
from sms_observability.providers import TracerProvider

LINES = 2000


def line(log):
    for _ in range(LINES):
        log.info("Parts quote requested", part_no="PUMP-100", duration_ms=245)


def line_bound(log):
    log = log.bind(part_no="PUMP-100", attempt=1)
    for _ in range(LINES):
        log.info("Parts quote requested", duration_ms=245)


def bind_and_line(log):
    for _ in range(LINES):
        log.bind(part_no="PUMP-100").info("Parts quote requested", duration_ms=245)


def disabled(log):
    for _ in range(LINES):
        log.debug("Parts quote requested", part_no="PUMP-100", duration_ms=245)


def exception(log):
    for _ in range(LINES // 10):
        try:
            raise ValueError("no stock")
        except ValueError:
            log.exception("Quote failed")


def stdlib(log):  # noqa: ARG001
    log = logging.getLogger("parts")
    for _ in range(LINES):
        log.info("Parts quote %s requested", "PUMP-100")


def timed(case, log):
    start = perf_counter()
    case(log)
    return (perf_counter() - start) / (LINES // 10 if case is exception else LINES)


def stock_logger(sink):
    return structlog.wrap_logger(
        structlog.PrintLogger(sink),
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.StackInfoRenderer(),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    ).bind()


def main(rounds=25):
    policy = CataloguePolicy(SMS_CATALOG, unknown_fields="drop", channel="public")
    kept = deque(maxlen=2048)
    ratios = {}
    with Path(os.devnull).open("w") as theirs_sink, Path(os.devnull).open("w") as ours_sink:
        stock = stock_logger(theirs_sink)
        options = {
            "service": "parts-api",
            "version": "1.2.3",
            "format": "json",
            "stream": ours_sink,
            "emit": kept.append,
            "allow_key": policy.key,
            "mask": policy.mask,
            "holds": policy.holds,
        }
        configure_logs(LogOptions(**options))
        ours = get_logger()
        token = enter_request(Request(method="POST", route="/api/parts/quote", correlation_id="order-17"))
        bind_context(user_id="usr_1", company_id="cmp_1", vessel_id="vsl_1")
        print(f"{'case':<20}{'ours us':>10}{'stock line us':>15}{'ratio':>8}")
        with TracerProvider(deque(maxlen=1).append).get_tracer("bench").start_as_current_span("work"):
            for case in (line, line_bound, bind_and_line, disabled, exception, stdlib):
                timed(line, stock), timed(case, ours)
                rows = [(timed(line, stock), timed(case, ours)) for _ in range(rounds)]
                stock_us, ours_us = (median(row[side] for row in rows) * 1e6 for side in (0, 1))
                ratios[case.__name__] = ratio = median(own / their for their, own in rows)
                print(f"{case.__name__:<20}{ours_us:>10.2f}{stock_us:>15.2f}{ratio:>8.3f}")
        exit_request(token)
        restore_logs()
    return ratios


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
