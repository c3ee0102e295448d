"""Collectors that the tests of one module share: with the public net, and without it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from servers.collector import POLICY, RECEIVE, STOCK_POLICY, TOPOLOGY, Route, route

# Lists of later files replace earlier ones: every trace goes on at once, so that only the net decides what comes out.
_KEEP_ALL = """
exporters:
  otlp_http/backend: {sending_queue: {batch: {flush_timeout: 20ms}}}
service:
  pipelines:
    traces/sampled: {processors: []}
"""

_NO_NET = """\
    traces/in: {processors: [memory_limiter]}
    metrics/public: {processors: [memory_limiter]}
    logs/public: {processors: [memory_limiter]}
"""


@pytest.fixture(scope="module")
def with_net(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Route]:
    """The shipped configuration, keeping every trace."""
    further = tmp_path_factory.mktemp("collector") / "keep_all.yaml"
    further.write_text(_KEEP_ALL, encoding="utf-8")
    with route([TOPOLOGY, *POLICY, RECEIVE, further]) as running:
        yield running


@pytest.fixture(scope="module")
def with_stock_net(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Route]:
    """The same with the net for a stock Collector, in which none of our own parts takes part."""
    further = tmp_path_factory.mktemp("collector") / "keep_all.yaml"
    further.write_text(_KEEP_ALL, encoding="utf-8")
    with route([TOPOLOGY, *STOCK_POLICY, RECEIVE, further]) as running:
        yield running


@pytest.fixture(scope="module")
def without_net(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Route]:
    """The same with the net taken out, to show that what the tests send would arrive."""
    further = tmp_path_factory.mktemp("collector") / "no_net.yaml"
    further.write_text(_KEEP_ALL + _NO_NET, encoding="utf-8")
    with route([TOPOLOGY, *POLICY, RECEIVE, further]) as running:
        yield running
