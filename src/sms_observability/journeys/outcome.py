"""How a journey ended: what its exception, its result or its handle say about it."""

from __future__ import annotations

import asyncio
from typing import Final, Literal

from sms_observability.context import current_request

Outcome = Literal["success", "failure", "client_error", "cancelled"]
OUTCOMES: Final[tuple[Outcome, ...]] = ("success", "failure", "client_error", "cancelled")

_CLIENT_ERRORS = range(400, 500)
_SERVER_ERRORS = range(500, 600)
_VALIDATION_MODULES = ("pydantic_core", "pydantic", "fastapi.exceptions")


def outcome_of_exception(error: BaseException) -> Outcome:
    """Say what an exception that left a journey means for it.

    A 4xx `HTTPException` or a validation error is the client's mistake. A cancelled task is `cancelled`, unless it is
    a request whose client is still there: then something in the process gave up on it, such as a time-out, and that is
    a failure. A generator that was not read to its end, Ctrl-C and `sys.exit()` are `cancelled`.

    Args:
        error: The exception.

    Example:
        >>> outcome_of_exception(TimeoutError())
        'failure'
    """
    if isinstance(error, asyncio.CancelledError):
        request = current_request()
        return "cancelled" if request is None or request.disconnected else "failure"
    if not isinstance(error, Exception):
        return "cancelled"
    try:
        status = getattr(error, "status_code", None)
    except Exception:  # noqa: BLE001 - a property of a foreign exception may do anything
        status = None
    if type(status) is int and status in _CLIENT_ERRORS:
        return "client_error"
    kind = type(error)
    if kind.__name__.endswith("ValidationError") and kind.__module__.startswith(_VALIDATION_MODULES):
        return "client_error"
    return "failure"


def outcome_of_result(result: object) -> Outcome:
    """Say what a returned value means: an HTTP response with an error status is no success.

    Args:
        result: What the decorated function returned.
    """
    if result is None or not hasattr(type(result), "render") or not hasattr(result, "raw_headers"):
        return "success"
    status = getattr(result, "status_code", None)
    if type(status) is not int:
        return "success"
    if status in _CLIENT_ERRORS:
        return "client_error"
    return "failure" if status in _SERVER_ERRORS else "success"
