"""A real browser, driven over its own protocol: what a page draws, and what it complains about."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest
from websockets.sync.client import ClientConnection, connect

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-quic", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--hide-scrollbars"),
)
START_SECONDS = 90.0


def browser_program() -> str:
    """Give the browser on PATH; without one the test says loudly that it has not been made."""
    for name in NAMES:
        if found := shutil.which(name):
            return found
    pytest.skip("NOT TESTED: the preview page was not opened, no Chromium is on PATH (Debian: chromium-headless-shell)")


class Browser:
    """A browser with one page."""

    def __init__(self, width: int = 1500, height: int = 1000) -> None:
        self._home = tempfile.TemporaryDirectory(prefix="sms-browser-", ignore_cleanup_errors=True)
        self._output = Path(self._home.name) / "output"
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                [
                    browser_program(), *FLAGS, f"--window-size={width},{height}", "--remote-debugging-port=0",
                    f"--user-data-dir={self._home.name}/profile", "about:blank",
                ],
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        self.events: list[dict[str, Any]] = []
        self._number = 0
        self._session = ""
        self._stack = ExitStack()
        self._connection: ClientConnection | None = None

    def __enter__(self) -> Self:
        try:
            opened = connect(self._address(), max_size=None, open_timeout=START_SECONDS, proxy=None)
            self._connection = self._stack.enter_context(opened)
            pages = self.call("Target.getTargets")["targetInfos"]
            (page,) = (each["targetId"] for each in pages if each["type"] == "page")
            self._session = self.call("Target.attachToTarget", targetId=page, flatten=True)["sessionId"]
            for domain in ("Page", "Runtime", "Log", "Network"):
                self.call(f"{domain}.enable")
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(30)
        self._home.cleanup()

    def call(self, method: str, **parameters: Any) -> Any:
        """Call a method of the protocol, and keep the events that come meanwhile."""
        assert self._connection is not None
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        self._connection.send(json.dumps({**message, "sessionId": self._session} if self._session else message))
        while True:
            answer = json.loads(self._connection.recv(timeout=START_SECONDS))
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return answer["result"]
            self.events.append(answer)

    def open(self, page: Path, *, when: str) -> None:
        """Open a file, and wait until an expression of JavaScript is true."""
        self.call("Page.navigate", url=page.as_uri())
        deadline = time.monotonic() + START_SECONDS
        while not self.evaluate(f"Boolean({when})"):
            assert time.monotonic() < deadline, f"not within {START_SECONDS} s: {when}; {self.complaints()}"
            time.sleep(0.1)

    def evaluate(self, expression: str) -> Any:
        """Give the value of an expression of JavaScript."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def complaints(self) -> list[str]:
        """Give errors and warnings: of the console, exceptions, refused loads."""
        found: list[str] = []
        for event in self.events:
            method, told = event.get("method"), event.get("params", {})
            if method == "Runtime.exceptionThrown":
                found.append(json.dumps(told["exceptionDetails"])[:500])
            elif method == "Runtime.consoleAPICalled" and told["type"] in ("error", "warning", "assert"):
                found.append(json.dumps(told["args"])[:500])
            elif method == "Log.entryAdded" and told["entry"]["level"] in ("error", "warning"):
                found.append(told["entry"]["text"])
            elif method == "Network.loadingFailed":
                found.append(json.dumps(told)[:500])
        return found

    def asked(self) -> list[str]:
        """Give the addresses that the page has asked for."""
        return [
            event["params"]["request"]["url"]
            for event in self.events
            if event.get("method") == "Network.requestWillBeSent"
        ]

    def picture(self, file: Path, selector: str) -> None:
        """Save a picture of an element."""
        box = self.evaluate(
            f"(() => {{ const box = document.querySelector({selector!r}).getBoundingClientRect();"
            " return {x: box.x + scrollX, y: box.y + scrollY, width: box.width, height: box.height, scale: 1} })()"
        )
        shot = self.call("Page.captureScreenshot", format="png", clip=box, captureBeyondViewport=True)
        file.write_bytes(base64.b64decode(shot["data"]))

    def _address(self) -> str:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if found := re.search(r"ws://\S+", self._output.read_text("utf-8", "replace")):
                return found.group()
            assert self._process.poll() is None, self._output.read_text("utf-8", "replace")
            time.sleep(0.05)
        raise AssertionError(self._output.read_text("utf-8", "replace"))
