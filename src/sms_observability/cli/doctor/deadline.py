"""A limit on the time of calls that have none of their own, such as a look-up of a name."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Generic, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class _Call(Generic[T]):
    def __init__(self, function: Callable[[], T]) -> None:
        self._function = function
        self.result: T | None = None
        self.error: BaseException | None = None
        self.done = False

    def run(self) -> None:
        try:
            self.result = self._function()
        except BaseException as error:  # noqa: BLE001 - handed on to the caller
            self.error = error
        self.done = True


def within(seconds: float, function: Callable[[], T]) -> T:
    """Call a function on a thread of its own, and leave it behind when it takes too long.

    Raises:
        TimeoutError: It took longer.
        BaseException: Whatever the function raised.
    """
    call = _Call(function)
    thread = threading.Thread(target=call.run, name="sms-observability-doctor", daemon=True)
    thread.start()
    thread.join(seconds)
    if not call.done:
        raise TimeoutError
    if call.error is not None:
        raise call.error
    return cast("T", call.result)
