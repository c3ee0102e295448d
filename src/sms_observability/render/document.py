"""How a rendered YAML document looks: a header that says what it is, plain YAML, no anchors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

_HEADER = """\
# Generated from the catalogue by `sms-observability render`. Do not edit: change the catalogue and render again.
"""


def header() -> str:
    """Give the line that says that a file is rendered, for files that are no YAML."""
    return _HEADER


class _Dumper(yaml.SafeDumper):
    """PyYAML's safe dumper, for files that people read."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002
        """Write a list out each time it is used: a reader should not have to look up an anchor."""
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002
        """Indent lists below their key."""
        super().increase_indent(flow, indentless=False)


def _represent_text(_: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """Write several lines as lines: an expression in quotes would have a blank line between any two."""
    return yaml.ScalarNode("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _represent_text)


def yaml_document(content: Mapping[str, object], *, about: str) -> str:
    """Write a document as YAML with the generated-file header.

    Args:
        content: The document, of plain dicts, lists, strings, numbers and booleans.
        about: What the file is for, one or more lines; becomes a comment.

    Returns:
        The text of the file, ending in a newline.
    """
    comment = "".join(f"# {line}".rstrip() + "\n" for line in about.splitlines())
    body = yaml.dump(dict(content), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1_000_000)
    return f"{_HEADER}#\n{comment}\n{body}"
