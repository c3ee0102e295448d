"""Runs the Python blocks of one page in one process, as a reader would who types them in one after the other.

Reads `{"page": …, "blocks": [{"line", "text"}, …]}` from standard input. What each block prints follows a line with a
mark and its number.
"""

from __future__ import annotations

import json
import linecache
import sys
from typing import Any

MARK = "\x1eblock "


def main() -> None:
    given = json.load(sys.stdin)
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for number, block in enumerate(given["blocks"]):
        print(f"{MARK}{number}", flush=True)
        # So that a traceback points into the page.
        text = "\n" * (block["line"] - 1) + block["text"]
        name = f"{given['page']}#{number}"
        linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
        exec(compile(text, name, "exec"), namespace)
        sys.stdout.flush()


if __name__ == "__main__":
    main()
