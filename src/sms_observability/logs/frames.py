"""An exception in a log line: its type and frames, and those of what caused it; no locals, no source lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sms_observability.providers.exceptions import allows, behind, frames_of, message_text
from sms_observability.sanitise import sanitise_text
from sms_observability.sanitise.classes import full_name

if TYPE_CHECKING:
    from sms_observability.providers.exceptions import AllowMessage
    from sms_observability.sanitise import Value

_MAX_FRAMES: Final = 30
_MAX_CHAIN: Final = 4


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
    if allows(allow_message, error):
        entry["message"] = message_text(error)
    entry["frames"] = [
        {"file": sanitise_text(code.co_filename), "line": line, "function": sanitise_text(code.co_qualname)}
        for code, line in frames_of(error, _MAX_FRAMES)
    ]
    origin, _ = behind(error)
    if origin is not None and id(origin) not in seen and depth < _MAX_CHAIN:
        seen.add(id(origin))
        entry["cause"] = _described(origin, allow_message, depth + 1, seen)
    return entry
