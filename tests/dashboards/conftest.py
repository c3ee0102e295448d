"""A real Prometheus with the fortnight's data, and one with what is restricted."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from dashboards import portal_data
from dashboards.portal_data import Series
from servers.process import Server, free_ports
from servers.programs import binary

TRIES = 3


@dataclass(frozen=True)
class Servers:
    """Addresses of the two."""

    public: str
    restricted: str


def filled(folder: Path, series: list[Series]) -> Path:
    """Make the blocks of a server that holds these series."""
    folder.mkdir()
    page = folder / "page.txt"
    with page.open("w", encoding="utf-8") as file:
        file.writelines(portal_data.open_metrics(series))
    subprocess.run(
        [
            binary("promtool"), "tsdb", "create-blocks-from", "openmetrics", "--max-block-duration=486h",
            str(page), str(folder / "data"),
        ],
        check=True, capture_output=True, timeout=100,
    )  # fmt: skip
    page.unlink()
    return folder


def prometheus(folder: Path) -> tuple[Server, str]:
    """Start a server on a folder."""
    config = folder / "prometheus.yaml"
    config.write_text("global: {}\n", encoding="utf-8")
    for tried in range(TRIES):
        (port,) = free_ports(1)
        url = f"http://127.0.0.1:{port}"
        try:
            server = Server(
                [
                    binary("prometheus"), f"--config.file={config}", f"--storage.tsdb.path={folder / 'data'}",
                    "--storage.tsdb.retention.time=3650d", f"--web.listen-address=127.0.0.1:{port}", "--log.level=warn",
                ],
                ready=f"{url}/-/ready",
            )  # fmt: skip
        except AssertionError:
            # Somebody else may have taken the port meanwhile.
            if tried == TRIES - 1:
                raise
            continue
        return server, url
    raise AssertionError("unreachable")


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Both servers; no rule runs there, and nothing is scraped."""
    folder = tmp_path_factory.mktemp("fortnight")
    urls = {}
    with ExitStack() as stack:
        for name, series in (("public", portal_data.public()), ("restricted", portal_data.restricted())):
            server, urls[name] = prometheus(filled(folder / name, series))
            stack.enter_context(server)
        yield Servers(**urls)
