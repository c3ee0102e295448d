"""Backends that run on Java (``tools/java_servers.py``): Kafka, Zipkin, OpenSearch; without Java they skip a test."""

from __future__ import annotations

import base64
import functools
import json
import shutil
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import Any

import pytest

from servers.process import Server, free_ports, http_get, listens
from servers.programs import ROOT

TOOL = ROOT / "tools" / "java_servers.py"
SOURCES = Path(__file__).with_name("java_sources")
# A Java virtual machine beside a compiler takes six times as long to start.
START_SECONDS = 150.0


@functools.cache
def _find(name: str) -> tuple[Path | None, str]:
    if shutil.which("java") is None:
        return None, "java is not installed"
    found = subprocess.run(
        [sys.executable, str(TOOL), "path", name], capture_output=True, text=True, check=False, timeout=30
    )
    return (Path(found.stdout.strip()), "") if found.returncode == 0 else (None, found.stderr.strip())


def jars(name: str) -> Path:
    """Give the folder of a program's jars; where it was not fetched, the test is skipped loudly."""
    place, reason = _find(name)
    if place is None:
        pytest.skip(f"NOT TESTED: {reason}")
    return place


def _java(megabytes: int) -> list[str]:
    return ["java", f"-Xmx{megabytes}m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]


class Zipkin(Server):
    """A Zipkin that keeps everything in memory."""

    def __init__(self) -> None:
        (port,) = free_ports(1)
        self.url = f"http://127.0.0.1:{port}"
        address = ["ip=127.0.0.1", f"port={port}", "protocols[0]=http"]
        super().__init__(
            [
                *_java(256),
                # All three: with fewer it listens on a port of its own choice, or on every address.
                *(f"-Darmeria.ports[0].{part}" for part in address),
                "-jar",
                *jars("zipkin").glob("*.jar"),
            ],
            ready=f"{self.url}/health",
            within=START_SECONDS,
        )

    def trace(self, trace_id: str) -> list[dict[str, Any]] | None:
        """Give the spans of a trace, or nothing when it is not there (yet)."""
        status, text = http_get(f"{self.url}/api/v2/trace/{trace_id}")
        return list(json.loads(text)) if status == 200 else None


class OpenSearch(Server):
    """An OpenSearch of one node."""

    def __init__(self, folder: Path) -> None:
        port, transport = free_ports(2)
        self.url = f"http://127.0.0.1:{port}"
        super().__init__(
            [
                *_java(384), "-cp", f"{jars('opensearch')}/*", SOURCES / "OpenSearchNode.java", folder, str(port),
                str(transport),
            ],
            ready=self.url,
            within=START_SECONDS,
        )  # fmt: skip

    def search(self, target: str) -> list[dict[str, Any]]:
        """Give the documents of an index or data stream; none where there is no such one yet."""
        http_get(f"{self.url}/{target}/_refresh")
        status, text = http_get(f"{self.url}/{target}/_search?size=1000")
        return [hit["_source"] for hit in json.loads(text)["hits"]["hits"]] if status == 200 else []


class Kafka(Server):
    """A Kafka of one broker, which makes topics when they are first used."""

    def __init__(self, folder: Path) -> None:
        self._port, controller = free_ports(2)
        self.broker = f"127.0.0.1:{self._port}"
        self._jars = f"{jars('kafka')}/*"
        properties = folder / "kafka.properties"
        properties.write_text(
            "process.roles=broker,controller\nnode.id=1\nnum.partitions=3\n"
            f"controller.quorum.voters=1@127.0.0.1:{controller}\n"
            f"listeners=PLAINTEXT://{self.broker},CONTROLLER://127.0.0.1:{controller}\n"
            f"advertised.listeners=PLAINTEXT://{self.broker}\n"
            "controller.listener.names=CONTROLLER\n"
            f"log.dirs={folder / 'log'}\n"
            "offsets.topic.replication.factor=1\ntransaction.state.log.replication.factor=1\n"
            "transaction.state.log.min.isr=1\ngroup.initial.rebalance.delay.ms=0\n",
            encoding="utf-8",
        )
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()
        tool = [*_java(256), "-cp", self._jars, "kafka.tools.StorageTool", "format", "-t", cluster, "-c", properties]
        subprocess.run(tool, check=True, capture_output=True, timeout=START_SECONDS)
        super().__init__(
            [*_java(256), "-cp", self._jars, "kafka.Kafka", properties],
            ready=f"http://{self.broker}",
            within=START_SECONDS,
        )

    def _wait_until_ready(self, within: float) -> None:
        """Kafka has no address that answers HTTP: it is ready when it listens."""
        deadline = time.monotonic() + within
        while not listens(self.pid, self._port):
            assert self._process.poll() is None, f"Kafka ended at start:\n{self.output()[-4000:]}"
            assert time.monotonic() < deadline, f"not ready within {within} s:\n{self.output()[-4000:]}"
            time.sleep(0.1)

    def read(self, topic: str, count: int) -> list[tuple[int, str, bytes]]:
        """Wait for this many messages of a topic: their partition, key and value."""
        said = subprocess.run(
            [*_java(128), "-cp", self._jars, SOURCES / "Read.java", self.broker, topic, str(count)],
            check=False,
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
        )
        assert said.returncode == 0, said.stderr[-4000:]
        lines = (line.split(" ") for line in said.stdout.splitlines())
        return [(int(partition), key, base64.b64decode(value)) for partition, key, value in lines]
