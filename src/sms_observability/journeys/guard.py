"""Runs begin and end here, so that what goes wrong with one stays away from the business code."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final, TypeVar

from sms_observability.journeys.ports import ports

if TYPE_CHECKING:
    from collections.abc import Callable

    from sms_observability.journeys.run import Run

_logger: Final = logging.getLogger("sms_observability.journeys")

RunT = TypeVar("RunT", bound="Run")


def begin(run: RunT) -> RunT:
    """Begin a run if journeys are watched; else its handle does nothing."""
    if ports.enabled:
        try:
            run._begin()
        except Exception as error:  # noqa: BLE001 - promise 1
            _warn(error)
    return run


def finish(run: Run, error: BaseException | None, result: object = None) -> None:
    """End a run that may have begun."""
    try:
        run._finish(error, result)
    except Exception as failed:  # noqa: BLE001 - promise 1
        _warn(failed)


def quietly(switch: Callable[[], None]) -> None:
    """Make a run current, or no longer."""
    try:
        switch()
    except Exception as error:  # noqa: BLE001 - promise 1
        _warn(error)


def _warn(error: Exception) -> None:
    _logger.debug("a journey or step is not fully recorded: %s", type(error).__name__)
