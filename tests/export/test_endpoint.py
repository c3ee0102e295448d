"""Every variable of the exporters does what the specification and the official exporters say."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest

from sms_observability.export.endpoint import Endpoint, endpoints, is_loopback
from sms_observability.export.records import SIGNALS, Signal
from sms_observability.export.secret import Secret
from sms_observability.settings import Problem, resolve


def found(environ: dict[str, str], **keywords: Any) -> tuple[dict[Signal, Endpoint], list[Problem]]:
    """Resolve the endpoints; all signals by OTLP."""
    settings, _ = resolve("parts-api", {**dict.fromkeys(SIGNALS, "otlp"), **keywords}, environ)
    return endpoints(settings, environ)


def one(signal: Signal, environ: dict[str, str], **keywords: Any) -> Endpoint:
    """Resolve one endpoint, which has no problems."""
    resolved, problems = found(environ, **keywords)
    assert problems == []
    return resolved[signal]


def own(signal: str, name: str) -> str:
    """Give the variable of one signal."""
    return f"OTEL_EXPORTER_OTLP_{signal.upper()}_{name}"


def general(name: str) -> str:
    """Give the variable of all signals."""
    return f"OTEL_EXPORTER_OTLP_{name}"


@pytest.mark.parametrize("signal", SIGNALS)
class TestEachSignal:
    """The same holds for each signal."""

    def test_default_endpoint(self, signal: Signal) -> None:
        """Without any variable it is the local Collector."""
        assert one(signal, {}).url == f"http://localhost:4318/v1/{signal}"
        assert one(signal, {general("PROTOCOL"): "grpc"}).url == "http://localhost:4317"

    @pytest.mark.parametrize("base", ["http://collector:4318", "http://collector:4318/"])
    def test_general_endpoint(self, signal: Signal, base: str) -> None:
        """The path of the signal is put behind the general endpoint, with one slash."""
        assert one(signal, {general("ENDPOINT"): base}).url == f"http://collector:4318/v1/{signal}"

    def test_general_endpoint_with_a_path(self, signal: Signal) -> None:
        """A path of the general endpoint is kept."""
        assert one(signal, {general("ENDPOINT"): "http://c/otlp/"}).url == f"http://c/otlp/v1/{signal}"

    def test_own_endpoint(self, signal: Signal) -> None:
        """The signal's own endpoint is used as it is, and beats the general one for this signal only."""
        environ = {general("ENDPOINT"): "http://a", own(signal, "ENDPOINT"): "http://b/x"}
        resolved, _ = found(environ)
        assert resolved[signal].url == "http://b/x"
        assert {each.url for name, each in resolved.items() if name != signal} == {
            f"http://a/v1/{name}" for name in SIGNALS if name != signal
        }

    def test_own_endpoint_without_a_path(self, signal: Signal) -> None:
        """Then the path is the root, as the specification says."""
        assert one(signal, {own(signal, "ENDPOINT"): "http://b:4318"}).url == "http://b:4318/"

    def test_keyword_beats_both(self, signal: Signal) -> None:
        """What the code says beats the environment."""
        environ = {general("ENDPOINT"): "http://a", own(signal, "ENDPOINT"): "http://b"}
        assert one(signal, environ, endpoint="http://c:1").url == f"http://c:1/v1/{signal}"

    def test_headers(self, signal: Signal) -> None:
        """Headers are decoded; the signal's own replace the general ones."""
        environ = {general("ENDPOINT"): "https://a", general("HEADERS"): "api-key=a%20b, x=1"}
        assert one(signal, environ).headers == (("api-key", Secret("a b")), ("x", Secret("1")))
        environ[own(signal, "HEADERS")] = "y=2"
        assert one(signal, environ).headers == (("y", Secret("2")),)

    def test_compression(self, signal: Signal) -> None:
        """The signal's own beats the general one."""
        assert one(signal, {}).compression == "gzip"
        assert one(signal, {general("COMPRESSION"): "none"}).compression == "none"
        environ = {general("COMPRESSION"): "none", own(signal, "COMPRESSION"): "gzip"}
        assert one(signal, environ).compression == "gzip"

    @pytest.mark.parametrize(("text", "seconds"), [("2", 2.0), ("0.5", 0.5), ("10000", 10.0), ("500", 0.5)])
    def test_timeout(self, signal: Signal, text: str, seconds: float) -> None:
        """Seconds as the official exporters read them, milliseconds where it cannot be seconds."""
        assert one(signal, {general("TIMEOUT"): text}).timeout == seconds
        assert one(signal, {general("TIMEOUT"): "3", own(signal, "TIMEOUT"): text}).timeout == seconds
        assert one(signal, {own(signal, "TIMEOUT"): text}, timeout=7.0).timeout == 7.0

    def test_protocol(self, signal: Signal) -> None:
        """The signal's own beats the general one."""
        assert one(signal, {}).protocol == "http/protobuf"
        assert one(signal, {general("PROTOCOL"): "grpc"}).protocol == "grpc"
        environ = {general("PROTOCOL"): "grpc", own(signal, "PROTOCOL"): "http/protobuf"}
        assert one(signal, environ).protocol == "http/protobuf"

    @pytest.mark.parametrize(
        ("name", "attribute"),
        [
            ("CERTIFICATE", "certificate"),
            ("CLIENT_CERTIFICATE", "client_certificate"),
            ("CLIENT_KEY", "client_key"),
        ],
    )
    def test_files(self, signal: Signal, name: str, attribute: str, tmp_path: Path) -> None:
        """Certificates and keys are files; the signal's own beat the general ones."""
        first, second = tmp_path / "first.pem", tmp_path / "second.pem"
        first.touch()
        second.touch()
        environ = {general(name): str(first)}
        assert getattr(one(signal, environ), attribute) == str(first)
        environ[own(signal, name)] = str(second)
        assert getattr(one(signal, environ), attribute) == str(second)
        environ[own(signal, name)] = str(tmp_path / "none.pem")
        resolved, problems = found(environ)
        assert resolved[signal].to == "off"
        assert [problem.variable for problem in problems] == [own(signal, name)]

    @pytest.mark.parametrize(("insecure", "scheme"), [("true", "http"), ("false", "https"), ("", "https")])
    def test_insecure(self, signal: Signal, insecure: str, scheme: str) -> None:
        """For gRPC a host and port is enough; `INSECURE` says whether it is TLS."""
        environ = {general("PROTOCOL"): "grpc", general("ENDPOINT"): "collector:4317", general("INSECURE"): insecure}
        assert one(signal, environ).url == f"{scheme}://collector:4317"
        environ[own(signal, "INSECURE")] = "true"
        assert one(signal, environ).url == "http://collector:4317"

    @pytest.mark.parametrize("to", ["console", "none"])
    def test_exporter(self, signal: Signal, to: str) -> None:
        """A signal can go to the console or nowhere."""
        environ = {f"OTEL_{signal.upper()}_EXPORTER": to}
        settings, _ = resolve("parts-api", {}, environ)
        assert endpoints(settings, environ)[0][signal].to == to

    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("HEADERS", "no pair"),
            ("COMPRESSION", "deflate"),
            ("TIMEOUT", "soon"),
            ("TIMEOUT", "-1"),
        ],
    )
    def test_mistakes(self, signal: Signal, name: str, text: str) -> None:
        """A mistake is named without its value, and the default holds."""
        resolved, problems = found({own(signal, name): text})
        assert [problem.variable for problem in problems] == [own(signal, name)]
        assert text not in str(problems[0])
        assert resolved[signal] == one(signal, {})

    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("ENDPOINT", "collector"),
            ("ENDPOINT", "ftp://a"),
            ("ENDPOINT", "http://a:99999"),
            ("PROTOCOL", "http/json"),
        ],
    )
    def test_mistakes_about_the_way(self, signal: Signal, name: str, text: str) -> None:
        """They switch the signal off, and only this one: it is sent nowhere else instead."""
        resolved, problems = found({own(signal, name): text, general("ENDPOINT"): "http://a"})
        assert [problem.variable for problem in problems] == [own(signal, name)]
        assert problems[0].remedy == f"{signal} are not exported"
        assert text not in str(problems[0])
        assert {each.to for each in resolved.values() if each.signal != signal} == {"otlp"}
        assert resolved[signal].to == "off"

    def test_the_headers_that_can_be_read_are_sent(self, signal: Signal) -> None:
        """As the official exporters do; what cannot be read is one problem."""
        resolved, problems = found({own(signal, "HEADERS"): "a=b,no pair,c=d%0D%0Ax: y,e=f"})
        assert [(name, secret.reveal()) for name, secret in resolved[signal].headers] == [("a", "b"), ("e", "f")]
        assert [str(problem).rpartition(": ")[2] for problem in problems] == ["those that can be read are sent"]


