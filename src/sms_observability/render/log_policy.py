"""Which log lines the Collector puts into which class: data stream, share and store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sms_observability.render.document import yaml_document
from sms_observability.render.patterns import any_of, exactly, is_match, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sms_observability.catalog import Catalog
    from sms_observability.catalog.log_class import LogClass

PATH = "collector-config/policy/log_classes.yaml"

ENVIRONMENTS = ("production", "staging", "development", "test")
"""What a data stream's name may end with; anything else is `other`, so that nobody can make streams without an end."""

ATTRIBUTES = {
    "correlation_id": "keyword",
    "user_id": "keyword",
    "company_id": "keyword",
    "vessel_id": "keyword",
    "endpoint": "keyword",
    "method": "keyword",
    "status_code": "short",
    "duration_ms": "double",
    "logger": "keyword",
    "exception.type": "keyword",
    "exception.stacktrace": "text",
}
"""The attributes of a line that the plan's schema names, and as what they are searched; all others are labels."""

_ABOUT = """\
Which class a log line belongs to: from its logger and its severity, after the net, so that no attribute of the data can
choose another one. Wanted by exporters/logs-elasticsearch-classes.yaml and exporters/logs-victorialogs-classes.yaml.
This is no part of the net: a line that a statement cannot work on stays in the class it has, and goes on."""

_SEVERITIES = {
    "error": "log.severity_number >= 17",
    "warning": "(log.severity_number >= 13 and log.severity_number < 17)",
    "info": "(log.severity_number == 0 or (log.severity_number >= 9 and log.severity_number < 13))",
    "debug": "(log.severity_number > 0 and log.severity_number < 9)",
}
_DATASET = 'log.attributes["data_stream.dataset"]'
_NAMESPACE = 'log.attributes["data_stream.namespace"]'
_NO_TRACE = "TraceID(0x00000000000000000000000000000000)"


def render_log_policy(catalog: Catalog) -> Mapping[str, str]:
    """Render the classes of log lines for the Collector."""
    classes = tuple(catalog.log_classes.values())
    if not classes:
        return {}
    processors = {
        "transform/log_class": _transform(_class_statements(classes)),
        "filter/log_share": _filter(_share_conditions(classes)),
        "transform/log_labels": _transform(_label_statements()),
    }
    for store in dict.fromkeys(each.store for each in classes):
        kept = [each for each in classes if each.store == store]
        processors[f"filter/log_store_{store}"] = _filter(
            [" and ".join(f'{_DATASET} != "{dataset(each)}"' for each in kept)]
        )
    return {PATH: yaml_document({"processors": processors}, about=_ABOUT)}


def dataset(log_class: LogClass) -> str:
    """Give what a data stream of a class has as its second part."""
    return f"sms.{log_class.name}"


def _transform(statements: list[str]) -> dict[str, object]:
    return {"error_mode": "ignore", "log_statements": [{"context": "log", "statements": statements}]}


def _filter(conditions: list[str]) -> dict[str, object]:
    return {"error_mode": "ignore", "logs": {"log_record": conditions}}


def _class_statements(classes: Iterable[LogClass]) -> list[str]:
    environment = 'resource.attributes["deployment.environment.name"]'
    statements = [
        'delete_key(log.attributes, "elasticsearch.index")',
        'set(log.attributes["data_stream.type"], "logs")',
        f'set({_NAMESPACE}, "other")',
        f"set({_NAMESPACE}, {environment}) where {is_match(environment, exactly(ENVIRONMENTS))}",
        f'set({_DATASET}, "sms.other")',
    ]
    # The first class that fits counts, so it is set last.
    for each in reversed(tuple(classes)):
        conditions = _conditions(each)
        where = f" where {' and '.join(conditions)}" if conditions else ""
        statements.append(f'set({_DATASET}, "{dataset(each)}"){where}')
    return statements


def _conditions(log_class: LogClass) -> list[str]:
    conditions: list[str] = []
    if log_class.loggers:
        conditions.append(is_match('log.attributes["logger"]', rf"^({any_of(log_class.loggers)})(\.|$)"))
    if log_class.severities:
        asked = " or ".join(_SEVERITIES[severity] for severity in log_class.severities)
        conditions.append(f"({asked})" if len(log_class.severities) > 1 else asked)
    return conditions


def _share_conditions(classes: Iterable[LogClass]) -> list[str]:
    """Give what is left out of a class of which only a share is kept: whole traces, by a hash of their id."""
    conditions: list[str] = []
    for each in classes:
        if each.kept_percent == 100:  # noqa: PLR2004 - percent
            continue
        kept = _first_byte_below(round(each.kept_percent * 2.56))
        of_class = f'{_DATASET} == "{dataset(each)}"'
        conditions += [
            f"{of_class} and log.trace_id {operator} {_NO_TRACE} and not {is_match(f'SHA256({key})', kept)}"
            for operator, key in (("!=", "log.trace_id.string"), ("==", "String(log.time_unix_nano)"))
        ]
    return conditions


def _first_byte_below(limit: int) -> str:
    """Give a pattern for the hexadecimal digits whose first byte is below a limit."""
    high, low = divmod(limit, 16)
    digits = "0123456789abcdef"
    whole = f"[{digits[:high]}][0-9a-f]" if high else ""
    rest = f"{digits[high]}[{digits[:low]}]" if low else ""
    return f"^({'|'.join(filter(None, (whole, rest)))})"


def _label_statements() -> list[str]:
    known = quoted(exactly([*ATTRIBUTES, "data_stream.type", "data_stream.dataset", "data_stream.namespace"]))
    return [
        'set(log.cache["labels"], log.attributes)',
        f'delete_matching_keys(log.cache["labels"], {known})',
        f"keep_matching_keys(log.attributes, {known})",
        'set(log.attributes["labels"], log.cache["labels"]) where Len(log.cache["labels"]) > 0',
    ]
