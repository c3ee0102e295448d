"""Situations that take hours to weeks: objectives, and customers who come less and less."""

from __future__ import annotations

from monitoring.case import Case, Labels
from monitoring.series import of

_COMPANY = {"environment": "production", "company_id": "cmp_1"}
_DAY = 24 * 60
_WEEK = 7 * _DAY

_AVAILABILITY = {"sloth_id": "portal-api_availability", "service": "portal", "team": "platform"}
_CRITICAL = {"sloth_id": "parts-api-critical_operation_errors", "service": "parts-api", "team": "revenue"}
_ORDERING = {"sloth_id": "parts-api-parts_ordering_latency", "service": "parts-api", "team": "revenue"}
_SYNC = {"sloth_id": "sync-api-technician_sync_latency", "service": "sync-api", "team": "product"}
_ONBOARDING = {
    "sloth_id": "vessels-api-vessel_onboarding_latency",
    "service": "vessels-api",
    "team": "customer-success",
}
_LATENCY = {"sloth_id": "portal-api_latency_p95_500ms", "service": "portal", "team": "platform"}
_EVERY = (_AVAILABILITY, _CRITICAL, _ORDERING, _SYNC, _ONBOARDING, _LATENCY)

Phase = tuple[int, float]
"""Minutes, and how much a counter grows in each."""


def _phases(*phases: Phase, restart: bool = False) -> str:
    """Give a counter that grows differently in each phase, or begins anew with each."""
    value, parts = 0.0, []
    for minutes, each in phases:
        start = 0.0 if restart else value
        parts.append(f"{start + each:g}+{each:g}x{minutes - 1}")
        value = start + each * minutes
    return " ".join(parts)


def _requests(*phases: tuple[int, float, float], service: str = "sync-api", replicas: str = "a", restart: bool = False):  # noqa: ANN202
    """Give requests: minutes, requests a minute, share that fails."""
    found = {}
    for instance in replicas:
        part = 1 / len(replicas)
        good = [(minutes, each * (1 - bad) * part) for minutes, each, bad in phases]
        failed = [(minutes, each * bad * part) for minutes, each, bad in phases]
        names = {"service": service, "instance": instance}
        found[of("http_requests_total", names, status="200")] = _phases(*good, restart=restart)
        found[of("http_requests_total", names, status="500")] = _phases(*failed, restart=restart)
    return found


def _journeys(*phases: tuple[int, float, float], le: str = "3.0") -> dict[str, str]:
    """Give runs of a journey that all succeed: minutes, runs a minute, share that is too slow."""
    of_journey = {"journey": "parts_ordering_flow", "outcome": "success", "service": "parts-api"}
    name = "sms_journey_duration_seconds"
    return {
        of(f"{name}_bucket", of_journey, le=le): _phases(*((m, n * (1 - slow)) for m, n, slow in phases)),
        of(f"{name}_count", of_journey): _phases(*((m, n) for m, n, _ in phases)),
    }


def _outcomes(minutes: int, **a_minute: float) -> dict[str, str]:
    """Give runs of a journey by outcome, all of them quick."""
    found = {}
    for outcome, each in a_minute.items():
        labels = {"journey": "parts_ordering_flow", "outcome": outcome.removesuffix("_late"), "service": "parts-api"}
        name = "sms_journey_duration_seconds"
        quick = 0.0 if outcome.endswith("_late") else each
        found[of(f"{name}_count", labels)] = _phases((minutes, each))
        found[of(f"{name}_bucket", labels, le="3.0")] = _phases((minutes, quick))
    return found


def _fast(situation: str, series: dict[str, str], fires: tuple[Labels, ...], at: str) -> Case:
    journeys = any("journey" in name for name in series)
    groups = ("parts-api-parts_ordering_latency",) if journeys else ("portal-api_availability", "parts-api-critical")
    kinds = ("sloth-slo-sli-recordings", "sloth-slo-meta-recordings")
    return Case(situation, series, fires, at, "5m", tuple(f"{kind}-{group}" for group in groups for kind in kinds))


