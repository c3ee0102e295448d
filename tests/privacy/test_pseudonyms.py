"""People: their ids leave as keyed hashes where a key is given, other personal data never leaves as it is."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry import trace

from sms_observability import SMS_CATALOG, Field, bind_context, get_logger, init_observability, unbind_context
from sms_observability.privacy import PERSONAL, CataloguePolicy, Pseudonyms
from sms_observability.receiver import Receiver
from sms_observability.setup.start import reset

KEY = b"not a real key, but long enough"


@pytest.fixture(autouse=True)
def _afresh() -> Any:
    reset()
    yield
    reset()
    unbind_context("user_id")


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_pseudonym_is_one_persons_for_ever(one: str, other: str) -> None:
    """Equal for equal ids, different for different ones, itself for itself, and without a trace of the id."""
    people = Pseudonyms(KEY)
    made = people.of(one)
    assert made == Pseudonyms(KEY).of(one) == people.of(made)
    assert (made == people.of(other)) is (one == other)
    assert len(made) == 29


def test_another_key_gives_other_pseudonyms_and_tells_so() -> None:
    """After a rotation nobody takes one person's two pseudonyms for two people: the first digits are the key's."""
    before, after = Pseudonyms(KEY), Pseudonyms(KEY + b"2")
    prefixes = {people.of(str(number))[:9] for people in (before, after) for number in range(50)}
    assert len(prefixes) == 2
    assert before.of("usr_101")[9:] != after.of("usr_101")[9:]
    assert repr(before) == "<Pseudonyms>"
    assert "not a real key" not in str(before.__reduce_ex__) + repr(vars(Pseudonyms))


def test_a_short_key_is_refused() -> None:
    """It could be guessed; the message does not show it."""
    with pytest.raises(ValueError, match="at least 16") as refused:
        Pseudonyms(b"secret")
    assert "secret" not in str(refused.value)


_SAID = ("Bound", "Given", "Extra")


def _emit() -> None:
    log = get_logger("portal")
    bind_context(user_id="usr_101")
    log.info("Bound")
    log.info("Given", user_id=101)
    logging.getLogger("portal").info("Extra", extra={"user_id": ["usr_101", 101]})
    with trace.get_tracer("portal").start_as_current_span("GET", attributes={"user.id": "usr_101"}) as span:
        span.set_attribute("user_id", 101)


def test_lines_records_and_spans_have_the_same_pseudonym(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bound, given or set, as text, number or list: the id itself is nowhere."""
    (tmp_path / "key").write_bytes(KEY + b"\n")
    monkeypatch.setenv("SMS_OBSERVABILITY_PSEUDONYM_KEY_FILE", str(tmp_path / "key"))
    people = Pseudonyms(KEY)
    text, number = people.of("usr_101"), people.of("101")
    with Receiver() as receiver:
        observability = init_observability("parts-api", endpoint=receiver.endpoint, log_format="json")
        capsys.readouterr()
        _emit()
        assert observability.flush()
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert [line["user_id"] for line in lines] == [text, number, [text, number]]
        assert [log["attributes"]["user_id"] for log in receiver.logs if log["body"] in _SAID] == [
            text,
            number,
            [text, number],
        ]
        (span,) = receiver.spans
        assert (span["attributes"]["user.id"], span["attributes"]["user_id"]) == (text, number)
        assert "usr_101" not in f"{lines}{receiver.logs}{receiver.spans}"


def test_without_a_key_ids_stay_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    """Joining by user is what they are for; whoever wants pseudonyms says so."""
    with Receiver() as receiver:
        observability = init_observability("parts-api", endpoint=receiver.endpoint, log_format="json")
        _emit()
        assert observability.flush()
        assert [log["attributes"]["user_id"] for log in receiver.logs if log["body"] in _SAID] == [
            "usr_101",
            101,
            ["usr_101", 101],
        ]
    assert '"user_id":"usr_101"' in capsys.readouterr().out.replace(" ", "")


def test_an_unusable_key_file_names_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    """One ERROR line says so, and a key of the process stands in."""
    with Receiver() as receiver:
        observability = init_observability(
            "parts-api", endpoint=receiver.endpoint, log_format="json", pseudonym_key_file="/none"
        )
        _emit()
        assert observability.flush()
        told = capsys.readouterr().out
        assert "SMS_OBSERVABILITY_PSEUDONYM_KEY_FILE" in told
        assert '"level":"ERROR"' in told.replace(" ", "")
        assert "usr_101" not in f"{told}{receiver.logs}{receiver.spans}"
        assert receiver.spans[0]["attributes"]["user.id"].startswith("usr-")


@pytest.mark.parametrize("name", ["contact_email", "client_ip", "phone"])
@pytest.mark.parametrize("value", ["ann@ship.example", "203.0.113.7", ["a@example"], {"state": "a@example"}, 4930123])
def test_declared_personal_fields_are_masked(name: str, value: Any, telemetry: Any) -> None:
    """E-mail and network addresses, in both channels, lines and spans; that they were there is told."""
    catalog = SMS_CATALOG.extend(fields=[Field(name, personal=True, type="object")])
    init_observability("parts-api", catalog=catalog)
    get_logger().info("Signed in", **{name: value})
    trace.get_tracer("portal").start_span("GET", attributes={name: value}).end()
    seen = f"{telemetry.lines}{telemetry.logs}{telemetry.spans}"
    assert PERSONAL in seen
    assert not any(secret in seen for secret in ("example", "203.0", "4930123"))
    for channel in ("public", "restricted"):
        policy = CataloguePolicy(catalog, unknown_fields="keep", channel=channel)  # type: ignore[arg-type]
        assert policy.mask(name, "ann@ship.example") == PERSONAL
