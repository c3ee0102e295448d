"""The examples in the docstrings."""

from __future__ import annotations

import doctest
import pkgutil
from importlib import import_module

import pytest

from sms_observability import catalog
from sms_observability.render import stubs

MODULES = [stubs.__name__, *(module.name for module in pkgutil.walk_packages(catalog.__path__, f"{catalog.__name__}."))]


@pytest.mark.parametrize("name", MODULES)
def test_every_example_runs(name: str) -> None:
    """What the documentation shows is what happens."""
    assert doctest.testmod(import_module(name)).failed == 0
