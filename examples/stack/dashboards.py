"""The dashboards for a person, without a Grafana: each time somebody looks, all that they ask is asked anew.

`GET /` gives one page with every dashboard, at most ten seconds old.
"""

import argparse
import signal
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from examples.portal.processes import ROOT

FRESH_SECONDS = 10.0
_COMMAND = (sys.executable, "-m", "sms_observability.cli", "dashboards", "preview")


class _Page:
    """The page as it was made last."""

    def __init__(self, arguments: list[str], folder: Path) -> None:
        self._file = folder / "dashboards.html"
        self._arguments = arguments
        self._made = float("-inf")
        self._lock = threading.Lock()

    def get(self) -> tuple[int, bytes]:
        """Give status and page."""
        with self._lock:
            if time.monotonic() - self._made > FRESH_SECONDS:
                command = [*_COMMAND, *self._arguments, "--output", str(self._file)]
                done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)  # noqa: S603 - our own
                sys.stdout.write(done.stdout.decode("utf-8", "replace") + done.stderr.decode("utf-8", "replace"))
                sys.stdout.flush()
                self._made = time.monotonic()
            return (200, self._file.read_bytes()) if self._file.exists() else (503, b"no page yet: see the log")


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(prog="dashboards", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    own, arguments = parser.parse_known_args()
    with tempfile.TemporaryDirectory(prefix="sms-dashboards-") as folder:
        page = _Page(arguments, Path(folder))

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, body = (200, b"up") if self.path == "/up" else page.get()
                self.send_response(status)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that it has above
                """Say nothing of each request."""

        server = ThreadingHTTPServer(("127.0.0.1", own.port), Handler)
        server.daemon_threads = True
        signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
        server.serve_forever(poll_interval=0.1)


if __name__ == "__main__":
    main()
