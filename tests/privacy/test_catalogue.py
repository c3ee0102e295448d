"""What leaves by which door, as the catalogue has it; everything else is dropped, and told of."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms_observability.catalog import SMS_CATALOG, Field, Journey, Metric, Step
from sms_observability.privacy import CataloguePolicy
from sms_observability.privacy.keys import MAX_NAMES, OTHER
from sms_observability.privacy.names import REDACTED, REDACTED_FRAME

DOORS: list[dict[str, Any]] = [
    {"unknown_fields": unknown, "channel": channel}
    for unknown in ("drop", "keep")
    for channel in ("public", "restricted")
]


def policy(**options: Any) -> CataloguePolicy:
    return CataloguePolicy(SMS_CATALOG, **{"unknown_fields": "drop", **options})


EMITTED = (
    "http.request.method http.route http.response.status_code url.scheme server.address server.port "
    "error.type network.protocol.version network.protocol.name db.system.name db.operation.name "
    "db.collection.name db.client.connection.pool.name db.client.connection.state cpu.mode "
    "cpython.gc.generation transaction_type exception.type exception.stacktrace exception.escaped "
    "service.name service.version service.instance.id deployment.environment.name cloud.region "
    "k8s.pod.name telemetry.sdk.name telemetry.sdk.language telemetry.sdk.version telemetry.distro.name "
    "telemetry.distro.version sms.correlation_id sms.company.id sms.vessel.id sms.journey.name "
    "sms.journey.outcome sms.journey.reason sms.journey.revenue sms.journey.steps_missing sms.step.name "
    "sms.step.reason sms.sla.threshold_ms sms.sla.duration_ms sms.sla.breached sms.sla.slowest_step "
    "sms.sla.budget_ms sms.sla.budget_share sms.sla.budget_remaining_ms user.id timestamp level service "
    "message trace_id span_id correlation_id company_id vessel_id user_id context metadata exception "
    "endpoint method status_code duration_ms logger signal reason thread.name code.file.path "
    "code.function.name code.line.number event.name"
)


def test_every_key_that_the_library_itself_writes_leaves_by_the_public_door() -> None:
    """Otherwise production would lack what development shows."""
    public = policy()
    assert [key for key in EMITTED.split() if not public.key(key)] == []
    assert public.unknown_keys() == {}


def test_every_field_of_the_catalogue_leaves_by_its_own_door_only() -> None:
    """Public ones by the public door; the restricted door is for finance and lets out what is declared."""
    for unknown in ("drop", "keep"):
        public, restricted = policy(unknown_fields=unknown), policy(unknown_fields=unknown, channel="restricted")
        for name, field in SMS_CATALOG.fields.items():
            assert public.key(name) is (field.access == "public"), name
            assert restricted.key(name), name


@pytest.mark.parametrize("unknown", ["drop", "keep"])
@pytest.mark.parametrize(
    "key",
    ["markup_percent", "part_markup_eur", "grossMargin", "Supplier.Cost", "unit-cost", "cogs", "email", "client_ip"],
)
def test_what_tells_or_is_personal_is_dropped_in_development_too(unknown: Any, key: str) -> None:
    """Declared or not."""
    told: list[tuple[str, str]] = []
    door = policy(unknown_fields=unknown, on_redacted=lambda kind, reason: told.append((kind, reason)))
    assert not door.key(key)
    assert told in ([("key", "restricted")], [("key", "personal")])
    assert door.unknown_keys() == {}


def test_an_unknown_key_is_dropped_or_kept_and_told_of_once(caplog: pytest.LogCaptureFixture) -> None:
    """The line names the key and the line that declares it."""
    for unknown, kept, what in (("drop", False, "is dropped"), ("keep", True, "kept here, and dropped in production")):
        caplog.clear()
        door = policy(unknown_fields=unknown)
        with caplog.at_level(logging.WARNING, "sms_observability.privacy"):
            assert [door.key("supplier_region"), door.key("supplier_region")] == [kept, kept]
        assert len(caplog.messages) == 1
        assert "supplier_region" in caplog.messages[0]
        assert what in caplog.messages[0]
        assert 'SMS_CATALOG.extend(fields=[Field("supplier_region")])' in caplog.messages[0]
        assert door.unknown_keys() == {"supplier_region": 2}


def test_the_line_that_is_told_makes_the_key_known() -> None:
    """What the warning says to write is what helps."""
    declared = SMS_CATALOG.extend(fields=[Field("supplier_region")])
    assert CataloguePolicy(declared, unknown_fields="drop").key("supplier_region")


@pytest.mark.parametrize("key", ["order 4711.08", "cost_4711", "4711", "a" * 62, "größe", "", "a-b", "x\n"])
def test_a_key_that_could_be_a_value_is_only_counted(key: str, caplog: pytest.LogCaptureFixture) -> None:
    """No part of it stands in a line or in the table."""
    door = policy()
    assert not door.key(key)
    assert caplog.messages == []
    assert door.unknown_keys() == {OTHER: 1}


def test_the_table_of_unknown_keys_is_bounded() -> None:
    """A service that invents keys cannot fill the memory; the sum stays right."""
    door = policy()
    letters = "abcdefghij"
    keys = [f"key_{first}{second}{third}" for first in letters for second in letters for third in letters]
    for key in keys:
        assert not door.key(key)
    counts = door.unknown_keys()
    assert len(counts) == MAX_NAMES + 1
    assert sum(counts.values()) == len(keys)


@pytest.mark.parametrize(
    "name",
    [
        *("GET", "POST /api/parts/quote", "GET /vessels/{vessel_id}/parts", "HTTP", "SELECT quotes", "INSERT", "HGET"),
        *("process parts.quotes", "parts_ordering_flow", "PartsService.getSupplierQuotes", "Database.saveQuote"),
        *("QuoteService.prepareQuote", "payment_capture"),
    ],
)
def test_names_of_the_catalogue_and_of_the_conventions_forms_stay(name: str) -> None:
    """Journeys, steps, requests, statements, messages."""
    for door in DOORS:
        assert policy(**door).span_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        *("GET /parts/4711", "SELECT * FROM quotes WHERE cost = 4711", "quote 4711.08", "Quote for ACME", "GET\n"),
        *("markup", "GET /markup", "parts_markup_flow", "SELECT supplier_cost", "", "process parts.4711"),
    ],
)
def test_any_other_span_name_becomes_the_same_placeholder(name: str) -> None:
    """No part of it survives."""
    assert policy().span_name(name) == REDACTED


def test_an_internal_step_has_its_neutral_name_outside_and_its_own_inside() -> None:
    """Finance sees what it is called; others do not, in development neither."""
    name = "MarkupService.calculatePrice"
    for unknown in ("drop", "keep"):
        assert policy(unknown_fields=unknown).span_name(name) == "QuoteService.prepareQuote"
        assert policy(unknown_fields=unknown, channel="restricted").span_name(name) == name
    assert policy().names_under("sms.step.name")(name) == "QuoteService.prepareQuote"  # type: ignore[misc]


def test_what_a_service_declares_leaves() -> None:
    """Its journeys, steps, metrics and fields are as good as ours."""
    catalog = SMS_CATALOG.extend(
        journeys=[Journey("crew_change_flow", sla_ms=3000, steps=(Step("Crew.plan"),))],
        metrics=[Metric.counter("sms.crew.changes", unit="{change}", description="Crews that changed")],
        fields=[Field("crew_size", type="int")],
    )
    door = CataloguePolicy(catalog, unknown_fields="drop")
    assert door.span_name("crew_change_flow") == "crew_change_flow"
    assert door.span_name("Crew.plan") == "Crew.plan"
    assert door.metric("sms.crew.changes")
    assert door.key("crew_size")
    plain = policy()
    assert plain.span_name("crew_change_flow") == REDACTED
    assert not plain.metric("sms.crew.changes")
    assert not plain.key("crew_size")


def test_metrics_leave_by_their_own_door_with_the_catalogues_description() -> None:
    """A restricted one never by the public door; an unknown one by none, unless its name is of a convention's form."""
    for unknown in ("drop", "keep"):
        public, restricted = policy(unknown_fields=unknown), policy(unknown_fields=unknown, channel="restricted")
        for name, metric in SMS_CATALOG.metrics.items():
            assert public.metric(name) is (metric.access == "public"), name
            assert restricted.metric(name)
            assert public.text("unit", metric.unit) == metric.unit or metric.access == "restricted" or not metric.unit
    public = policy()
    assert public.metric("http.client.open_connections")
    assert not public.metric("sms.parts.average_4711")
    assert not public.metric("db.client.supplier_cost")
    described = SMS_CATALOG.metrics["sms.parts.order.value.dollars"]
    assert public.description(described.otel_name, described.description) == described.description
    assert public.description(described.otel_name, "cost 4711.08") == ""
    assert public.description("http.client.open_connections", "cost 4711.08") == ""


