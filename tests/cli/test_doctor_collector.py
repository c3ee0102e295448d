"""The doctor before a real Collector: the right way, and the wrong ones that people take."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from servers.collector import POLICY, TOPOLOGY, Collector

pytestmark = pytest.mark.servers

RunJson = Callable[..., tuple[int, Any]]

_TLS = """
receivers:
  otlp:
    protocols:
      http:
        tls:
          cert_file: "{path}"
          key_file: "{path}"
"""

_TOKEN = """
extensions:
  bearertokenauth: {token: "s3cr3t-tok3n"}
receivers:
  otlp:
    protocols:
      http:
        auth: {authenticator: bearertokenauth}
service:
  extensions: [health_check, bearertokenauth]
"""


def codes(report: Any) -> list[str]:
    return list(dict.fromkeys(finding["code"] for each in report["signals"] for finding in each["findings"]))


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with Collector([TOPOLOGY, *POLICY], backend="http://127.0.0.1:9") as running:
        yield running


def test_its_http_port(run_json: RunJson, collector: Collector) -> None:
    """All is well, the clocks agree."""
    status, report = run_json("doctor", "--endpoint", collector.http)
    assert (status, codes(report)) == (0, [])


def test_its_grpc_port(run_json: RunJson, collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    """By gRPC, all is well."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
    status, report = run_json("doctor", "--endpoint", f"http://127.0.0.1:{collector.grpc_port}")
    assert (status, codes(report)) == (0, [])


def test_http_to_its_grpc_port(run_json: RunJson, collector: Collector) -> None:
    """The commonest mistake: 4317 for 4318."""
    status, report = run_json("doctor", "--timeout", "2", "--endpoint", f"http://127.0.0.1:{collector.grpc_port}")
    assert status == 1
    assert all("gRPC port" in finding["remedy"] for each in report["signals"] for finding in each["findings"])


def test_grpc_to_its_http_port(run_json: RunJson, collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the other one."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
    status, report = run_json("doctor", "--timeout", "2", "--endpoint", collector.http)
    assert (status, codes(report)) == (1, ["no_grpc"])


def test_a_path_that_it_does_not_have(run_json: RunJson, collector: Collector) -> None:
    """The whole path where only the base belongs."""
    status, report = run_json("doctor", "--endpoint", f"{collector.http}/v1/traces")
    assert (status, codes(report)) == (1, ["not_found"])


def test_tls(run_json: RunJson, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Plain HTTP to it, no trust in it, and the right way."""
    authority = trustme.CA()
    certificate = tmp_path / "server.pem"
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(certificate))
    trusted = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(trusted))
    tls = tmp_path / "tls.yaml"
    tls.write_text(_TLS.format(path=certificate), encoding="utf-8")
    with Collector([TOPOLOGY, *POLICY, tls], backend="http://127.0.0.1:9") as running:
        assert codes(run_json("doctor", "--endpoint", running.http)[1]) == ["plain_to_tls"]
        secure = running.http.replace("http:", "https:")
        assert codes(run_json("doctor", "--endpoint", secure)[1]) == ["tls_untrusted"]
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_CERTIFICATE", str(trusted))
        status, report = run_json("doctor", "--endpoint", secure)
        assert (status, codes(report)) == (0, [])


def test_a_token(run_json: RunJson, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it, with a wrong one, and with the right one; none of them is repeated."""
    token = tmp_path / "token.yaml"
    token.write_text(_TOKEN, encoding="utf-8")
    with Collector([TOPOLOGY, *POLICY, token], backend="http://127.0.0.1:9") as running:
        assert codes(run_json("doctor", "--endpoint", running.http)[1]) == ["unauthorized"]
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "Authorization=Bearer%20wr0ng")
        _, report = run_json("doctor", "--endpoint", running.http)
        assert codes(report) == ["unauthorized"]
        assert "wr0ng" not in str(report)
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "Authorization=Bearer%20s3cr3t-tok3n")
        status, report = run_json("doctor", "--endpoint", running.http)
        assert (status, codes(report)) == (0, [])
        assert "s3cr3t" not in str(report)