_FAST: tuple[Case, ...] = (
    _fast("fire", _requests((300, 100, 0), (60, 100, 0.01)), (_AVAILABILITY,), "6h"),
    _fast("not fire", _requests((360, 100, 0.0003)), (), "6h"),
    _fast("no data", {}, (), "6h"),
    _fast("restart", _requests(*((40, 100, 0.0001),) * 9, restart=True), (), "6h"),
    _fast("restart while it is bad", _requests(*((40, 100, 0.02),) * 9, restart=True), (_AVAILABILITY,), "6h"),
    _fast("replica", _requests((300, 100, 0), (60, 100, 0.01), replicas="abc"), (_AVAILABILITY,), "6h"),
    # One of ten in an hour is 10 %, and nothing to wake anybody for.
    _fast("low traffic", _requests((360, 0.1, 0.1)), (), "6h"),
    _fast("an outage without one good request", {
        of("http_requests_total", service="parts-api", status="503"): _phases((120, 100))},
        (_AVAILABILITY, _CRITICAL), "2h"),
    _fast("a blip of ten minutes", _requests((600, 100, 0), (10, 100, 0.05), (120, 100, 0)), (), "11h30m"),
    _fast("0.5 % of the runs too slow", _journeys((720, 20, 0.005)), (), "12h"),
    _fast("46 minutes of 20 % too slow", _journeys((660, 20, 0), (46, 20, 0.2)), (_ORDERING,), "11h45m"),
    _fast("the bucket as OTLP spells it", _journeys((660, 20, 0), (46, 20, 0.2), le="3"), (_ORDERING,), "11h45m"),
    _fast("a quick day in the spelling of OTLP", _journeys((720, 20, 0.005), le="3"), (), "12h"),
    _fast("what clients do wrong or give up early", _outcomes(360, success=10, client_error=20, cancelled=5), (), "6h"),
    _fast("given up when it took too long", _outcomes(360, success=10, cancelled_late=5), (_ORDERING,), "6h"),
    _fast("all fail", _outcomes(360, failure=10), (_ORDERING,), "6h"),
)  # fmt: skip

_ONE = ("sloth-slo-sli-recordings-portal-api_availability", "sloth-slo-meta-recordings-portal-api_availability")
_TWICE = _requests((3 * _DAY + 60, 100, 0.0011))

