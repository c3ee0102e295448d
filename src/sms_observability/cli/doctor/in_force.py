"""The settings in force, and where each comes from; never a secret."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, cast
from urllib.parse import urlsplit

from sms_observability.settings import SETTINGS, Setting

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sms_observability.settings import Problem, Settings

Source = Literal["keyword", "environment", "default"]

_RESOURCE: Final = {
    "version": ("service.version",),
    "environment": ("deployment.environment.name", "deployment.environment"),
    "region": ("cloud.region",),
    "pod": ("k8s.pod.name",),
}
_SECRETS: Final = frozenset({"headers"})


@dataclass(frozen=True, slots=True)
class InForce:
    """One setting as it holds.

    Attributes:
        keyword: Its name.
        value: Its value, as it may be shown.
        source: What decided.
        variable: The environment variable that decided, else empty.
    """

    keyword: str
    value: str
    source: Source
    variable: str = ""

    def to_json(self) -> dict[str, str]:
        """Give it as plain data."""
        return {"setting": self.keyword, "value": self.value, "source": self.source, "variable": self.variable}


def in_force(
    settings: Settings,
    keywords: Mapping[str, Any],
    environ: Mapping[str, str],
    problems: Iterable[Problem],
    *,
    named: bool = True,
) -> list[InForce]:
    """Give every setting of the table.

    Args:
        settings: The resolved settings.
        keywords: The keywords they were resolved with.
        environ: The environment they were resolved with.
        problems: The mistakes that were found: a variable with one decides nothing.
        named: Whether the environment names the service.
    """
    wrong = {problem.variable for problem in problems}
    rows = [_service_name(settings, environ, named=named)]
    for setting in SETTINGS:
        if keywords.get(setting.keyword) is not None:
            rows.append(InForce(setting.keyword, _shown(setting, getattr(settings, setting.keyword)), "keyword"))
            continue
        variable = _variable(setting, settings, environ, wrong)
        value = getattr(settings, setting.keyword)
        if variable and value is None:
            # The door reads the exporters' variables itself; shown as what the variable says.
            value = setting.read(environ[variable])
        text = setting.shown_default.replace("`", "") if value is None else _shown(setting, value)
        rows.append(InForce(setting.keyword, text, "environment" if variable else "default", variable))
    return rows


def _service_name(settings: Settings, environ: Mapping[str, str], *, named: bool) -> InForce:
    if not named:
        return InForce("service_name", "what init_observability is given", "default")
    variable = "OTEL_SERVICE_NAME" if environ.get("OTEL_SERVICE_NAME", "").strip() else "OTEL_RESOURCE_ATTRIBUTES"
    return InForce("service_name", settings.service_name, "environment", variable)


def _variable(setting: Setting, settings: Settings, environ: Mapping[str, str], wrong: set[str]) -> str:
    for variable in setting.variables:
        if environ.get(variable, "").strip() and variable not in wrong:
            return variable
    attributes = {name for name, value in settings.resource if value}
    if any(name in attributes for name in _RESOURCE.get(setting.keyword, ())):
        return "OTEL_RESOURCE_ATTRIBUTES"
    return ""


def _shown(setting: Setting, value: object) -> str:
    if setting.keyword in _SECRETS:
        return f"{len(cast('tuple[object, ...]', value))} set, not shown"
    if setting.keyword in ("endpoint", "restricted_endpoint") and isinstance(value, str):
        parts = urlsplit(value)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return _joined(cast("Any", value))
    return str(value)


def _joined(items: Any) -> str:
    """Give the items of a list, pairs as name=value."""
    texts = [item if isinstance(item, str) else "=".join(item) for item in items]
    return ", ".join(texts) or "none"
