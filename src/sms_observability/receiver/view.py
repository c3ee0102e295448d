"""What has arrived, as people read it: log records as lines, traces as trees, metrics as Prometheus names them."""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from sms_observability.catalog.prometheus import prometheus_name
from sms_observability.receiver.line import BAD, BOLD, DIM, GOOD, NAME, PLAIN, WARN, shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sms_observability.receiver.items import Attributes, Log, MetricPoint, Span
    from sms_observability.receiver.line import Line

_LEVELS: Final = {"ERROR": BAD, "CRITICAL": BAD, "WARNING": WARN, "DEBUG": DIM, "INFO": GOOD}
_OUTCOMES: Final = {"success": GOOD, "failure": BAD, "client_error": WARN, "cancelled": WARN}
_SLOW_SHARE = 0.5
_MAX_DEPTH = 40


def duration(milliseconds: float) -> str:
    """Give a duration as people say it.

    Example:
        >>> duration(0.25), duration(42.1), duration(3100)
        ('0.25 ms', '42 ms', '3.10 s')
    """
    if milliseconds >= 1000:  # noqa: PLR2004
        return f"{milliseconds / 1000:.2f} s"
    return f"{milliseconds:.0f} ms" if milliseconds >= 10 else f"{milliseconds:.2f} ms"  # noqa: PLR2004


def service(item: Span | Log | MetricPoint) -> str:
    """Give the name of the service that an item came from."""
    return shown(item["resource"].get("service.name", "unknown_service"), 60)


def log_line(log: Log) -> Line:
    """Give one line for a log record: when, level, service, message, and what else it says."""
    level = log["severity"].upper() or "INFO"
    when = datetime.fromtimestamp(log["time_ns"] / 1e9, UTC).strftime("%H:%M:%S.%f")[:-3]
    line: Line = [
        (f"{when} ", DIM),
        (f"{shown(level, 8):<8} ", _LEVELS.get(level, PLAIN)),
        (f"{service(log):<14} ", NAME),
        (shown(log["body"]), BOLD),
    ]
    line += [(f" {shown(key, 60)}={shown(value, 80)}", DIM) for key, value in flat(log["attributes"])]
    if log["trace_id"]:
        line.append((f" trace={log['trace_id'][:8]}", DIM))
    return line


def flat(attributes: Attributes, prefix: str = "") -> list[tuple[str, object]]:
    """Give attributes as pairs, those of a nested mapping with a dotted name; empty ones are left out."""
    pairs: list[tuple[str, object]] = []
    for key, value in attributes.items():
        if isinstance(value, dict):
            pairs += flat(value, f"{prefix}{key}.")
        elif value is not None and value not in ("", []):
            pairs.append((f"{prefix}{key}", value))
    return pairs


def trace_tree(spans: Iterable[Span]) -> list[Line]:
    """Give a trace as a tree, with durations, services, outcomes and what became of the SLA.

    Args:
        spans: Those of one trace, in any order. A span whose parent has not arrived stands at the top.
    """
    unique = {span["span_id"]: span for span in spans}
    children: defaultdict[str, list[Span]] = defaultdict(list)
    for span in sorted(unique.values(), key=lambda span: span["start_ns"]):
        parent = span["parent"]
        children[parent if parent in unique and parent != span["span_id"] else ""].append(span)
    lines: list[Line] = []
    roots = children[""]
    for root in roots:
        lines.append(
            [("trace ", DIM), (f"{root['trace_id']} ", DIM), *_span(root)] if root is roots[0] else _span(root)
        )
        lines += _branches(root, children, "", 1)
    return lines


def _branches(span: Span, children: dict[str, list[Span]], indent: str, depth: int) -> list[Line]:
    lines: list[Line] = []
    below = children.get(span["span_id"], [])
    if below and depth > _MAX_DEPTH:
        return [[(f"{indent}└─ … deeper", DIM)]]
    for child in below:
        last = child is below[-1]
        lines.append([(f"{indent}{'└─ ' if last else '├─ '}", DIM), *_span(child)])
        lines += _branches(child, children, f"{indent}{'   ' if last else '│  '}", depth + 1)
    return lines


