"""Thirty ordinary days of the portal: days and nights, noise, deploys, restarts, and ships out of reach."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from math import cos, pi

from monitoring.series import of

HOUR = 60
DAYS = 30
SERVICES = {"parts-api": 120.0, "sync-api": 40.0, "vessels-api": 60.0, "payment-processor": 30.0}
"""Requests a minute of a replica at the busiest hour."""
JOURNEYS = {
    "parts_ordering_flow": ("parts-api", "3.0", 20.0),
    "technician_sync_flow": ("sync-api", "10.0", 6.0),
    "vessel_onboarding_flow": ("vessels-api", "5.0", 0.3),
}
SHIPS = 3


class Month:
    """Counters and gauges, an hour at a time.

    Args:
        days: How long it is.
        seed: Of its noise.
    """

    def __init__(self, days: int = DAYS, seed: int = 7) -> None:
        self._random = random.Random(seed)
        self._hours = days * 24
        # Each replica is deployed anew every few days, at its own hour.
        self._deploys: dict[str, set[int]] = {}

    def series(self) -> dict[str, str]:
        """Give all series."""
        found: dict[str, str] = {}
        for service, busiest in SERVICES.items():
            for replica in "ab" if service == "parts-api" else "a":
                found.update(self._service(service, f"{service}-{replica}", busiest))
        for journey, (service, le, busiest) in JOURNEYS.items():
            for replica in "ab" if service == "parts-api" else "a":
                found.update(self._journey(journey, service, f"{service}-{replica}", le, busiest))
        found.update(self._business())
        for number in range(SHIPS):
            found.update(self._ship(f"vsl_{number}"))
        found.update(self._machines())
        return found

    def _service(self, service: str, instance: str, busiest: float) -> Iterator[tuple[str, str]]:
        who = {"service": service, "instance": instance}
        lives = lambda _: 60.0  # noqa: E731
        yield of("process_uptime_seconds", who), self._counter(instance, lives, noise=0)
        endpoint = {**who, "method": "POST", "endpoint": f"/api/{service}"}
        yield of("http_requests_total", endpoint, status="200"), self._counter(instance, _day(busiest))
        yield of("http_requests_total", endpoint, status="404"), self._counter(instance, _day(busiest / 80))
        yield of("http_requests_total", endpoint, status="401"), self._counter(instance, _day(0.4))
        # One in five thousand.
        yield of("http_requests_total", endpoint, status="503"), self._counter(instance, _day(busiest / 5000))
        for le, share in (("0.5", 0.98), ("1.0", 0.997), ("+Inf", 1.0)):
            name = of("http_request_duration_seconds_bucket", endpoint, le=le)
            yield name, self._counter(instance, _day(busiest * share), noise=0)
        yield of("http_request_duration_seconds_count", endpoint), self._counter(instance, _day(busiest), noise=0)
        yield of("http_response_size_bytes_sum", endpoint), self._counter(instance, _day(busiest * 9000))
        yield of("sms_telemetry_emitted_total", who, signal="traces"), self._counter(instance, _day(busiest * 5))
        yield of("sms_telemetry_delivered_total", who, signal="traces"), self._counter(instance, _day(busiest * 5))
        yield of("sms_telemetry_dropped_total", who, signal="traces"), f"0x{self._hours * HOUR}"
        yield of("sms_telemetry_queued", who, signal="traces"), self._gauge(lambda _: 40.0)
        yield of("process_cpu_utilization_ratio", who, cpu_mode="user"), self._gauge(_day(0.4))
        pool = {**who, "pool_name": "main"}
        yield of("db_connection_pool_used", pool), self._gauge(_day(8))
        yield of("db_connection_pool_size", pool), f"20x{self._hours * HOUR}"
        yield of("db_client_operation_duration_seconds_count", who), self._counter(instance, _day(busiest * 3))

    def _journey(self, journey: str, service: str, instance: str, le: str, busiest: float) -> Iterator[tuple[str, str]]:
        who = {"service": service, "instance": instance, "journey": journey}
        name = "sms_journey_duration_seconds"
        for outcome, each, quick in (
            ("success", busiest, 0.998),
            ("failure", busiest / 2000, 1),
            ("client_error", 1, 1),
        ):
            labels = {**who, "outcome": outcome}
            yield of(f"{name}_count", labels), self._counter(instance, _day(each), noise=0)
            yield of(f"{name}_bucket", labels, le=le), self._counter(instance, _day(each * quick), noise=0)

    def _business(self) -> Iterator[tuple[str, str]]:
        parts = {"service": "parts-api", "instance": "parts-api-a"}
        completed = of("sms_parts_orders_completed_total", parts, order_type="standard")
        failed = of("sms_parts_orders_failed_total", parts, failure_reason="payment")
        yield completed, self._counter("parts-api-a", _day(6))
        yield failed, self._counter("parts-api-a", _day(0.06))
        for company in ("cmp_1", "cmp_2", "cmp_3"):
            name = of("sms_user_sessions_total", {"service": "vessels-api"}, company_id=company, role="crew")
            yield name, self._counter("vessels-api-a", _day(1.0))
        yield of("sms_login_failures_total", {"service": "vessels-api"}), self._counter("vessels-api-a", _day(0.3))
        done = {"company_id": "cmp_1", "vessel_id": "vsl_0"}
        yield of("sms_onboarding_progress_percent", done), f"100x{self._hours * HOUR}"
        yield of("sms_onboarding_started_timestamp_seconds", done), f"0x{self._hours * HOUR}"

    def _ship(self, vessel: str) -> Iterator[tuple[str, str]]:
        """Give a ship that synchronises every few minutes in port, and not at all for up to 20 hours at sea."""
        away: set[int] = set()
        hour = self._random.randrange(24)
        while hour < self._hours:
            gap = self._random.randrange(2, 20)
            away.update(range(hour, hour + gap))
            hour += gap + self._random.randrange(6, 30)
        rate = lambda each: 0.0 if each in away else 0.5  # noqa: E731
        labels = {"service": "sync-api", "vessel_id": vessel, "data_size_category": "small"}
        yield of("sms_offline_sync_duration_seconds_count", labels), self._counter("sync-api-a", rate, noise=0)
        yield of("sms_vessel_active", vessel_id=vessel), f"1x{self._hours * HOUR}"

    def _machines(self) -> Iterator[tuple[str, str]]:
        always = f"x{self._hours * HOUR}"
        for host in ("host-1", "host-2"):
            for cpu in "01":
                idle = of("node_cpu_seconds_total", instance=host, cpu=cpu, mode="idle")
                yield idle, self._counter(host, lambda hour: 60 - _day(30)(hour), noise=0.1)
            yield of("node_memory_MemTotal_bytes", instance=host), f"16e9{always}"
            yield of("node_memory_MemAvailable_bytes", instance=host), self._gauge(lambda _: 6e9)
            yield of("node_filesystem_avail_bytes", instance=host, mountpoint="/"), self._gauge(lambda _: 60.0)
            yield of("node_filesystem_size_bytes", instance=host, mountpoint="/"), f"100{always}"
            yield of("node_timex_offset_seconds", instance=host), self._gauge(lambda _: 0.002)
            yield of("up", job="node", instance=host), f"1{always}"
        for collector in ("gateway:8888", "sampler:8888"):
            who = {"job": "otelcol", "instance": collector}
            yield of("up", who), f"1{always}"
            yield of("otelcol_exporter_queue_size", who, exporter="otlp"), self._gauge(_day(200))
            yield of("otelcol_exporter_queue_capacity", who, exporter="otlp"), f"5000{always}"
        yield of("pg_up", instance="pg-1"), f"1{always}"
        yield of("redis_up", instance="redis-1"), f"1{always}"
        expiry = of("probe_ssl_earliest_cert_expiry", service="parts-api", instance="https://parts.example")
        yield expiry, f"{90 * 86400}{always}"

    def _counter(self, process: str, rate: Callable[[int], float], noise: float = 0.3) -> str:
        value, parts = 0.0, []
        for hour in range(self._hours):
            if hour in self._restarts(process):
                # Two minutes without it, then everything from nought.
                parts.append("stale _ ")
                value, minutes = 0.0, HOUR - 2
            else:
                minutes = HOUR
            each = rate(hour) * (1 + noise * (self._random.random() - 0.5))
            parts.append(f"{value + each:.12g}+{each:.12g}x{minutes - 1}")
            value += each * minutes
        return " ".join(parts)

    def _gauge(self, value: Callable[[int], float]) -> str:
        return " ".join(
            f"{value(hour) * (0.9 + 0.2 * self._random.random()):.6g}x{HOUR - 1}" for hour in range(self._hours)
        )

    def _restarts(self, process: str) -> set[int]:
        if process not in self._deploys:
            hours, hour = set[int](), self._random.randrange(5, 70)
            while hour < self._hours:
                hours.add(hour)
                hour += self._random.randrange(20, 120)
            self._deploys[process] = hours
        return self._deploys[process]


def _day(busiest: float) -> Callable[[int], float]:
    """Give a rate that is lowest at night: a tenth of the busiest hour."""
    return lambda hour: busiest * (0.55 - 0.45 * cos(2 * pi * (hour % 24 - 3) / 24))
