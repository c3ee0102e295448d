"""The ways in which Python and its libraries show a value: none shows a restricted one."""

from __future__ import annotations

import ast
import csv
import dataclasses
import datetime as dt
import gc
import inspect
import io
import json
import logging
import pprint
import reprlib
import string
import sys
import traceback
import types
import warnings
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import structlog
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from rich.console import Console
from rich.pretty import pretty_repr

from sms_observability.logs.message import formatted
from sms_observability.privacy import PLACEHOLDER, Restricted, RestrictedValueError
from sms_observability.sanitise import sanitise_text, sanitise_value

if TYPE_CHECKING:
    from collections.abc import Callable

SECRET = "4711.0815"
FRAGMENT = "4711"


@dataclasses.dataclass
class Offer:
    part: str
    cost: Restricted[Decimal]


class Row(NamedTuple):
    part: str
    cost: Restricted[Decimal]


class Quote(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)
    part: str
    cost: Restricted[Decimal]


class Loose(BaseModel):
    anything: Any


def logged(template: str, value: object) -> str:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logger = logging.Logger("render")
    logger.addHandler(handler)
    logger.warning(template, value, extra={"cost": value})
    return stream.getvalue()


def structlogged(value: object, *processors: Any) -> str:
    stream = io.StringIO()
    logger = structlog.wrap_logger(structlog.PrintLogger(stream), processors=list(processors))
    logger.warning("Quoted", cost=value)
    return stream.getvalue()


def frames_with_locals(value: Restricted[Any]) -> str:
    cost = value  # noqa: F841 - the frame's local is the point
    try:
        _fails(value)
    except (ZeroDivisionError, RestrictedValueError) as error:
        return "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    return ""


def _fails(cost: Restricted[Any]) -> None:
    rate = cost / 0
    del rate


def debugger_dump(value: object) -> str:
    """What a debugger shows when a variable is opened: every attribute that `dir` names, and the slots."""
    names = {*dir(value), *object.__dir__(value), "_content", "_value", "value", "_Restricted__value"}
    for cls in type(value).__mro__:
        names |= {*getattr(cls, "__slots__", ()), *vars(cls)}
    shown: list[str] = [repr(value), repr(vars(value)), repr(inspect.getmembers(value))]
    for name in names:
        try:
            attribute = getattr(value, name)
            shown.append(f"{name}={attribute!r} {getattr(attribute, '__closure__', None)!r}")
        except AttributeError:
            continue
    return "\n".join(shown)


def rich_text(value: object) -> str:
    console = Console(file=io.StringIO(), width=200)
    console.print(value, {"cost": value})
    from rich import inspect as rich_inspect

    rich_inspect(value, console=console, all=True)
    return str(console.file.getvalue())  # type: ignore[attr-defined]


def warned(value: object) -> str:
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        warnings.warn(f"cost is {value}", stacklevel=1)
    return str([one.message for one in seen])


def sibling_missing(value: Restricted[Any]) -> str:
    with pytest.raises(ValidationError) as caught:
        Quote.model_validate({"cost": Decimal(SECRET)})
    return str(caught.value) + str(value)


def wrong_input(value: Restricted[Any]) -> str:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(Restricted[Decimal]).validate_python(f"{FRAGMENT},--")
    return f"{caught.value} {caught.value.errors()} {caught.value.json()} {caught.value.__context__} {value}"


def as_csv(value: object) -> str:
    stream = io.StringIO()
    csv.writer(stream).writerow([value])
    return stream.getvalue()


def with_printed(value: object) -> str:
    stream = io.StringIO()
    print(value, [value], file=stream)
    return stream.getvalue()


