"""What answers a ship in place of a gateway: takes OTLP over gRPC with TLS, and refuses as its test says."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import grpc
from google.protobuf.message import Message
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2, logs_service_pb2_grpc
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2, metrics_service_pb2_grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
from opentelemetry.proto.trace.v1.trace_pb2 import Span

Answer = Callable[[Message], grpc.StatusCode | None]


@dataclass(frozen=True)
class Taken:
    """One request that was taken, when, and how large it was."""

    request: Message
    at: float
    size: int


class GatewayDouble:
    """A gRPC server of loopback that asks for a client certificate.

    Args:
        port: Where it listens.
        folder: Holds ``gateway.crt``, ``gateway.key`` and ``ca.crt``.
    """

    def __init__(self, port: int, folder: Path) -> None:
        self.port = port
        self.taken: list[Taken] = []
        self.refusals = 0
        self.answer: Answer = lambda _: None
        self._credentials = grpc.ssl_server_credentials(
            [((folder / "gateway.key").read_bytes(), (folder / "gateway.crt").read_bytes())],
            (folder / "ca.crt").read_bytes(),
            require_client_auth=True,
        )
        self._lock = threading.Lock()
        self._server: grpc.Server | None = None

    def start(self) -> None:
        """Begin to listen."""
        server = grpc.server(
            ThreadPoolExecutor(8),
            options=[("grpc.max_receive_message_length", 16 << 20), ("grpc.so_reuseport", 0)],
        )
        answer = self._export
        for response, base, add in (
            (
                trace_service_pb2.ExportTraceServiceResponse,
                trace_service_pb2_grpc.TraceServiceServicer,
                trace_service_pb2_grpc.add_TraceServiceServicer_to_server,
            ),
            (
                metrics_service_pb2.ExportMetricsServiceResponse,
                metrics_service_pb2_grpc.MetricsServiceServicer,
                metrics_service_pb2_grpc.add_MetricsServiceServicer_to_server,
            ),
            (
                logs_service_pb2.ExportLogsServiceResponse,
                logs_service_pb2_grpc.LogsServiceServicer,
                logs_service_pb2_grpc.add_LogsServiceServicer_to_server,
            ),
        ):

            def export(
                _self: object, request: Message, context: grpc.ServicerContext, empty: type[Message] = response
            ) -> Message:
                answer(request, context)
                return empty()

            add(type("Servicer", (base,), {"Export": export})(), server)
        server.add_secure_port(f"127.0.0.1:{self.port}", self._credentials)
        server.start()
        self._server = server

    def stop(self) -> None:
        """Let go of the port; what was taken stays."""
        if self._server is not None:
            self._server.stop(None).wait(10)
            self._server = None

    def _export(self, request: Message, context: grpc.ServicerContext) -> None:
        with self._lock:
            code = self.answer(request)
            if code is None:
                self.taken.append(Taken(request, time.monotonic(), request.ByteSize()))
                return
            self.refusals += 1
        context.abort(code, "refused by the test")

    def spans(self) -> Iterator[Span]:
        """Give every span that was taken, in the order of arrival."""
        for each in list(self.taken):
            if isinstance(each.request, trace_service_pb2.ExportTraceServiceRequest):
                for resource in each.request.resource_spans:
                    for scope in resource.scope_spans:
                        yield from scope.spans

    def records(self) -> Iterator[LogRecord]:
        """Give every log record that was taken, in the order of arrival."""
        for each in list(self.taken):
            if isinstance(each.request, logs_service_pb2.ExportLogsServiceRequest):
                for resource in each.request.resource_logs:
                    for scope in resource.scope_logs:
                        yield from scope.log_records

    def metrics(self) -> Iterator[Metric]:
        """Give every metric that was taken, in the order of arrival."""
        for each in list(self.taken):
            if isinstance(each.request, metrics_service_pb2.ExportMetricsServiceRequest):
                for resource in each.request.resource_metrics:
                    for scope in resource.scope_metrics:
                        yield from scope.metrics

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
