"""What a start imports, and what it leaves to whoever uses it first."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

_START = """
import json, sys
from sms_observability import init_observability
init_observability("parts-api", endpoint="http://127.0.0.1:9", log_level="WARNING", instrument=[])
"""


def first_line(script: str) -> Any:
    """Give the first line that a script writes after its start; at its end it says that nobody listens."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("OTEL_", "SMS_", "PYTEST"))}
    done = subprocess.run(
        [sys.executable, "-c", f"{_START}{script}"], env=kept, capture_output=True, text=True, check=True, timeout=60
    )
    return json.loads(done.stdout.splitlines()[0])


_LATER = ("asyncio", "opentelemetry.sdk.metrics", "ssl", "structlog", "urllib3", "sms_observability.lint")
_MONITORING = tuple(f"sms_observability.catalog.{name}" for name in ("alert", "dashboard", "panel", "receiver", "slo"))


def test_a_start_waits_for_nothing_that_it_does_not_use() -> None:
    """HTTP client, event loop, the SDK's metrics, structlog and monitoring as code come with their first use."""
    loaded = first_line(f"print(json.dumps([name for name in {_LATER + _MONITORING} if name in sys.modules]))")
    assert loaded == []


def test_structlog_takes_our_way_as_soon_as_it_is_imported() -> None:
    """A library that imports it after the start writes the same lines."""
    line = first_line("import structlog\nstructlog.get_logger('theirs').warning('Said', part_no='PUMP-100')")
    assert (line["message"], line["service"], line["context"]["part_no"]) == ("Said", "parts-api", "PUMP-100")


def test_the_first_logger_may_come_after_the_start() -> None:
    """Its module imports structlog, which is configured at that moment."""
    line = first_line(
        "from sms_observability import get_logger\nget_logger('parts').bind(part_no='PUMP-100').warning('Said')"
    )
    assert (line["message"], line["context"]["part_no"]) == ("Said", "PUMP-100")


def test_structlog_is_left_alone_after_the_end() -> None:
    """Whoever imports it when all is undone has it as it comes."""
    configured = first_line(
        "from sms_observability import reset\nreset()\nimport structlog\nprint(json.dumps(structlog.is_configured()))"
    )
    assert configured is False


def test_own_instruments_count_from_the_first_on() -> None:
    """The SDK's metrics are imported with the first instrument, which loses nothing."""
    found = first_line(
        """
from opentelemetry import metrics
counter = metrics.get_meter("parts").create_counter("quotes")
counter.add(2)
counter.add(1)
from sms_observability.providers.installation import _meters
print(json.dumps([(each.name, each.points[0].value) for each in _meters.collect()]))
"""
    )
    assert found == [["quotes", 3]]
