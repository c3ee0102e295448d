"""What the two plan documents ask for, read from the documents themselves."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import yaml

PLAN = Path(__file__).parent / "plan"

_NAMES = ("alert", "panel", "task", "name", "step", "check", "option", "track", "detect", "log")
"""A mapping that has one of these keys is one thing, called as it says."""

_fence = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_heading = re.compile(r"^#{2,3} +(.+?) *$", re.MULTILINE)
_numbered = re.compile(r"\d+\.\d+").match
_bullet = re.compile(r"^(?:- |\d+\. )\*\*(.+?):?\*\*", re.MULTILINE)
_plain_bullet = re.compile(r"^- (.+)$", re.MULTILINE)
_row = re.compile(r"^\| ([^|]+?) +\|(.*)\|$", re.MULTILINE)


def plan_items() -> set[tuple[str, str]]:
    """Give section and name of everything in the monitoring plan."""
    found: set[tuple[str, str]] = set()
    for heading, text in _sections((PLAN / "observability-plan.md").read_text("utf-8")):
        numbered = _numbered(heading)
        if numbered is None:
            continue
        section = numbered.group()
        fences = _fence.findall(text)
        for language, content in fences:
            data = json.loads(content) if language == "json" else yaml.safe_load(_mended(content))
            found |= {(section, name) for name in _things(data)}
        if not fences:
            names = _plain_bullet.findall(text)
            names += [cell.strip() for row in _table(text) for cell in "|".join(row).split("|") if cell.strip()]
            found |= {(section, name) for name in names}
    return found


def target_items() -> set[tuple[str, str]]:
    """Give section and name of everything in the document of targets."""
    found: set[tuple[str, str]] = set()
    chapter = ""
    for heading, text in _sections((PLAN / "monitoring-dashboard.md").read_text("utf-8"), chapters=True):
        if heading.startswith("## "):
            chapter = heading.removeprefix("## ").strip()
            continue
        section = f"{chapter} / {heading.removeprefix('### ')}"
        found |= {(section, name) for name in _bullet.findall(text)}
        found |= {(section, first) for first, _ in _table(text)}
        found |= {
            (section, line.split(":")[0].strip())
            for _, content in _fence.findall(text)
            for line in content.splitlines()
            if ":" in line
        }
    return found


def _mended(content: str) -> str:
    """One text of the plan begins further to the right than it goes on, which YAML refuses."""
    return content.replace("\n       **INCIDENT", "\n      **INCIDENT")


def _sections(text: str, *, chapters: bool = False) -> Iterator[tuple[str, str]]:
    """Give each heading with what stands below it."""
    headings = list(_heading.finditer(text))
    for number, found in enumerate(headings):
        end = headings[number + 1].start() if number + 1 < len(headings) else len(text)
        yield (found.group() if chapters else found.group(1)), text[found.end() : end]


def _table(text: str) -> list[tuple[str, str]]:
    rows = [(first.strip(), rest) for first, rest in _row.findall(text)]
    return [] if not rows else [row for row in rows[1:] if not set(row[0]) <= set("-: ")]


def _things(node: Any, key: str = "") -> Iterator[str]:
    if isinstance(node, dict):
        content = cast("dict[str, Any]", node)
        name = next((str(content[each]) for each in _NAMES if isinstance(content.get(each), str)), "")
        if name:
            yield name
        elif "description" in content and "labels" in content:
            yield key
        elif "match" in content:
            yield ", ".join(f"{label}: {value}" for label, value in content["match"].items())
        elif "level" in content and "delay" in content:
            yield f"{key} level {content['level']}"
        elif "definition" in content:
            yield key
        else:
            for inner, value in content.items():
                yield from _things(value, _joined(key, inner))
    elif isinstance(node, list):
        for each in cast("list[Any]", node):
            yield from _things(each, key)
    elif isinstance(node, str) and "\n" in node:
        yield key
    else:
        yield f"{key}: {node}" if key else str(node)


def _joined(key: str, inner: str) -> str:
    """Name a thing by its last two keys: further up stands the section's title only."""
    return f"{key.rpartition('.')[2]}.{inner}" if key else inner
