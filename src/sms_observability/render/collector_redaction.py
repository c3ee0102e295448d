"""The public net of the Collector: what is dropped, cleared, renamed and deleted before anything else sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sms_observability.catalog import shapes
from sms_observability.catalog.words import HARMLESS_PATTERN, RESTRICTED_PATTERN, RESTRICTED_TEXT_PATTERN
from sms_observability.render import vocabulary
from sms_observability.render.document import yaml_document
from sms_observability.render.patterns import exactly, is_match, literal, quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sms_observability.catalog import Catalog

PATH = "collector-config/policy/redaction.yaml"
STOCK_PATH = "collector-config/stock/redaction.yaml"

_ABOUT = """\
The public net, in the order in which every public pipeline must run it:
filter/public, transform/public, sms_scrub.
What the catalogue does not declare public does not pass. A failing statement refuses the batch (nothing leaks)."""


_ABOUT_STOCK = """\
The public net for a stock otelcol-contrib, instead of policy/redaction.yaml and with the file of stock/ that is named
like the topology. It drops what it cannot clean: spans that have links; entity references, by making each resource
anew of its attributes."""


def render_redaction(catalog: Catalog) -> Mapping[str, str]:
    """Render the redaction policy, and the one for a Collector without our own parts."""
    # Our own part does at once what costs the stock ones most, because it remembers what it has found harmless.
    own = {
        "filter/public": _filter(catalog),
        "transform/public": _transform(catalog, span=_span_texts()),
        "sms_scrub": _scrub(catalog),
    }
    stock = {
        "filter/public": _filter(catalog, "Len(span.links) > 0"),
        "groupbyattrs": {},
        "transform/public": _transform(
            catalog, span=[*_attributes(catalog, "span"), *_span_name(catalog), *_span_texts()]
        ),
        "redaction/public": {
            "allow_all_keys": False,
            "redact_all_types": True,
            "summary": "silent",
            **_keys_and_values(catalog),
        },
    }
    return {
        PATH: yaml_document({"processors": own}, about=_ABOUT),
        STOCK_PATH: yaml_document({"processors": stock}, about=_ABOUT_STOCK),
    }


def _filter(catalog: Catalog, *spans: str) -> dict[str, object]:
    """Drop what says that it is restricted, metrics that are restricted or unknown by name, and further spans."""
    marked = '.attributes["sms.class"] == "restricted"'
    source = [f"resource{marked}"]
    known = is_match("metric.name", vocabulary.METRIC_NAMES)
    if scraped := vocabulary.scraped_metrics(catalog):
        known = f"({known} or {is_match('metric.name', exactly(scraped))})"
    metrics = [f"not {known}", is_match("metric.name", RESTRICTED_PATTERN)]
    if hidden := vocabulary.hidden_metrics(catalog):
        metrics.append(is_match("metric.name", exactly(hidden)))
    return {
        "error_mode": "propagate",
        "traces": {"span": [f"span{marked}", *source, *spans]},
        "logs": {"log_record": [f"log{marked}", *source]},
        "metrics": {"metric": [*metrics, *source], "datapoint": [f"datapoint{marked}"]},
    }


def _scrub(catalog: Catalog) -> dict[str, object]:
    """Give our own part the lists and expressions to which the stock parts hold keys, values and names of spans."""
    hidden = vocabulary.hidden_names(catalog)
    return {
        "neutral_names": [{"hidden": name, "shown": shown} for name, shown in hidden.items()],
        "span_names": {
            "declared": vocabulary.declared_names(catalog),
            "shapes": list(shapes.SPAN_NAMES),
            "vouched_by": list(_VOUCHING),
            "vouched_shape": vocabulary.IDENTIFIERS,
            "harmless": HARMLESS_PATTERN,
            "telling": RESTRICTED_PATTERN,
            "otherwise": vocabulary.REDACTED,
        },
        **_keys_and_values(catalog),
    }


_VOUCHING = ("sms.journey.name", "sms.step.name")
"""A journey or step that another service has declared: its own attribute vouches for the name of the span."""


def _keys_and_values(catalog: Catalog) -> dict[str, object]:
    """Delete every key that is not declared; mask values that tell of something restricted."""
    names = "|".join(literal(name) for name in vocabulary.declared_names(catalog))
    return {
        "allowed_keys": vocabulary.public_keys(catalog),
        # Declared names pass whatever words are in them, alone or as a list. The first one only saves time.
        "allowed_values": [HARMLESS_PATTERN, f"^({names})(, ?({names}))*$"],
        "blocked_values": [f"(?is)^.*?({RESTRICTED_TEXT_PATTERN.removeprefix('(?i)')}).*$"],
    }


def _transform(catalog: Catalog, *, span: list[str]) -> dict[str, object]:
    """Reach what redaction cannot: names, status, trace state, bodies, nested values, exemplars."""
    resource = {"context": "resource", "statements": [*_attributes(catalog, "resource"), *_schema_url("resource")]}
    scope = {"context": "scope", "statements": [*_attributes(catalog, "scope"), *_scope()]}
    return {
        "error_mode": "propagate",
        "trace_statements": [
            resource,
            scope,
            {"context": "span", "statements": span},
            {"context": "spanevent", "statements": [*_attributes(catalog, "spanevent"), *_span_event()]},
        ],
        "metric_statements": [
            resource,
            scope,
            {"context": "metric", "statements": _metric()},
            {
                "context": "datapoint",
                "statements": [*_attributes(catalog, "datapoint"), *_span_name_as_label(catalog)],
            },
            {"context": "exemplar", "statements": _exemplar(catalog)},
        ],
        "log_statements": [
            resource,
            scope,
            # Alone in its group, because it fails on broken JSON; what it leaves as text is caught below.
            {
                "context": "log",
                "error_mode": "silent",
                "statements": [
                    f"set(log.body, ParseJSON(log.body)) where IsString(log.body) and {is_match('log.body', _JSON)}"
                ],
            },
            {"context": "log", "statements": [*_attributes(catalog, "log"), *_log(catalog)]},
        ],
    }


_JSON = r"^\s*\{"


def _attributes(catalog: Catalog, context: str) -> list[str]:
    """Make nested values flat, so that the list of keys sees them, and hide internal steps in values."""
    return [f"flatten({context}.attributes)", *_hide_in_values(catalog, f"{context}.attributes")]


def _hide_in_values(catalog: Catalog, target: str) -> list[str]:
    return [
        f'replace_all_patterns({target}, "value", {quoted(literal(name))}, {quoted(shown)})'
        for name, shown in vocabulary.hidden_names(catalog).items()
    ]


def _keep(target: str, pattern: str, otherwise: str = "") -> str:
    return f"set({target}, {quoted(otherwise)}) where not {is_match(target, pattern)}"


def _schema_url(context: str) -> list[str]:
    return [_keep(f"{context}.schema_url", shapes.SCHEMA_URLS)]


def _scope() -> list[str]:
    return [
        _keep("scope.name", vocabulary.SCOPE_NAMES, vocabulary.REDACTED),
        _keep("scope.version", shapes.SCOPE_VERSIONS),
        *_schema_url("scope"),
    ]


def _span_name(catalog: Catalog) -> list[str]:
    name = "span.name"
    return [
        *(
            f"set({name}, {quoted(shown)}) where {name} == {quoted(hidden)}"
            for hidden, shown in vocabulary.hidden_names(catalog).items()
        ),
        f"set({name}, {quoted(vocabulary.REDACTED)}) where not ({_known_name(catalog, name, 'span')})",
    ]


def _span_texts() -> list[str]:
    status, state = "span.status.message", "span.trace_state"
    unclear_status = f"not {is_match(status, shapes.STATUS_TEXTS)} or {is_match(status, RESTRICTED_TEXT_PATTERN)}"
    ours = is_match(f'{state}["ot"]', f"^({shapes.TRACE_STATES})$")
    return [
        f"set({status}, {quoted('')}) where {unclear_status}",
        f'set({state}, Concat(["ot=", {state}["ot"]], "")) where {ours}',
        _keep(state, f"^ot=({shapes.TRACE_STATES})$"),
    ]


def _known_name(catalog: Catalog, name: str, context: str) -> str:
    declared = is_match(name, exactly(vocabulary.declared_names(catalog)))
    shaped = " or ".join(is_match(name, shape) for shape in shapes.SPAN_NAMES)
    attributes = " or ".join(f"{name} == {context}.attributes[{quoted(key)}]" for key in _VOUCHING)
    vouched = f"({attributes}) and {is_match(name, vocabulary.IDENTIFIERS)}"
    return f"{declared} or (({shaped} or ({vouched})) and {_unsuspicious(name)})"


def _unsuspicious(target: str) -> str:
    """Say that a name gives nothing away; most are recognised by the cheap expression."""
    return f"({is_match(target, HARMLESS_PATTERN)} or not {is_match(target, RESTRICTED_PATTERN)})"


def _span_name_as_label(catalog: Catalog) -> list[str]:
    """Hold the label of span metrics to what the name of a span is held to."""
    label = 'datapoint.attributes["span.name"]'
    known = f"IsString({label}) and ({_known_name(catalog, label, 'datapoint')})"
    return [f"set({label}, {quoted(vocabulary.REDACTED)}) where {label} != nil and not ({known})"]


def _span_event() -> list[str]:
    name = "spanevent.name"
    unknown = f"not {is_match(name, shapes.EVENT_NAMES)} or {is_match(name, RESTRICTED_PATTERN)}"
    return [f"set({name}, {quoted(vocabulary.REDACTED)}) where {unknown}", _stack_trace("spanevent")]


def _stack_trace(context: str) -> str:
    target = f'{context}.attributes["exception.stacktrace"]'
    return (
        f"set({target}, {quoted(vocabulary.REDACTED)})"
        f" where {target} != nil and not (IsString({target}) and {is_match(target, vocabulary.STACK_TRACES)})"
    )


def _metric() -> list[str]:
    return [
        'set(metric.description, "")',
        _keep("metric.unit", shapes.UNITS),
        'delete_matching_keys(metric.metadata, ".*")',
    ]


def _exemplar(catalog: Catalog) -> list[str]:
    statements = ['delete_matching_keys(exemplar.filtered_attributes, ".*")']
    if names := vocabulary.money_metrics(catalog):
        money = is_match("metric.name", exactly(names))
        statements += [
            f"set(exemplar.trace_id, TraceID(0x{'0' * 32})) where {money}",
            f"set(exemplar.span_id, SpanID(0x{'0' * 16})) where {money}",
            f"set(exemplar.double_value, 0.0) where {money}",
        ]
    return statements


def _log(catalog: Catalog) -> list[str]:
    body, message = "log.body", 'log.body["message"]'
    # In a sentence nobody can tell an order number from a price: the numbers of texts stay in the process.
    mask = f"{quoted(vocabulary.NUMBERS_IN_TEXT)}, {quoted('#')}"
    redacted = quoted(vocabulary.REDACTED)
    return [
        _stack_trace("log"),
        _keep("log.severity_text", vocabulary.SEVERITIES),
        _keep("log.event_name", shapes.EVENT_NAMES),
        f"replace_pattern({body}, {mask}) where IsString({body})",
        f"set({body}, {redacted}) where {body} != nil and not IsMap({body}) and not ({_plain_sentence(body)})",
        f"flatten({body}) where IsMap({body})",
        *(f"{statement} where IsMap({body})" for statement in _hide_in_values(catalog, body)),
        f"replace_pattern({message}, {mask}) where IsMap({body}) and IsString({message})",
        f"set({message}, {redacted}) where IsMap({body}) and {message} != nil and not ({_plain_sentence(message)})",
    ]


def _plain_sentence(target: str) -> str:
    # IsMatch fails on some values that are no text (NaN), and a failing statement would refuse the batch.
    sentence = is_match(target, vocabulary.SENTENCES)
    return f"IsString({target}) and {sentence} and not {is_match(target, RESTRICTED_TEXT_PATTERN)}"
