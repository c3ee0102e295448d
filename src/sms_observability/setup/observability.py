"""The handle that `init_observability` returns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sms_observability.catalog import Catalog
    from sms_observability.settings import Settings
    from sms_observability.setup.house import House


class Observability:
    """What makes this process observable, while it does.

    Attributes:
        settings: The resolved settings.
        catalog: What may be measured.

    Example:
        >>> from sms_observability import init_observability
        >>> observability = init_observability("parts-api", traces="none", metrics="none", logs="none")
        >>> observability.flush(timeout=1.0), observability.shutdown(timeout=1.0)
        (True, True)
    """

    __slots__ = ("_house", "catalog", "settings")

    def __init__(self, house: House) -> None:
        self._house = house
        self.settings: Settings = house.settings
        self.catalog: Catalog = house.catalog

    def flush(self, timeout: float = 5.0) -> bool:
        """Send what waits, all signals side by side.

        Args:
            timeout: Seconds of wall clock; the call returns a quarter of a second after them at the latest, whatever
                the receiver does. What is no number of seconds counts as 5.

        Returns:
            `True` if nothing that was emitted since the previous flush was lost or is still waiting. What a policy
            withheld does not count.
        """
        return self._house.flush(timeout)

    def shutdown(self, timeout: float = 5.0) -> bool:
        """Send what waits and stop; afterwards everything is callable and does nothing but write log lines.

        Called by itself at the end of the process. A second call does nothing and gives the first one's answer.

        Args:
            timeout: As for `flush`.

        Returns:
            As `flush`.
        """
        return self._house.shutdown(timeout)

    def wrap(self, app: Any) -> Any:
        """Watch an ASGI application that `init_observability(app=…)` cannot change in place.

        Args:
            app: A plain ASGI callable. A FastAPI or Starlette application is watched in place.

        Returns:
            What is to be served in its stead; of FastAPI and Starlette the application itself.

        Raises:
            TypeError: It cannot be called.

        Example:
            >>> from sms_observability import init_observability, reset
            >>> async def app(scope, receive, send): ...
            >>> app = init_observability("parts-api", traces="none", metrics="none", logs="none").wrap(app)
            >>> reset()
        """
        return self._house.watch(app)

    def accounting(self) -> dict[str, dict[str, Any]]:
        """Say what became of everything: `emitted = delivered + spooled + queued + dropped`, exact at rest.

        Returns:
            A mapping that `json.dumps` takes: `traces`, `logs` and `metrics` (in data points), each with `emitted`,
            `delivered`, `spooled`, `queued` and `dropped`, a mapping of reasons to numbers. What is on its way counts
            as queued. The restricted channel is included.
        """
        return self._house.accounting()

    def undeclared(self) -> dict[str, dict[str, Any]]:
        """Say which attributes, labels and log fields were met that no catalogue declares.

        Returns:
            By key, at most 256 of them: `count`, how often it was met, and `declaration`, the line that declares it.
            Keys that could be values, and those beyond the limit, are counted together under `(other)`.
        """
        return self._house.undeclared()

    def __repr__(self) -> str:
        state = "running" if self._house.is_open else "shut down"
        return f"<Observability of {self.settings.service_name!r}: {state}>"
