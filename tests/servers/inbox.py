"""Where messages of Alertmanager arrive in tests: as Slack, PagerDuty, Amazon SNS and webhooks answer, and SMTP."""

from __future__ import annotations

import base64
import email
import email.policy
import json
import socketserver
import threading
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseServer
from typing import Any

from servers.listening import Listening

WITHIN = 40.0

_SNS = (
    '<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>1</MessageId>'
    "</PublishResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></PublishResponse>"
)


@dataclass(frozen=True)
class Message:
    """One request: the path it came to, its headers and what it said."""

    path: str
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.text)

    @property
    def form(self) -> dict[str, str]:
        """The body as a form."""
        return dict(urllib.parse.parse_qsl(self.text))


class _Kept(Listening):
    """Messages in the order in which they came, and a way to wait for one."""

    def __init__(self, server: BaseServer) -> None:
        self._news = threading.Condition()
        self._kept: list[Any] = []
        super().__init__(server)

    def add(self, message: Any) -> None:
        with self._news:
            self._kept.append(message)
            self._news.notify_all()

    def all(self, wanted: Callable[[Any], bool] = lambda message: True) -> list[Any]:
        """Give what has come so far."""
        with self._news:
            return [message for message in self._kept if wanted(message)]

    def wait(self, wanted: Callable[[Any], bool], what: str, count: int = 1) -> Any:
        """Give the first wanted message, or the one that makes it so many, as soon as it comes."""
        with self._news:
            came = self._news.wait_for(lambda: sum(map(wanted, self._kept)) >= count, WITHIN)
            assert came, f"not within {WITHIN} s: {what}; there came {self._kept}"
            return [message for message in self._kept if wanted(message)][count - 1]


class HttpInbox(_Kept):
    """Answers as the vendors do, and keeps what they were sent."""

    def __init__(self) -> None:
        inbox = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                text = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode("utf-8")
                status, kind, answer = 200, "text/plain", "ok"
                if self.path.startswith("/v2/enqueue"):
                    status, kind = 202, "application/json"
                    answer = json.dumps({"status": "success", "message": "Event processed", "dedup_key": "x"})
                elif self.path.startswith("/sns"):
                    kind, answer = "text/xml", _SNS
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer.encode())
                inbox.add(Message(self.path, dict(self.headers.items()), text))

            def log_message(self, *arguments: object) -> None:
                pass

        super().__init__(ThreadingHTTPServer(("127.0.0.1", 0), Handler))


@dataclass(frozen=True)
class Mail:
    """One e-mail: who it was for, who said to send it, and what it is."""

    to: tuple[str, ...]
    login: str
    message: EmailMessage

    @property
    def subject(self) -> str:
        """Its subject."""
        return str(self.message["Subject"])

    def part(self, kind: str) -> str:
        """Give the part that is `plain` or `html`."""
        body = self.message.get_body((kind,))
        assert body is not None, f"no {kind} in {self.message}"
        return str(body.get_content())


class SmtpInbox(_Kept):
    """A mail server for one sender at a time and no encryption: RFC 5321 as far as it goes, and AUTH PLAIN."""

    def __init__(self) -> None:
        inbox = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                to: list[str] = []
                login = ""
                self._say("220 inbox.test ESMTP")
                while line := self.rfile.readline():
                    verb, _, rest = line.decode("utf-8").strip().partition(" ")
                    match verb.upper():
                        case "EHLO":
                            self._say("250-inbox.test\r\n250-8BITMIME\r\n250 AUTH PLAIN")
                        case "AUTH":
                            login = base64.b64decode(rest.split()[-1]).decode("utf-8").strip("\0")
                            self._say("235 2.7.0 accepted")
                        case "RCPT":
                            to.append(rest.partition("<")[2].rstrip(">"))
                            self._say("250 ok")
                        case "DATA":
                            self._say("354 go on")
                            content = bytearray()
                            while (line := self.rfile.readline()) not in (b".\r\n", b""):
                                content += line.removeprefix(b".") if line.startswith(b"..") else line
                            self._say("250 ok")
                            parsed = email.message_from_bytes(bytes(content), policy=email.policy.default)
                            inbox.add(Mail(tuple(to), login, parsed))
                        case "QUIT":
                            self._say("221 bye")
                            return
                        case _:
                            self._say("250 ok")

            def _say(self, line: str) -> None:
                self.wfile.write(f"{line}\r\n".encode())

        class Listener(socketserver.ThreadingTCPServer):
            daemon_threads = True

            def handle_error(self, request: object, client_address: object) -> None:
                """A sender that was stopped in the middle is no error."""

        super().__init__(Listener(("127.0.0.1", 0), Handler))