_SLOW: tuple[Case, ...] = (
    Case("fire", _TWICE, (_AVAILABILITY,), "73h", "15m", _ONE),
    Case("not fire", _requests((3 * _DAY + 60, 100, 0.0003)), (), "73h", "15m", _ONE),
    Case("no data", {}, (), "73h", "15m", _ONE),
    Case("restart", _requests(*((_DAY // 2, 100, 0.0002),) * 7, restart=True), (), "73h", "15m", _ONE),
    Case("replica", _requests((3 * _DAY + 60, 100, 0.0011), replicas="ab"), (_AVAILABILITY,), "73h", "15m", _ONE),
    Case("low traffic", _requests((3 * _DAY + 60, 0.015, 0.2)), (), "73h", "15m", _ONE),
)


def _beat(service: str, values: str, **more: str) -> dict[str, str]:
    """Give what a process sends as long as it lives."""
    return {of("process_uptime_seconds", service=service, **more): values}


def _events(minutes: int) -> dict[str, str]:
    """Give runs of the technicians' journey."""
    of_journey = {"journey": "technician_sync_flow", "outcome": "success", "service": "sync-api"}
    return {of("sms_journey_duration_seconds_count", of_journey): f"0+1x{minutes}"}


def _at_production(labels: Labels) -> Labels:
    return {**labels, "environment": "production"}


_THREE = ("parts-api", "sync-api", "vessels-api")
_ALIVE = {name: each for service in _THREE for name, each in _beat(service, f"0+60x{_DAY}").items()}
_LONG_ALIVE = {name: each for service in _THREE for name, each in _beat(service, f"0+60x{3 * _DAY}").items()}
_EVERYWHERE = tuple(_at_production(each) for each in _EVERY)

_ABSENT: tuple[Case, ...] = (
    Case("fire", {**_ALIVE, **_beat("vessels-api", "0+60x120 stale")},
        (_at_production(_ONBOARDING),), "4h", "5m"),
    Case("no data", {}, _EVERYWHERE, "1h", "5m"),
    Case("not fire", {**_requests((120, 10, 0)), **_ALIVE}, (), "2h", "5m"),
    Case("a quiet night", _ALIVE, (), "16h", "5m"),
    Case("a quiet weekend", {
        **_LONG_ALIVE,
        of("sms_journey_duration_seconds_count", journey="vessel_onboarding_flow", outcome="success"): "0+1x60 stale"},
        (), "64h", "15m"),
    # Deployed on Friday evening: no process has a series of what nobody does until Monday.
    Case("restart", {
        **dict.fromkeys(_ALIVE, f"0+60x120 0+60x{3 * _DAY}"),
        of("http_requests_total", service="parts-api", status="200"): "0+1x119 stale",
        of("sms_journey_duration_seconds_count", journey="vessel_onboarding_flow", outcome="success"): "0+1x119 stale",
        }, (), "64h", "15m"),
    Case("restart that takes ten minutes", dict.fromkeys(_ALIVE, "0+60x120 stale _x9 0+60x120"), (), "3h", "5m"),
    Case("restart that fails", dict.fromkeys(_ALIVE, "0+60x120 stale"), _EVERYWHERE, "3h", "5m"),
    Case("replica", {**_ALIVE, **_beat("vessels-api", "0+60x60 stale", instance="b")}, (), "4h", "5m"),
    # One request in twenty minutes is as good as many.
    Case("low traffic", {**_ALIVE, of("http_requests_total", service="parts-api", status="200"):
        " ".join(f"{number}x19" for number in range(10))}, (), "2h", "5m"),
    Case("silent for longer than a day is not forgotten", _beat("vessels-api", "0+60x120 stale"), _EVERYWHERE,
        "40h", "15m"),
    Case("silent in one of two environments", {
        **_beat("vessels-api", "0+60x120 stale", environment="staging"), **_beat("vessels-api", "0+60x400"),
        **_beat("parts-api", "0+60x400"), **_beat("sync-api", "0+60x400")},
        ({**_ONBOARDING, "environment": "staging"}, {**_AVAILABILITY, "environment": "staging"},
            {**_LATENCY, "environment": "staging"}), "4h", "5m"),
    Case("a service that sends events and no heartbeat", {
        **_ALIVE, **_beat("sync-api", "_x400"), **_events(300)}, (), "4h", "5m"),
    Case("lives for more than a week, and nothing of its objective was ever measured", {
        of("process_uptime_seconds", service=service): f"0+1x{8 * _DAY}" for service in _THREE},
        tuple(_at_production(each) for each in _EVERY if each != _ONBOARDING), "7d6h", "1h"),
)  # fmt: skip


def _sessions(before: float, after: float, replicas: str = "a") -> dict[str, str]:
    """Give the sessions of a company, before and after the first week."""
    values = _phases((_WEEK, before), (2 * _WEEK, after))
    return {of("sms_user_sessions_total", _COMPANY, instance=each): values for each in replicas}


def _restarting(before: float, after: float) -> dict[str, str]:
    phases = [(_DAY, before if day < 7 else after) for day in range(18)]  # noqa: PLR2004 - a week
    return {of("sms_user_sessions_total", _COMPANY): _phases(*phases, restart=True)}


_CHURN = tuple(
    Case(name, series, (_COMPANY,) if fires else (), "15d12h", "15m")
    for name, series, fires in (
        ("fire", _sessions(0.1, 0.01), True),
        ("not fire", _sessions(0.1, 0.09), False),
        ("no data", {}, False),
        ("restart", _restarting(0.1, 0.09), False),
        ("replica", _sessions(0.05, 0.005, "ab"), True),
        ("low traffic", _sessions(0.0001, 0), False),
        ("nobody comes any more", {of("sms_user_sessions_total", _COMPANY): f"0+0.1x{_WEEK} stale"}, True),
    )
)

LONG: dict[str, tuple[Case, ...]] = {
    "ErrorBudgetBurnFast": _FAST,
    "ErrorBudgetBurnSlow": _SLOW,
    "SLITelemetryAbsent": _ABSENT,
    "HighChurnRisk": _CHURN,
}
