"""What answers in place of Kubernetes' API server: the endpoint slice of one headless service, listed and watched."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from servers.listening import Listening

TOKEN = "of-the-test"

_KUBECONFIG = """
apiVersion: v1
kind: Config
clusters: [{{name: test, cluster: {{server: "{url}", certificate-authority: "{authority}"}}}}]
users: [{{name: gateway, user: {{token: {token}}}}}]
contexts: [{{name: test, context: {{cluster: test, user: gateway}}}}]
current-context: test
"""


class Cluster(Listening):
    """An API server that knows one service, and may be told that its pods have changed.

    Args:
        service: Its name.
        namespace: Where it is.
        folder: Holds ``gateway.crt``, ``gateway.key`` and ``ca.crt`` (``servers.ship``).
    """

    def __init__(self, service: str, namespace: str, folder: Path) -> None:
        self.asked: set[str] = set()
        self._service, self._namespace, self._folder = service, namespace, folder
        self._pods: Mapping[str, str] = {}
        self._version = 1
        self._changed = threading.Condition()
        self._closed = False
        cluster = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                """Answer a list at once, a watch for as long as the other side listens."""
                url = urlsplit(self.path)
                query = {name: values[0] for name, values in parse_qs(url.query).items()}
                watch = query.get("watch") in ("1", "true")
                cluster.asked.add(f"{'watch' if watch else 'list'} {url.path}")
                if self.headers["Authorization"] != f"Bearer {TOKEN}":
                    self._whole(401, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 401})
                elif url.path != cluster.path or query.get("labelSelector") != cluster.selector:
                    self._whole(404, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 404})
                elif watch:
                    self._stream(query)
                else:
                    self._whole(200, cluster.listed())

            def _whole(self, status: int, document: Any) -> None:
                body = json.dumps(document).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def _stream(self, query: Mapping[str, str]) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                seen = int(query.get("resourceVersion") or 0)
                if query.get("sendInitialEvents") == "true":
                    version = cluster.version
                    self._event("ADDED", cluster.slice())
                    self._event("BOOKMARK", cluster.bookmark())
                    seen = version
                try:
                    while (version := cluster.newer_than(seen)) is not None:
                        if version != seen:
                            self._event("MODIFIED", cluster.slice())
                        seen = version
                except OSError:
                    self.close_connection = True

            def _event(self, kind: str, subject: Any) -> None:
                line = json.dumps({"type": kind, "object": subject}).encode() + b"\n"
                self.wfile.write(f"{len(line):x}\r\n".encode() + line + b"\r\n")
                self.wfile.flush()

            def log_message(self, format: str, *args: object) -> None:
                """Stay quiet."""

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True

        server = Quiet(("127.0.0.1", 0), Handler)
        # A client gives its token to nobody who is not known by certificate.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "gateway.crt", folder / "gateway.key")
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        super().__init__(server)

    @property
    def path(self) -> str:
        """Where its endpoint slices are."""
        return f"/apis/discovery.k8s.io/v1/namespaces/{self._namespace}/endpointslices"

    @property
    def selector(self) -> str:
        """By which label the service's slices are found."""
        return f"kubernetes.io/service-name={self._service}"

    @property
    def version(self) -> int:
        """The resource version of the latest change."""
        return self._version

    def tell(self, pods: Mapping[str, str]) -> None:
        """Say which pods (hostname and address) are behind the service from now on."""
        with self._changed:
            self._pods = dict(pods)
            self._version += 1
            self._changed.notify_all()

    def kubeconfig(self) -> Path:
        """Write what a client needs to find this server, and give its place."""
        file = self._folder / "kubeconfig"
        url, authority = f"https://localhost:{self.address.rpartition(':')[2]}", self._folder / "ca.crt"
        file.write_text(_KUBECONFIG.format(url=url, authority=authority, token=TOKEN), encoding="utf-8")
        return file

    def slice(self) -> dict[str, Any]:
        """Give the endpoint slice as it is now."""
        return {
            "kind": "EndpointSlice",
            "apiVersion": "discovery.k8s.io/v1",
            "metadata": {
                "name": f"{self._service}-x",
                "namespace": self._namespace,
                "uid": "1",
                "resourceVersion": str(self._version),
                "labels": {"kubernetes.io/service-name": self._service},
            },
            "addressType": "IPv4",
            "endpoints": list(_endpoints(self._pods.items())),
            "ports": [],
        }

    def listed(self) -> dict[str, Any]:
        """Give the list of slices."""
        return {
            "kind": "EndpointSliceList",
            "apiVersion": "discovery.k8s.io/v1",
            "metadata": {"resourceVersion": str(self._version)},
            "items": [self.slice()],
        }

    def bookmark(self) -> dict[str, Any]:
        """Give what ends the events by which a watch begins."""
        metadata = {"resourceVersion": str(self._version), "annotations": {"k8s.io/initial-events-end": "true"}}
        return {"kind": "EndpointSlice", "apiVersion": "discovery.k8s.io/v1", "metadata": metadata}

    def newer_than(self, version: int) -> int | None:
        """Wait until something has changed, and give the version; nothing when the server closes."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._version > version, timeout=60)
            return None if self._closed else max(version, self._version)

    def close(self) -> None:
        """End all watches, and let go of the port."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        super().close()


def _endpoints(pods: Iterable[tuple[str, str]]) -> Iterable[dict[str, Any]]:
    for hostname, address in pods:
        yield {"addresses": [address], "hostname": hostname, "conditions": {"ready": True}}
