"""Faults of the connection: names, ports, hangs, TLS, credentials, gRPC."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import socket
import ssl
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import trustme

from cli.sockets import black_hole, hangs, says, server
from export.doors import assert_adds_up, delivered, door, dropped, opened, span
from faults.receivers import ITEMS, OK, First, emit, ends_in_time, failing_first, read
from faults.table import fault
from servers.process import free_port
from servers.waiting import wait_until
from sms_observability.receiver import Receiver

HANGS = "Hangs"
REACH = "Names and ports"
TLS = "TLS and credentials"
AMBIENT = "What the environment must not change"

ON_TIME = "requests are not slowed; `flush` and `shutdown` return `False` within their time and 250 ms"


def slow_loris(connection: socket.socket) -> None:
    """Answer one byte at a time, for ever."""
    read(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        connection.sendall(b"a")
        time.sleep(0.05)


def slow_body(connection: socket.socket) -> None:
    """Announce a body and send one byte of it at a time."""
    read(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n")
    while True:
        connection.sendall(b"\n")
        time.sleep(0.05)


def reads_nothing(connection: socket.socket) -> None:
    """Take nothing out of the socket, so that sending blocks."""
    time.sleep(3)


def _hang(serve: object) -> None:
    with server(serve) as port, door(f"http://127.0.0.1:{port}", compression="none") as made:  # type: ignore[arg-type]
        ends_in_time(made)


@fault(HANGS, "the connection is never accepted (black hole)", ON_TIME)
def black() -> None:
    """Connecting hangs."""
    with black_hole() as port, door(f"http://127.0.0.1:{port}") as made:
        ends_in_time(made)


@fault(HANGS, "the request is never read", ON_TIME)
def never_read() -> None:
    """Sending hangs: the request does not fit into the socket's buffers."""
    with server(reads_nothing) as port, door(f"http://127.0.0.1:{port}", compression="none") as made:
        for number in range(600):
            made.emit_span(span(number, a="x" * 4000, b="y" * 4000))
        ends_in_time(made)


fault(HANGS, "the request is never answered", ON_TIME)(lambda: _hang(hangs))
fault(HANGS, "the head of the answer comes byte by byte (slow-loris)", ON_TIME)(lambda: _hang(slow_loris))
fault(HANGS, "the body of the answer comes byte by byte", ON_TIME)(lambda: _hang(slow_body))


@fault(HANGS, "the TLS handshake hangs", ON_TIME)
def tls_hangs() -> None:
    """The other side says nothing to our hello."""
    with server(hangs) as port, door(f"https://127.0.0.1:{port}") as made:
        ends_in_time(made)


@fault(HANGS, "name resolution hangs", ON_TIME)
def dns_hangs() -> None:
    """Only the worker's thread asks for names."""
    released = threading.Event()

    def stuck(*_: object, **__: object) -> object:
        released.wait(40)
        raise socket.gaierror

    with mock.patch("socket.getaddrinfo", stuck), door("http://collector.example:4318") as made:
        ends_in_time(made)
        released.set()
        for worker in made._workers:
            assert worker.thread is not None
            worker.thread.join(40)


@fault(HANGS, "a request takes longer than its time limit (slow-loris)", "it is broken off, counted, and tried again")
def broken_off() -> None:
    """The whole request has a limit, not each of its bytes; the next one gets through."""
    with (
        failing_first(slow_loris) as (first, endpoint),
        door(endpoint, {"OTEL_BSP_SCHEDULE_DELAY": "50"}, timeout=0.5) as made,
    ):
        emit(made)
        wait_until(lambda: delivered(made)["traces"] == ITEMS)
        assert first.served >= 2


@fault(REACH, "nothing listens (connection refused), then the receiver starts")
def refused() -> None:
    """What was emitted before the receiver was there arrives."""
    port = free_port()
    with door(f"http://127.0.0.1:{port}", {"OTEL_BSP_SCHEDULE_DELAY": "50"}) as made:
        emit(made)
        wait_until(lambda: made.failures()["traces"])
        assert made.status() == "warn"
        with Receiver(port=port) as receiver:
            assert receiver.wait_for(lambda r: len(r.spans) == ITEMS, 40.0)
            wait_until(lambda: made.status() == "pass")
        assert set(made.failures()["traces"]) == {"connection_refused"}


