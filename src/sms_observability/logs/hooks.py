"""What Python says by itself: uncaught exceptions and warnings, as log records."""

from __future__ import annotations

import sys
import threading
import warnings
from typing import TYPE_CHECKING, Any

from sms_observability.providers.exceptions import allows, message_text, no_message

if TYPE_CHECKING:
    from types import TracebackType

    from sms_observability.logs.pipeline import Pipeline
    from sms_observability.providers.exceptions import AllowMessage

_CRITICAL, _ERROR, _WARNING = 50, 40, 30


class Hooks:
    """Takes the place of Python's own hooks, and gives it back.

    A hook that somebody else had put there is called after ours. Python's own, which print the message and source
    lines, are called in a terminal only, where the developer sits.

    Args:
        pipeline: Where to.
        allow_message: Says of which classes of warnings the text may be written.
    """

    def __init__(self, pipeline: Pipeline, allow_message: AllowMessage = no_message) -> None:
        self._pipeline = pipeline
        self._allow_message = allow_message
        self._except = sys.excepthook
        self._thread = threading.excepthook
        self._unraisable = sys.unraisablehook
        self._warning: Any = warnings.showwarning
        # Kept, because each look at a method gives another object.
        self._ours: tuple[Any, ...] = (self._uncaught, self._in_thread, self._in_finaliser, self._warned)

    def install(self) -> None:
        """Take the place."""
        sys.excepthook, threading.excepthook, sys.unraisablehook, warnings.showwarning = self._ours

    def remove(self) -> None:
        """Give it back, where nobody has come on top meanwhile."""
        if sys.excepthook is self._ours[0]:
            sys.excepthook = self._except
        if threading.excepthook is self._ours[1]:
            threading.excepthook = self._thread
        if sys.unraisablehook is self._ours[2]:
            sys.unraisablehook = self._unraisable
        if warnings.showwarning is self._ours[3]:
            warnings.showwarning = self._warning

    def _in_terminal(self) -> bool:
        # Lines for people are also written into files and pipes that others read.
        try:
            return not self._pipeline.is_json and sys.stderr.isatty()
        except Exception:  # noqa: BLE001 - a stream of somebody else's, or none
            return False

    def _uncaught(self, kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
        if issubclass(kind, Exception):
            self._pipeline.write("", _CRITICAL, "Uncaught exception", {}, error)
            if self._except is sys.__excepthook__ and not self._in_terminal():
                return
        self._except(kind, error, traceback)

    def _in_thread(self, arguments: threading.ExceptHookArgs) -> None:
        error = arguments.exc_value
        if error is not None and issubclass(arguments.exc_type, Exception):
            name = getattr(arguments.thread, "name", "")
            self._pipeline.write("", _ERROR, "Uncaught exception in a thread", {"thread.name": name}, error)
            if self._thread is threading.__excepthook__ and not self._in_terminal():
                return
        self._thread(arguments)

    def _in_finaliser(self, arguments: sys.UnraisableHookArgs) -> None:
        error = arguments.exc_value
        if error is not None:
            self._pipeline.write("", _ERROR, "Exception that nothing could catch", {}, error)
            if self._unraisable is sys.__unraisablehook__ and not self._in_terminal():
                return
        self._unraisable(arguments)

    def _warned(  # noqa: PLR0913
        self,
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: Any = None,
        line: str | None = None,
    ) -> None:
        if file is not None:
            self._warning(message, category, filename, lineno, file, line)
            return
        # The text of a warning may quote what it warns of, as that of any exception; class and place say where to look.
        fields = {"event": category.__name__, "code.file.path": filename, "code.line.number": lineno}
        text = "Python warning"
        if isinstance(message, Warning) and allows(self._allow_message, message):
            text = message_text(message)
        self._pipeline.write("py.warnings", _WARNING, text, fields)
