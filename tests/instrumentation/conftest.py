"""Real providers, real servers, and the doors through which the instrumentations speak, kept as lists."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn
from opentelemetry.sdk.resources import Resource

from servers.waiting import wait_until
from sms_observability import providers
from sms_observability.context import current_correlation_id
from sms_observability.instrumentation import InstrumentationOptions, excluder, instrument_libraries
from sms_observability.trust import host_test, peer_test


class Watched:
    """What an instrumentation left: spans, measurements, log lines; and the options that lead here."""

    def __init__(self) -> None:
        self.spans: list[Any] = []
        self.measured: list[tuple[str, Any, dict[str, Any]]] = []
        self.finished: list[dict[str, Any]] = []
        self.lifespan: list[str] = []

    def options(self, **changed: Any) -> InstrumentationOptions:
        def metric(name: str) -> Callable[..., None]:
            def record(amount: Any, labels: Any, trace: Any = None) -> None:
                self.measured.append((name, amount, dict(labels)))

            return record

        async def shut_down() -> None:
            await asyncio.sleep(0)
            self.lifespan.append("shutdown")

        ports: dict[str, Any] = {
            "trusted": peer_test(["127.0.0.0/8", "::1"]),
            "internal": host_test(["127.*", "localhost"]),
            "excluded": excluder(("/livez", "/readyz", "/health")),
            "metric": metric,
            "request_finished": lambda **fields: self.finished.append(
                {**fields, "correlation_id": current_correlation_id()}
            ),
            "on_lifespan_startup": lambda: self.lifespan.append("startup"),
            "on_lifespan_shutdown": shut_down,
        }
        return InstrumentationOptions(**{**ports, **changed})

    def wait_for_spans(self, count: int) -> None:
        """Wait until a server has ended so many spans: the caller has its answer before that."""
        wait_until(lambda: len(self.spans) >= count)
        assert len(self.spans) == count

    def kinds(self, kind: str) -> list[Any]:
        return [span for span in self.spans if span.kind.name == kind]

    @property
    def server(self) -> Any:
        (one,) = self.kinds("SERVER")
        return one

    @property
    def client(self) -> Any:
        (one,) = self.kinds("CLIENT")
        return one

    def amounts(self, name: str) -> list[Any]:
        return [amount for metric, amount, _ in self.measured if metric == name]

    def labels(self, name: str) -> list[dict[str, Any]]:
        return [labels for metric, _, labels in self.measured if metric == name]


@pytest.fixture
def watched() -> Iterator[Watched]:
    kept = Watched()
    provider = providers.TracerProvider(kept.spans.append, resource=Resource({"service.name": "parts-api"}))
    assert providers.install(tracer=provider) == {}
    yield kept
    providers.uninstall()


@pytest.fixture
def libraries(watched: Watched) -> Iterator[Callable[..., None]]:
    undo: list[Any] = []

    def instrument(*names: str, **changed: Any) -> None:
        undo.extend(instrument_libraries(names or None, watched.options(**changed)))

    yield instrument
    for patches in undo:
        patches.undo()


@contextmanager
def served(app: Any, **settings: Any) -> Iterator[str]:
    """Serve an application with uvicorn on a free port; give its URL."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, **settings))
    thread = threading.Thread(target=server.run, args=([listening],))
    up = threading.Event()
    startup = server.startup

    async def told_startup(sockets: Any = None) -> None:
        await startup(sockets)
        up.set()

    server.startup = told_startup  # type: ignore[method-assign]
    thread.start()
    try:
        assert up.wait(20)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)
        listening.close()
        assert not thread.is_alive()
