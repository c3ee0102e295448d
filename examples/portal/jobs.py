"""Work that outlives its request: handed over with trace, correlation id and ids, and picked up with them."""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import context, propagate
from sqlalchemy.orm import Session

from examples.portal.database import Job, Order, Quote
from sms_observability import bind_context, current_correlation_id, unbind_context


def hand_over(db: Session, order: Order, quote: Quote) -> None:
    """Let the worker fulfil an order."""
    trace: dict[str, str] = {}
    propagate.inject(trace)
    db.add(
        Job(
            order_id=order.id,
            correlation_id=current_correlation_id(),
            company_id=quote.company_id,
            vessel_id=quote.vessel_id,
            trace=trace,
        )
    )


@contextmanager
def picked_up(job: Job) -> Iterator[None]:
    """Go on with the transaction that a job belongs to: same trace, same correlation id, same company and vessel."""
    token = context.attach(propagate.extract(job.trace))
    bind_context(correlation_id=job.correlation_id, company_id=job.company_id, vessel_id=job.vessel_id)
    try:
        yield
    finally:
        unbind_context("correlation_id", "company_id", "vessel_id")
        context.detach(token)