def _span(span: Span) -> Line:
    attributes = span["attributes"]
    journey = "sms.journey.name" in attributes
    failed = span["status"] == "error"
    line: Line = [
        (f"{shown(span['name'], 120)} ", BAD if failed else BOLD if journey else NAME),
        (duration((span["end_ns"] - span["start_ns"]) / 1e6), PLAIN),
    ]
    if not span["parent"] or span["kind"] == "server":
        line.append((f" [{service(span)}]", DIM))
    status = attributes.get("http.response.status_code")
    if status is not None:
        line.append((f" {shown(status, 10)}", BAD if failed else DIM))
    share = attributes.get("sms.sla.budget_share")
    if isinstance(share, (int, float)) and not isinstance(share, bool):
        line.append((f" {share:.0%} of SLA", WARN if share >= _SLOW_SHARE else DIM))
    if journey:
        line += _verdict(span)
    if failed:
        kind = attributes.get("error.type") or next(
            (event["attributes"]["exception.type"] for event in span["events"] if event["name"] == "exception"), ""
        )
        line.append((f" ✗ {shown(kind, 60)}".rstrip(), BAD))
    return line


def _verdict(span: Span) -> Line:
    attributes = span["attributes"]
    outcome = shown(attributes.get("sms.journey.outcome", "?"), 20)
    line: Line = [(f" {outcome}", _OUTCOMES.get(outcome, PLAIN))]
    threshold = attributes.get("sms.sla.threshold_ms")
    limit = f" SLA {duration(threshold)}" if isinstance(threshold, (int, float)) else " SLA"
    if attributes.get("sms.sla.breached") is True:
        line.append((f"{limit} BREACHED, slowest step {breached_by(span) or 'unknown'}", BAD))
    else:
        line.append((f"{limit} kept", DIM))
    missing = attributes.get("sms.journey.steps_missing")
    if missing:
        names = ", ".join(map(str, missing)) if isinstance(missing, list) else missing
        line.append((f" steps missing: {shown(names)}", WARN))
    return line


def breached_by(span: Span) -> str:
    """Give the slowest step of a journey that broke its SLA; empty for any other span."""
    for event in span["events"]:
        if event["name"] == "sms.sla.breached":
            return shown(event["attributes"].get("sms.sla.slowest_step", ""), 120)
    return ""


def latest(points: Iterable[MetricPoint]) -> list[MetricPoint]:
    """Give the newest point of each series, sorted by name: every export sends all of them again."""
    newest: dict[tuple[str, ...], MetricPoint] = {}
    for point in points:
        resource = point["resource"]
        instance = resource.get("service.instance.id") or resource.get("process.pid")
        labels = repr(sorted(point["labels"].items(), key=lambda pair: pair[0]))
        key = (point["name"], service(point), str(instance), labels)
        if key not in newest or newest[key]["time_ns"] <= point["time_ns"]:
            newest[key] = point
    return [newest[key] for key in sorted(newest)]


def metric_line(point: MetricPoint, *, namespace: str = "") -> Line:
    """Give one line for a point: its Prometheus name, labels and value; of a histogram count, sum and quantiles.

    Args:
        point: The point.
        namespace: What the exporter to Prometheus puts in front; the restricted one uses `_sms`.
    """
    kind = point["kind"]
    known: Any = kind if kind in ("counter", "gauge", "updowncounter") else "histogram"
    name = prometheus_name(point["name"], point["unit"], known, namespace=namespace)
    labels = ", ".join(f'{shown(key, 60)}="{shown(value, 80)}"' for key, value in sorted(point["labels"].items()))
    line: Line = [(shown(name), NAME), (f"{{{labels}}}" if labels else "", DIM)]
    if point["value"] is not None:
        return [*line, (f" {_number(point['value'])}", BOLD)]
    line.append((f" count={point['count']}", BOLD))
    if point["sum"] is not None:
        line.append((f" sum={_number(point['sum'])}", BOLD))
    line += [(f" p{share * 100:.0f}≈{_number(value)}", DIM) for share, value in _quantiles(point)]
    return line


def _quantiles(point: MetricPoint) -> list[tuple[float, float]]:
    return [(share, value) for share in (0.5, 0.95) if (value := quantile(point, share)) is not None]


def quantile(point: MetricPoint, share: float) -> float | None:
    """Estimate a quantile of a histogram from its buckets, as Prometheus does; `None` if there are none."""
    bounds, counts = point["bounds"], point["counts"]
    total = sum(counts)
    if not total or not bounds or len(counts) != len(bounds) + 1:
        return None
    rank = share * total
    below = 0
    for index, count in enumerate(counts):
        if below + count >= rank and count:
            if index == len(bounds):
                return bounds[-1]
            lower = bounds[index - 1] if index else min(0.0, bounds[0])
            return lower + (bounds[index] - lower) * (rank - below) / count
        below += count
    return bounds[-1]


def _number(value: float) -> str:
    if isinstance(value, int) or not math.isfinite(value):
        return str(value)
    return f"{value:,.3f}".rstrip("0").rstrip(".") if abs(value) >= 0.001 else f"{value:.3g}"  # noqa: PLR2004
