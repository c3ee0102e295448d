"""The portal as programs of the stack: services ashore, the worker, the service on board, and those who use it all."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from examples.portal.processes import ROOT, SERVICES
from examples.stack.places import Places
from examples.stack.program import Program
from examples.stack.tempo import Tempo

_PYTHON = (sys.executable, "-m")
_ATTRIBUTES = "deployment.environment.name={environment},service.version=1.2.3,cloud.region=eu-west-1"


def create_database(folder: Path) -> None:
    """Make the portal's tables."""
    environment = {**_environment(folder), "PATH": os.environ.get("PATH", "")}
    subprocess.run([*_PYTHON, "examples.portal.database"], env=environment, cwd=ROOT, check=True)  # noqa: S603


def portal(places: Places, folder: Path, settings: Mapping[str, str], tempo: Tempo) -> list[Program]:
    """Give the portal's programs; services ashore send to the gateway, the one on board to the ship's Collector."""
    common = {
        **_environment(folder),
        **{f"PORTAL_{service.upper()}_URL": places.url(service) for service in SERVICES},
        "PORTAL_OFFLINE_ALLOWANCE": settings["SMS_STACK_OFFLINE_ALLOWANCE"] if not tempo.compressed else "5",
        "OTEL_METRIC_EXPORT_INTERVAL": str(round(tempo.export_interval * 1000)),
        "OTEL_RESOURCE_ATTRIBUTES": _ATTRIBUTES.format(environment=settings["SMS_STACK_ENVIRONMENT"]),
        "SMS_OBSERVABILITY_UNKNOWN_FIELDS": "drop",
        "SMS_OBSERVABILITY_LOG_FORMAT": "json",
        "SMS_OBSERVABILITY_EXCLUDED_ROUTES": "/livez,/readyz,/health,/internal",
    }
    token = {"SMS_OBSERVABILITY_RESTRICTED_TOKEN_FILE": str(folder / "restricted.token")}
    ashore = {
        **common,
        **token,
        "OTEL_EXPORTER_OTLP_ENDPOINT": places.url("gateway_http"),
        "SMS_OBSERVABILITY_RESTRICTED_ENDPOINT": f"https://localhost:{places.port('gateway_restricted')}",
        "SMS_OBSERVABILITY_RESTRICTED_CERTIFICATE": str(folder / "ca.crt"),
    }
    aboard = {
        **common,
        **token,
        "PORTAL_VESSEL": settings["SMS_COLLECTOR_VESSEL"],
        "OTEL_EXPORTER_OTLP_ENDPOINT": places.url("vessel_http"),
        "SMS_OBSERVABILITY_RESTRICTED_ENDPOINT": places.url("vessel_restricted"),
    }
    services = [
        Program(
            name,
            (*_PYTHON, "uvicorn", f"examples.portal.{service}:app", "--port", str(places.port(service))),
            ashore,
            ready=places.url(service, "/readyz"),
            shows="service of the portal",
            page=places.url(service, "/docs"),
            killed="its customers get errors until it is back",
        )
        for service, name in SERVICES.items()
    ]
    return [
        *services,
        Program(
            "orders-worker", (*_PYTHON, "examples.portal.worker"), ashore, killed="paid orders wait in the database"
        ),
        Program("vessel-agent", (*_PYTHON, "examples.portal.onboard"), aboard, killed="the vessel is silent"),
        Program(
            "traffic",
            (*_PYTHON, "examples.portal.traffic"),
            {**common, "PORTAL_PACE": str(tempo.pace)},
            killed="nobody uses the portal until it is back",
        ),
    ]


def _environment(folder: Path) -> dict[str, str]:
    return {
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "PORTAL_DATABASE": f"sqlite:///{folder / 'portal.db'}",
        "PORTAL_FAULTS": str(folder / "faults"),
    }
