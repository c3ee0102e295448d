"""The shapes that the semantic conventions give to names which cannot all be listed.

They admit no number, so that an amount in the place of a name is caught, and they are regular expressions that Python
and Go (RE2) read alike: the process and the Collector hold names to the same ones.
"""

from __future__ import annotations

_METHOD = "(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|TRACE|CONNECT|QUERY|HTTP)"
_SEGMENT = r"([A-Za-z_][A-Za-z_-]{0,60}|v[0-9]{1,3}|\{[A-Za-z_][A-Za-z0-9_:]{0,60}\})"
_TABLE = r"[A-Za-z_][A-Za-z_]{0,60}(\.[A-Za-z_]{1,60}){0,2}"
_SQL = (
    "(SELECT|INSERT|UPDATE|DELETE|UPSERT|MERGE|REPLACE|WITH|CREATE|ALTER|DROP|TRUNCATE|PRAGMA|CALL"
    "|BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|EXECUTE|connect)"
)

SPAN_NAMES: tuple[str, ...] = (
    rf"^(HTTP )?{_METHOD}( (/|(/{_SEGMENT}){{1,12}}/?))?( (http|websocket) (send|receive))?$",
    rf"^(WS|WEBSOCKET|websocket) (/|(/{_SEGMENT}){{1,12}}/?)$",
    rf"^{_SQL}( {_TABLE})?$",
    r"^[A-Z]{2,20}( [A-Z]{2,20}){0,2}$",
    # Sampling knows revenue operations by these names, whoever declares them.
    r"(?i)^(parts|payment)[a-z_]{0,40}(\.[a-z_]{1,60}){0,4}$",
    rf"^(send|receive|process|publish|settle|create|run|apply_async)[ /]{_TABLE.replace('{0,2}', '{0,6}')}$",
)
"""HTTP with a route template, SQL with a table, Redis commands, revenue operations, messaging with its destination."""

EVENT_NAMES = r"^(exception|sms\.[a-z_.]{1,60})$"
SCOPE_VERSIONS = r"^[0-9]{1,4}(\.[0-9]{1,4}){0,3}([ab]|rc)?[0-9]{0,3}$"
SCHEMA_URLS = r"^https://opentelemetry\.io/schemas/[0-9.]{1,12}$"
STATUS_TEXTS = r"^([a-z_]{1,40}\.){0,6}[A-Z][A-Za-z]{0,60}(Error|Exception|Timeout|Cancelled|Exit)$"
"""The type of an exception; its message may hold anything."""

TRACE_STATES = r"(th|rv):[0-9a-f]{1,14}(;(th|rv):[0-9a-f]{1,14})?"
"""What OpenTelemetry's own samplers write; nobody else's trace state passes."""

UNITS = r"^(s|ms|us|ns|By|By/s|1|%|dollars|\{[a-zA-Z_]{1,30}\})$"
