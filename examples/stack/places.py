"""Where the programs of the stack listen."""

import contextlib
import socket
from collections.abc import Iterator, Mapping

from examples.portal.processes import free_ports

HOST = "127.0.0.1"

USUAL: Mapping[str, int] = {
    "parts": 8001,
    "sync": 8002,
    "vessels": 8003,
    "payments": 8004,
    "gateway_grpc": 4317,
    "gateway_http": 4318,
    "gateway_vessels": 4316,
    "gateway_restricted": 4319,
    "gateway_restricted_vessels": 4320,
    "gateway_prometheus": 9464,
    "gateway_restricted_prometheus": 9465,
    "gateway_telemetry": 8888,
    "gateway_health": 13133,
    "vessel_grpc": 4327,
    "vessel_http": 4328,
    "vessel_restricted": 4329,
    "vessel_telemetry": 8887,
    "vessel_health": 13134,
    "sampler_grpc": 4337,
    "sampler_prometheus": 9466,
    "sampler_telemetry": 8889,
    "sampler_health": 13135,
    "receive": 14318,
    "receive_restricted": 14319,
    "prometheus": 9090,
    "prometheus_restricted": 9091,
    "alertmanager": 9093,
    "alertmanager_restricted": 9094,
    "inbox": 9095,
    "dashboards": 9097,
    "dashboards_restricted": 9098,
    "inbox_restricted": 9096,
    "jaeger": 16686,
    "jaeger_grpc": 16685,
    "jaeger_otlp": 14317,
    "jaeger_health": 13136,
    "victoria_metrics": 8428,
    "victoria_logs": 9428,
}
"""What a program listens on where that port is free: the ports that its own documentation names, if it has one."""


class Places:
    """A port for everything that listens.

    Args:
        any_free: Take none of the usual ports, but any that are free; for several stacks on one machine.
    """

    def __init__(self, *, any_free: bool = False) -> None:
        taken = [name for name, port in USUAL.items() if any_free or not _is_free(port)]
        self._ports = {**USUAL, **dict(zip(taken, free_ports(len(taken)), strict=True))}
        self.moved = {} if any_free else {name: self._ports[name] for name in taken}
        """What listens elsewhere, because somebody else has its usual port."""

    def port(self, name: str) -> int:
        """Give the port of a name in :data:`USUAL`."""
        return self._ports[name]

    def address(self, name: str) -> str:
        """Give host and port."""
        return f"{HOST}:{self._ports[name]}"

    def url(self, name: str, path: str = "") -> str:
        """Give the address for a browser."""
        return f"http://{self.address(name)}{path}"

    def __iter__(self) -> Iterator[str]:
        return iter(self._ports)


def _is_free(port: int) -> bool:
    with contextlib.suppress(OSError), socket.socket() as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        attempt.bind((HOST, port))
        return True
    return False
