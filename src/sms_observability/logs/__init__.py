"""Log lines: the portal's schema, as JSON on standard output and as the same records by OTLP."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from sms_observability.logs.configure import configure_logs, request_finished, restore_logs, take_over_servers
from sms_observability.logs.options import LogOptions

if TYPE_CHECKING:
    from sms_observability.logs.logger import Logger, get_logger

__all__ = [
    "LogOptions",
    "Logger",
    "configure_logs",
    "get_logger",
    "request_finished",
    "restore_logs",
    "take_over_servers",
]


def __getattr__(name: str) -> object:
    """Import the logger when it is asked for: structlog comes with it, and asyncio with that."""
    if name not in ("Logger", "get_logger"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.logger"), name)
