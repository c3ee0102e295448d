"""How the gateway finds the samplers when nobody lists them: by a name, and by Kubernetes' API."""

from __future__ import annotations

import random
import shlex
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from servers import otlp
from servers.cluster import Cluster
from servers.collector import Collector
from servers.otlp_sink import OtlpSink
from servers.process import free_ports
from servers.ship import write_certificates
from servers.shore import gateway, sampler
from servers.waiting import wait_until

pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(200)]

# All of 127/8 is loopback: samplers of one port, as pods have it, differ by address.
FIRST, SECOND, THIRD = "127.0.0.1", "127.1.0.1", "127.2.0.1"

_AT = "receivers: {{otlp: {{protocols: {{grpc: {{endpoint: '{address}:{port}'}}}}}}}}\n"
_QUICK = """
exporters:
  load_balancing:
    protocol: {{otlp: {{retry_on_failure: {{initial_interval: 100ms, max_interval: 500ms}}}}}}
    resolver: {resolver}
"""


@dataclass
class Ring:
    """A gateway and its samplers, each with a sink of its own."""

    folder: Path
    port: int
    stack: ExitStack
    sinks: dict[str, OtlpSink] = field(default_factory=dict[str, OtlpSink])
    samplers: dict[str, Collector] = field(default_factory=dict[str, Collector])

    def start_sampler(self, address: str) -> None:
        further = self.folder / f"at-{address}.yaml"
        further.write_text(_AT.format(address=address, port=self.port), encoding="utf-8")
        self.sinks[address] = self.stack.enter_context(OtlpSink())
        started = sampler(
            self.folder, self.port, self.sinks[address], further=[further], SMS_COLLECTOR_DECISION_WAIT="300ms"
        )
        self.samplers[address] = self.stack.enter_context(started)

    def start_gateway(
        self, ring: str, name: str, resolver: str, launcher: Sequence[str | Path] = (), **environment: str
    ) -> Collector:
        further = self.folder / "quick.yaml"
        further.write_text(_QUICK.format(resolver=resolver), encoding="utf-8")
        settings = {"SMS_COLLECTOR_SAMPLERS": name, "SMS_COLLECTOR_VESSELS_PORT": str(free_ports(1)[0]), **environment}
        nowhere = self.stack.enter_context(OtlpSink())
        started = gateway(self.folder, [], nowhere, further=[further], ring=ring, launcher=launcher, **settings)
        return self.stack.enter_context(started)

    def kept(self, trace_ids: set[bytes]) -> dict[str, Counter[bytes]]:
        """Give how many spans of these traces each sampler has let through."""
        return {
            address: Counter(span.trace_id for span in sink.spans() if span.trace_id in trace_ids)
            for address, sink in self.sinks.items()
        }


@pytest.fixture
def ring(tmp_path: Path) -> Iterator[Ring]:
    """Certificates and a port; nothing runs yet."""
    write_certificates(tmp_path)
    with ExitStack() as stack:
        yield Ring(tmp_path, free_ports(1)[0], stack)


def send(ring: Ring, through: Collector, children: int) -> dict[str, Counter[bytes]]:
    """Send the spans of many traces apart, and give how many of each trace came out at each sampler."""
    spans = []
    for _ in range(60):
        root = otlp.span("technician_sync_flow", error=True)
        of_it = {"trace_id": root.trace_id, "parent": root.span_id}
        spans += [root, *(otlp.span("GET", error=True, **of_it) for _ in range(children))]
    random.Random(1).shuffle(spans)
    ids = {span.trace_id for span in spans}
    for start in range(0, len(spans), 20):
        through.send("traces", otlp.traces(spans[start : start + 20]))
    wait_until(lambda: sum(each.total() for each in ring.kept(ids).values()) == len(spans), "every span", 90)
    return ring.kept(ids)


def whole_traces_reach(ring: Ring, through: Collector, addresses: set[str]) -> None:
    """Wait until these samplers, and no other, are in the ring; then no trace is on two of them."""

    def reached() -> set[str]:
        return {address for address, traces in send(ring, through, 0).items() if traces}

    wait_until(lambda: reached() == addresses, f"{addresses} in the ring", 90)
    kept = send(ring, through, 2)
    assert {address for address, traces in kept.items() if traces} == addresses
    where = Counter(trace_id for traces in kept.values() for trace_id in traces)
    assert set(where.values()) == {1}, "a trace was split"


def with_hosts(hosts: Path) -> list[str] | None:
    """Give what starts a program that reads this file in the place of /etc/hosts, where the kernel allows it."""
    script = f'mount --bind {shlex.quote(str(hosts))} /etc/hosts && exec "$@"'
    if shutil.which("unshare"):
        for how in ("-m", "-rm"):
            launcher = ["unshare", how, "sh", "-c", script, "sh"]
            if not subprocess.run([*launcher, "true"], capture_output=True, check=False, timeout=60).returncode:
                return launcher
    return None


def test_by_a_name_each_of_its_addresses_is_a_sampler(ring: Ring) -> None:
    """Whole traces at each address; one that the name gets later is in the ring after the next look-up.

    Where the kernel allows no file of hosts of one's own, the name is an address, and the ring has one member.
    """
    hosts = ring.folder / "hosts"

    def write(*addresses: str) -> None:
        lines = ["127.0.0.1 localhost", *(f"{each} samplers.sms.test" for each in addresses)]
        hosts.write_text("\n".join(lines) + "\n", encoding="utf-8")

    write(FIRST, SECOND)
    resolver = f'{{dns: {{port: "{ring.port}", interval: 1s}}}}'
    launcher = with_hosts(hosts)
    if launcher is None:
        ring.start_sampler(FIRST)
        through = ring.start_gateway("dns", FIRST, resolver)
        whole_traces_reach(ring, through, {FIRST})
        return
    for address in (FIRST, SECOND, THIRD):
        ring.start_sampler(address)
    through = ring.start_gateway("dns", "samplers.sms.test", resolver, launcher)
    whole_traces_reach(ring, through, {FIRST, SECOND})
    write(FIRST, SECOND, THIRD)
    whole_traces_reach(ring, through, {FIRST, SECOND, THIRD})


def test_in_kubernetes_each_pod_behind_the_service_is_a_sampler(ring: Ring) -> None:
    """By what an API server lists and then tells of; pods are called by names, as shipped, that stay when they move."""
    # Names of pods are resolved by the cluster's DNS. Here name, service and namespace make up an address.
    pods = {address.removesuffix(".0.1"): address for address in (FIRST, SECOND, THIRD)}
    for address in pods.values():
        ring.start_sampler(address)
    with Cluster("0", "1", ring.folder) as cluster:
        cluster.tell(dict(list(pods.items())[:2]))
        config = cluster.kubeconfig()
        through = ring.start_gateway("kubernetes", "0.1", f"{{k8s: {{ports: [{ring.port}]}}}}", KUBECONFIG=str(config))
        whole_traces_reach(ring, through, {FIRST, SECOND})
        cluster.tell(pods)
        whole_traces_reach(ring, through, {FIRST, SECOND, THIRD})
        cluster.tell({name: pods[name] for name in list(pods)[1:]})
        whole_traces_reach(ring, through, {SECOND, THIRD})
        # What the gateway's role allows, and nothing else.
        assert {each.partition(" ")[2] for each in cluster.asked} == {cluster.path}
