"""Where the commands write: for people in colours and tables, for programs as JSON."""

from __future__ import annotations

import json
import math
import sys
from base64 import b64encode
from typing import TYPE_CHECKING, Any, cast

from rich.console import Console

if TYPE_CHECKING:
    from collections.abc import Mapping

_UNBOUNDED = 100_000


def console(*, errors: bool = False) -> Console:
    """Give what to print on: as wide as the terminal; into a file or pipe nothing is wrapped or cut.

    Args:
        errors: Print on standard error: headings, progress and whatever is not the result.
    """
    stream = sys.stderr if errors else sys.stdout
    return Console(file=stream, highlight=False, soft_wrap=False, width=None if stream.isatty() else _UNBOUNDED)


def write_json(data: object, *, lines: bool = False) -> None:
    """Write data as one JSON document.

    Args:
        data: Mappings, lists and leaves; bytes become base64, numbers that JSON does not have become texts.
        lines: On one line, and at once: for a stream of documents.
    """
    text = json.dumps(_plain(data), indent=None if lines else 2, ensure_ascii=False, allow_nan=False)
    sys.stdout.write(f"{text}\n")
    if lines:
        sys.stdout.flush()


def _plain(data: object) -> Any:
    if isinstance(data, dict):
        return {str(key): _plain(value) for key, value in cast("Mapping[object, object]", data).items()}
    if isinstance(data, (list, tuple)):
        return [_plain(value) for value in cast("list[object]", data)]
    if isinstance(data, bytes):
        return b64encode(data).decode("ascii")
    if isinstance(data, float) and not math.isfinite(data):
        return str(data)
    return data
