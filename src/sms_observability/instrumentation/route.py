"""The route template of a request, as FastAPI and Starlette leave it in the ASGI scope."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sms_observability.context import Request

if TYPE_CHECKING:
    from collections.abc import Mapping


class AsgiRequest(Request):
    """A request whose route is read from the ASGI scope when somebody asks: it is known only after routing."""

    __slots__ = ()

    @property
    def route(self) -> str | None:
        """The template of the route that took the request, `None` before routing."""
        scope: Mapping[str, Any] | None = self.scope
        return None if scope is None else route_template(scope)

    @route.setter
    def route(self, template: str | None) -> None:
        """Ignore it: the scope knows."""


def route_template(scope: Mapping[str, Any]) -> str | None:
    """Give the template of the route that took the request, such as `/api/vessels/{vessel_id}`.

    Args:
        scope: The ASGI scope, after routing; before it, and where nothing matched, there is no template.

    Returns:
        The template with the prefixes of routers and mounts, or `None`.
    """
    try:
        inner = _own_template(scope)
        if inner is None:
            return None
        mounted = scope.get("root_path", "")
        # A mount moves the matched part of the path to root_path; the server's own prefix is in app_root_path.
        prefix = mounted[len(scope.get("app_root_path", "")) :] if "app_root_path" in scope else ""
        return f"{prefix}{inner}" or "/"
    except Exception:  # noqa: BLE001 - somebody else's route object
        return None


def _own_template(scope: Mapping[str, Any]) -> str | None:
    own: Any = scope.get("fastapi")
    if own:
        # FastAPI keeps routers apart since it includes them lazily: the prefix is in the effective route only.
        effective: Any = own.get("effective_route_context")
        if effective is not None:
            template = getattr(getattr(effective, "starlette_route", None), "path_format", None) or getattr(
                effective, "path_format", None
            )
            if isinstance(template, str):
                return template
    route = scope.get("route")
    template = getattr(route, "path_format", None) or getattr(route, "path", None)
    return template if isinstance(template, str) else None
