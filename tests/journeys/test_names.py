"""Names are checked where they are written, declared objects when the catalogue comes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sms_observability.catalog import SMS_CATALOG, CatalogError, Journey, Step
from sms_observability.journeys import journey, step, use_catalog

REFUND = Journey("refund_flow", sla_ms=2000, steps=(Step("Payment.refund"),))


@pytest.fixture(autouse=True)
def no_catalog() -> Iterator[None]:
    yield
    use_catalog(None)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: journey("parts_order_flow"), "no journey 'parts_order_flow'.*did you mean 'parts_ordering_flow'"),
        (lambda: step("PartsService.getQuotes"), "no step 'PartsService.getQuotes'.*'PartsService.getSupplierQuotes'"),
        (lambda: step("parts_ordering_flow"), "no step 'parts_ordering_flow'"),
    ],
)
def test_an_unknown_name_raises_at_once_with_the_nearest_one(make: Any, message: str) -> None:
    """A misspelling is found at import, with what to write instead."""
    with pytest.raises(CatalogError, match=message):
        make()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: journey(lambda: None), r'write @journey\("name"\)'),
        (lambda: step(lambda: None), r'write @step\("name"\)'),
        (lambda: journey(3), "takes the name of a journey or a Journey, not a int"),
        (lambda: journey(Step("A.b")), "not a Step"),
        (lambda: step(REFUND), "not a Journey"),
        (lambda: journey(None), "not a NoneType"),
    ],
)
def test_what_is_no_name_raises_with_its_remedy(make: Any, message: str) -> None:
    """`@journey` without parentheses is the commonest of them."""
    with pytest.raises(TypeError, match=message):
        make()


def test_an_object_is_checked_when_the_catalogue_comes() -> None:
    """It may be written before; the message says how to declare it."""

    @journey(REFUND)
    def refund() -> None: ...

    with pytest.raises(CatalogError, match=r"'refund_flow' is used but not in the catalogue.*SMS_CATALOG\.extend"):
        use_catalog(SMS_CATALOG)
    use_catalog(SMS_CATALOG.extend(journeys=[REFUND]))
    assert refund() is None


def test_a_step_object_is_checked_when_the_catalogue_comes() -> None:
    """As a journey is."""

    @step(Step("Payment.chargeBack"))
    def charge_back() -> None: ...

    with pytest.raises(CatalogError, match=r"step 'Payment\.chargeBack' is used but not in the catalogue"):
        use_catalog(SMS_CATALOG.extend(journeys=[REFUND]))
    assert charge_back() is None


def test_an_object_is_checked_at_once_when_the_catalogue_is_there() -> None:
    """Another journey of the same name is as unknown as none."""
    use_catalog(SMS_CATALOG.extend(journeys=[REFUND]))
    with journey(REFUND), step(REFUND.steps[0]):
        pass
    with pytest.raises(CatalogError, match="'refund_flow' is used but not in the catalogue"):
        journey(Journey("refund_flow", sla_ms=1999))


def test_a_decorator_that_is_gone_is_not_asked_about() -> None:
    """What one test declared does not stop the next one's `init_observability`, cycles included."""

    def make() -> None:
        @journey(Journey("forgotten_flow", sla_ms=1000))
        def forgotten() -> None: ...

        forgotten.me = forgotten  # type: ignore[attr-defined]

    make()
    use_catalog(SMS_CATALOG)


def test_a_name_of_the_service_s_own_catalogue_is_known_while_it_is_in_use() -> None:
    """By name it works once the catalogue is there."""
    with pytest.raises(CatalogError):
        journey("refund_flow")  # type: ignore[call-overload]
    use_catalog(SMS_CATALOG.extend(journeys=[REFUND]))
    with journey("refund_flow"), step("Payment.refund"):  # type: ignore[call-overload]
        pass
    with pytest.raises(CatalogError, match="did you mean 'refund_flow'"):
        journey("refunds_flow")  # type: ignore[call-overload]
