"""The catalogue's series as a whole fleet makes them, as OpenMetrics text, and a Prometheus that holds them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, product
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import quote

from monitoring.case import promtool
from servers.process import Server, free_ports, http_get
from servers.programs import binary
from sms_observability.catalog import SMS_CATALOG, Metric

SHIPS_OF_A_COMPANY = 20
REPLICAS = 2
ENVIRONMENT = "production"

_SIZES = {"endpoint": 12, "http_route": 12, "status": 4, "metric": 30, "datname": 3, "table": 10, "instance": 3}
_WORDS = {
    "status": ("200", "201", "404", "500"),
    "mode": ("idle", "user", "system"),
    "state": ("idle", "used", "free"),
}
_OTHERS = 3
"""Values of a label that may have any."""
_OF_EACH_SHIP = 2
"""Values of each closed label that one ship uses."""


@dataclass(frozen=True)
class Series:
    """One series: its name with labels, whether it grows, and by how much in a second."""

    selector: str
    grows: bool
    each: float


def series(ships: int, most: int = 60) -> Iterator[Series]:
    """Give every series of the public Prometheus that a fleet makes.

    Args:
        ships: How many there are.
        most: Combinations of labels besides company and ship; 60 is what a portal of a dozen endpoints makes.
    """
    for metric in SMS_CATALOG.metrics.values():
        if metric.access == "public" and metric.source != "rule":
            yield from _of(metric, ships, most)


def _of(metric: Metric, ships: int, most: int) -> Iterator[Series]:
    own = tuple(field.name.replace(".", "_") for field in metric.labels)
    families = {metric.prometheus_name: own}
    for name, labels in metric.gateway_names.items():
        if not name.endswith(("_bucket", "_sum", "_count")):
            families[name] = labels
    for family, labels in families.items():
        histogram = metric.kind == "histogram" and not family.endswith("_total")
        for combination in _combinations(metric, labels, ships, most):
            yield from _series(family, combination, metric, histogram=histogram)


def _combinations(metric: Metric, labels: Iterable[str], ships: int, most: int) -> Iterator[dict[str, str]]:
    names = [name for name in labels if name not in {"vessel_id", "company_id", "instance", "job", "environment"}]
    ours = metric.source in {"sms", "semconv"}
    by_ship = "vessel_id" in labels
    closed = {field.name.replace(".", "_"): field.values for field in metric.labels if field.values}
    choices = [_values(name, closed.get(name), by_ship=by_ship) for name in names]
    places = [{"environment": ENVIRONMENT, "job": "parts-api", "service": "parts-api", "version": "1.0.0"}]
    if not ours:
        places = [{"environment": ENVIRONMENT, "job": "infrastructure"}]
    for place, replica in product(places, range(1 if by_ship else REPLICAS)):
        where = {**place, "instance": f"host-{replica}"}
        for values in islice(product(*choices), most):
            chosen = dict(zip(names, values, strict=True))
            for who in _who(labels, ships):
                yield {**where, **chosen, **who}


def _values(name: str, closed: tuple[str, ...] | None, *, by_ship: bool) -> list[str]:
    if closed:
        return list(closed[:_OF_EACH_SHIP] if by_ship else closed)
    if name in _WORDS:
        return list(_WORDS[name])
    return [f"{name}_{number}" for number in range(_OF_EACH_SHIP if by_ship else _SIZES.get(name, _OTHERS))]


def _who(labels: Iterable[str], ships: int) -> Iterator[dict[str, str]]:
    if "vessel_id" in labels:
        for number in range(ships):
            company = {"company_id": f"cmp_{number // SHIPS_OF_A_COMPANY}"} if "company_id" in labels else {}
            yield {"vessel_id": f"vsl_{number}", **company}
    elif "company_id" in labels:
        for number in range(max(1, ships // SHIPS_OF_A_COMPANY)):
            yield {"company_id": f"cmp_{number}"}
    else:
        yield {}


def _series(family: str, labels: Mapping[str, str], metric: Metric, *, histogram: bool) -> Iterator[Series]:
    if not histogram:
        yield Series(_selector(family, labels), metric.kind == "counter" or "uptime" in family, 0.02)
        return
    buckets = metric.buckets or (0.1, 0.5, 1.0, 5.0)
    for number, bound in enumerate(buckets, 1):
        share = number / len(buckets)
        yield Series(_selector(f"{family}_bucket", {**labels, "le": f"{bound:.12g}"}), True, 0.02 * share)
    yield Series(_selector(f"{family}_bucket", {**labels, "le": "+Inf"}), True, 0.02)
    yield Series(_selector(f"{family}_sum", labels), True, 0.004)
    yield Series(_selector(f"{family}_count", labels), True, 0.02)


def _selector(name: str, labels: Mapping[str, str]) -> str:
    return name + "{" + ",".join(f'{key}="{value}"' for key, value in labels.items()) + "}"


def write(file: Path, chosen: Iterable[Series], times: range) -> int:
    """Write the samples of series as OpenMetrics, and give how many there are."""
    count = 0
    with file.open("w", encoding="utf-8") as page:
        for each in chosen:
            for number, time in enumerate(times):
                value = 1000 + each.each * (time - times.start) if each.grows else 1 + number % 3
                page.write(f"{each.selector} {value:.6g} {time}\n")
                count += 1
        page.write("# EOF\n")
    return count


_HOUR, _DAY = 3600.0, 86_400.0


@dataclass(frozen=True)
class Past:
    """What a series has held for longer than the last minutes, because a rule looks back at it.

    Attributes:
        selector: Its name with labels.
        back: For how many seconds.
        step: Seconds from sample to sample.
        value: Of each sample; `None` for the moment itself.
    """

    selector: str
    back: float
    step: int
    value: float | None

    def write(self, page: TextIO, start: int, end: int) -> int:
        """Write the samples from one moment to another as OpenMetrics, and give how many there are."""
        times = range(start, end, self.step)
        for time in times:
            value = time if self.value is None else self.value
            page.write(f"{self.selector} {value} {time}\n")
        return len(times)


def history(ships: int) -> Iterator[Past]:
    """Give what rules look back at for hours and days: what other rules have recorded, and processes' ages."""
    for slo in SMS_CATALOG.slos.values():
        of = {"environment": ENVIRONMENT, "sloth_id": slo.sloth_id, "sloth_service": slo.service}
        of |= {"sloth_slo": slo.name, "team": slo.team}
        for name, value in (("events:rate5m", 20.0), ("error_events:rate5m", 0.004), ("telemetry:present", 1.0)):
            yield Past(_selector(f"slo:{name}", of), 30 * _DAY, 60, value)
    where = {"environment": ENVIRONMENT}
    for number in range(max(1, ships // SHIPS_OF_A_COMPANY)):
        company = {**where, "company_id": f"cmp_{number}"}
        yield Past(_selector("company:user_sessions:increase5m", company), 7 * _DAY, 300, 3.0)
    for number in range(ships):
        ship = {**where, "vessel_id": f"vsl_{number}"}
        yield Past(_selector("vessel:last_contact:timestamp_seconds", ship), _HOUR, 30, None)
    for each in series(1):
        if each.selector.startswith("process_uptime_seconds{"):
            yield Past(each.selector, 6 * _HOUR, 30, 100_000.0)


_ranges = re.compile(r"([a-zA-Z_:][\w:]*)(?:\{[^{}]*\})?\[(\d+)([smhdw])\]").findall
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def ranges(expr: str) -> Iterator[tuple[str, int]]:
    """Give each name that an expression looks back at, and for how many seconds."""
    for name, number, unit in _ranges(expr):
        yield name, int(number) * _SECONDS[unit]


class Prometheus(Server):
    """A Prometheus on blocks that promtool has made, with rules that it evaluates all the time.

    Args:
        folder: Its folder; `data/` holds the blocks.
        rules: Pattern of the rule files.
    """

    def __init__(self, folder: Path, rules: str) -> None:
        (port,) = free_ports(1)
        self.url = f"http://127.0.0.1:{port}"
        config = folder / "prometheus.yaml"
        config.write_text(
            f"global: {{evaluation_interval: 10s}}\nrule_files: [{rules}]\n"
            "storage: {tsdb: {out_of_order_time_window: 7d}}\n",
            encoding="utf-8",
        )
        super().__init__(
            [
                binary("prometheus"), f"--config.file={config}", f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{port}", "--log.level=error", "--storage.tsdb.retention.time=40d",
            ],
            ready=f"{self.url}/-/ready",
        )  # fmt: skip

    def ask(self, path: str) -> Any:
        """Give the data of an answer of its API."""
        status, text = http_get(f"{self.url}/api/v1/{path}", timeout=60)
        assert status == 200, text[:2000]
        return json.loads(text)["data"]

    def cost(self, expr: str, at: float) -> tuple[int, float]:
        """Give how many samples a query reads, and how many seconds it takes."""
        stats = self.ask(f"query?stats=all&time={at:.0f}&query={quote(expr)}")["stats"]
        return stats["samples"]["totalQueryableSamples"], stats["timings"]["evalTotalTime"]

    def processor_seconds(self, expr: str, at: float, times: int = 10) -> float:
        """Give how much of a processor a query takes, which is the same however busy the machine is."""
        before = self._used()
        for _ in range(times):
            self.cost(expr, at)
        return (self._used() - before) / times

    def _used(self) -> float:
        _, text = http_get(f"{self.url}/metrics", timeout=60)
        return float(
            next(line for line in text.splitlines() if line.startswith("process_cpu_seconds_total")).split()[1]
        )


def blocks(folder: Path, text: Path, within: float = 110) -> None:
    """Make blocks of OpenMetrics text."""
    promtool(
        folder, "tsdb", "create-blocks-from", "openmetrics", "--quiet", str(text), str(folder / "data"), within=within
    )
