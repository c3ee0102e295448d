"""What an OpenSearch lacks to take bulk requests meant for Elasticsearch 8.12: it does not know one word of them."""

from __future__ import annotations

import gzip
import json
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from servers.listening import Listening
from servers.process import loopback

_WORD = "require_data_stream"


class ElasticDoor(Listening):
    """Hands every request on to an OpenSearch, without ``require_data_stream`` in its actions, which it refuses.

    By this word Elasticsearch makes no plain index where a data stream is missing; nothing else of a request changes.
    ``actions`` holds the actions as they came.

    Args:
        behind: Address of the OpenSearch.
    """

    def __init__(self, behind: str) -> None:
        self.actions: list[dict[str, object]] = []
        door = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _hand_on(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                if self.path.partition("?")[0].endswith("/_bulk"):
                    body = door._without_the_word(body)
                headers = {"Content-Type": self.headers["Content-Type"]} if body else {}
                request = urllib.request.Request(
                    f"{behind}{self.path}", data=body or None, headers=headers, method=self.command
                )
                try:
                    with loopback.open(request, timeout=60) as answer:
                        status, said, kind = answer.status, answer.read(), answer.headers["Content-Type"]
                except urllib.error.HTTPError as refusal:
                    with refusal:
                        status, said, kind = refusal.code, refusal.read(), refusal.headers["Content-Type"]
                self.send_response(status)
                self.send_header("Content-Type", kind or "application/json")
                self.send_header("X-Elastic-Product", "Elasticsearch")
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            do_GET = do_HEAD = do_PUT = do_POST = _hand_on

            def log_message(self, format: str, *args: object) -> None:
                """Stay quiet."""

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True

        super().__init__(Quiet(("127.0.0.1", 0), Handler))

    def _without_the_word(self, body: bytes) -> bytes:
        lines = body.split(b"\n")
        for number in range(0, len(lines) - 1, 2):
            action = json.loads(lines[number])
            ((_, about),) = action.items()
            self.actions.append(json.loads(lines[number]))
            about.pop(_WORD, None)
            lines[number] = json.dumps(action).encode()
        return b"\n".join(lines)
