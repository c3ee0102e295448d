"""A server of the standard library on a thread of the test."""

from __future__ import annotations

import threading
from socketserver import BaseServer
from types import TracebackType
from typing import Self


class Listening:
    """Serves from its making until it is closed.

    Args:
        server: It is bound to its port already.
    """

    def __init__(self, server: BaseServer) -> None:
        host, port = server.server_address[:2]
        self.address = f"{host}:{port}"
        self._server = server
        self._thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it is, over HTTP."""
        return f"http://{self.address}"

    def close(self) -> None:
        """Take no more, and let go of the port."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
