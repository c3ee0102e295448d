"""Faults of gRPC: the same promises over another transport."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import grpc
import trustme
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from export.doors import delivered, door, dropped
from faults.connections import ON_TIME, WAITS_TLS, authority
from faults.receivers import ITEMS, emit, ends_in_time, names
from faults.table import fault
from servers.process import free_port
from servers.waiting import wait_until

GROUP = "gRPC"
ENVIRON = {"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}

Handle = Callable[[bytes, grpc.ServicerContext], bytes]


@contextlib.contextmanager
def serving(handle: Handle, port: int = 0, credentials: grpc.ServerCredentials | None = None) -> Iterator[int]:
    """Serve every method in one way; gives the port."""

    class Service(grpc.GenericRpcHandler):
        def service(self, handler_call_details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
            return grpc.unary_unary_rpc_method_handler(handle)

    server = grpc.server(ThreadPoolExecutor(4), handlers=(Service(),), options=(("grpc.so_reuseport", 0),))
    address = f"127.0.0.1:{port}"
    bound = server.add_insecure_port(address) if credentials is None else server.add_secure_port(address, credentials)
    server.start()
    try:
        yield bound
    finally:
        server.stop(0).wait()


class Once:
    """Fails the first call in one way; keeps the names of delivered spans."""

    def __init__(self, wrong: Handle) -> None:
        self.names: list[str] = []
        self.calls = 0
        self._wrong = wrong

    def __call__(self, body: bytes, context: grpc.ServicerContext) -> bytes:
        self.calls += 1
        if self.calls == 1:
            return self._wrong(body, context)
        self.names += names(body)
        return b""


def _retried(wrong: Handle) -> None:
    once = Once(wrong)
    with serving(once) as port, door(f"http://127.0.0.1:{port}", ENVIRON) as made:
        emit(made)
        assert made.flush(30.0)
        assert sorted(once.names) == sorted(f"span {number}" for number in range(ITEMS))
        assert delivered(made)["traces"] == ITEMS


def _aborts(code: grpc.StatusCode) -> Handle:
    def handle(body: bytes, context: grpc.ServicerContext) -> bytes:
        context.abort(code, "no")

    return handle


_RETRIED = ("UNAVAILABLE", "UNAUTHENTICATED", "PERMISSION_DENIED", "UNIMPLEMENTED", "INTERNAL", "UNKNOWN", "ABORTED")


def _add(name: str) -> None:
    fault(GROUP, name)(lambda: _retried(_aborts(grpc.StatusCode[name])))


for _name in _RETRIED:
    _add(_name)


@fault(GROUP, "an answer of garbage")
def garbage() -> None:
    """OK with a message that is none says nothing."""
    _retried(lambda _, __: b"\xff\xff\xff")


@fault(
    GROUP, "`RESOURCE_EXHAUSTED` with `RetryInfo`", "nothing is lost: the next try waits as long as the receiver asks"
)
def retry_info() -> None:
    """The wait is kept."""
    times: list[float] = []
    inner = b"\x0a\x02\x08\x02"  # RetryInfo { retry_delay { seconds: 2 } }
    url = b"type.googleapis.com/google.rpc.RetryInfo"
    detail = b"\x0a" + bytes([len(url)]) + url + b"\x12" + bytes([len(inner)]) + inner
    status = b"\x08\x08\x1a" + bytes([len(detail)]) + detail

    def handle(body: bytes, context: grpc.ServicerContext) -> bytes:
        times.append(time.monotonic())
        if len(times) == 1:
            context.set_trailing_metadata((("grpc-status-details-bin", status),))
            context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "busy")
        return b""

    with (
        serving(handle) as port,
        door(f"http://127.0.0.1:{port}", {**ENVIRON, "OTEL_BSP_SCHEDULE_DELAY": "50"}) as made,
    ):
        emit(made)
        wait_until(lambda: delivered(made)["traces"] == ITEMS)
        assert times[1] - times[0] >= 1.9


@fault(GROUP, "partial success", "what was rejected is dropped as `rejected`, the rest is delivered")
def partial() -> None:
    """The number in the answer is believed."""
    answer = ExportTraceServiceResponse()
    answer.partial_success.rejected_spans = 4
    with serving(lambda _, __: answer.SerializeToString()) as port, door(f"http://127.0.0.1:{port}", ENVIRON) as made:
        emit(made)
        assert made.flush(30.0) is False
        assert dropped(made) == {"rejected": 4}


@fault(
    GROUP,
    "`INVALID_ARGUMENT` for one bad item",
    "the batch is halved until the item is alone; all others are delivered",
)
def invalid() -> None:
    """The bad item loses only itself."""
    arrived: list[str] = []

    def handle(body: bytes, context: grpc.ServicerContext) -> bytes:
        found = names(body)
        if "span 7" in found:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "no")
        arrived.extend(found)
        return b""

    with serving(handle) as port, door(f"http://127.0.0.1:{port}", ENVIRON) as made:
        emit(made)
        assert made.flush(30.0) is False
        assert len(arrived) == ITEMS - 1
        assert dropped(made) == {"quarantined": 1}


@fault(GROUP, "the server goes away (GOAWAY) and comes back")
def goaway() -> None:
    """A channel outlives its server."""
    arrived: list[str] = []

    def handle(body: bytes, context: grpc.ServicerContext) -> bytes:
        arrived.extend(names(body))
        return b""

    with contextlib.ExitStack() as stack:
        with serving(handle, port := free_port()):
            made = stack.enter_context(door(f"http://127.0.0.1:{port}", ENVIRON))
            emit(made)
            assert made.flush(30.0)
        emit(made)
        assert made.flush(0.5) is False
        with serving(handle, port):
            assert made.flush(30.0)
        assert len(arrived) == delivered(made)["traces"] == 2 * ITEMS


@fault(GROUP, "nothing listens, then the receiver starts")
def refused() -> None:
    """What was emitted before arrives."""
    port = free_port()
    with door(f"http://127.0.0.1:{port}", ENVIRON) as made:
        emit(made)
        assert made.flush(0.5) is False
        with serving(lambda _, __: b"", port):
            assert made.flush(30.0)
        assert delivered(made)["traces"] == ITEMS


@fault(GROUP, "the call is never answered", ON_TIME)
def hangs() -> None:
    """A time limit holds for the whole call."""
    released = threading.Event()

    def handle(body: bytes, context: grpc.ServicerContext) -> bytes:
        released.wait(40)
        return b""

    with serving(handle) as port, door(f"http://127.0.0.1:{port}", ENVIRON) as made:
        ends_in_time(made)
        released.set()


@fault(GROUP, "the receiver's certificate is of another authority", WAITS_TLS)
def wrong_ca() -> None:
    """The right one is believed, another one is not."""
    with authority() as (ca, folder):
        theirs = ca.issue_cert("127.0.0.1", "localhost")
        credentials = grpc.ssl_server_credentials(
            [(theirs.private_key_pem.bytes(), b"".join(pem.bytes() for pem in theirs.cert_chain_pems))]
        )
        trustme.CA().cert_pem.write_to_path(str(folder / "other.pem"))
        with serving(lambda _, __: b"", credentials=credentials) as port:
            endpoint = f"https://127.0.0.1:{port}"
            with door(endpoint, ENVIRON, certificate=str(folder / "ca.pem")) as made:
                emit(made)
                assert made.flush(30.0)
            with door(endpoint, ENVIRON, certificate=str(folder / "other.pem")) as made:
                emit(made)
                assert made.flush(1.0) is False
                assert made.accounting()["traces"]["queued"] == ITEMS


_FORKS = """
import os, sys, threading, time
from opentelemetry import trace
from sms_observability import init_observability
made = init_observability("parts-api", traces="otlp", metrics="none", logs="none", protocol="grpc")
tracer = trace.get_tracer("parts")
count, stop = 0, threading.Event()
def work(items):
    for number in range(items):
        tracer.start_span(f"span {number}").end()
