"""`sms-observability explain-sampling`: which rule keeps or drops a trace, and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import yaml
from rich.text import Text

from sms_observability.cli.output import console, write_json

if TYPE_CHECKING:
    from sms_observability.sampling import Decision, Rule

_POLICY = Path("collector-config") / "policy" / "sampling.yaml"
_SIGNS = {True: ("keeps  ", "green"), False: ("no     ", "dim"), None: ("perhaps", "yellow")}


@click.command("explain-sampling")
@click.argument("trace", nargs=-1, required=True)
@click.option(
    "--policy",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The Collector's rules; policy/sampling.yaml of the checkout here, else what the catalogue renders.",
)
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def explain_sampling(trace: tuple[str, ...], policy: Path | None, as_json: bool) -> int:  # noqa: FBT001
    """Say which sampling rule of the Collector keeps or drops a trace, and why.

    TRACE is a file of OTLP JSON, or what a span looks like: name=parts_ordering_flow duration_ms=200
    sms.journey.revenue=true error trace_id=…
    """
    from sms_observability.sampling import TraceError, UnsupportedRuleError, explain, from_attributes

    try:
        rules = _rules(policy)
        if len(trace) == 1 and "=" not in trace[0] and trace[0] != "error":
            traces: list[tuple[bytes | None, Any]] = list(_from_file(Path(trace[0])))
        else:
            traces = [from_attributes(trace)]
    except (TraceError, UnsupportedRuleError) as error:
        raise click.UsageError(str(error)) from None
    decisions = [(trace_id, explain(rules, trace_id, spans)) for trace_id, spans in traces]
    if as_json:
        write_json([_to_json(trace_id, decision) for trace_id, decision in decisions])
    else:
        for trace_id, decision in decisions:
            _show(trace_id, decision)
    return 0


def _rules(policy: Path | None) -> list[Rule]:
    from sms_observability.catalog import SMS_CATALOG
    from sms_observability.render.collector_sampling import SAMPLING_PATH, render_sampling
    from sms_observability.sampling import UnsupportedRuleError, read_rules

    if policy is None and _POLICY.is_file():
        policy = _POLICY
    try:
        text = render_sampling(SMS_CATALOG)[SAMPLING_PATH] if policy is None else policy.read_text(encoding="utf-8")
        return read_rules(yaml.safe_load(text))
    except (OSError, yaml.YAMLError) as error:
        msg = f"{policy} cannot be read as YAML ({type(error).__name__})"
        raise UnsupportedRuleError(msg) from None


def _from_file(file: Path) -> list[tuple[bytes, Any]]:
    from sms_observability.sampling import TraceError, from_otlp_json

    try:
        return from_otlp_json(json.loads(file.read_text(encoding="utf-8")))
    except OSError as error:
        msg = f"{file} cannot be read: {error.strerror}"
        raise TraceError(msg) from None
    except ValueError as error:
        if isinstance(error, TraceError):
            raise
        msg = f"{file} is no JSON"
        raise TraceError(msg) from None


def _show(trace_id: bytes | None, decision: Decision) -> None:
    screen = console()
    name = trace_id.hex() if trace_id is not None else "a trace like this"
    if decision.kept is None:
        outcome = Text(f"{name}: {decision.percent:g} % are kept, by {decision.rule}", style="bold yellow")
    elif decision.kept:
        outcome = Text(f"{name}: kept, by {decision.rule}", style="bold green")
    else:
        outcome = Text(f"{name}: dropped", style="bold red")
    screen.print(outcome)
    for verdict in decision.verdicts:
        sign, style = _SIGNS[verdict.keeps]
        screen.print(Text.assemble("  ", (sign, style), f"  {verdict.rule}: {verdict.why}"))


def _to_json(trace_id: bytes | None, decision: Decision) -> dict[str, object]:
    return {
        "trace_id": trace_id.hex() if trace_id is not None else None,
        "kept": decision.kept,
        "rule": decision.rule or None,
        "percent": decision.percent,
        "verdicts": [
            {"rule": verdict.rule, "keeps": verdict.keeps, "why": verdict.why} for verdict in decision.verdicts
        ],
    }
