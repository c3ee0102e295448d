"""A portal of one process and a second: what `demo` runs where there is no checkout with the real example."""

from __future__ import annotations

import time
from contextlib import redirect_stdout, suppress
from decimal import Decimal
from io import StringIO
from typing import TYPE_CHECKING, Any, Final, Literal

from sms_observability.catalog import SMS_CATALOG, Journey, Step
from sms_observability.context import bind_context, unbind_context
from sms_observability.journeys import journey, step
from sms_observability.logs import get_logger
from sms_observability.metrics import parts_order_value_dollars, parts_orders_completed, parts_quotes_requested
from sms_observability.metrics import restricted as restricted_metrics
from sms_observability.privacy import Restricted, declassify
from sms_observability.setup.start import init_observability, reset

if TYPE_CHECKING:
    from sms_observability.receiver import Receiver

_log: Final = get_logger("demo")
_FLUSH: Final = 5.0

_ASK: Final = Step("Demo.askSuppliers")
_SAVE: Final = Step("Demo.save")
RUSH: Final = Journey("demo_rush_flow", sla_ms=100, steps=(_ASK, _SAVE), description="A quote in a tenth of a second")


class SupplierError(Exception):
    """A supplier does not answer."""


def serve(receiver: Receiver) -> dict[str, dict[str, Any]]:
    """Serve a few orders, observed, and send all of it to a receiver.

    Returns:
        What `Observability.accounting()` says at the end.
    """
    # Log lines are shown as they arrived, not twice.
    with redirect_stdout(StringIO()):
        observability = init_observability(
            "demo",
            environment="demo",
            endpoint=receiver.endpoint,
            traces="otlp",
            metrics="otlp",
            logs="otlp",
            catalog=SMS_CATALOG.extend(journeys=[RUSH]),
        )
        try:
            _work()
            observability.flush(_FLUSH)
            return observability.accounting()
        finally:
            reset()


def _work() -> None:
    bind_context(company_id="nordic-lines", vessel_id="aurora")
    _quote("low", 0.01)
    _quote("high", 0.02)
    _quote("high", 0.15)
    bind_context(company_id="baltic-freight", vessel_id="vega")
    with suppress(SupplierError):
        _order(fails=True)
    _order(fails=False)
    unbind_context("company_id", "vessel_id")


def _quote(urgency: Literal["low", "high"], seconds: float) -> None:
    with journey(RUSH):
        with step(_ASK):
            time.sleep(seconds)
        with step(_SAVE):
            time.sleep(0.005)
        parts_quotes_requested.add(1, urgency=urgency)
        _log.info("Parts quote requested", urgency=urgency)


def _order(*, fails: bool) -> None:
    with journey("parts_ordering_flow"):
        with step("PartsService.getSupplierQuotes"):
            if fails:
                raise SupplierError
            cost = Restricted(Decimal("912.47"))
        with step("MarkupService.calculatePrice"):
            price = round(cost * Decimal("1.18"), 2)
        # Only the restricted channel could carry it; there is none here, so it is dropped and counted.
        restricted_metrics.parts_markup_realized.record(price - cost)
        told: Decimal = declassify(price, reason="customer price")
        parts_order_value_dollars.record(told)
        parts_orders_completed.add(1, order_type="standard")
