"""What the log pipeline is told when the house is put together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TextIO

from sms_observability.providers.exceptions import no_message

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sms_observability.export.records import LogData
    from sms_observability.providers.exceptions import AllowMessage
    from sms_observability.providers.pipeline import CountDropped
    from sms_observability.sanitise import Value

Format = Literal["auto", "json", "console"]


def _count_nothing(signal: str, reason: str) -> None:
    """Stand in where nobody counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogOptions:
    """The identity of the service, and the ports of the pipeline.

    Attributes:
        service: Its name.
        version: Its version.
        environment: Where it is deployed.
        region: In which region.
        pod: On which pod or host.
        level: The lowest level that is written.
        levels: Levels of single loggers and all below them.
        format: `json`, `console`, or `auto`: `console` in a terminal, else `json`.
        emit: Takes the copy of each record that leaves by OTLP; `None` for none.
        allow_message: Says of which exception classes the message may be written.
        allow_key: Says which fields of a record may be written; `None` for all.
        mask: Takes restricted values out of what is written; given a key and its value.
        holds: Says of a key whether `mask` has something to do with its values even where nothing is restricted. The
            answer is kept, and so is that `mask` left a message as it is. `None`: it is asked each time.
        count_dropped: Told of each record that was lost here.
        stream: Where lines go; whatever `sys.stdout` is at that moment if left out.
    """

    service: str
    version: str = ""
    environment: str = ""
    region: str = ""
    pod: str = ""
    level: str = "INFO"
    levels: Mapping[str, str] = field(default_factory=dict[str, str])
    format: Format = "auto"
    emit: Callable[[LogData], None] | None = None
    allow_message: AllowMessage = no_message
    allow_key: Callable[[str], bool] | None = None
    mask: Callable[[str, Value], Value] | None = None
    holds: Callable[[str], bool] | None = None
    count_dropped: CountDropped = _count_nothing
    stream: TextIO | None = None
