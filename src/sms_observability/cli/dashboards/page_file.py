"""One page that needs nothing but itself: data, style, script and the charting library in one file."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def page(dashboards: Sequence[Mapping[str, Any]], *, about: str) -> str:
    """Give the page.

    Args:
        dashboards: What `Answers.dashboard` gives.
        about: Where the figures come from, in one sentence.
    """
    folder = files(__package__ or "") / "page"
    data = json.dumps({"about": about, "dashboards": list(dashboards)}, ensure_ascii=True, allow_nan=False)
    parts = {
        "STYLE": (folder / "page.css").read_text(encoding="utf-8"),
        # Labels are anybody's texts: none may end the element that holds the data.
        "DATA": data.replace("<", "\\u003c"),
        "CHARTS": (folder / "echarts.min.js").read_text(encoding="utf-8").replace("</script", "<\\/script"),
        "SCRIPT": (folder / "page.js").read_text(encoding="utf-8"),
    }
    pieces = (folder / "page.html").read_text(encoding="utf-8").split("@@")
    return "".join(parts.get(piece, piece) for piece in pieces)