@fault(REACH, "the receiver restarts between two exports")
def restart() -> None:
    """A connection that was kept open is found closed and opened anew."""
    with Receiver(port=free_port()) as receiver, door(receiver.endpoint) as made:
        for _ in range(3):
            emit(made)
            assert made.flush(30.0)
            receiver.close()
            receiver.start()
        assert delivered(made)["traces"] == 3 * ITEMS
        assert receiver.totals()["traces"]["items"] == 3 * ITEMS


@fault(REACH, "the host name does not exist")
def no_such_host() -> None:
    """The name never resolves: everything waits."""
    with door("http://collector.invalid:4318") as made:
        emit(made)
        assert made.flush(1.0) is False
        assert made.accounting()["traces"]["queued"] == ITEMS
        assert set(made.failures()["traces"]) <= {"dns", "timeout"}


@contextlib.contextmanager
def authority() -> Iterator[tuple[trustme.CA, Path]]:
    """Make an authority, and a folder for files."""
    with tempfile.TemporaryDirectory() as folder:
        ca = trustme.CA()
        ca.cert_pem.write_to_path(str(Path(folder, "ca.pem")))
        yield ca, Path(folder)


def context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    """Make a server's side of TLS."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(made)
    return made


def _tls_fails(certificate: trustme.LeafCert, ca: str) -> None:
    with server(says(OK), context(certificate)) as port, door(f"https://127.0.0.1:{port}", certificate=ca) as made:
        emit(made)
        assert made.flush(1.0) is False
        # Where others have the cores, a handshake can take longer than that.
        wait_until(lambda: made.flush(1.0) or "tls" in made.failures()["traces"])
        assert made.accounting()["traces"]["queued"] == ITEMS
        assert set(made.failures()["traces"]) <= {"tls", "timeout"}


WAITS_TLS = "nothing is sent and nothing is lost: it waits in memory; one line says that TLS failed"


@fault(TLS, "the receiver's certificate is of another authority", WAITS_TLS)
def wrong_ca() -> None:
    """An unknown authority is not believed."""
    with authority() as (_, folder):
        _tls_fails(trustme.CA().issue_cert("127.0.0.1"), str(folder / "ca.pem"))


@fault(TLS, "the receiver's certificate has expired", WAITS_TLS)
def expired() -> None:
    """An expired certificate is not believed."""
    yesterday = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    with authority() as (ca, folder):
        _tls_fails(ca.issue_cert("127.0.0.1", not_after=yesterday), str(folder / "ca.pem"))


@fault(TLS, "the receiver's certificate is for another name", WAITS_TLS)
def wrong_name() -> None:
    """A certificate for somebody else is not believed."""
    with authority() as (ca, folder):
        _tls_fails(ca.issue_cert("collector.example"), str(folder / "ca.pem"))


@fault(TLS, "https:// to a port that speaks http", WAITS_TLS)
def https_to_http() -> None:
    """The wrong protocol looks like a failed handshake."""
    with Receiver() as receiver, door(receiver.endpoint.replace("http:", "https:")) as made:
        emit(made)
        assert made.flush(1.0) is False
        assert set(made.failures()["traces"]) <= {"tls", "connection_lost", "timeout"}


@fault(TLS, "http:// to a port that speaks https")
def http_to_https() -> None:
    """The other way round the connection is closed."""
    with (
        authority() as (ca, _),
        server(says(OK), context(ca.issue_cert("127.0.0.1"))) as port,
        door(f"http://127.0.0.1:{port}") as made,
    ):
        emit(made)
        assert made.flush(1.0) is False
        assert made.accounting()["traces"]["queued"] == ITEMS


@fault(
    TLS, "the receiver wants a client certificate (mutual TLS)", "without one nothing is sent; with one it is delivered"
)
def mutual_tls() -> None:
    """`client_certificate` and `client_key` are what it takes."""
    with authority() as (ca, folder):
        ours = ca.issue_cert("service")
        ours.private_key_pem.write_to_path(str(folder / "key.pem"))
        ours.cert_chain_pems[0].write_to_path(str(folder / "cert.pem"))
        tls = context(ca.issue_cert("127.0.0.1"))
        tls.verify_mode = ssl.CERT_REQUIRED
        ca.configure_trust(tls)
        with server(First(says(OK), 0), tls) as port:
            trust = {"certificate": str(folder / "ca.pem")}
            with door(f"https://127.0.0.1:{port}", **trust) as made:
                emit(made)
                assert made.flush(1.0) is False
                assert delivered(made)["traces"] == 0
            trust |= {"client_certificate": str(folder / "cert.pem"), "client_key": str(folder / "key.pem")}
            with door(f"https://127.0.0.1:{port}", **trust) as made:
                emit(made)
                assert made.flush(30.0)


@fault(TLS, "the certificate file is replaced while the service runs")
def rotated_ca() -> None:
    """After a failure the files are read again."""
    with authority() as (ca, folder):
        trustme.CA().cert_pem.write_to_path(str(folder / "used.pem"))
        with (
            server(First(says(OK), 0), context(ca.issue_cert("127.0.0.1"))) as port,
            door(f"https://127.0.0.1:{port}", certificate=str(folder / "used.pem")) as made,
        ):
            emit(made)
            assert made.flush(1.0) is False
            ca.cert_pem.write_to_path(str(folder / "used.pem"))
            assert made.flush(30.0)
            assert delivered(made)["traces"] == ITEMS


@fault(
    TLS,
    "credentials over plain http:// to another machine",
    "that signal is off, an ERROR at the start says so; what is emitted is dropped as `off`",
)
def insecure() -> None:
    """Nothing is sent, unless `allow_insecure` says that it may."""
    made, problems = opened("http://collector.example:4318", headers={"Authorization": "Bearer 1234"})
    emit(made, 3)
    assert {problem.variable for problem in problems} == {"OTEL_EXPORTER_OTLP_ENDPOINT"}
    assert "1234" not in "".join(map(str, problems))
    assert made.flush(1.0) is False
    assert dropped(made) == {"off": 3}
    assert made.status() == "warn"
    made.shutdown(0)
    made, problems = opened(
        "http://collector.example:4318", headers={"Authorization": "Bearer 1234"}, allow_insecure=True
    )
    made.shutdown(0)
    assert problems == []


@fault(TLS, "a certificate file that does not exist", "that signal is off, an ERROR at the start says so")
def no_certificate() -> None:
    """A mistake in the environment never stops the service."""
    made, problems = opened(None, {"OTEL_EXPORTER_OTLP_CERTIFICATE": "/nowhere/ca.pem"})
    assert {problem.variable for problem in problems} == {"OTEL_EXPORTER_OTLP_CERTIFICATE"}
    emit(made, 1)
    assert made.flush(0.5) is False
    made.shutdown(0)
    assert_adds_up(made)


def _ambient(environ: dict[str, str]) -> None:
    with failing_first(says(OK), 0) as (first, endpoint), mock.patch.dict(os.environ, environ):
        with door(endpoint, headers={"Authorization": "Bearer ours"}) as made:
            emit(made)
            assert made.flush(30.0)
        assert len(first.names) == ITEMS
        assert b"authorization: bearer ours" in first.heads[0].lower()


@fault(AMBIENT, "`HTTP_PROXY`, `ALL_PROXY`", "telemetry goes straight to its endpoint")
def proxies() -> None:
    """A proxy of the environment is not asked."""
    proxy = f"http://127.0.0.1:{free_port()}"
    _ambient(dict.fromkeys(("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"), proxy))


@fault(AMBIENT, "`~/.netrc`", "the configured header stays")
def netrc() -> None:
    """A login of the home directory is not used."""
    with tempfile.TemporaryDirectory() as home:
        path = Path(home, ".netrc")
        path.write_text("machine 127.0.0.1 login someone password else\n", encoding="ascii")
        path.chmod(0o600)
        _ambient({"HOME": home, "NETRC": str(path)})


@fault(AMBIENT, "`REQUESTS_CA_BUNDLE`, `CURL_CA_BUNDLE`", "the configured certificate decides")
def ca_bundle() -> None:
    """A bundle of the environment does not make a stranger trusted."""
    with authority() as (_, folder):
        other = trustme.CA()
        other.cert_pem.write_to_path(str(folder / "other.pem"))
        bundle = {"REQUESTS_CA_BUNDLE": str(folder / "other.pem"), "CURL_CA_BUNDLE": str(folder / "other.pem")}
        with mock.patch.dict(os.environ, bundle):
            _tls_fails(other.issue_cert("127.0.0.1"), str(folder / "ca.pem"))