def load():
    global count
    while not stop.is_set():
        work(20); count += 20; made.flush(1); time.sleep(0.001)
thread = threading.Thread(target=load)
thread.start()
for _ in range(20):
    pid = os.fork()
    if pid == 0:
        work(10)
        os._exit(0 if made.flush(10) else 3)
    deadline = time.monotonic() + 15
    while not (done := os.waitpid(pid, os.WNOHANG))[0]:
        if time.monotonic() > deadline: os.kill(pid, 9); os._exit(4)
        time.sleep(0.002)
    if done[1]: os._exit(5)
stop.set(); thread.join()
if not made.shutdown(10): os._exit(6)
print("sent", count + 200)
"""


@fault(GROUP, "fork while calls are under way", "no child hangs; what parent and children emit arrives once")
def forks() -> None:
    """The fork waits for a call that is under way, half a second at most."""
    arrived = list[str]()

    def handle(body: bytes, context: grpc.ServicerContext) -> bytes:
        arrived.extend(names(body))
        return b""

    with serving(handle) as port:
        environ = {name: text for name, text in os.environ.items() if not name.startswith("PYTEST_")}
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", _FORKS],
            env={**environ, "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}"},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert done.returncode == 0, done.stderr
    assert f"sent {len(arrived)}" in done.stdout
