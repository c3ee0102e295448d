"""The library in a test: `init_observability` as ever, but with doors that lead into the test's lists."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from sms_observability import lifecycle
from sms_observability.catalog import SMS_CATALOG
from sms_observability.settings import resolve
from sms_observability.setup import channels, start
from sms_observability.setup.house import House

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sms_observability.catalog import Catalog
    from sms_observability.privacy import Policy
    from sms_observability.sanitise import Value
    from sms_observability.settings import Problem, Settings
    from sms_observability.testing.door import Captured, CapturingDoor
    from sms_observability.testing.patches import Patches

_SERVICE: Final = "test"


class TestHouse:
    """Puts capturing doors behind whatever `init_observability` builds, before or during the test.

    A service that was made observable before, when its module was imported, is rebuilt for the test, and once more
    after it. Without any, a house stands in until `init_observability` is called.

    Args:
        public: Where the ordinary channel leads.
        restricted: Where the restricted one leads.
        patches: Takes the replacements back.
    """

    __test__ = False

    def __init__(self, public: Captured, restricted: Captured, patches: Patches) -> None:
        self._public = public
        self._restricted = restricted
        self._patches = patches
        self._stand_in: House | None = None
        self._before: tuple[House, list[Any]] | None = None

    def open(self) -> None:
        """Begin to capture."""
        self._patches.set(channels, "open_door", self._open_public)
        self._patches.set(channels, "open_restricted_door", self._open_restricted)
        self._patches.set(start, "resolve", _resolve)
        self._patches.set(start, "House", self._build)
        house = start._state.house
        if house is None or not house.is_open:
            settings, _ = _resolve(_SERVICE, {}, {})
            self._stand_in = House(settings, SMS_CATALOG, [])
            self._stand_in.open()
            return
        apps = list(house._apps)
        self._before = house, apps
        house.shutdown(0.0)
        self._move_into(House(_exporting(house.settings), house.catalog, []), apps)

    def close(self) -> None:
        """Let the service be as it was before the test."""
        self._leave_stand_in()
        self._patches.undo()
        if self._before is None:
            start.reset()
            return
        house, apps = self._before
        current = start._state.house
        if current is not None:
            current.shutdown(0.0)
        lifecycle.stop_draining()
        self._move_into(House(house.settings, house.catalog, []), apps)

    def _move_into(self, house: House, apps: list[Any]) -> None:
        house.open()
        for app in apps:
            house.watch(app)
        start._state.house = house
        handle = start._state.observability
        if handle is not None:
            # The service holds this handle since its import.
            handle._house = house
            handle.settings = house.settings

    def _build(self, settings: Settings, catalog: Catalog, problems: list[Problem]) -> House:
        self._leave_stand_in()
        return House(settings, catalog, problems)

    def _leave_stand_in(self) -> None:
        house, self._stand_in = self._stand_in, None
        if house is not None:
            house.shutdown(0.0)
            house.restore()

    def _open_public(
        self,
        settings: Settings,  # noqa: ARG002 - the signature of `open_door`
        environ: Mapping[str, str],  # noqa: ARG002
        policy: Policy,
        resource: Mapping[str, Value],
    ) -> tuple[CapturingDoor, list[Problem]]:
        return self._public.open(policy, resource), []

    def _open_restricted(
        self,
        settings: Settings,  # noqa: ARG002 - the signature of `open_restricted_door`
        environ: Mapping[str, str],  # noqa: ARG002
        policy: Policy,
        resource: Mapping[str, Value],
    ) -> tuple[CapturingDoor, list[Problem]]:
        return self._restricted.open(policy, resource), []


def _resolve(
    service_name: str | None, keywords: Mapping[str, Any], environ: Mapping[str, str]
) -> tuple[Settings, list[Problem]]:
    settings, problems = resolve(service_name, keywords, environ)
    return _exporting(settings), problems


def _exporting(settings: Settings) -> Settings:
    """Under pytest nothing is exported; here everything is, into the test's lists."""
    return replace(settings, traces="otlp", metrics="otlp", logs="otlp")
