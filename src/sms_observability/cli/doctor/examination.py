"""The examination: each way once, then one item of each signal on it."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sms_observability.cli.doctor.answer import clock_skew, judge
from sms_observability.cli.doctor.connection import check_way
from sms_observability.cli.doctor.finding import FaultError, Finding
from sms_observability.cli.doctor.grpc_probe import call
from sms_observability.cli.doctor.http_probe import post
from sms_observability.cli.doctor.items import request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sms_observability.cli.doctor.target import Target


@dataclass(slots=True)
class Result:
    """What became of one signal.

    Attributes:
        target: Where it was sent.
        delivered: Whether the receiver accepted the item; `None` if nothing was to be sent.
        milliseconds: How long the exchange took.
        findings: What is wrong.
    """

    target: Target
    delivered: bool | None = None
    milliseconds: float = 0.0
    findings: list[Finding] = field(default_factory=list[Finding])

    def to_json(self) -> dict[str, Any]:
        """Give the result as plain data."""
        endpoint = self.target.endpoint
        return {
            "channel": self.target.channel,
            "signal": self.target.signal,
            "to": endpoint.to,
            "endpoint": self.target.shown if endpoint.to == "otlp" else None,
            "protocol": endpoint.protocol if endpoint.to == "otlp" else None,
            "delivered": self.delivered,
            "milliseconds": round(self.milliseconds, 1),
            "findings": [
                {"code": finding.code, "what": finding.what, "remedy": finding.remedy} for finding in self.findings
            ],
        }


def accounting(results: Iterable[Result]) -> dict[str, dict[str, Any]]:
    """Account for the items of an examination, as `Observability.accounting()` does for a service.

    Args:
        results: What became of each signal.
    """
    account: dict[str, dict[str, Any]] = {}
    for result in results:
        if result.delivered is None:
            continue
        figures = account.setdefault(
            result.target.signal, {"emitted": 0, "delivered": 0, "spooled": 0, "queued": 0, "dropped": {}}
        )
        figures["emitted"] += 1
        if result.delivered:
            figures["delivered"] += 1
        else:
            reason = result.findings[0].code
            figures["dropped"][reason] = figures["dropped"].get(reason, 0) + 1
    return account


def examine(targets: Iterable[Target], timeout: float, progress: Callable[[str], None]) -> list[Result]:
    """Send one item of each signal.

    Args:
        targets: Where to.
        timeout: Seconds for each step.
        progress: Told what is done next.

    Returns:
        One result for each target, in their order.
    """
    results = [Result(target) for target in targets]
    wanted = [result for result in results if result.target.endpoint.to == "otlp"]
    ways: dict[tuple[object, ...], Finding | None] = {}
    for target in (result.target for result in wanted):
        if target.way not in ways:
            progress(f"Connecting to {target.host} port {target.port}")
            ways[target.way] = _blocked(target, timeout)
    sent: list[Result] = []
    for result in wanted:
        blocked = ways[result.target.way]
        if blocked is None:
            sent.append(result)
        else:
            result.delivered = False
            result.findings.append(blocked)
    if sent:
        progress(f"Sending one item each of {', '.join(result.target.signal for result in sent)}")
        # Side by side: whoever examines a receiver that hangs waits once, not once for each signal.
        with ThreadPoolExecutor(len(sent)) as pool:
            for sending in [pool.submit(_send, result, timeout) for result in sent]:
                sending.result()
    return results


def _blocked(target: Target, timeout: float) -> Finding | None:
    try:
        check_way(target, timeout)
    except FaultError as fault:
        return fault.finding
    return None


def _send(result: Result, timeout: float) -> None:
    target = result.target
    body = request(target.signal)
    began = time.perf_counter()
    skew: Finding | None = None
    try:
        if target.endpoint.protocol == "grpc":
            found = call(target, body, timeout)
        else:
            answer = post(target, body, timeout)
            found = judge(target, answer)
            skew = clock_skew(answer)
    except FaultError as fault:
        found = fault.finding
    result.milliseconds = (time.perf_counter() - began) * 1000
    result.delivered = found is None
    result.findings += [finding for finding in (found, skew) if finding is not None]
