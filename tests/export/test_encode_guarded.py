"""What a request restricted is masked where its records are encoded, and nothing else of them changes."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sms_observability.catalog import SMS_CATALOG
from sms_observability.export.encode import Encoder
from sms_observability.export.records import LogData, Scope, SpanEvent, SpanLink, SpanRecord
from sms_observability.privacy import PLACEHOLDER, CataloguePolicy, Restricted, ValueGuard, guard_scope
from sms_observability.sanitise import sanitise_attributes

SCOPE = Scope("parts")
SECRETS = (4711.08, 98_765, 1234.5)

texts = st.sampled_from(
    [
        "GET",
        "cmp_17",
        "vsl_4711",
        "471108",
        "was 4,711.08",
        "1234.5",
        "1.234,50",
        "98765",
        "98 765",
        "ord_98765",
        "7",
        "",
    ]
)
values: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.sampled_from([7, 471, 4711, 98_765, -98_765, 471_108, 2**62, 4711.08, -1234.5, 0.37, float("nan")])
    | texts
    | texts.map(str.encode),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
# Fields of each class: what is measured, ids, personal ones, names, undeclared ones, and keys that hold a figure.
keys = st.sampled_from(
    [
        "http.route",
        "company_id",
        "vessel_id",
        "user_id",
        "duration_ms",
        "http.response.status_code",
        "correlation_id",
        "part_no",
        "sms.journey.name",
        "code.function.name",
        "supplier_region",
        "cost 4711.08",
        "markup_percent",
        "4711.08",
        PLACEHOLDER,
    ]
)
attributes = st.dictionaries(keys, values, max_size=8).map(sanitise_attributes)


def policy() -> CataloguePolicy:
    return CataloguePolicy(SMS_CATALOG, unknown_fields="keep", channel="public")


def reference(given_attributes: dict[str, Any], guard: ValueGuard, asked: CataloguePolicy) -> dict[str, Any]:
    """Mask with the guard alone, value by value; what was masked stands last, under its name as it may leave."""
    clean: dict[str, Any] = {}
    masked: dict[str, Any] = {}
    for key, value in given_attributes.items():
        name, safe = guard.clean_text(key), guard.clean(value, asked.comparison(key))
        if name is key and safe is value:
            clean[key] = value
        elif name is key or name not in given_attributes:
            masked[name] = safe
    return clean | masked


def span(given_attributes: dict[str, Any], name: str, status: str) -> SpanRecord:
    return SpanRecord(
        trace_id=1,
        span_id=2,
        name=name,
        start_ns=3,
        end_ns=4,
        scope=SCOPE,
        attributes=given_attributes,
        events=[SpanEvent(name, 3, given_attributes)],
        links=[SpanLink(5, 6, "", 1, given_attributes)],
        status_code=2,
        status_text=status,
    )


# One encoder of each for all examples, as in a service: what their caches keep must never let anything out.
guarded, unguarded = Encoder(policy()), Encoder(policy())


@given(attributes, texts, texts)
def test_a_span_is_encoded_as_if_each_of_its_values_had_been_masked_before(
    given_attributes: dict[str, Any], name: str, status: str
) -> None:
    """Attributes, those of events and links, names and status: what the guard masks is masked, the rest is the same."""
    with guard_scope() as guard:
        kept = [Restricted(secret) for secret in SECRETS]
        armed = guarded.encode_span(span(given_attributes, name, status))
        clean = reference(given_attributes, guard, policy())
        shown = guard.clean_text(name), guard.clean_text(status)
        del kept
    with guard_scope():
        assert armed == unguarded.encode_span(span(clean, *shown))


@given(attributes, values, texts)
def test_a_log_record_is_encoded_as_if_each_of_its_values_had_been_masked_before(
    given_attributes: dict[str, Any], body: Any, event: str
) -> None:
    """Body of any type, attributes and event name: what the guard masks is masked, the rest is the same."""
    with guard_scope() as guard:
        kept = [Restricted(secret) for secret in SECRETS]
        armed = guarded.encode_log(LogData(1, 9, "INFO", body, given_attributes, SCOPE, event_name=event))
        clean, safe = reference(given_attributes, guard, policy()), guard.clean(body)
        shown = guard.clean_text(event)
        del kept
    with guard_scope():
        assert armed == unguarded.encode_log(LogData(1, 9, "INFO", safe, clean, SCOPE, event_name=shown))


def test_what_one_request_left_in_the_caches_is_masked_in_the_next() -> None:
    """A pair that was encoded without a guard is looked at where there is one, however often it came before."""
    encoder, asked = Encoder(policy()), policy()
    said = {"part_no": "4711.08", "company_id": "cmp 4711.08", "sms.parts.count": 471_108, "duration_ms": 4711.08}
    with guard_scope():
        before = [encoder.encode_span(span(said, "GET", "")) for _ in range(3)]
    with guard_scope() as guard:
        kept = [Restricted(4711.08)]
        after = [encoder.encode_span(span(said, "GET", "")) for _ in range(3)]
        clean = reference(said, guard, asked)
        del kept
    assert clean == {
        "duration_ms": 4711.08,
        "part_no": PLACEHOLDER,
        "company_id": f"cmp {PLACEHOLDER}",
        "sms.parts.count": PLACEHOLDER,
    }
    assert len(set(before)) == len(set(after)) == 1
    assert b"4711.08" in before[0]
    assert b"4711.08" not in after[0]
    with guard_scope():
        assert after[0] == encoder.encode_span(span(clean, "GET", ""))


def test_what_is_masked_is_counted_once_under_its_key() -> None:
    """However many caches a record passes, a masked value is one hit."""
    asked = policy()
    encoder = Encoder(asked)
    with guard_scope():
        kept = [Restricted(4711.08)]
        for _ in range(2):
            encoder.encode_log(LogData(1, 9, "INFO", "paid 4711.08", {"part_no": "4711.08", "company_id": "c"}, SCOPE))
        del kept
    assert asked.masked_keys() == {"part_no": 2, "(other)": 2}
