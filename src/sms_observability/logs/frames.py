"""An exception in a log line: its type and frames, and those of what caused it; no locals, no source lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sms_observability.providers.exceptions import message_text
from sms_observability.sanitise import sanitise_text
from sms_observability.sanitise.classes import full_name

if TYPE_CHECKING:
    from types import TracebackType

    from sms_observability.providers.exceptions import AllowMessage
    from sms_observability.sanitise import Value

_MAX_FRAMES: Final = 30
_MAX_CHAIN: Final = 4

_traceback_of: Final[Any] = BaseException.__dict__["__traceback__"].__get__
_cause_of: Final[Any] = BaseException.__dict__["__cause__"].__get__
_context_of: Final[Any] = BaseException.__dict__["__context__"].__get__
_hides_context: Final[Any] = BaseException.__dict__["__suppress_context__"].__get__


def described(error: BaseException, allow_message: AllowMessage) -> dict[str, Value]:
    """Describe an exception.

    Args:
        error: The exception, hostile or not.
        allow_message: Says of which classes the message may be written.

    Returns:
        `type`, `frames` (`file`, `line`, `function`; the last is where it was raised), `message` where allowed, and
        the exception that led to it as `cause`.
    """
    return _described(error, allow_message, 1, {id(error)})


def _described(error: BaseException, allow_message: AllowMessage, depth: int, seen: set[int]) -> dict[str, Value]:
    entry: dict[str, Value] = {"type": sanitise_text(full_name(type(error)))}
    if _allowed(error, allow_message):
        entry["message"] = message_text(error)
    entry["frames"] = _frames(_traceback_of(error))
    cause: BaseException | None = _cause_of(error)
    if cause is None and not _hides_context(error):
        cause = _context_of(error)
    if cause is not None and id(cause) not in seen and depth < _MAX_CHAIN:
        seen.add(id(cause))
        entry["cause"] = _described(cause, allow_message, depth + 1, seen)
    return entry


def _frames(at: TracebackType | None) -> list[Value]:
    frames: list[Value] = []
    while at is not None:
        code = at.tb_frame.f_code
        frames.append(
            {
                "file": sanitise_text(code.co_filename),
                "line": at.tb_lineno,
                "function": sanitise_text(code.co_qualname),
            }
        )
        at = at.tb_next
    return frames[-_MAX_FRAMES:]


def _allowed(error: BaseException, allow_message: AllowMessage) -> bool:
    try:
        return bool(allow_message(type(error)))
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001  # not allowed, then
        return False
