"""How a journey ended: what its exception, its result or its handle say about it."""

from __future__ import annotations

import sys
from typing import Final, Literal

from sms_observability.context import current_request
from sms_observability.sanitise import sanitise_number

Outcome = Literal["success", "failure", "client_error", "cancelled"]
OUTCOMES: Final[tuple[Outcome, ...]] = ("success", "failure", "client_error", "cancelled")

_CLIENT_ERROR: Final = 400
_SERVER_ERROR: Final = 500
# By name, so that neither FastAPI nor Pydantic is imported. Not `ResponseValidationError`: that is our own mistake.
_VALIDATION: Final = frozenset({"ValidationError", "RequestValidationError", "WebSocketRequestValidationError"})
# Not errors, but how Python, Trio and gevent break code off.
_ENDINGS: Final = frozenset({"GeneratorExit", "KeyboardInterrupt", "SystemExit", "Cancelled", "GreenletExit"})
_MAX_DEPTH: Final = 8

# Read from the base class, so that nothing of a foreign exception's own is run.
_mro_of = type.__dict__["__mro__"].__get__
_name_of = type.__dict__["__name__"].__get__
_members_of = BaseExceptionGroup.__dict__["exceptions"].__get__


def outcome_of_exception(error: BaseException) -> Outcome:
    """Say what an exception that left a journey means for it.

    A 4xx `HTTPException` or a validation error is the client's mistake. A cancelled task is `cancelled`, unless it is
    a request whose client is still there: then something in the process gave up on it, such as a time-out, and that is
    a failure. A generator that was not read to its end, Ctrl-C and `sys.exit()` are `cancelled`. A group is as bad as
    the worst in it.

    Args:
        error: The exception.

    Example:
        >>> outcome_of_exception(TimeoutError())
        'failure'
    """
    try:
        return _outcome(error, 0)
    except Exception:  # noqa: BLE001 - a property of a foreign exception may do anything
        return "failure"


def outcome_of_result(result: object) -> Outcome:
    """Say what a returned value means: an HTTP response with an error status is no success.

    Args:
        result: What the decorated function returned.
    """
    if result is None:
        return "success"
    responses = sys.modules.get("starlette.responses")
    response = None if responses is None else getattr(responses, "Response", None)
    if type(response) is not type or not issubclass(type(result), response):
        return "success"
    return _outcome_of_status(getattr(result, "status_code", None)) or "success"


def _outcome(error: BaseException, depth: int) -> Outcome:
    mro = _mro_of(type(error))
    if BaseExceptionGroup in mro:
        return _outcome_of_group(error, depth)
    asyncio = sys.modules.get("asyncio")  # without it, nothing can have been cancelled
    if asyncio is not None and asyncio.CancelledError in mro:
        request = current_request()
        return "cancelled" if request is None or request.disconnected else "failure"
    names = {_name_of(kind) for kind in mro}
    if Exception not in mro:
        return "failure" if _ENDINGS.isdisjoint(names) else "cancelled"
    if "HTTPException" in names:
        return _outcome_of_status(getattr(error, "status_code", None)) or "failure"
    return "failure" if _VALIDATION.isdisjoint(names) else "client_error"


def _outcome_of_group(group: BaseException, depth: int) -> Outcome:
    members: tuple[BaseException, ...] = _members_of(group)
    if depth >= _MAX_DEPTH:
        return "failure"
    found = {_outcome(member, depth + 1) for member in members}
    for outcome in ("failure", "client_error", "cancelled"):
        if outcome in found:
            return outcome
    return "success"


def _outcome_of_status(status: object) -> Outcome | None:
    number = sanitise_number(status)
    if number is None or number != number:  # noqa: PLR0124 - NaN
        return None
    if number >= _SERVER_ERROR:
        return "failure"
    return "client_error" if number >= _CLIENT_ERROR else "success"
