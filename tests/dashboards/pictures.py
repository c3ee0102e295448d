"""Makes the pictures of docs/dashboards.md: `make pictures` (needs a Chromium on PATH).

Each is the preview page of one dashboard, from a real Prometheus that holds the fortnight of `portal_data`.
"""

from __future__ import annotations

import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from dashboards import portal_data
from dashboards.browser import Browser
from dashboards.conftest import filled, prometheus
from sms_observability.catalog import SMS_CATALOG
from sms_observability.cli import main as command

AT = "2026-11-12T15:00:00Z"
WIDTH = 1400


def make(folder: Path) -> list[Path]:
    """Make a picture of each dashboard."""
    folder.mkdir(parents=True, exist_ok=True)
    made: list[Path] = []
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sms-pictures-")))
        urls = {}
        for restricted, series in ((False, portal_data.public()), (True, portal_data.restricted())):
            server, urls[restricted] = prometheus(filled(home / str(restricted), series))
            stack.enter_context(server)
        browser = stack.enter_context(Browser(WIDTH, 1000))
        for uid in SMS_CATALOG.dashboards:
            page = home / f"{uid}.html"
            status = command(
                [
                    "dashboards", "preview", "--prometheus", urls[False], "--restricted-prometheus", urls[True],
                    "--at", AT, "--interval", "120", "--only", uid, "--output", str(page),
                ]
            )  # fmt: skip
            assert status == 0
            browser.open(
                page, when=f"location.href.endsWith('{page.name}') && document.body && document.body.dataset.drawn"
            )
            made.append(folder / f"{uid}.png")
            browser.picture(made[-1], "section")
    return made


if __name__ == "__main__":
    for picture in make(Path(sys.argv[1])):
        print(picture)
