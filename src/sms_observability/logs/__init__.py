"""Log lines: the portal's schema, as JSON on standard output and as the same records by OTLP."""

from sms_observability.logs.configure import configure_logs, request_finished, restore_logs, take_over_servers
from sms_observability.logs.logger import Logger, get_logger
from sms_observability.logs.options import LogOptions

__all__ = [
    "LogOptions",
    "Logger",
    "configure_logs",
    "get_logger",
    "request_finished",
    "restore_logs",
    "take_over_servers",
]