PATHS: dict[str, Callable[[Restricted[Any]], str]] = {
    "str": str,
    "repr": repr,
    "ascii": ascii,
    "format": format,
    "format with a specification": lambda value: format(value, "010.2f"),
    "f-string": lambda value: f"{value}",
    "f-string with a specification": lambda value: f"{value:>12,.2f}",
    "f-string by conversion": lambda value: f"{value!r:>20}",
    "f-string for debugging": lambda value: f"{value=}",
    "str.format": lambda value: f"{value:.3e}",
    "str.format with an attribute": lambda value: "{0.__class__.__name__}{0}".format(value),  # noqa: UP032
    "percent s": lambda value: "%s" % (value,),  # noqa: UP031
    "percent r": lambda value: "%r" % (value,),  # noqa: UP031
    "percent d, as logging formats it": lambda value: formatted("%d", (value,)),
    "percent .2f, as logging formats it": lambda value: formatted("%-*.2f|%s", (9, value, "x")),
    "percent name, as logging formats it": lambda value: formatted("%(cost)8.2f", {"cost": value}),
    "template": lambda value: string.Template("$cost").substitute(cost=value),
    "print": with_printed,
    "list": lambda value: str([value]),
    "tuple, set and dict": lambda value: str(((value,), {value}, {value: value})),
    "pprint": lambda value: pprint.pformat({"cost": value}),
    "reprlib": lambda value: reprlib.repr([value]),
    "dataclass": lambda value: repr(Offer("bolt", value)),
    "dataclasses.asdict": lambda value: str(dataclasses.asdict(Offer("bolt", value))),
    "named tuple": lambda value: repr(Row("bolt", value)._asdict()),
    "simple namespace": lambda value: repr(types.SimpleNamespace(cost=value)),
    "json with default": lambda value: json.dumps({"cost": value}, default=str),
    "csv": as_csv,
    "vars": lambda value: str(vars(value)),
    "__dict__": lambda value: str(value.__dict__),
    "debugger dump": debugger_dump,
    "exception": lambda value: "".join(traceback.format_exception_only(ValueError("bad cost", value))),
    "key error": lambda value: str(KeyError(value)),
    "traceback with locals": frames_with_locals,
    "warning": warned,
    "logging": lambda value: logged("cost %s", value),
    "logging with a mapping": lambda value: logged("cost %(cost)s", {"cost": value}),
    "structlog console": lambda value: structlogged(value, structlog.dev.ConsoleRenderer(colors=False)),
    "structlog json": lambda value: structlogged(value, structlog.processors.JSONRenderer()),
    "structlog key and value": lambda value: structlogged(value, structlog.processors.KeyValueRenderer()),
    "structlog logfmt": lambda value: structlogged(value, structlog.processors.LogfmtRenderer()),
    "rich": rich_text,
    "rich pretty": lambda value: pretty_repr({"cost": value}),
    "pydantic repr": lambda value: repr(Quote(part="bolt", cost=value)),
    "pydantic dump": lambda value: str(Quote(part="bolt", cost=value).model_dump()),
    "pydantic json": lambda value: Quote(part="bolt", cost=value).model_dump_json(),
    "pydantic json of an Any field": lambda value: Loose(anything=[value]).model_dump_json(),
    "pydantic error of a sibling": sibling_missing,
    "pydantic error of the field": wrong_input,
    "our sanitiser": lambda value: str(sanitise_value({"cost": value})),
    "our sanitiser's text": sanitise_text,
    "current frame": lambda value: str({**sys._getframe().f_locals, "own": value}),
}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("secret", [Decimal(SECRET), float(SECRET), SECRET], ids=["Decimal", "float", "str"])
def test_no_path_shows_the_value(path: str, secret: object) -> None:
    """Each gives the placeholder, and none raises."""
    text = PATHS[path](Restricted(secret))
    assert FRAGMENT not in text
    assert PLACEHOLDER in text


CONTROL = [
    name
    for name in PATHS
    if not name.startswith(
        ("pydantic", "vars", "__dict__", "debugger", "traceback", "str.format with", "f-string with a")
    )
]


@pytest.mark.parametrize("path", CONTROL)
def test_the_search_finds_a_plain_value(path: str) -> None:
    """The control run: what the paths show of a number that is not restricted."""
    plain: Any = Decimal(SECRET)
    assert FRAGMENT in PATHS[path](plain).replace(".", "")


def test_more_than_the_37_measured_paths_are_tried() -> None:
    """The table does not shrink."""
    assert len(PATHS) >= 37


def test_a_dump_of_the_objects_in_memory_shows_the_wrapper_as_the_placeholder() -> None:
    """What garbage collection lists of all objects names no figure beside a wrapper."""
    value = Restricted(dt.timedelta(seconds=4711))
    assert all(FRAGMENT not in repr(found) for found in gc.get_objects() if type(found) is Restricted)
    assert ast.literal_eval(repr({"a": 1})) == {"a": 1}
    assert repr(value) == PLACEHOLDER
