"""From keywords, environment and defaults to settings."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING, Any

from sms_observability.environment import mistakes
from sms_observability.problem import Problem
from sms_observability.settings.readers import some_pairs
from sms_observability.settings.resolved import Settings
from sms_observability.settings.table import SETTINGS, Setting

if TYPE_CHECKING:
    from collections.abc import Mapping

_DEFAULT = "the default is used"
_BY_KEYWORD = {setting.keyword: setting for setting in SETTINGS}

_SERVICE_NAME_MISSING = (
    'init_observability needs the name of the service: write init_observability("parts-api"), '
    "or set OTEL_SERVICE_NAME=parts-api"
)


class SettingsError(ValueError):
    """A keyword of `init_observability` that cannot be used; the message says what to write instead."""


def resolve(
    service_name: str | None, keywords: Mapping[str, Any], environ: Mapping[str, str] | None = None
) -> tuple[Settings, list[Problem]]:
    """Resolve keywords, environment and defaults to `Settings`.

    Args:
        service_name: The first argument of `init_observability`.
        keywords: The other keywords; `None` means "not given".
        environ: The environment; the process's own by default.

    Returns:
        The settings, and the mistakes that were found in the environment.

    Raises:
        SettingsError: A keyword is unknown or has a wrong value, or there is no service name at all.

    Example:
        >>> settings, problems = resolve("parts-api", {"log_level": "debug"}, {})
        >>> settings.log_level, settings.environment, problems
        ('DEBUG', 'production', [])
    """
    environ = os.environ if environ is None else environ
    problems: list[Problem] = []
    for keyword in keywords:
        if keyword not in _BY_KEYWORD:
            import difflib  # for a mistake only

            near = difflib.get_close_matches(keyword, _BY_KEYWORD, n=1)
            hint = f"; did you mean {near[0]}?" if near else f"; known are {', '.join(_BY_KEYWORD)}"
            msg = f"init_observability has no keyword {keyword!r}{hint}"
            raise SettingsError(msg)
    values: dict[str, Any] = {setting.keyword: _one(setting, keywords, environ, problems) for setting in SETTINGS}
    resource = _resource_attributes(environ, problems)
    problems += mistakes(environ)
    name = _service_name(service_name, environ, resource)
    values["version"] = values["version"] or resource.get("service.version") or "0.0.0"
    values["environment"] = (
        values["environment"]
        or resource.get("deployment.environment.name")
        or resource.get("deployment.environment")
        or "production"
    )
    values["region"] = values["region"] or resource.get("cloud.region") or ""
    values["pod"] = values["pod"] or resource.get("k8s.pod.name") or _host_name(environ)
    if values["unknown_fields"] is None:
        values["unknown_fields"] = "drop" if values["environment"] == "production" else "keep"
    quiet = _under_pytest(environ) and not _asked_to_export(values, environ)
    for signal in ("traces", "metrics", "logs"):
        values[signal] = values[signal] or ("none" if quiet else "otlp")
    settings = Settings(service_name=name, resource=tuple(sorted(resource.items())), **values)
    return settings, problems


def _service_name(given: object, environ: Mapping[str, str], resource: Mapping[str, str]) -> str:
    if given is not None and not isinstance(given, str):
        msg = f"init_observability(service_name=…) must be a text such as 'parts-api'; it is a {type(given).__name__}"
        raise SettingsError(msg)
    names = (given or "", environ.get("OTEL_SERVICE_NAME", ""), resource.get("service.name", ""))
    name = next((each.strip() for each in names if each.strip()), "")
    if not name:
        raise SettingsError(_SERVICE_NAME_MISSING)
    return name


def _one(setting: Setting, keywords: Mapping[str, Any], environ: Mapping[str, str], problems: list[Problem]) -> Any:
    given = keywords.get(setting.keyword)
    if given is not None:
        try:
            return setting.read(given)
        except ValueError as error:
            msg = f"init_observability({setting.keyword}=…) {error}; it is a {type(given).__name__}"
            raise SettingsError(msg) from None
    # Variables of the exporters are read by the door itself, per signal; here only the keyword counts.
    if setting.variables and not setting.variables[0].startswith("OTEL_EXPORTER_OTLP_"):
        for variable in setting.variables:
            text = environ.get(variable, "")
            if not text.strip():
                continue
            try:
                return setting.read(text)
            except ValueError as error:
                off = setting.when_wrong == "off"
                problems.append(
                    Problem(variable, str(error), f"{setting.keyword} are not exported" if off else _DEFAULT)
                )
                if off:
                    return "off"
    return setting.default


def _resource_attributes(environ: Mapping[str, str], problems: list[Problem]) -> dict[str, str]:
    text = environ.get("OTEL_RESOURCE_ATTRIBUTES", "")
    if not text.strip():
        return {}
    try:
        return dict(some_pairs(text))
    except ValueError as error:
        problems.append(Problem("OTEL_RESOURCE_ATTRIBUTES", str(error), "it is ignored"))
        return {}


def _host_name(environ: Mapping[str, str]) -> str:
    try:
        return environ.get("HOSTNAME") or socket.gethostname()
    except OSError:
        return "unknown"


def _under_pytest(environ: Mapping[str, str]) -> bool:
    return "PYTEST_VERSION" in environ or "PYTEST_CURRENT_TEST" in environ


def _asked_to_export(values: Mapping[str, Any], environ: Mapping[str, str]) -> bool:
    return values["endpoint"] is not None or any(
        environ.get(variable)
        for variable in (
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
            "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
            "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT",
        )
    )
