"""The page on privacy: what leaves the process, by which door, seen by whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sms_observability.catalog.identities import IDENTITIES
from sms_observability.render.pages import GENERATED, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sms_observability.catalog import Catalog

PATH = "docs/privacy.md"

_HEAD = """\
# Privacy

The portal's hidden markup is its business: it reaches finance and nobody else. Four layers keep it in, and each of them
holds alone:

1. **By type.** `Restricted[T]` calculates but does not show itself: `str`, `repr`, `format`, logging, JSON, pydantic
   and debuggers get `[RESTRICTED]`. `declassify(value, reason="customer price")` makes it public,
   `value.reveal(reason=…)` gives it to code that may see it; both are counted, and recorded by the
   restricted door with the place in the code.
2. **By key.** What the catalogue does not declare is dropped in production, and kept elsewhere with one warning that
   holds the line to write. Restricted, internal and undeclared personal keys are dropped everywhere. Names must be
   declared or have a convention's form; any other becomes `redacted`.
3. **By value.** What was `Restricted` in a request or job is remembered for it, and masked under any key and inside any
   text: as it is, rounded, in cents, in percent, with thousands separators.
4. **By derivation.** `make check` and `init_observability` refuse a catalogue whose public part completes an equation
   from which a hidden figure follows.

The Collector holds everything to the same catalogue once more; its memory for what is harmless keeps nothing else.

## Data classes

"""

_DOORS = """
## What leaves the process, by which door, seen by whom

The public door is `OTEL_EXPORTER_OTLP_ENDPOINT`, the restricted one `SMS_OBSERVABILITY_RESTRICTED_ENDPOINT`; without
it, what only leaves there is dropped and counted. Log lines on standard output are held to the public door.

| what | public door | restricted door |
| --- | --- | --- |
| seen by | everybody with access to dashboards, traces, logs, alerts | finance and the revenue team |
"""

_PEOPLE = """
## People

- A key that tells of a person and that nobody declared is dropped, by every door and in development too.
- A declared one that holds an id (`user_id`, `user.id`) leaves: it is what lines are joined by. With
  `SMS_OBSERVABILITY_PSEUDONYM_KEY_FILE` it leaves as a keyed hash, `usr-3fa1-…`: in log lines, in their OTLP copies and
  in spans. All services must have the same key for their lines to be joined.
- Any other declared one (`Field("contact_email", personal=True)`), e-mail and network addresses among them, leaves as
  `[PERSONAL]`, by both doors.
- **Changing the key**: write the new one into the file and restart the services, one after the other. The four digits
  behind `usr-` tell the keys apart, so that nobody takes one person's two pseudonyms for two people. To find a
  person's lines from before, `Pseudonyms(old_key).of("usr_101")` gives the pseudonym that they have there. Once the old
  key is destroyed, nobody can tell any more whose they were: that is how a person is forgotten.
"""

_LIMITS = """
## Threat model and limits

Meant to be stopped: a developer who logs, tags or measures a figure by mistake; a library that puts values into names,
messages or URLs; a reader of public telemetry who joins records or subtracts sums. Not meant to be stopped: code that
wants to get a figure out (it can open a socket), a debugger attached to the process, a core dump.

- The guard compares numbers, not facts: "about a fifth" in words passes. What was computed from a revealed value in
  plain arithmetic is not known to it; arithmetic on `Restricted` is.
- A span is compared when it ends, a log line when it is written, a metric when it is recorded. What becomes restricted
  later is still found in the spans and records that wait to be sent when the request ends, but not in lines on standard
  output, in metrics, and in what was sent before: wrap a figure where it enters the process.
- Small round numbers prove nothing and pass: whole ones below 1,000 or with fewer than three digits that matter
  (1,200), and fractions with fewer than three (0.18). Rounded and scaled forms need four digits, whole ones also
  10,000.
- A number that has nothing to do with a restricted one may look like it: in 2,000 orders of the example portal, each
  with a cost and a markup of its own, none of 7.5 million values was masked by coincidence (`make soak` counts them).
- Ids are compared only where they have a fraction. What the library measured itself, status codes, ports and times are
  not compared: do not put amounts under their keys.
- A request remembers up to 2,048 restricted values; beyond them every telling number in it is masked.
- Outside of requests and journeys there is one memory for the process, which forgets the oldest; use
  `with guard_scope():` around each job of a loop.
- The restricted door lets out what is declared, to whoever holds its endpoint: protect that as you protect the books.
- Where another OpenTelemetry SDK was set up first, its own exporters send what neither the catalogue nor the guard has
  seen; placeholders and neutral names are in there too. Internal steps in its spans reach the restricted door. A tracer
  of another make does not show what it recorded: of internal steps in its spans there is no restricted copy.

## Equations that no public set may complete

"""


def render_privacy(catalog: Catalog) -> Mapping[str, str]:
    """Render the page on privacy."""
    text = (
        GENERATED
        + _HEAD
        + table(("class", "leaves by", "fields"), _classes(catalog))
        + _DOORS
        + "".join(f"| {' | '.join(row)} |\n" for row in _leaving(catalog))
        + _PEOPLE
        + _LIMITS
        + table(("equation", "hidden", "remedy"), _equations())
    )
    return {PATH: text}


def _classes(catalog: Catalog) -> Iterator[Sequence[str]]:
    doors = {
        "public": "both doors",
        "internal": "the restricted door",
        "restricted": "the restricted door; elsewhere it is an incident",
    }
    for access, door in doors.items():
        yield access, door, _names(field.name for field in catalog.fields.values() if field.access == access)
    yield (
        "personal",
        "ids as their class says, others as `[PERSONAL]`; never a label of a metric; undeclared ones by no door",
        _names(field.name for field in catalog.fields.values() if field.personal),
    )


def _leaving(catalog: Catalog) -> Iterator[Sequence[str]]:
    metrics = [metric for metric in catalog.metrics.values() if metric.source in ("sms", "semconv")]
    hidden = [metric.otel_name for metric in metrics if metric.access != "public"]
    yield f"{len(metrics) - len(hidden)} public metrics", "yes, without exemplars on money", "no"
    yield f"{len(hidden)} restricted metrics", "no", _names(hidden)
    steps = [step for step in catalog.steps.values() if step.access != "public"]
    yield "journeys and steps", "their names", "no"
    for step in steps:
        yield f"step `{step.name}`", f"as `{step.shown_name}`", "under its own name, with its restricted attributes"
    yield "other span, event and scope names", "of a convention's form; else `redacted`", "-"
    yield (
        "exceptions",
        "type and frames; the message of classes that the catalogue allows; no locals or source lines",
        "-",
    )
    yield "status texts", "the type of an exception; else `redacted`", "-"
    yield "log messages", "constant texts, with restricted numbers masked", "no"
    yield "SQL, URLs, query strings, headers, user agents", "verb, table, host, route template, status", "-"
    yield "baggage, correlation id, `traceparent`", "to internal hosts only", "-"
    yield "reveals and declassifications", "no", "reason and place in the code, never the value"


def _equations() -> Iterator[Sequence[str]]:
    for identity in IDENTITIES:
        yield identity.equation, ", ".join(term.name for term in identity.terms if term.hidden), identity.remedy


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))
