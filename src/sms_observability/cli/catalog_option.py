"""Which catalogue a command works on: the portal's, or a service's own extended one."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sms_observability.catalog import SMS_CATALOG, Catalog

if TYPE_CHECKING:
    from collections.abc import Callable

_FORM = "write it as module:name, such as parts.telemetry:CATALOG"


def _load(context: click.Context, parameter: click.Parameter, value: str | None) -> Catalog:  # noqa: ARG001
    if value is None:
        return SMS_CATALOG
    module_name, _, name = value.partition(":")
    if not module_name or not name:
        raise click.BadParameter(_FORM)
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        module = importlib.import_module(module_name)
    except Exception as error:  # noqa: BLE001 - the module is the user's, and may raise anything
        raise click.BadParameter(f"importing {module_name} failed: {type(error).__name__}: {error}") from None
    found = getattr(module, name, None)
    if not isinstance(found, Catalog):
        raise click.BadParameter(f"{name} of {module_name} is a {type(found).__name__}, not a Catalog; {_FORM}")
    return found


def catalog_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the option `--catalog MODULE:NAME`; its parameter `catalog` is the catalogue itself."""
    return click.option(
        "--catalog",
        "declared",
        metavar="MODULE:NAME",
        callback=_load,
        help="The catalogue of a service, made by SMS_CATALOG.extend(…); the portal's own if left out.",
    )(function)
