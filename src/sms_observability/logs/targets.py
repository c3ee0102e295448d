"""Where loggers write to, by their names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sms_observability.logs.levels import NEVER

if TYPE_CHECKING:
    from sms_observability.logs.pipeline import Pipeline

_MOST: Final = 10_000


class Target:
    """Where the loggers of one name write to, and from which level on; shared, so that configuring reaches all."""

    __slots__ = ("name", "pipeline", "threshold")

    def __init__(self, name: str) -> None:
        self.name = name
        self.threshold = NEVER
        self.pipeline: Pipeline | None = None

    def connect(self, pipeline: Pipeline | None) -> None:
        """Write to a pipeline from now on; `None` for nowhere."""
        self.threshold = NEVER if pipeline is None else pipeline.thresholds.of(self.name)
        self.pipeline = pipeline


_targets: dict[str, Target] = {}
_pipeline: Pipeline | None = None


def target_named(name: object) -> Target:
    """Give the target of a name; what is no text is the one without a name."""
    key = name if type(name) is str else ""
    target = _targets.get(key)
    if target is None:
        target = Target(key)
        target.connect(_pipeline)
        if len(_targets) < _MOST:
            target = _targets.setdefault(key, target)
    return target


def target_of(*arguments: object) -> Target:
    """Give the target for structlog's own `get_logger`, which passes the name if there is one."""
    return target_named(arguments[0] if arguments else None)


def connect(pipeline: Pipeline | None) -> None:
    """Let all loggers write to a pipeline; `None` for nowhere."""
    global _pipeline
    _pipeline = pipeline
    for target in list(_targets.values()):
        target.connect(pipeline)