@pytest.mark.parametrize(
    ("kind", "kept", "lost"),
    [
        ("scope_version", "1.45.2", "4711.0815x"),
        ("schema_url", "https://opentelemetry.io/schemas/1.27.0", "https://example.com/4711"),
        ("trace_state", "ot=th:8", "vendor=4711"),
        ("severity", "WARNING", "cost 4711"),
        ("unit", "{order}", "4711"),
    ],
)
def test_lesser_texts_have_their_form_or_are_empty(kind: Any, kept: str, lost: str) -> None:
    """Versions, URLs of schemas, trace states, severities, units."""
    assert policy().text(kind, kept) == kept
    assert policy().text(kind, lost) == ""
    assert policy().text(kind, "") == ""


def test_events_scopes_and_status_texts_have_their_form() -> None:
    """Modules, exception types; a sentence is not one."""
    door = policy()
    for name in ("exception", "sms.sla.breached"):
        assert door.event_name(name) == name
    for name in ("sms_observability.http", "opentelemetry.instrumentation.asgi", "portal.parts_api", ""):
        assert door.scope_name(name) == name
    for text in ("ValueError", "httpx.ConnectError", ""):
        assert door.status_text(text) == text
    assert door.event_name("price was 4711") == REDACTED
    assert door.scope_name("portal.markup") == REDACTED
    assert door.scope_name("portal.order4711") == REDACTED
    assert door.status_text("no stock for part 4711") == REDACTED
    assert door.status_text("MarkupError") == REDACTED


