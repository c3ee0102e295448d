"""Files with rules, dashboards or expressions, read from disk; what cannot be read is a finding."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sms_observability.lint.rules.finding import RuleFinding
from sms_observability.lint.rules.queries import (
    Query,
    TooLargeError,
    kept_seconds,
    queries_in,
    says_no_environment,
    scraped_jobs,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_ENDINGS = frozenset((".yaml", ".yml", ".json", ".rules"))
_MOST_BYTES = 8 * 1024 * 1024


@dataclass(slots=True)
class Documents:
    """What was found in files.

    Attributes:
        queries: The expressions.
        findings: Files that cannot be read, or are nothing that asks Prometheus.
        scraped_jobs: Jobs of the configurations of Prometheus among them.
        retention: Seconds that each of these Prometheus keeps at least; 0 if none of them says it.
    """

    queries: list[Query] = field(default_factory=list)
    findings: list[RuleFinding] = field(default_factory=list)
    scraped_jobs: frozenset[str] = frozenset()
    retention: float = 0.0


def read_documents(paths: Iterable[Path]) -> Documents:
    """Read files and whole folders.

    Args:
        paths: Files are read whatever they are called; of folders, those that end like YAML or JSON.
    """
    documents = Documents()
    for path in paths:
        named = not path.is_dir()
        for file in (path,) if named else _files(path):
            _read(documents, file, named=named)
    return documents


def _files(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            if Path(name).suffix.lower() in _ENDINGS:
                yield Path(place, name)


def _read(documents: Documents, file: Path, *, named: bool) -> None:
    restricted = any("restricted" in part.lower() for part in file.parts)
    shown = file.as_posix()
    try:
        found = _load(file)
        asked = [queries_in(document, shown, restricted=restricted) for document in found]
    except (_UnreadableError, TooLargeError, RecursionError) as error:
        text = str(error) if not isinstance(error, RecursionError) else "it is nested without an end"
        documents.findings.append(
            RuleFinding(shown, "", "error", "file", f"the file cannot be read: {text}", "write valid YAML or JSON")
        )
        return
    for document in found:
        documents.scraped_jobs |= scraped_jobs(document)
        kept = kept_seconds(document)
        if kept is not None:
            documents.retention = min(documents.retention or kept, kept)
        if says_no_environment(document):
            documents.findings.append(
                RuleFinding(
                    *(shown, "global", "advice", "environment"),
                    "the server has no environment, so alerts about what is absent or scraped by itself have none, and "
                    "are routed and silenced with those of every other place",
                    "write global: {external_labels: {environment: production}}",
                )
            )
    if named and all(queries is None for queries in asked):
        documents.findings.append(
            RuleFinding(
                *(shown, "", "error", "file"),
                "there is nothing in it that asks Prometheus",
                "give a rule file (groups:), a Grafana dashboard (panels), or a list of {name, expr}",
            )
        )
    documents.queries += [query for queries in asked for query in queries or ()]


class _UnreadableError(ValueError):
    """A file is not what its name says."""


def _load(file: Path) -> list[Any]:
    import yaml

    try:
        if file.stat().st_size > _MOST_BYTES:
            raise _UnreadableError(f"it is larger than {_MOST_BYTES} bytes")
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise _UnreadableError("it is not UTF-8") from None
    except OSError as error:
        raise _UnreadableError(error.strerror or type(error).__name__) from None
    if file.suffix.lower() == ".json":
        try:
            return [json.loads(text)]
        except ValueError as error:
            raise _UnreadableError(" ".join(str(error).split())) from None
    try:
        return list(yaml.safe_load_all(text))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = f" in line {mark.line + 1}" if mark is not None else ""
        raise _UnreadableError(f"{error.problem or 'broken YAML'}{line}") from None
    except (yaml.YAMLError, ValueError) as error:
        # Dates that do not exist, and numbers without an end, are no YAMLError.
        raise _UnreadableError(f"broken YAML ({type(error).__name__})") from None
