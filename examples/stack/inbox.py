"""Where Alertmanager's notifications arrive on one machine: it stands in for PagerDuty, Slack and the rest.

`POST /RECEIVER` takes a notification, `GET /` shows all to a person, `GET /notifications` to a program.
"""

import argparse
import html
import json
import signal
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_MOST = 1000
_notifications: list[dict[str, Any]] = []
_lock = threading.Lock()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        told = json.loads(body)
        receiver = self.path.strip("/")
        with _lock:
            for alert in told["alerts"]:
                _notifications.append({"at": time.time(), "receiver": receiver, **alert})
                sys.stdout.write(
                    f"{_clock(time.time())}  {receiver}: {alert['labels'].get('alertname')} {alert['status']}\n"
                )
            del _notifications[:-_MOST]
        sys.stdout.flush()
        self._answer(b"", "text/plain")

    def do_GET(self) -> None:
        with _lock:
            found = list(_notifications)
        if self.path == "/notifications":
            self._answer(json.dumps(found).encode(), "application/json")
        else:
            self._answer(_page(found).encode(), "text/html; charset=utf-8")

    def _answer(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that it has above
        """Say nothing of each request."""


def _page(found: list[dict[str, Any]]) -> str:
    rows = "".join(
        "<tr>" + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in _row(each, told)) + "</tr>"
        for each, told in reversed(_changes(found))
    )
    head = "".join(f"<th>{title}</th>" for title in ("at", "receiver", "alert", "status", "severity", "what", "told"))
    style = "body{font:14px sans-serif}td,th{padding:.3em .8em;text-align:left;border-bottom:1px solid #ccc}"
    return (
        f'<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="5"><title>Notifications</title>'
        f"<style>{style}</style><h1>What people would have been told</h1><table><tr>{head}</tr>{rows}</table>"
    )


def _changes(found: list[dict[str, Any]]) -> list[tuple[dict[str, Any], int]]:
    """Give what was news, each with how often it was told until the next news of the same alert."""
    changes: list[tuple[dict[str, Any], int]] = []
    places: dict[tuple[Any, ...], int] = {}
    for each in found:
        alert = (each["receiver"], *sorted(each.get("labels", {}).items()))
        place = places.get(alert)
        if place is None or changes[place][0].get("status") != each.get("status"):
            places[alert] = len(changes)
            changes.append((each, 1))
        else:
            changes[place] = (changes[place][0], changes[place][1] + 1)
    return changes


def _row(each: dict[str, Any], told: int) -> tuple[str, ...]:
    labels, texts = each.get("labels", {}), each.get("annotations", {})
    what = texts.get("summary") or texts.get("description") or ""
    alert, severity = labels.get("alertname", ""), labels.get("severity", "")
    often = "once" if told == 1 else f"{told} times"
    return (_clock(each["at"]), each["receiver"], alert, each.get("status", ""), severity, what, often)


def _clock(at: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(at))


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(prog="inbox", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    server = ThreadingHTTPServer(("127.0.0.1", parser.parse_args().port), _Handler)
    server.daemon_threads = True
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    server.serve_forever(poll_interval=0.1)


if __name__ == "__main__":
    main()
