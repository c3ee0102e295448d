"""What telemetry says of an exception: its type and where it came from, but not what it says.

Messages quote values: prices, addresses, what a client sent. They leave only for classes that were allowed to.
"""

from __future__ import annotations

import sys
from collections import deque
from typing import TYPE_CHECKING, Final

from sms_observability.privacy.messages import allow_message as allow_text
from sms_observability.sanitise import MAX_TEXT, sanitise_text
from sms_observability.sanitise.classes import full_name, short_name

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, TracebackType

    from sms_observability.sanitise import Value

    AllowMessage = Callable[[type[BaseException]], bool]

_MARK: Final = "_sms_observability_recorded"
_MAX_FRAMES: Final = 40
_MAX_CHAIN: Final = 8

# Read from the base class, so that no property of a subclass is run.
_traceback_of: Final[Callable[[BaseException], TracebackType | None]] = BaseException.__dict__["__traceback__"].__get__
_cause_of: Final[Callable[[BaseException], BaseException | None]] = BaseException.__dict__["__cause__"].__get__
_context_of: Final[Callable[[BaseException], BaseException | None]] = BaseException.__dict__["__context__"].__get__
_hides_context: Final[Callable[[BaseException], bool]] = BaseException.__dict__["__suppress_context__"].__get__


def no_message(kind: type[BaseException]) -> bool:  # noqa: ARG001
    """Allow no class to have its message leave."""
    return False


def exception_attributes(error: BaseException, allow_message: AllowMessage) -> dict[str, Value]:
    """Describe an exception by the attributes of the semantic conventions.

    Args:
        error: The exception, hostile or not.
        allow_message: Says of which classes the message may leave.

    Returns:
        `exception.type`, `exception.stacktrace` (frames without source lines), `exception.message` where allowed.
    """
    attributes: dict[str, Value] = {
        "exception.type": sanitise_text(full_name(type(error))),
        "exception.stacktrace": stack_text(error),
    }
    if allows(allow_message, error):
        attributes["exception.message"] = allow_text(message_text(error))
    return attributes


def status_text(error: BaseException, allow_message: AllowMessage) -> str:
    """Give the description of the status of a span that an exception left."""
    name = sanitise_text(short_name(type(error)))
    return f"{name}: {message_text(error)}" if allows(allow_message, error) else name


def message_text(error: BaseException) -> str:
    """Give the message of an exception, whatever its `__str__` does."""
    try:
        return sanitise_text(str(error))
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001  # the exception's own code
        return "<unprintable>"


def without_message(text: str, allow_message: AllowMessage) -> str:
    """Take the message of the exception that is being handled out of a text that quotes it.

    `trace.use_span` and many instrumentations describe the status of a span as `f"{type(e).__name__}: {e}"`.
    """
    error = sys.exc_info()[1]
    if error is None or not text or allows(allow_message, error):
        return text
    message = message_text(error)
    return status_text(error, no_message) if message and message in text else text


def first_seen(error: BaseException, trace_id: int) -> bool:
    """Mark an exception as recorded in a trace, and say whether it was not: every span that it leaves sees it."""
    try:
        if object.__getattribute__(error, "__dict__").get(_MARK) == trace_id:
            return False
        object.__setattr__(error, _MARK, trace_id)
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001, S110  # rather recorded twice than not
        pass
    return True


def stack_text(error: BaseException) -> str:
    """Give the frames of an exception and of those that caused it, innermost last, as far as there is room."""
    blocks: list[str] = []
    room = MAX_TEXT
    seen: set[int] = set()
    link: BaseException | None = error
    joint = ""
    while link is not None and id(link) not in seen and len(seen) < _MAX_CHAIN and room > 0:
        seen.add(id(link))
        block = sanitise_text(_block(link)[-room:]) + joint
        room -= len(block)
        blocks.append(block)
        link, is_cause = behind(link)
        joint = "\n\nwhich led to\n\n" if is_cause else "\n\nwhile it was handled\n\n"
    return sanitise_text("".join(reversed(blocks)))


def behind(error: BaseException) -> tuple[BaseException | None, bool]:
    """Give the exception that led to another one, and whether it was named as its cause (`raise … from …`)."""
    cause = _cause_of(error)
    if cause is not None or _hides_context(error):
        return cause, cause is not None
    return _context_of(error), False


def frames_of(error: BaseException, most: int) -> deque[tuple[CodeType, int]]:
    """Give the innermost frames of an exception, as code and line; the last is where it was raised."""
    frames: deque[tuple[CodeType, int]] = deque(maxlen=most)
    at = _traceback_of(error)
    while at is not None:
        frames.append((at.tb_frame.f_code, at.tb_lineno))
        at = at.tb_next
    return frames


def _block(error: BaseException) -> str:
    frames = [
        f'  File "{code.co_filename}", line {line}, in {code.co_qualname}\n'
        for code, line in frames_of(error, _MAX_FRAMES)
    ]
    head = "Traceback (most recent call last):\n" if frames else ""
    return f"{head}{''.join(frames)}{full_name(type(error))}{_members(error)}"


def _members(error: BaseException) -> str:
    """Name the types in an exception group."""
    if not issubclass(type(error), BaseExceptionGroup):
        return ""
    members: tuple[BaseException, ...] = BaseExceptionGroup.__dict__["exceptions"].__get__(error)
    return " of " + ", ".join(full_name(type(member)) for member in members[:_MAX_CHAIN])


def allows(allow_message: AllowMessage, error: BaseException) -> bool:
    """Say whether the message of an exception may leave; a port that raises does not allow it."""
    if allow_message is no_message:
        return False
    try:
        return bool(allow_message(type(error)))
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001  # not allowed, then
        return False
