"""What may be written of a log record is the same whether it is the first of its kind or the thousandth."""

from __future__ import annotations

from typing import Any

import pytest

from sms_observability.catalog import SMS_CATALOG, Field
from sms_observability.context import Request, bind_context, enter_request, exit_request
from sms_observability.logs import get_logger
from sms_observability.privacy import PLACEHOLDER, CataloguePolicy, Pseudonyms, Restricted, guard_scope
from sms_observability.privacy.names import REDACTED

KEY = b"0123456789abcdef0123456789abcdef"
log = get_logger()


def by_catalogue(written: Any, **options: Any) -> CataloguePolicy:
    """Write by the policy of a service."""
    catalog = SMS_CATALOG.extend(fields=[Field("figure")])
    policy = CataloguePolicy(catalog, unknown_fields="drop", channel="public", **options)
    written.configure(allow_key=policy.key, mask=policy.mask, holds=policy.holds)
    return policy


def lines_of(written: Any) -> list[dict[str, Any]]:
    """Give the lines without those in which the library tells of its own."""
    return [line for line in written.lines if not line["context"].get("logger", "").startswith("sms_")]


def records_of(written: Any) -> list[Any]:
    """Give the records without those in which the library tells of its own."""
    return [record for record in written.records if not str(record.attributes.get("logger", "")).startswith("sms_")]


@pytest.mark.parametrize(
    "figure", [4711.08, "4711.08", "it is 4,711.08 now", 471_108, ["4711.08"], {"figure": 4711.08}]
)
def test_a_field_that_was_written_a_hundred_times_is_masked_once_its_value_is_restricted(
    written: Any, figure: Any
) -> None:
    """What is known of a field from other requests lets no restricted value out, by neither way."""
    by_catalogue(written)
    for _ in range(100):
        log.info("Priced", figure=figure)
    before = str(figure)
    assert all(str(line["context"]["figure"]) == before for line in lines_of(written))
    written.records.clear()
    with guard_scope():
        kept = [Restricted(4711.08)]
        for _ in range(3):
            log.info("Priced", figure=figure, part_no="PUMP-100", count=7)
        del kept
    lines, records = lines_of(written)[100:], records_of(written)
    assert [PLACEHOLDER in repr(line["context"]["figure"]) for line in lines] == [True] * 3
    assert [PLACEHOLDER in repr(record.attributes["figure"]) for record in records] == [True] * 3
    assert [line["context"]["part_no"] for line in lines] == ["PUMP-100"] * 3


def test_a_message_that_was_written_a_hundred_times_is_masked_once_it_is_restricted(written: Any) -> None:
    """What is known of a message from other requests lets no restricted value out, by neither way."""
    by_catalogue(written)
    for _ in range(100):
        log.info("Priced at 4711.08")
    with guard_scope():
        kept = [Restricted(4711.08)]
        log.info("Priced at 4711.08")
        del kept
    log.info("Priced at 4711.08")
    says = ["Priced at 4711.08"] * 100 + [f"Priced at {PLACEHOLDER}", "Priced at 4711.08"]
    assert [line["message"] for line in lines_of(written)] == says
    assert [record.body for record in records_of(written)] == says


def test_what_is_refused_is_counted_each_time(written: Any) -> None:
    """A key without a declaration, a restricted one and a message that tells are counted once a line."""
    told: list[tuple[str, ...]] = []
    by_catalogue(written, on_redacted=lambda *what: told.append(what))
    log.info("Said", shelf="A-12")
    written.stream.seek(0)
    written.stream.truncate()
    told.clear()
    bind_context(margin=17)
    for _ in range(3):
        log.info("Supplier cost received", markup=17, shelf="A-12", part_no="PUMP-100")
    assert [line["message"] for line in lines_of(written)] == [REDACTED] * 3
    assert [line["context"] for line in lines_of(written)] == [{"part_no": "PUMP-100"}] * 3
    each = [("key", "restricted"), ("key", "restricted"), ("key", "unknown"), ("log_body", "form")]
    assert sorted(told) == sorted(each * 3)


def test_a_message_that_is_made_anew_each_time_is_not_counted_as_one_that_was_replaced(written: Any) -> None:
    """What counts is whether the text differs."""
    told: list[tuple[str, ...]] = []
    by_catalogue(written, on_redacted=lambda *what: told.append(what))
    for _ in range(3):
        log.info("Part %s found", "PUMP-100")
    assert [line["message"] for line in lines_of(written)] == ["Part PUMP-100 found"] * 3
    assert told == []


def test_ids_of_people_are_pseudonyms_in_every_line(written: Any) -> None:
    """Bound or given, in the first line and in those after it, in requests with and without restricted values."""
    people = Pseudonyms(KEY)
    by_catalogue(written, pseudonym=people.of)
    bind_context(user_id="usr_101")
    for _ in range(2):
        log.info("Bound")
        log.info("Given", user_id="usr_102")
    with guard_scope():
        kept = [Restricted(4711.08)]
        log.info("Bound")
        del kept
    bound, given = people.of("usr_101"), people.of("usr_102")
    assert [line["user_id"] for line in lines_of(written)] == [bound, given, bound, given, bound]
    assert [record.attributes["user_id"] for record in records_of(written)] == [bound, given, bound, given, bound]


def test_what_is_bound_or_learnt_between_two_lines_is_in_the_second(written: Any) -> None:
    """Ids, the route, and fields: a line says what holds when it is written."""
    request = Request(method="POST", correlation_id="order-17")
    token = enter_request(request)
    log.info("Said")
    request.route = "/quote"
    log.info("Said")
    bind_context(company_id="acme", shelf=1)
    log.info("Said")
    bind_context(shelf=True)
    get_logger("parts").info("Said")
    exit_request(token)
    log.info("Said")
    assert [(line["context"], line["company_id"], line["correlation_id"]) for line in lines_of(written)] == [
        ({"method": "POST"}, None, "order-17"),
        ({"endpoint": "/quote", "method": "POST"}, None, "order-17"),
        ({"endpoint": "/quote", "method": "POST", "shelf": 1}, "acme", "order-17"),
        ({"logger": "parts", "endpoint": "/quote", "method": "POST", "shelf": True}, "acme", "order-17"),
        ({}, None, None),
    ]
    assert [record.attributes.get("company_id") for record in records_of(written)] == [None, None, "acme", "acme", None]


def test_no_more_fields_are_written_than_anybody_reads(written: Any) -> None:
    """The first 64 of a call, known ones or not."""
    for _ in range(2):
        log.info("Said", **{f"field_{letter}{number}": number for letter in "abcdefgh" for number in range(10)})
    assert [len(line["context"]) for line in lines_of(written)] == [64, 64]
