"""When libraries are watched: at once if they are there, else when they are imported, never by importing them."""

from __future__ import annotations

import subprocess
import sys
from textwrap import dedent

import pytest

RUN = """
import sys, warnings
warnings.simplefilter("error")
from opentelemetry.sdk.resources import Resource
from sms_observability import providers
from sms_observability.instrumentation import InstrumentationOptions, instrument_libraries
spans = []
providers.install(tracer=providers.TracerProvider(spans.append, resource=Resource({})))
"""


def run(code: str) -> str:
    """Run code in a fresh process; give what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", RUN + dedent(code)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@pytest.mark.slow
def test_a_library_is_watched_when_it_is_imported_and_not_imported_for_that() -> None:
    """What a service does not use costs it nothing; what it imports later is watched from the start."""
    printed = run(
        """
        undo = instrument_libraries(None, InstrumentationOptions())
        assert not {"httpx", "requests", "sqlalchemy"} & set(sys.modules)
        import sqlalchemy, httpx, importlib.resources
        assert httpx.__spec__.loader.__class__.__name__ == "SourceFileLoader"
        assert importlib.resources.files("httpx").joinpath("__init__.py").is_file()
        with sqlalchemy.create_engine("sqlite://").connect() as connection:
            connection.execute(sqlalchemy.text("SELECT 1"))
        assert hasattr(httpx.Client._send_single_request, "_sms_observability_original")
        print([span.name for span in spans])
        for patches in undo:
            patches.undo()
        import requests
        assert not hasattr(requests.adapters.HTTPAdapter.send, "_sms_observability_original")
        assert not hasattr(httpx.Client._send_single_request, "_sms_observability_original")
        print(any(type(finder).__name__ == "WhenImported" for finder in sys.meta_path))
        """
    )
    assert printed == "['SELECT']\nFalse\n"


@pytest.mark.slow
def test_an_absent_library_is_no_error_and_a_warning_only_if_asked_for() -> None:
    """Without httpx, requests and SQLAlchemy everything works, and nobody is told that what they lack is lacking."""
    printed = run(
        """
        class Absent:
            def find_spec(self, name, path=None, target=None):
                if name in ("httpx", "requests", "sqlalchemy"):
                    raise ModuleNotFoundError(name)
        sys.meta_path.insert(0, Absent())
        instrument_libraries(None, InstrumentationOptions())
        print("quiet")
        instrument_libraries(["httpx"], InstrumentationOptions())
        """
    )
    assert printed == "quiet\nhttpx is not instrumented: it is not installed\n"
