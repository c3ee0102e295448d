"""The types of the catalogue's instruments: `metrics/_instruments.pyi`, in which a wrong label is an error.

Run `python -m sms_observability.render.stubs` in this repository after a change of the catalogue; with `--check` it
only says whether the file is up to date (exit 1 if not).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sms_observability.catalog import SMS_CATALOG

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sms_observability.catalog import Catalog, Field, Metric

STUB = Path(__file__).parents[1] / "metrics" / "_instruments.pyi"
"""Where the rendered text belongs."""

_HEAD = '''\
# ruff: noqa: PYI021 - the descriptions are what an editor shows
"""Rendered from the catalogue by `python -m sms_observability.render.stubs`: do not edit."""

from decimal import Decimal
from typing import Final, Literal, TypeAlias, final

from sms_observability.catalog import Metric
from sms_observability.privacy import Restricted

_Amount: TypeAlias = float | Decimal
_RestrictedAmount: TypeAlias = _Amount | Restricted[Decimal] | Restricted[float] | Restricted[int]
'''
_VERBS = {"counter": "add", "updowncounter": "add", "histogram": "record", "gauge": "set"}
_TYPES = {"string": "str", "int": "int", "float": "float", "bool": "bool"}


def render_instruments(catalog: Catalog) -> str:
    """Give the text of the stub for a catalogue's own metrics.

    Args:
        catalog: The declared metrics; those under semantic conventions and of other programs have no instrument.

    Example:
        >>> "class _PartsQuotesRequested(Metric):" in render_instruments(SMS_CATALOG)
        True
    """
    own = [metric for metric in catalog.metrics.values() if metric.source == "sms"]
    public = [metric for metric in own if metric.access == "public"]
    restricted = [metric for metric in own if metric.access != "public"]
    aliases = _aliases(own)
    blocks = [
        "__all__ = [\n" + "".join(f'    "{name}",\n' for name in sorted(["restricted", *_names(public)])) + "]\n",
        "\n".join(_alias(name, values) for values, name in aliases.items()),
        *(_class(metric, aliases) for metric in own),
        _namespace(restricted),
        "".join(f"{metric.python_name}: Final[{_class_name(metric)}]\n" for metric in public)
        + "restricted: Final[_Restricted]\n",
    ]
    return _HEAD + "\n" + "\n".join(blocks)


def _names(metrics: Iterable[Metric]) -> list[str]:
    return [metric.python_name for metric in metrics]


def _aliases(metrics: Iterable[Metric]) -> dict[tuple[str, ...], str]:
    aliases: dict[tuple[str, ...], str] = {}
    for metric in metrics:
        for label in metric.labels:
            if label.values is not None and label.values not in aliases:
                name = "_" + _camel(label.name)
                taken = sum(known.rstrip("0123456789") == name for known in aliases.values())
                aliases[label.values] = f"{name}{taken + 1}" if taken else name
    return aliases


def _alias(name: str, values: tuple[str, ...]) -> str:
    return f"{name}: TypeAlias = Literal[\n" + "".join(f'    "{value}",\n' for value in values) + "]\n"


def _class(metric: Metric, aliases: dict[tuple[str, ...], str]) -> str:
    amount = "_Amount" if metric.access == "public" else "_RestrictedAmount"
    default = " = 1" if _VERBS[metric.kind] == "add" else ""
    labels = [f"{label.name}: {_type(label, aliases)} | None = None" for label in metric.labels]
    parameters = ["self", f"amount: {amount}{default}", "/", *(["*", *labels] if labels else [])]
    signature = "".join(f"        {parameter},\n" for parameter in parameters)
    unit = f" in {metric.unit}" if metric.unit else ""
    return (
        f"@final\nclass {_class_name(metric)}(Metric):\n"
        f'    """{metric.description}.\n\n'
        f"    A {metric.kind}{unit}; in Prometheus `{metric.prometheus_name}`.\n"
        '    """\n\n'
        f"    def {_VERBS[metric.kind]}(\n{signature}    ) -> None: ...\n"
    )


def _namespace(metrics: Iterable[Metric]) -> str:
    return "@final\nclass _Restricted:\n" + "".join(
        f"    {metric.python_name}: Final[{_class_name(metric)}]\n" for metric in metrics
    )


def _type(label: Field, aliases: dict[tuple[str, ...], str]) -> str:
    return aliases[label.values] if label.values is not None else _TYPES[label.type]


def _class_name(metric: Metric) -> str:
    return ("_" if metric.access == "public" else "_Restricted") + _camel(metric.python_name)


def _camel(name: str) -> str:
    return "".join(word.capitalize() for word in name.replace(".", "_").split("_"))


def main(arguments: list[str]) -> int:
    """Write the stub, or with `--check` only compare it."""
    text = render_instruments(SMS_CATALOG)
    if STUB.exists() and STUB.read_text("utf-8") == text:
        return 0
    if "--check" in arguments:
        sys.stderr.write(f"{STUB.name} is not as the catalogue wants it: python -m sms_observability.render.stubs\n")
        return 1
    STUB.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
