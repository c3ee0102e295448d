"""Lines about wrong use of the plain OpenTelemetry API, each once: codes and type names, never values."""

from __future__ import annotations

import logging
from typing import Final

_MAX_KINDS: Final = 256
_logger: Final = logging.getLogger(__name__)
_said: set[str] = set()


def warn_once(line: str) -> None:
    """Log a warning, if it was not logged before."""
    if line in _said or len(_said) >= _MAX_KINDS:
        return
    _said.add(line)
    try:
        _logger.warning("%s", line)
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001  # handlers are the application's
        return
