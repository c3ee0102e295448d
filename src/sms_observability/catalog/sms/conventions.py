"""Attributes of OpenTelemetry's semantic conventions that our instrumentation emits, and who may see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sms_observability.catalog.field import Field

if TYPE_CHECKING:
    from sms_observability.catalog.field import Access, FieldType


def _all(names: str, *, access: Access = "public", type: FieldType = "string", personal: bool = False) -> list[Field]:  # noqa: A002
    return [Field(name, access=access, type=type, personal=personal) for name in names.split()]


FIELDS = (
    # Requests and calls. Raw paths and URLs hold ids and search words; the route's template stands for them.
    Field(
        "http.request.method",
        values=(
            "GET",
            "HEAD",
            "POST",
            "PUT",
            "PATCH",
            "DELETE",
            "OPTIONS",
            "TRACE",
            "CONNECT",
            "QUERY",
            "_OTHER",
            "HTTP",
        ),
    ),
    *_all("http.route url.scheme url.template network.protocol.name network.protocol.version network.transport"),
    *_all("server.address error.type otel.status_code"),
    *_all("http.response.status_code http.request.resend_count server.port network.peer.port", type="int"),
    *_all("http.request.body.size http.response.body.size", type="int"),
    *_all("url.path url.full http.request.method_original", access="internal"),
    *_all("url.query url.fragment", access="restricted"),
    *_all("client.address network.peer.address user_agent.original", access="internal", personal=True),
    *_all("client.port", access="internal", type="int"),
    # Databases and caches. The text of a statement may hold values.
    *_all("db.system.name db.namespace db.collection.name db.operation.name db.query.summary db.response.status_code"),
    *_all("db.stored_procedure.name db.client.connection.pool.name"),
    Field("db.client.connection.state", values=("used", "idle")),
    *_all("db.operation.batch.size db.response.returned_rows", type="int"),
    *_all("db.query.text", access="internal"),
    # Queues and jobs.
    *_all("messaging.system messaging.operation.name messaging.operation.type messaging.destination.name"),
    *_all("messaging.message.id messaging.consumer.group.name"),
    *_all("messaging.batch.message_count messaging.message.body.size", type="int"),
    # Errors and code. A message may hold values; type and frames say where to look.
    *_all("exception.type exception.stacktrace code.function.name code.file.path event.name"),
    *_all("exception.message", access="internal"),
    *_all("exception.escaped", type="bool"),
    *_all("code.line.number code.column.number thread.id", type="int"),
    *_all("thread.name"),
    # The service and where it runs.
    *_all("service.name service.namespace service.version service.instance.id deployment.environment.name"),
    *_all("cloud.provider cloud.region cloud.availability_zone k8s.cluster.name k8s.namespace.name k8s.pod.name"),
    *_all("k8s.node.name k8s.deployment.name k8s.container.name container.id container.image.name host.name host.id"),
    *_all("host.arch os.type os.version telemetry.sdk.name telemetry.sdk.language telemetry.sdk.version"),
    *_all("telemetry.distro.name telemetry.distro.version process.runtime.name process.runtime.version"),
    *_all("process.runtime.description process.executable.name"),
    *_all("process.pid", type="int"),
    *_all("process.command process.command_line process.command_args process.owner", access="internal"),
    # The process's own metrics.
    Field("cpu.mode", values=("user", "system")),
    *_all("cpython.gc.generation", type="int"),
)

_BY_NAME = {declared.name: declared for declared in FIELDS}


def field(name: str) -> Field:
    """Give the declared field of a convention's attribute."""
    return _BY_NAME[name]
