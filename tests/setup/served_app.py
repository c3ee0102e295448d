"""A service for the tests of real processes: each request leaves spans, log lines and counts, all of them numbered."""

from __future__ import annotations

import os

from fastapi import FastAPI
from opentelemetry import trace

from sms_observability import get_logger, health_router, init_observability, metrics

app = FastAPI()
observability = init_observability("served", app=app, instrument=[])
app.include_router(health_router())
log = get_logger()
tracer = trace.get_tracer("served")


@app.get("/parts/{number}")
async def work(number: int) -> dict[str, int]:
    """Leave twenty spans, twenty log lines and a count of twenty."""
    for part in range(20):
        with tracer.start_as_current_span("SELECT parts"):
            log.info("Part done", part=part)
    metrics.feature_usage.add(20, feature="quotes", role="captain")
    return {"number": number, "pid": os.getpid()}
