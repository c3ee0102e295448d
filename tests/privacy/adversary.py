"""Somebody who reads everything that the portal emits publicly, knows the equations, and wants the markup of an order.

He differences cumulative sums between exports, takes exemplars, joins all records of an order by trace and by time,
reads numbers out of texts, and combines any two numbers by plus, minus, times and divided by.
"""

from __future__ import annotations

import bisect
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from statistics import fmean
from typing import Any

from sms_observability.receiver import Receiver

Numbers = dict[str, float]
"""What is known of one order: where a number was found, and the number."""

TARGETS = ("cost", "markup", "rate")
_numbers = re.compile(r"(?<![\w.])\d+(?:,\d{3})*(?:\.\d+)?(?![\w])").findall
_CENT = 0.006


def observe(receivers: Iterable[Receiver], lines: Iterable[str], until: list[int]) -> list[Numbers]:
    """Collect what is known of each order.

    Args:
        receivers: What has arrived by OTLP.
        lines: Log lines of standard output.
        until: When each order had been exported, in nanoseconds since 1970.
    """
    orders: list[list[tuple[str, float]]] = [[] for _ in until]

    def place(moment: int) -> list[tuple[str, float]]:
        return orders[min(bisect.bisect_left(until, moment), len(until) - 1)]

    for number, receiver in enumerate(receivers):
        for span in receiver.spans:
            found = place(span["end_ns"])
            found.append((f"{number} {span['name']} duration", (span["end_ns"] - span["start_ns"]) / 1e6))
            found.extend(_leaves({"attributes": span["attributes"], "events": span["events"]}, span["name"]))
            found.extend(_leaves([link["attributes"] for link in span["links"]], f"{span['name']} links"))
        for log in receiver.logs:
            place(log["time_ns"]).extend(_leaves({"": log["body"], "a": log["attributes"]}, f"log {log['body']}"))
        _difference(receiver, number, place)
    for line in lines:
        record = json.loads(line)
        moment = _moment(record["timestamp"])
        place(moment).extend(_leaves(record["context"], f"line {record['message'][:30]}"))
    return [_numbered(found) for found in orders]


def _difference(receiver: Receiver, number: int, place: Any) -> None:
    series: dict[str, dict[int, Mapping[str, Any]]] = {}
    for point in receiver.metrics:
        labels = sorted((key, str(value)) for key, value in point["labels"].items())
        name = f"{number} metric {point['name']} {labels} {point['resource'].get('service.instance.id')}"
        series.setdefault(name, {})[point["time_ns"]] = point
    for name, points in series.items():
        before: dict[str, float] = {}
        plain = re.sub(r"[0-9a-f-]{36}", "", name)
        for moment, point in sorted(points.items()):
            found = place(moment)
            for part in ("value", "sum", "count", "min", "max"):
                now = point.get(part)
                if isinstance(now, int | float) and not isinstance(now, bool):
                    found.append((f"{plain} {part}", float(now)))
                    found.append((f"{plain} {part} increase", float(now) - before.get(part, 0.0)))
                    before[part] = float(now)
            found.extend((f"{plain} exemplar", float(each["value"])) for each in point.get("exemplars", ()))


def _leaves(node: Any, path: str) -> Iterator[tuple[str, float]]:
    if isinstance(node, Mapping):
        for key, value in node.items():
            if not str(key).endswith(("time_ns", "trace_id", "span_id")):
                yield from _leaves(value, f"{path}.{key}")
    elif isinstance(node, list):
        for value in node:
            yield from _leaves(value, path)
    elif isinstance(node, int | float) and not isinstance(node, bool):
        yield path, float(node)
    elif isinstance(node, str):
        yield from ((f"{path} in text", float(text.replace(",", ""))) for text in _numbers(node))


def _numbered(found: list[tuple[str, float]]) -> Numbers:
    numbers: Numbers = {}
    for path, value in found:
        place, count = path, 0
        while place in numbers:
            count += 1
            place = f"{path} #{count}"
        numbers[place] = value
    return numbers


def _moment(text: str) -> int:
    from datetime import datetime

    return int(datetime.fromisoformat(text).timestamp() * 1e9)


def recovered(numbers: Numbers, truth: Mapping[str, float]) -> list[str]:
    """Give every way in which a hidden figure of an order follows exactly from what is known of it."""
    known = sorted(numbers.values())
    found = []
    for target in TARGETS:
        wanted = truth[target]
        if target == "rate":
            if any(abs(each - wanted) < 1e-8 or abs(each - 100 * wanted) < 1e-6 for each in known):
                found.append("rate")
            combined: Iterable[tuple[str, float]] = (("x / y - 1", each * (1 + wanted)) for each in known if each > 1)
        else:
            if _near(known, wanted):
                found.append(target)
            if _near(known, wanted * 100):
                found.append(f"{target} in cents")
            combined = [
                *(("x - y", wanted + each) for each in known if abs(each) > 1),
                *(("x + y", wanted - each) for each in known if 1 < abs(each) < wanted),
                *(("x * y", wanted / each) for each in known if 0 < each < 1),
            ]
        found += [f"{target} = {how}" for how, each in combined if abs(each) > 1_000 and _near(known, each)]
    return found


def _near(known: list[float], wanted: float) -> bool:
    place = bisect.bisect_left(known, wanted - _CENT)
    return place < len(known) and known[place] <= wanted + _CENT


def best_guess(orders: list[Numbers], truths: list[Mapping[str, float]]) -> tuple[float, str]:
    """Learn from every second order which number tells most of the markup rate, and guess it of the others.

    Returns:
        The mean squared error of the guesses as a share of that of the prior (the mean rate), and the number's place.
    """
    learning, judging = range(0, len(orders), 2), range(1, len(orders), 2)
    rates = [truth["rate"] for truth in truths]
    prior = fmean(rates[each] for each in learning)
    common = set.intersection(*(set(orders[each]) for each in learning))
    best, place, line = 1.0, "", (0.0, prior)
    for name in common:
        xs = [orders[each][name] for each in learning]
        mean = fmean(xs)
        spread = sum((x - mean) ** 2 for x in xs)
        if spread < 1e-12:
            continue
        slope = sum((x - mean) * (rates[each] - prior) for x, each in zip(xs, learning, strict=True)) / spread
        error = _error(orders, rates, name, slope, prior - slope * mean, learning)
        if error < best:
            best, place, line = error, name, (slope, prior - slope * mean)
    base = fmean((rates[each] - prior) ** 2 for each in judging)
    if not place:
        return 1.0, place
    return _error(orders, rates, place, *line, judging) / base, place


def _error(  # noqa: PLR0913
    orders: list[Numbers], rates: list[float], name: str, slope: float, start: float, which: Iterable[int]
) -> float:
    return fmean((slope * orders[each].get(name, 0.0) + start - rates[each]) ** 2 for each in which)
