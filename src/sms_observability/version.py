"""The version of this library: the package is built with it, and all telemetry carries it."""

from __future__ import annotations

VERSION = "0.1.0"
