"""Settings: keyword, environment variables, default and meaning.

A keyword beats the environment, the environment beats the default. A wrong keyword is a mistake in code and raises
`SettingsError`; a wrong environment variable is a mistake of a deployment and never stops a service: it becomes a
`Problem`, the default holds, and `init_observability` says so in one ERROR line.
"""

from sms_observability.problem import Problem
from sms_observability.settings.readers import LEVELS
from sms_observability.settings.resolution import SettingsError, resolve
from sms_observability.settings.resolved import (
    Compression,
    Destination,
    ExporterName,
    Keywords,
    LogFormat,
    Protocol,
    Settings,
    UnknownFields,
    WhenFull,
)
from sms_observability.settings.table import HEALTH_ROUTES, INTERNAL_HOSTS, PRIVATE_NETWORKS, SETTINGS, Setting

__all__ = [
    "HEALTH_ROUTES",
    "INTERNAL_HOSTS",
    "LEVELS",
    "PRIVATE_NETWORKS",
    "SETTINGS",
    "Compression",
    "Destination",
    "ExporterName",
    "Keywords",
    "LogFormat",
    "Problem",
    "Protocol",
    "Setting",
    "Settings",
    "SettingsError",
    "UnknownFields",
    "WhenFull",
    "resolve",
]