@pytest.mark.parametrize(("name", "text"), [("ENDPOINT", "collector"), ("CERTIFICATE", "/nowhere"), ("PROTOCOL", "x")])
def test_what_all_signals_meet_is_said_once(name: str, text: str) -> None:
    """One mistake, one line."""
    resolved, (problem,) = found({general(name): text})
    assert problem.remedy == "traces, logs and metrics are not exported"
    assert {each.to for each in resolved.values()} == {"off"}


def test_user_of_a_url_becomes_a_header() -> None:
    """The URL that is shown and sent has no password in it."""
    endpoint = one("traces", {general("ENDPOINT"): "https://me:pa%40ss@collector:4318"})
    assert endpoint.url == "https://collector:4318/v1/traces"
    assert [(name, secret.reveal()) for name, secret in endpoint.headers] == [("Authorization", "Basic bWU6cGFAc3M=")]


def test_secrets_are_not_shown() -> None:
    """Neither `repr` nor `str` nor attributes nor pickle give a header away."""
    endpoint = one("traces", {general("ENDPOINT"): "https://a", general("HEADERS"): "api-key=hunter2"})
    assert "hunter2" not in repr(endpoint) + str(endpoint) + repr(endpoint.headers)
    assert not hasattr(endpoint, "__dict__")
    assert not hasattr(endpoint.headers[0][1], "__dict__")
    with pytest.raises(TypeError):
        pickle.dumps(endpoint)


