"""structlog takes our way: at once where it is in use, else as soon as it is imported. Nobody else pays for it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, cast

from sms_observability.imports import WhenImported
from sms_observability.logs.targets import target_of

if TYPE_CHECKING:
    from sms_observability.logs.logger import Logger

_NAME = "structlog"


class StructlogConfiguration:
    """What structlog was told, and what it had been told before."""

    def __init__(self) -> None:
        self._waiting: WhenImported | None = None
        self._is_configured = False
        self._before: dict[str, Any] | None = None

    def install(self) -> None:
        """Configure it, now or when it is there."""
        if _NAME in sys.modules:
            self._configure()
        else:
            self._waiting = WhenImported({_NAME: self._configure})

    def remove(self) -> None:
        """Give it back what it had."""
        if self._waiting is not None:
            self._waiting.remove()
        if not self._is_configured:
            return
        import structlog

        self._is_configured = False
        if self._before is None:
            structlog.reset_defaults()
        else:
            structlog.configure(**self._before)

    def _configure(self) -> None:
        import structlog

        self._is_configured = True
        self._before = structlog.get_config() if structlog.is_configured() else None
        structlog.configure(
            processors=[],
            wrapper_class=cast("Any", _logger),
            context_class=dict,
            logger_factory=target_of,
            cache_logger_on_first_use=False,
        )


def _logger(*arguments: Any, **named: Any) -> Logger:
    # The class is structlog's heir: when structlog is configured, its module may be the one that waits for structlog.
    from sms_observability.logs.logger import Logger

    return Logger(*arguments, **named)
