"""Where panels stand: from left to right in 24 columns, each row as high as its highest panel."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sms_observability.catalog import Panel

COLUMNS = 24
_SIZES = {
    "stat": (6, 4),
    "gauge": (6, 6),
    "bargauge": (8, 8),
    "timeseries": (12, 8),
    "heatmap": (12, 8),
    "table": (12, 8),
    "piechart": (8, 8),
    "state-timeline": (12, 8),
    "logs": (12, 8),
    "text": (24, 4),
}


@dataclass(frozen=True, slots=True)
class Box:
    """A place in Grafana's grid: column, row, width, height."""

    x: int
    y: int
    w: int
    h: int

    def lower(self, by: int) -> Box:
        """Give the same place further down."""
        return replace(self, y=self.y + by)

    def to_json(self) -> dict[str, int]:
        """Give it as Grafana's `gridPos`."""
        return {"h": self.h, "w": self.w, "x": self.x, "y": self.y}


def boxes(panels: Sequence[Panel]) -> list[Box]:
    """Place the panels of a row: as many as fit beside each other, stretched so that no line has a gap at its end."""
    lines: list[list[Panel]] = [[]]
    room = COLUMNS
    for panel in panels:
        width = _width(panel)
        if lines[-1] and (width > room or _tall(panel) != _tall(lines[-1][0])):
            lines.append([])
            room = COLUMNS
        lines[-1].append(panel)
        room -= width
    placed: list[Box] = []
    top = 0
    for line in lines:
        height = max(panel.height or _SIZES[panel.kind][1] for panel in line)
        total, before, left = sum(map(_width, line)), 0, 0
        for panel in line:
            # Wider where there is room, in proportion: a line ends where the page does.
            before += _width(panel)
            right = round(COLUMNS * before / total)
            placed.append(Box(left, top, right - left, height))
            left = right
        top += height
    return placed


def _width(panel: Panel) -> int:
    return panel.width or _SIZES[panel.kind][0]


def _tall(panel: Panel) -> bool:
    return (panel.height or _SIZES[panel.kind][1]) > _SIZES["gauge"][1]
