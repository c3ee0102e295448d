"""A Prometheus, or the log store beside it, that is asked what a panel wants to know."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import urllib3

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sms_observability.cli.dashboards.span import Span

_TIMEOUT = urllib3.Timeout(connect=5, read=30)
_TEXTS = re.compile(r'"(?:[^"\\]|\\.)*"')
_NAMES = re.compile(r"(?<![\w:$])([a-zA-Z_:][\w:]*)\s*(?=[{\[]|$|[\s)])")
_WORDS = frozenset(
    "by without on ignoring group_left group_right or and unless bool offset sum min max avg count topk".split()  # noqa: SIM905
)
_WORDS_BEFORE_LISTS = re.compile(r"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)")


class AnswerError(Exception):
    """The server could not be asked, or refused the question; the message says why."""


class Prometheus:
    """A server with Prometheus' query API.

    Args:
        url: Its address, such as `http://127.0.0.1:9090`.
        headers: Sent with each request, such as an authorisation.
    """

    def __init__(self, url: str, headers: Mapping[str, str] | None = None) -> None:
        self.url = url.rstrip("/")
        self._pool = urllib3.PoolManager(timeout=_TIMEOUT, retries=False, headers=dict(headers or {}))

    def instant(self, expr: str, at: float) -> list[dict[str, Any]]:
        """Ask what is true at a moment; a point for each series.

        Raises:
            AnswerError: There is no answer.
        """
        data = self._ask("query", {"query": expr, "time": f"{at:.3f}"})
        if data["resultType"] == "scalar":
            return [{"metric": {}, "values": [data["result"]]}]
        return [{"metric": each["metric"], "values": [each["value"]]} for each in data["result"]]

    def over(self, expr: str, span: Span) -> list[dict[str, Any]]:
        """Ask how it went; points for each series.

        Raises:
            AnswerError: There is no answer.
        """
        asked = {"query": expr, "start": f"{span.start:.3f}", "end": f"{span.end:.3f}", "step": str(span.step)}
        return [
            {"metric": each["metric"], "values": each["values"]} for each in self._ask("query_range", asked)["result"]
        ]

    def values(self, label: str, selector: str, span: Span) -> list[str]:
        """Give the values that a label has.

        Raises:
            AnswerError: There is no answer.
        """
        asked = {"match[]": selector, "start": f"{span.start:.3f}", "end": f"{span.end:.3f}"}
        return sorted(self._ask(f"label/{label}/values", asked))

    def dots(self, expr: str, span: Span) -> list[dict[str, Any]]:
        """Give exemplars: single measurements that lead to a trace, the newest last.

        Raises:
            AnswerError: There is no answer.
        """
        asked = {"query": expr, "start": f"{span.start:.3f}", "end": f"{span.end:.3f}"}
        found = [each for series in self._ask("query_exemplars", asked) for each in series["exemplars"]]
        return sorted(found, key=lambda each: float(each["timestamp"]))

    def missing(self, expr: str, span: Span) -> list[str]:
        """Give the metrics of an expression that have had no series within a time.

        Raises:
            AnswerError: There is no answer.
        """
        bare = _WORDS_BEFORE_LISTS.sub("", _TEXTS.sub('""', expr))
        names = sorted({name for name in _NAMES.findall(bare) if name not in _WORDS})
        return [name for name in names if not self.values("__name__", name, span)]

    def _ask(self, path: str, asked: Mapping[str, str]) -> Any:
        return ask(self._pool, f"{self.url}/api/v1/{path}?{urlencode(asked)}")["data"]


class Logs:
    """A VictoriaLogs, or what speaks its query API.

    Args:
        url: Its address, such as `http://127.0.0.1:9428`.
    """

    LIMIT = 100

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._pool = urllib3.PoolManager(timeout=_TIMEOUT, retries=False)

    def lines(self, query: str, span: Span) -> list[dict[str, str]]:
        """Give the newest lines that a LogsQL query finds.

        Raises:
            AnswerError: There is no answer.
        """
        asked = {"query": query, "start": f"{span.start:.3f}", "end": f"{span.end:.3f}", "limit": str(self.LIMIT)}
        text = _body(self._pool, f"{self.url}/select/logsql/query?{urlencode(asked)}")
        found: list[dict[str, str]] = [json.loads(line) for line in text.splitlines() if line.strip()]
        return sorted(found, key=lambda line: line.get("_time", ""), reverse=True)


def ask(pool: urllib3.PoolManager, url: str) -> Any:
    """Give the JSON that is answered.

    Raises:
        AnswerError: There is none.
    """
    try:
        return json.loads(_body(pool, url))
    except ValueError:
        raise AnswerError(f"{_host(url)} did not answer with JSON: is it a Prometheus?") from None


def _body(pool: urllib3.PoolManager, url: str) -> str:
    try:
        answer = pool.request("GET", url)
    except urllib3.exceptions.HTTPError as error:
        raise AnswerError(f"{_host(url)} cannot be reached ({type(error).__name__}): is it running?") from None
    text = answer.data.decode("utf-8", "replace")
    if answer.status >= 400:  # noqa: PLR2004 - HTTP
        raise AnswerError(f"{_host(url)} answered {answer.status}: {_reason(text)}")
    return text


def _reason(text: str) -> str:
    try:
        return str(json.loads(text)["error"])
    except (ValueError, KeyError, TypeError):
        return text[:200]


def _host(url: str) -> str:
    return "/".join(url.split("/")[:3])
