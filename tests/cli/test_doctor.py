"""`sms-observability doctor` against receivers that go wrong in one way each, and against good ones."""

from __future__ import annotations

import datetime as dt
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest
import trustme
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from cli.sockets import black_hole, hangs, http_answer, says, server
from sms_observability.receiver import Answer, Batch, Receiver

Run = Callable[..., tuple[int, str, str]]
RunJson = Callable[..., tuple[int, Any]]

SECRET = "s3cr3t-tok3n"


def codes(report: Any) -> list[str]:
    """Give what was found, each once, in order."""
    return list(dict.fromkeys(finding["code"] for signal in report["signals"] for finding in signal["findings"]))


def examined(run_json: RunJson, endpoint: str, *options: str) -> list[str]:
    """Examine an endpoint that is not well; gives what was found."""
    status, report = run_json("doctor", "--timeout", "5", "--endpoint", endpoint, *options)
    assert status == 1
    assert report["well"] is False
    assert all(finding["what"] and finding["remedy"] for each in report["signals"] for finding in each["findings"])
    return codes(report)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


class TestWell:
    """A receiver that takes everything."""

    def test_one_item_of_each_signal_arrives(self, run_json: RunJson, receiver: Receiver) -> None:
        """Exit status 0, and the items say that they come from the doctor."""
        status, report = run_json("doctor", "--endpoint", receiver.endpoint)
        assert (status, report["well"], codes(report)) == (0, True, [])
        one = {"emitted": 1, "delivered": 1, "spooled": 0, "queued": 0, "dropped": {}}
        assert report["accounting"] == {"traces": one, "logs": one, "metrics": one}
        arrived = {signal: figures["items"] for signal, figures in receiver.totals().items()}
        assert arrived == {"traces": 1, "logs": 1, "metrics": 1}
        assert receiver.spans[0]["resource"]["service.name"] == "sms-observability-doctor"

    def test_people_read_that_all_is_well(self, run: Run, receiver: Receiver) -> None:
        """Each signal is named with the address that it arrives at."""
        status, out, _ = run("doctor", "--endpoint", receiver.endpoint)
        assert status == 0
        assert f"✓ traces arrive at {receiver.endpoint}/v1/traces" in out
        assert out.rstrip().endswith("All is well.")

    def test_each_signal_goes_where_its_own_variable_says(
        self, run_json: RunJson, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The addresses are those of the exporter, path and all."""
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint)
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", f"{receiver.endpoint}/v1/logs?x=1")
        status, report = run_json("doctor")
        assert status == 1  # spans are no log records
        assert [each["endpoint"] for each in report["signals"]] == [
            f"{receiver.endpoint}/v1/{signal}" for signal in ("logs", "logs", "metrics")
        ]

    def test_grpc_is_spoken_where_it_is_configured(self, run_json: RunJson, monkeypatch: pytest.MonkeyPatch) -> None:
        """The door's own gRPC transport brings the items."""
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
        with grpc_server() as (port, received):
            status, report = run_json("doctor", "--endpoint", f"http://127.0.0.1:{port}")
        assert (status, codes(report)) == (0, [])
        assert len(received) == 3

    def test_a_signal_that_is_switched_off_is_no_fault(
        self, run_json: RunJson, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nothing is sent for it, and that is what the settings want."""
        monkeypatch.setenv("OTEL_LOGS_EXPORTER", "none")
        status, report = run_json("doctor", "--endpoint", receiver.endpoint)
        assert status == 0
        assert [each["delivered"] for each in report["signals"]] == [True, None, True]

    def test_undeclared_keys_of_a_service_are_shown_with_the_line_that_declares_each(
        self, run_json: RunJson, receiver: Receiver, tmp_path: Path
    ) -> None:
        """As its log lines tell of them, once each; other lines, and keys that could be values, are nothing to it."""
        told = "the key supplier_region is in no catalogue and is dropped: declare it with SMS_CATALOG.extend(…)"
        lines = [f'{{"message":"{told}"}}', f"12:00:00 WARNING  {told}", "the key 4711 is in no catalogue", "else"]
        (tmp_path / "service.log").write_text("\n".join(lines), encoding="utf-8")
        _, report = run_json("doctor", "--endpoint", receiver.endpoint, "--log", str(tmp_path / "service.log"))
        assert report["undeclared"] == {"supplier_region": 'SMS_CATALOG.extend(fields=[Field("supplier_region")])'}

    def test_the_restricted_channel_is_examined_too(
        self, run_json: RunJson, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        """With its own endpoint and the token of its file."""
        seen: list[str | None] = []

        def look(batch: Batch) -> None:
            seen.append(batch.headers.get("authorization"))

        token = tmp_path / "token"
        token.write_text(f"{SECRET}\n", encoding="utf-8")
        monkeypatch.setenv("SMS_OBSERVABILITY_RESTRICTED_TOKEN_FILE", str(token))
        with Receiver(on_receive=look) as restricted:
            monkeypatch.setenv("SMS_OBSERVABILITY_RESTRICTED_ENDPOINT", restricted.endpoint)
            status, report = run_json("doctor", "--endpoint", receiver.endpoint)
        assert status == 0
        assert {each["channel"] for each in report["signals"]} == {"public", "restricted"}
        assert set(seen) == {f"Bearer {SECRET}"}
        assert SECRET not in str(report)


class TestWay:
    """Faults before a request can be sent."""

    def test_a_host_that_does_not_exist(self, run_json: RunJson) -> None:
        """DNS says no."""
        assert examined(run_json, "http://no-such-host.invalid:4318") == ["dns"]

    def test_a_port_on_which_nothing_listens(self, run: Run, run_json: RunJson) -> None:
        """Refused; whoever forgot the port reads which one is usual."""
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            endpoint = f"http://127.0.0.1:{taken.getsockname()[1]}"
            assert examined(run_json, endpoint) == ["refused"]
            _, out, _ = run("doctor", "--endpoint", endpoint)
        assert "4318" in out

    def test_a_black_hole(self, run_json: RunJson) -> None:
        """Packets are dropped: the examination ends all the same."""
        with black_hole() as port:
            began = time.monotonic()
            assert examined(run_json, f"http://127.0.0.1:{port}", "--timeout", "0.3") == ["timeout"]
        assert time.monotonic() - began < 5

    def test_a_receiver_that_never_answers(self, run_json: RunJson) -> None:
        """The connection stands, and nothing comes back."""
        with server(hangs) as port:
            assert examined(run_json, f"http://127.0.0.1:{port}", "--timeout", "0.3") == ["hang"]

    def test_something_that_is_not_http(self, run_json: RunJson) -> None:
        """A mail server, for instance."""
        with server(lambda connection: connection.sendall(b"220 mail.example ESMTP\r\n")) as port:
            assert examined(run_json, f"http://127.0.0.1:{port}") == ["no_http"]

    def test_the_grpc_port(self, run: Run) -> None:
        """Whoever took 4317 for 4318 reads so."""
        with grpc_server() as (port, _):
            status, out, _ = run("doctor", "--timeout", "2", "--endpoint", f"http://127.0.0.1:{port}")
        assert status == 1
        assert "this is a gRPC port" in out

    def test_grpc_spoken_to_the_http_port(
        self, run_json: RunJson, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """And the other way round."""
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
        assert examined(run_json, receiver.endpoint, "--timeout", "2") == ["no_grpc"]


class TestTls:
    """Certificates."""

    def examined_by(
        self, run_json: RunJson, authority: trustme.CA, certificate: trustme.LeafCert, *, trusted: bool = True
    ) -> tuple[int, list[str]]:
        """Examine a receiver with this certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        with (
            server(says(http_answer("200 OK")), context) as port,
            authority.cert_pem.tempfile() as path,
            pytest.MonkeyPatch.context() as patch,
        ):
            if trusted:
                patch.setenv("OTEL_EXPORTER_OTLP_CERTIFICATE", path)
            status, report = run_json("doctor", "--endpoint", f"https://127.0.0.1:{port}")
        return status, codes(report)

    def test_a_certificate_of_our_authority(self, run_json: RunJson, authority: trustme.CA) -> None:
        """All is well over TLS."""
        assert self.examined_by(run_json, authority, authority.issue_cert("127.0.0.1")) == (0, [])

    def test_an_unknown_authority(self, run_json: RunJson, authority: trustme.CA) -> None:
        """The file of authorities is asked for."""
        found = self.examined_by(run_json, authority, authority.issue_cert("127.0.0.1"), trusted=False)
        assert found == (1, ["tls_untrusted"])

    def test_another_host(self, run_json: RunJson, authority: trustme.CA) -> None:
        """The certificate is for somebody else."""
        found = self.examined_by(run_json, authority, authority.issue_cert("collector.internal"))
        assert found == (1, ["tls_hostname"])

    def test_an_expired_certificate(self, run_json: RunJson, authority: trustme.CA) -> None:
        """It was good once."""
        yesterday = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
        certificate = authority.issue_cert(
            "127.0.0.1", not_before=yesterday - dt.timedelta(days=9), not_after=yesterday
        )
        assert self.examined_by(run_json, authority, certificate) == (1, ["tls_expired"])

    def test_a_certificate_file_that_is_not_there(
        self, run_json: RunJson, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The mistake is in the environment: the channel is off, and nothing is sent."""
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_CERTIFICATE", "/nowhere/ca.pem")
        status, report = run_json("doctor", "--endpoint", receiver.endpoint)
        assert status == 1
        assert {each["variable"] for each in report["problems"]} == {"OTEL_EXPORTER_OTLP_CERTIFICATE"}
        assert {each["to"] for each in report["signals"]} == {"off"}

    def test_a_receiver_that_wants_our_certificate(self, run_json: RunJson, authority: trustme.CA) -> None:
        """Mutual TLS without a certificate of ours."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        authority.configure_trust(context)
        context.verify_mode = ssl.CERT_REQUIRED
        with (
            server(says(http_answer("200 OK")), context) as port,
            authority.cert_pem.tempfile() as path,
            pytest.MonkeyPatch.context() as patch,
        ):
            patch.setenv("OTEL_EXPORTER_OTLP_CERTIFICATE", path)
            assert examined(run_json, f"https://127.0.0.1:{port}") == ["client_certificate"]

    def test_tls_spoken_to_a_plain_port(self, run_json: RunJson, receiver: Receiver) -> None:
        """The endpoint says https, the receiver does not."""
        assert examined(run_json, receiver.endpoint.replace("http:", "https:")) == ["tls_to_plain"]

    def test_plain_http_spoken_to_tls(self, run_json: RunJson, authority: trustme.CA) -> None:
        """The endpoint says http, the receiver wants TLS."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        with server(says(http_answer("200 OK")), context) as port:
            assert examined(run_json, f"http://127.0.0.1:{port}") == ["plain_to_tls"]


class TestAnswer:
    """Answers that are no success."""

    @pytest.mark.parametrize(
        ("status", "code"),
        [
            (400, "bad_request"),
            (401, "unauthorized"),
            (403, "forbidden"),
            (405, "not_otlp"),
            (413, "too_large"),
            (418, "refused_status"),
            (429, "overloaded"),
            (500, "server_error"),
            (503, "overloaded"),
        ],
    )
    def test_a_status(self, run_json: RunJson, status: int, code: str) -> None:
        """Each status has its own words."""
        with Receiver(on_receive=lambda _: Answer(status=status)) as receiver:
            assert examined(run_json, receiver.endpoint) == [code]
            _, report = run_json("doctor", "--endpoint", receiver.endpoint)
        assert report["accounting"]["logs"]["dropped"] == {code: 1}

    def test_a_wrong_path(self, run_json: RunJson, receiver: Receiver) -> None:
        """404: the base URL alone is to be written."""
        assert examined(run_json, f"{receiver.endpoint}/otlp") == ["not_found"]

    def test_a_portal_that_redirects(self, run: Run, run_json: RunJson) -> None:
        """The ship's sign-in page; where it sends us is shown without what it carries."""
        answer = http_answer("302 Found").replace(
            b"Connection", f"Location: http://portal.example/login?session={SECRET}\r\nConnection".encode()
        )
        with server(says(answer)) as port:
            endpoint = f"http://127.0.0.1:{port}"
            assert examined(run_json, endpoint) == ["redirect"]
            _, out, _ = run("doctor", "--endpoint", endpoint)
        assert "portal.example/login" in out
        assert SECRET not in out

    def test_a_portal_that_says_200(self, run_json: RunJson) -> None:
        """A page is no OTLP answer, whatever its status."""
        with server(says(http_answer("200 OK", b"<html>Sign in</html>", "text/html"))) as port:
            assert examined(run_json, f"http://127.0.0.1:{port}") == ["portal"]

    def test_a_partial_success(self, run: Run) -> None:
        """200, and the item is refused: the receiver's own words are shown."""
        with Receiver(on_receive=lambda batch: Answer(rejected=batch.count, message="over\x1b the limit")) as receiver:
            status, out, _ = run("doctor", "--endpoint", receiver.endpoint)
        assert status == 1
        assert "partial_success" in out
        assert "the limit" in out
        assert "\x1b" not in out

    @pytest.mark.parametrize(("seconds", "words"), [(-31_536_000, "365 days ahead"), (3600, "60 minutes behind")])
    def test_clocks_that_differ(self, run: Run, seconds: int, words: str) -> None:
        """The item arrives, but somebody's clock is wrong."""
        with server(says(http_answer("200 OK", date=time.time() + seconds))) as port:
            status, out, _ = run("doctor", "--endpoint", f"http://127.0.0.1:{port}")
        assert status == 1
        assert "✓ traces" in out
        assert words in out


class TestSettings:
    """The settings in force."""

    def test_each_has_its_source(self, run_json: RunJson, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
        """Keyword, environment or default."""
        monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "service.version=1.2,deployment.environment.name=staging")
        monkeypatch.setenv("OTEL_SERVICE_NAME", "parts-api")
        monkeypatch.setenv("SMS_OBSERVABILITY_LOG_LEVEL", "debug")
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "3")
        status, report = run_json("doctor", "--endpoint", receiver.endpoint)
        assert status == 0
        shown = {each["setting"]: (each["value"], each["source"], each["variable"]) for each in report["settings"]}
        assert shown["service_name"] == ("parts-api", "environment", "OTEL_SERVICE_NAME")
        assert shown["version"] == ("1.2", "environment", "OTEL_RESOURCE_ATTRIBUTES")
        assert shown["environment"] == ("staging", "environment", "OTEL_RESOURCE_ATTRIBUTES")
        assert shown["log_level"] == ("DEBUG", "environment", "SMS_OBSERVABILITY_LOG_LEVEL")
        assert shown["timeout"] == ("3.0", "environment", "OTEL_EXPORTER_OTLP_TIMEOUT")
        assert shown["endpoint"] == (receiver.endpoint, "keyword", "")
        assert shown["unknown_fields"] == ("keep", "default", "")

    def test_no_secret_is_shown(self, run: Run, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
        """Headers, passwords and queries stay where they are."""
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", f"authorization=Bearer%20{SECRET}")
        endpoint = receiver.endpoint.replace("//", f"//user:{SECRET}@") + f"?key={SECRET}"
        for options in (("--all",), ("--json",)):
            _, out, err = run("doctor", "--endpoint", endpoint, *options)
            assert receiver.endpoint in out
            assert SECRET not in out + err

    def test_a_mistake_in_the_environment_is_named_without_its_value(
        self, run: Run, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Exit status 1 although everything arrives."""
        monkeypatch.setenv("SMS_OBSERVABILITY_LOG_LEVEL", SECRET)
        status, out, _ = run("doctor", "--endpoint", receiver.endpoint)
        assert status == 1
        assert "SMS_OBSERVABILITY_LOG_LEVEL must be one of" in out
        assert SECRET not in out

    def test_a_refused_variable_is_named(self, run: Run, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
        """It does nothing; the way that does something is said."""
        monkeypatch.setenv("OTEL_LOG_LEVEL", "debug")
        status, out, _ = run("doctor", "--endpoint", receiver.endpoint)
        assert status == 0
        assert "OTEL_LOG_LEVEL is set, but does nothing here" in out
        assert "SMS_OBSERVABILITY_LOG_LEVEL" in out

    @pytest.mark.parametrize("arguments", [("--endpoint", "collector:4318"), ("--timeout", "soon"), ("--nonsense",)])
    def test_wrong_use_ends_with_2(self, run: Run, arguments: tuple[str, ...]) -> None:
        """With a message that says what to write."""
        status, out, err = run("doctor", *arguments)
        assert (status, out) == (2, "")
        assert "Error" in err


class grpc_server:  # noqa: N801 - used like a function
    """A gRPC server that takes OTLP traces, logs and metrics; gives its port and what it received."""

    def __enter__(self) -> tuple[int, list[bytes]]:
        received: list[bytes] = []

        def export(body: bytes, context: grpc.ServicerContext) -> bytes:
            received.append(body)
            return ExportTraceServiceResponse().SerializeToString()

        handler = grpc.unary_unary_rpc_method_handler(export)
        self._server = grpc.server(ThreadPoolExecutor(2))
        for service in ("trace.v1.TraceService", "logs.v1.LogsService", "metrics.v1.MetricsService"):
            name = f"opentelemetry.proto.collector.{service}"
            self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(name, {"Export": handler}),))
        port = self._server.add_insecure_port("127.0.0.1:0")
        self._server.start()
        return port, received

    def __exit__(self, *_: object) -> None:
        self._server.stop(None).wait()


def test_every_fault_is_on_the_page() -> None:
    """`docs/command-line.md` has the word of each finding, and no other."""
    root = Path(__file__).parents[2]
    sources = "".join(path.read_text("utf-8") for path in (root / "src/sms_observability/cli/doctor").glob("*.py"))
    raised = set(re.findall(r'(?:Fault(?:Error)?|Finding)\(\s*"([a-z_0-9]+)"', sources))
    tabled = set(re.findall(r': \(\s*"([a-z_0-9]+)",', sources)) | {"plain_to_tls"}
    page = (root / "docs/command-line.md").read_text("utf-8").partition("## Doctor")[2].partition("\n## ")[0]
    steps = "".join(line for line in page.splitlines() if line.startswith("| ") and not line.startswith("| settings"))
    assert set(re.findall(r"`([a-z_0-9]+)`", steps)) == raised | tabled