@pytest.mark.parametrize("header", ["Authorization", "api-key", "X-Auth-Token", "cookie"])
def test_credentials_in_clear_switch_the_signal_off(header: str) -> None:
    """To another machine, unless it is allowed; loopback and TLS are safe."""
    environ = {general("HEADERS"): f"{header}=1"}
    assert one("traces", {**environ, general("ENDPOINT"): "http://127.0.0.1:1"}).to == "otlp"
    assert one("traces", {**environ, general("ENDPOINT"): "https://collector"}).to == "otlp"
    environ[general("ENDPOINT")] = "http://collector"
    resolved, problems = found(environ)
    assert {each.to for each in resolved.values()} == {"off"}
    assert "ALLOW_INSECURE" in str(problems[0])
    assert one("traces", environ, allow_insecure=True).to == "otlp"


def test_plain_headers_may_go_in_clear() -> None:
    """A tenant's name is no credential."""
    assert one("traces", {general("ENDPOINT"): "http://collector", general("HEADERS"): "x-tenant=a"}).to == "otlp"


@pytest.mark.parametrize(
    ("host", "answer"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("a.localhost", True),
        ("10.0.0.1", False),
        ("localhost.example.com", False),
        ("collector", False),
        ("", False),
    ],
)
def test_loopback(host: str, answer: bool) -> None:
    """Loopback is this machine, and nothing that looks like it."""
    assert is_loopback(host) is answer
