"""A ship's Collector with the shipped files, certificates, and quick pauses, so that a week takes seconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import trustme

from servers.collector import CONFIG, Collector

FILES = [CONFIG / f"{name}.yaml" for name in ("vessel", "policy/redaction", "policy/span_metrics")]

# Only pauses, and gzip, because the gateway's double cannot read zstd.
QUICK = """
exporters:
  otlp_grpc/gateway: &quick
    compression: gzip
    sending_queue:
      batch:
        min_size: ${env:TEST_BATCH:-16384}
        flush_timeout: 20ms
    retry_on_failure: {initial_interval: 50ms, max_interval: 200ms}
  otlp_grpc/first: *quick
extensions:
  sms_retry:
    reconnect: 1s
    attempts: 3
    busy: ${env:TEST_BUSY:-15m}
  sms_retry/first: {reconnect: 1s}
"""


def write_certificates(folder: Path) -> None:
    """Write an authority, and what it issued to a gateway and a vessel."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.crt")
    for name in ("gateway", "vessel"):
        issued = authority.issue_cert("localhost")
        issued.private_key_pem.write_to_path(folder / f"{name}.key")
        for number, part in enumerate(issued.cert_chain_pems):
            part.write_to_path(folder / f"{name}.crt", append=number > 0)


def vessel(folder: Path, gateway_port: int, *, further: Sequence[Path] = (), **environment: str) -> Collector:
    """Start a ship's Collector whose gateway is on this port of loopback; its queue is in ``folder``."""
    quick = folder / "quick.yaml"
    quick.write_text(QUICK, encoding="utf-8")
    places: Mapping[str, str] = {
        "SMS_COLLECTOR_GATEWAY": f"localhost:{gateway_port}",
        "SMS_COLLECTOR_VESSEL": "v-42",
        "SMS_COLLECTOR_STORAGE": str(folder / "queue"),
        "SMS_COLLECTOR_SPAN_METRICS_INTERVAL": "1s",
        "SMS_COLLECTOR_OWN_INTERVAL": "12h",  # so that tests find what they have sent, and nothing else
        "SMS_COLLECTOR_BYTES_PER_SECOND": "0",
        "SMS_COLLECTOR_FIRST_BYTES_PER_SECOND": "0",
        "SMS_COLLECTOR_CERTIFICATE": str(folder / "vessel.crt"),
        "SMS_COLLECTOR_KEY": str(folder / "vessel.key"),
        "SMS_COLLECTOR_CA": str(folder / "ca.crt"),
    }
    return Collector([*FILES, quick, *further], backend="", environment={**places, **environment})