def test_a_log_message_stays_unless_it_speaks_of_something_restricted() -> None:
    """It is a constant text; what was put into it is the guard's matter."""
    door = policy()
    assert door.log_body("Parts quote requested") == "Parts quote requested"
    assert door.log_body("Supplier cost received") == REDACTED
    assert door.log_body("Supplier cost received") == REDACTED
    assert policy(unknown_fields="keep").log_body("Supplier cost received") == "Supplier cost received"


def test_frames_that_tell_are_replaced_one_by_one() -> None:
    """The rest of the stack still says where to look."""
    stack = (
        "Traceback (most recent call last):\n"
        '  File "/app/portal/quotes.py", line 3, in quote\n'
        '  File "/app/portal/markup.py", line 7, in apply\n'
        "ValueError"
    )
    held = policy().names_under("exception.stacktrace")
    assert held is not None
    assert held(stack).splitlines() == [
        "Traceback (most recent call last):",
        '  File "/app/portal/quotes.py", line 3, in quote',
        REDACTED_FRAME,
        "ValueError",
    ]
    assert policy().names_under("company_id") is None


@given(st.text(max_size=80))
def test_every_method_answers_whatever_it_is_asked(text: str) -> None:
    """Total, and the same answer each time."""
    for options in DOORS:
        door = policy(**options)
        for ask in (
            door.key,
            door.metric,
            door.span_name,
            door.event_name,
            door.scope_name,
            door.status_text,
            door.log_body,
        ):
            answer = ask(text)
            assert ask(text) == answer
            assert isinstance(answer, bool | str)
