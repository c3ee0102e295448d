"""The orders worker: takes paid orders from the database and places them with the supplier.

Run it: `python -m examples.portal.worker`; it stops at SIGTERM, after the order it is at.
"""

import asyncio
import json
import signal
import sys
import threading

from examples.portal import suppliers
from examples.portal.catalogue import COMPLETE_ORDER, ORDER_FULFILMENT, PLACE_ORDER, PORTAL_CATALOG, jobs_taken
from examples.portal.database import Job, Order, Quote, Session
from examples.portal.jobs import picked_up
from examples.portal.pricing import band
from sms_observability import get_logger, init_observability, journey, metrics, step

ATTEMPTS = 3
PAUSE = 0.25

log = get_logger()


def main() -> None:
    """Work until SIGTERM."""
    observability = init_observability("orders-worker", catalog=PORTAL_CATALOG)
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    log.info("Worker started")
    with asyncio.Runner() as runner:
        while not stopping.is_set():
            if not runner.run(work_once()):
                stopping.wait(PAUSE)
    log.info("Worker stopped")
    observability.shutdown()
    sys.stdout.write(json.dumps({"accounting": observability.accounting()}) + "\n")


async def work_once() -> bool:
    """Take one job, if there is one."""
    with Session() as db:
        job = db.query(Job).filter_by(status="waiting").order_by(Job.attempt, Job.id).first()
        if job is None:
            return False
        job.attempt += 1
        with picked_up(job):
            jobs_taken.add(1, job_kind="fulfil_order")
            order = db.get_one(Order, job.order_id)
            quote = db.get_one(Quote, order.quote_id)
            try:
                await fulfil(order, quote)
            except suppliers.SupplierError:
                log.warning("Supplier did not take the order", order_id=order.id, attempt=job.attempt)
                if job.attempt == ATTEMPTS:
                    order.status = job.status = "failed"
                    metrics.parts_orders_failed.add(1, failure_reason="supplier")
                    log.exception("Order failed", order_id=order.id)
            else:
                job.status = "done"
        db.commit()
        return True


@journey(ORDER_FULFILMENT)
async def fulfil(order: Order, quote: Quote) -> None:
    """Place an order and record what it brought."""
    with step(PLACE_ORDER):
        await suppliers.place_order(quote.part_no, quote.quantity)
    with step(COMPLETE_ORDER):
        order.status = "completed"

    metrics.parts_orders_completed.add(1, order_type=order.order_type)
    metrics.parts_order_value_dollars.record(quote.price)
    # For the revenue team only: these leave by the restricted door, or not at all.
    metrics.restricted.parts_markup_realized.record(quote.price - quote.cost, parts_category=quote.parts_category)
    metrics.restricted.parts_order_value.record(quote.price, parts_category=quote.parts_category)
    metrics.restricted.quotes_ordered.add(1, price_band=band(quote.price))
    log.info("Order completed", order_id=order.id)


if __name__ == "__main__":
    main()
