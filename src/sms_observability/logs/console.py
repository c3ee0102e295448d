"""A record as a person reads it in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

_RESET, _DIM, _BOLD = "\x1b[0m", "\x1b[2m", "\x1b[1m"
_COLOURS: Final = {
    "DEBUG": "\x1b[36m",
    "INFO": "\x1b[32m",
    "WARNING": "\x1b[33m",
    "ERROR": "\x1b[31m",
    "CRITICAL": "\x1b[1;31m",
}
_CONTROLS: Final = {code: f"\\x{code:02x}" for code in (*range(9), *range(11, 32), 0x7F, *range(0x80, 0xA0))}
_IDS: Final = ("user_id", "company_id", "vessel_id", "correlation_id")
_WIDTH: Final = 30


def readable(record: Mapping[str, Any], *, colours: bool) -> str:
    """Write a record on one line, an exception's frames below it.

    Args:
        record: As it would be written as JSON.
        colours: Whether to use the terminal's colours.

    Returns:
        The text, which ends in a newline. Nothing in it controls the terminal but our own colours.
    """
    paint = _painted if colours else _plain
    level = record["level"]
    context = cast("dict[str, Any]", record["context"])
    parts = [
        paint(record["timestamp"][11:23], _DIM),
        paint(f"{level:<8}", _COLOURS.get(level, "")),
        paint(f"{_shown(record['message']):<{_WIDTH}}", _BOLD),
    ]
    parts += [
        f"{paint(f'{_shown(key)}=', _DIM)}{_shown(value)}" for key, value in context.items() if key != "exception"
    ]
    parts += [f"{paint(f'{name}=', _DIM)}{_shown(record[name])}" for name in _IDS if record[name] is not None]
    if record["trace_id"]:
        parts.append(paint(f"trace={record['trace_id'][:8]}", _DIM))
    lines = [" ".join(parts).rstrip()]
    error = context.get("exception")
    while isinstance(error, dict):
        described = cast("dict[str, Any]", error)
        head = f"  {_shown(described.get('type', ''))}"
        if "message" in described:
            head += f": {_shown(described['message'])}"
        lines.append(paint(head, _COLOURS["ERROR"]))
        lines += [
            f'    File "{_shown(frame["file"])}", line {frame["line"]}, in {_shown(frame["function"])}'
            for frame in described.get("frames", ())
        ]
        error = described.get("cause")
        if error is not None:
            lines.append("  which came of")
    return "\n".join(lines) + "\n"


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text.translate(_CONTROLS).replace("\n", "\\n").replace("\t", "\\t")


def _painted(text: str, colour: str) -> str:
    return f"{colour}{text}{_RESET}"


def _plain(text: str, colour: str) -> str:  # noqa: ARG001
    return text
