"""A service that says what the questions about logs are asked of; `test_log_storage.py` runs it behind the gateway."""

from __future__ import annotations

import time

from sms_observability import bind_context, get_logger, init_observability, journey, step, unbind_context

# Stores put lines of one millisecond in any order.
PAUSE = 0.005
DETAILS = 200
PLACES = 12

observability = init_observability(
    "parts-api",
    version="1.2.3",
    region="eu-west-1",
    environment="production",
    log_level="DEBUG",
    log_levels={"sms_observability.setup": "WARNING"},  # that there is no restricted endpoint is none of the questions
    log_format="json",
)
log = get_logger()
costs: dict[str, float] = {}


@journey("parts_ordering_flow")
def order() -> None:
    """A journey that says something of every severity, and would like to say the markup."""
    bind_context(correlation_id="order-17", company_id="cmp_1", vessel_id="v-7", user_id="usr_1")
    log.info("Parts quote requested", duration_ms=245, part_no="PUMP-100", margin=118.2731)
    with step("PartsService.getSupplierQuotes"):
        time.sleep(PAUSE)
        log.warning("Supplier is slow", attempt=2, error="no answer")
        time.sleep(PAUSE)
        try:
            costs["118.2731"]
        except KeyError:
            log.exception("Quote failed with exception", error_type="KeyError")
    unbind_context("correlation_id", "company_id", "vessel_id", "user_id")


@journey("technician_sync_flow")
def sync() -> None:
    """Another vessel's journey, with details."""
    bind_context(correlation_id="sync-1", company_id="cmp_1", vessel_id="v-8")
    for _ in range(PLACES):
        log.debug("Place compared")
    log.info("Sync finished", items=PLACES)
    unbind_context("correlation_id", "company_id", "vessel_id")


order()
sync()
get_logger("security.login").warning("Login refused", reason="password")
get_logger("business").info("Order placed", order_id="o-1")
get_logger("audit").info("Price list exported")
get_logger("auditorium").info("Chairs counted", count=3)
for _ in range(DETAILS):
    log.debug("Detail")
if not observability.flush(30.0):
    raise SystemExit("not everything was delivered")
observability.shutdown(10.0)
