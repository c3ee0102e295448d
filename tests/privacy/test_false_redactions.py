"""What nobody asked to hide is not hidden: how often the value guard masks something in the portal by coincidence."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.privacy.sales import sold

from sms_observability.privacy import PLACEHOLDER

PER_MILLION = 10


def _leaves(node: Any) -> Iterator[Any]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield key
            yield from _leaves(value)
    elif isinstance(node, list):
        for value in node:
            yield from _leaves(value)
    else:
        yield node


@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    ("orders", "least"),
    [
        pytest.param(20, 50_000, marks=pytest.mark.slow, id="20 orders"),
        pytest.param(2_000, 1_000_000, marks=pytest.mark.soak, id="2,000 orders"),
    ],
)
def test_hardly_anything_is_masked_by_coincidence(orders: int, least: int, tmp_path: Path) -> None:
    """Every order has costs and a markup in its guard, and the portal shows none of them: each mask is a false one."""
    looked_at, masked = 0, list[str]()
    with sold(orders, tmp_path, "everyday") as sales:
        for sale in sales:
            lines = map(json.loads, sale.lines)
            everything = (*sale.public.spans, *sale.public.logs, *sale.public.metrics, *lines)
            for leaf in _leaves(list(everything)):
                looked_at += 1
                if isinstance(leaf, str) and PLACEHOLDER in leaf:
                    masked.append(leaf)
    print(f"{looked_at} values, {len(masked)} masked")  # noqa: T201 - the figure of docs/privacy.md
    assert looked_at >= least
    assert len(masked) <= max(1, looked_at * PER_MILLION / 1_000_000), masked[:10]
