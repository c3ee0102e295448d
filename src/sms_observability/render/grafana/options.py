"""How each kind of panel looks in Grafana: its options, and the settings of its fields."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from sms_observability.render.grafana.names import COLOURS

if TYPE_CHECKING:
    from sms_observability.catalog import Panel

_REDUCE = {"calcs": ["lastNotNull"], "fields": "", "values": False}
_TOOLTIP = {"mode": "multi", "sort": "desc"}
_LEGEND: dict[str, Any] = {
    "calcs": ["lastNotNull", "max"],
    "displayMode": "table",
    "placement": "bottom",
    "showLegend": True,
}
_NO_LEGEND: dict[str, Any] = {"calcs": [], "displayMode": "list", "placement": "bottom", "showLegend": False}


def options(panel: Panel) -> dict[str, Any]:
    """Give the options of a panel's kind."""
    several = len(panel.queries) > 1
    made: dict[str, dict[str, Any]] = {
        "stat": {
            "colorMode": "background_solid" if panel.targets else "value",
            "graphMode": "none",
            "justifyMode": "auto",
            "orientation": "auto",
            "percentChangeColorMode": "standard",
            "reduceOptions": _REDUCE,
            "showPercentChange": False,
            "textMode": "value_and_name" if several else "value",
            "wideLayout": True,
        },
        "gauge": {
            "minVizHeight": 75,
            "minVizWidth": 75,
            "orientation": "auto",
            "reduceOptions": _REDUCE,
            "showThresholdLabels": False,
            "showThresholdMarkers": True,
            "sizing": "auto",
        },
        "bargauge": {
            "displayMode": "basic",
            "legend": _NO_LEGEND,
            "maxVizHeight": 300,
            "minVizHeight": 16,
            "minVizWidth": 8,
            "namePlacement": "auto",
            "orientation": "horizontal",
            "reduceOptions": _REDUCE,
            "showUnfilled": True,
            "sizing": "auto",
            "valueMode": "color",
        },
        "timeseries": {"legend": _LEGEND, "tooltip": _TOOLTIP},
        "heatmap": {
            "calculate": False,
            "cellGap": 1,
            "color": {
                "exponent": 0.5,
                "fill": "dark-orange",
                "mode": "scheme",
                "reverse": False,
                "scale": "exponential",
                "scheme": "Oranges",
                "steps": 64,
            },
            "exemplars": {"color": "rgba(0,114,178,0.7)"},
            "filterValues": {"le": 1e-9},
            "legend": {"show": True},
            "rowsFrame": {"layout": "auto"},
            "showValue": "never",
            "tooltip": {"mode": "single", "showColorScale": True, "yHistogram": False},
            "yAxis": {"axisPlacement": "left", "reverse": False, "unit": panel.unit},
        },
        "table": {"cellHeight": "sm", "showHeader": True},
        "piechart": {
            "displayLabels": ["name", "percent"],
            "legend": {**_LEGEND, "calcs": [], "placement": "right", "values": ["value", "percent"]},
            "pieType": "donut",
            "reduceOptions": _REDUCE,
            "tooltip": {"mode": "single", "sort": "none"},
        },
        "state-timeline": {
            "alignValue": "left",
            "legend": {**_NO_LEGEND, "showLegend": True},
            "mergeValues": True,
            "rowHeight": 0.9,
            "showValue": "auto",
            "tooltip": {"mode": "single", "sort": "none"},
        },
        "logs": {
            "dedupStrategy": "none",
            "enableLogDetails": True,
            "prettifyLogMessage": False,
            "showCommonLabels": False,
            "showLabels": False,
            "showTime": True,
            "sortOrder": "Descending",
            "wrapLogMessage": True,
        },
        "text": {"content": panel.text, "mode": "markdown"},
    }
    return made[panel.kind]


def field_config(panel: Panel) -> dict[str, Any]:
    """Give the settings of a panel's fields: unit, scale, colours, and texts in the place of values."""
    defaults: dict[str, Any] = {
        "color": {"mode": "thresholds" if _coloured(panel) else "palette-classic"},
        "mappings": _mappings(panel),
        "noValue": "no data in this time",
        "thresholds": {"mode": "absolute", "steps": steps(panel)},
        "unit": panel.unit,
    }
    if panel.minimum is not None:
        defaults["min"] = panel.minimum
    if panel.maximum is not None:
        defaults["max"] = panel.maximum
    if custom := _custom(panel):
        defaults["custom"] = custom
    return {"defaults": defaults, "overrides": []}


def steps(panel: Panel) -> list[dict[str, Any]]:
    """Give the thresholds: the first target's bands, and the other targets' limits within them."""
    if not panel.targets:
        return [{"color": COLOURS["good"], "value": None}]
    bands = dict(panel.targets[0].bands)
    for limit in sorted({target.value for target in panel.targets[1:]} - set(bands)):
        below = max((edge for edge in bands if edge is not None and edge < limit), default=None)
        bands[limit] = bands[below]
    ordered = sorted(bands, key=lambda edge: float("-inf") if edge is None else edge)
    return [{"color": COLOURS[bands[edge]], "value": edge} for edge in ordered]


def _coloured(panel: Panel) -> bool:
    return panel.kind in ("stat", "gauge", "bargauge", "state-timeline") and bool(panel.targets)


def _mappings(panel: Panel) -> list[dict[str, Any]]:
    if not panel.states:
        return []
    numbered = enumerate(panel.states.items())
    texts = {f"{value:g}": {"index": index, "text": text} for index, (value, text) in numbered}
    return [{"type": "value", "options": texts}]


def _custom(panel: Panel) -> dict[str, Any]:
    if panel.kind == "timeseries":
        drawn = {"lines": ("line", 0), "bars": ("bars", 80), "area": ("line", 40)}[panel.draw]
        return {
            "axisLabel": "",
            "axisPlacement": "auto",
            "drawStyle": drawn[0],
            "fillOpacity": drawn[1],
            "lineInterpolation": "linear",
            "lineWidth": 1,
            "showPoints": "auto",
            "spanNulls": False,
            "stacking": {"group": "A", "mode": "none" if panel.draw == "lines" else "normal"},
            "thresholdsStyle": {"mode": "dashed" if panel.targets else "off"},
        }
    if panel.kind == "table":
        cell = {"type": "color-background", "mode": "basic"} if panel.targets else {"type": "auto"}
        return {"align": "auto", "cellOptions": cell, "filterable": True, "inspect": False}
    if panel.kind == "state-timeline":
        return {"fillOpacity": 80, "lineWidth": 0}
    return {}


def transformations(panel: Panel) -> list[dict[str, Any]]:
    """Give what makes of labels and values a table that people can read."""
    if panel.kind != "table":
        return []
    names = ["Time", *panel.columns, "Value"]
    renamed = {**panel.columns, "Value": panel.title}
    return [
        {
            "id": "organize",
            "options": {
                "excludeByName": {"Time": True},
                "indexByName": {name: place for place, name in enumerate(dict.fromkeys(chain(names)))},
                "renameByName": renamed,
            },
        }
    ]
