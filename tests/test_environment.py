"""What the OpenTelemetry API and SDK read from the environment by themselves stops no service."""

from __future__ import annotations

import doctest
import json
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sms_observability.environment
from sms_observability.environment import mistakes, mistakes_put_aside

WRONG = {
    "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": "many",
    "OTEL_SPAN_EVENT_COUNT_LIMIT": "-1",
    "OTEL_SPAN_LINK_COUNT_LIMIT": "1.5",
    "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT": "long",
    "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT": "x",
    "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT": "x",
    "OTEL_ATTRIBUTE_COUNT_LIMIT": "x",
    "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT": "x",
    "OTEL_TRACES_SAMPLER": "now and then",
    "OTEL_METRICS_EXEMPLAR_FILTER": "Always",
    "OTEL_PROPAGATORS": "tracecontext,pigeon",
}
SERVICE = """
from sms_observability import get_logger, init_observability, journey
from opentelemetry import propagate
observability = init_observability("parts-api", traces="none", metrics="none", logs="none")
with journey("parts_ordering_flow"):
    headers = {}
    propagate.inject(headers)
    get_logger().info("served", order_id="traceparent" in headers)
"""


def lines_of(environ: dict[str, str]) -> list[dict[str, object]]:
    """Run a service with these variables; give its log lines, of which nothing else may be printed."""
    base = {name: text for name, text in os.environ.items() if not name.startswith("OTEL_")}
    ended = subprocess.run(
        [sys.executable, "-c", SERVICE],
        env=base | environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    return [json.loads(line) for line in ended.stdout.splitlines()]


def test_the_examples_are_right() -> None:
    """What the documentation shows is what happens."""
    assert doctest.testmod(sms_observability.environment).failed == 0


def test_every_mistake_is_one_error_line_and_the_service_runs() -> None:
    """The line names the variable and not its value; the propagators are the default ones."""
    lines = lines_of(WRONG)
    errors = [str(line["message"]) for line in lines if line["level"] == "ERROR"]
    assert sorted(message.split()[0] for message in errors) == sorted(WRONG)
    assert not any(text in message for message in errors for text in ("pigeon", "many", "Always"))
    assert [line["context"] for line in lines if line["message"] == "served"] == [{"order_id": True}]


def test_what_is_said_at_the_start_has_the_form_of_all_lines() -> None:
    """Also what is found before logging is set up: ours, and what the SDK says while it reads its variables."""
    lines = lines_of({"OTEL_RESOURCE_ATTRIBUTES": "team=sales", "OTEL_TRACES_SAMPLER": "traceidratio"})
    assert [line["level"] for line in lines if "team" in str(line["message"])] == ["WARNING"]
    assert [line["level"] for line in lines if "SAMPLER_ARG" in str(line["message"])] == ["WARNING"]


def test_empty_variables_are_not_set() -> None:
    """As the specification says: nothing is wrong, and the defaults hold."""
    lines = lines_of(dict.fromkeys((*WRONG, "OTEL_TRACES_SAMPLER_ARG"), " "))
    assert not any(line["level"] in ("WARNING", "ERROR") for line in lines)
    assert [line["context"] for line in lines if line["message"] == "served"] == [{"order_id": True}]


@pytest.mark.parametrize(
    ("environ", "wrong"),
    [
        ({"OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "2"}, ["OTEL_TRACES_SAMPLER_ARG"]),
        ({"OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.5"}, []),
        ({"OTEL_TRACES_SAMPLER": "always_on", "OTEL_TRACES_SAMPLER_ARG": "what it likes"}, []),
        ({"OTEL_TRACES_SAMPLER": "Always_Off", "OTEL_SPAN_LINK_COUNT_LIMIT": "unset"}, []),
        ({"OTEL_PROPAGATORS": "baggage, tracecontext", "OTEL_METRICS_EXEMPLAR_FILTER": "trace_based"}, []),
        ({"OTEL_PROPAGATORS": "None"}, []),
    ],
)
def test_what_is_wrong(environ: dict[str, str], wrong: list[str]) -> None:
    """As the SDK reads it: in any case where it takes any, spaces around a name."""
    assert [problem.variable for problem in mistakes(environ)] == wrong


@given(st.sampled_from([*WRONG, "OTEL_TRACES_SAMPLER_ARG"]), st.text(max_size=20))
def test_whatever_is_written_there_is_taken_or_a_problem(name: str, text: str) -> None:
    """No value raises, and none is repeated."""
    for problem in mistakes({name: text, "OTEL_TRACES_SAMPLER": "traceidratio"}):
        assert problem.variable == name


def test_what_is_put_aside_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only while the body runs: a child process is to read what the deployment wrote."""
    monkeypatch.setenv("OTEL_SPAN_EVENT_COUNT_LIMIT", "many")
    monkeypatch.setenv("OTEL_SPAN_LINK_COUNT_LIMIT", "7")
    with mistakes_put_aside():
        assert "OTEL_SPAN_EVENT_COUNT_LIMIT" not in os.environ
        assert os.environ["OTEL_SPAN_LINK_COUNT_LIMIT"] == "7"
    assert os.environ["OTEL_SPAN_EVENT_COUNT_LIMIT"] == "many"
