"""Numbers as people and programs write them: what forms a figure takes, and where a text holds one.

A figure is an amount without its sign, in millionths, as an `int`: exact for money, and free of the noise that floats
collect. Everything here is total: what is no number, or is beyond a thousand billion, is no figure.
"""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

UNIT = 1_000_000
"""One, in millionths."""

_LARGEST = 10**15
_EXPONENT = 15
_STEPS = (UNIT // 10_000, UNIT // 1_000, UNIT // 100, UNIT // 10, UNIT)

# How many digits must matter, and how large a whole number must be, for a form to be worth looking for.
_EXACT = (3, 1_000 * UNIT)
_SCALED = (4, 1_000 * UNIT)
_ROUNDED = (4, 10_000 * UNIT)

_LEAVES = 64

_tokens = re.compile(
    r"""
    (?P<skip>
        (?<![0-9A-Za-z])[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}(?![0-9A-Za-z])
      | (?<![0-9A-Za-z])(?=[0-9]*[a-f])[0-9a-f]{16,}(?![0-9A-Za-z]|\.[0-9])
      | (?<![0-9.])(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(?:\.(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])){3}(?![0-9.])
      | (?<![0-9])[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?)?
    )
    | (?P<number>
        (?: [0-9]+(?:(?:[.,]|['_\u2007\u2009\u2019\u00a0\u202f ](?=[0-9]{3}(?![0-9])))[0-9]+)*
          | (?<![0-9])[.,][0-9]+(?![.,]?[0-9])
        )
        (?:[eE][+-]?[0-9]{1,3}(?![0-9A-Za-z]))?
    )
    """,
    re.VERBOSE,
).finditer
_groups = re.compile("['_\u2007\u2009\u2019\u00a0\u202f ]").sub
_pieces = re.compile("[0-9]+(?:[eE][+-]?[0-9]+)?").finditer
# A trillion has five groups, and a fraction behind them.
_MOST_PIECES = 6


def figure_of(number: Any) -> int | None:
    """Give a number as a figure, or `None` if it is none."""
    try:
        if isinstance(number, bool):
            return None
        if isinstance(number, int | float | Fraction):
            plain: Any = number
            return round(abs(plain) * UNIT) if -_LARGEST < plain < _LARGEST else None
        if isinstance(number, Decimal):
            # A huge exponent would become a huge int, digit by digit.
            if not number.is_finite() or number.adjusted() >= _EXPONENT:
                return None
            return round(abs(Fraction(number)) * UNIT) if number.adjusted() > -_EXPONENT else 0
    except Exception:  # noqa: BLE001 - a number class of somebody else's
        return None
    return None


def forms_of(value: object) -> Iterator[int]:
    """Give the forms under which a value could turn up elsewhere.

    They are the number itself; the number in minor units, which is also a rate in percent; a percentage as a rate; and
    each of these rounded up and down to four, three, two and one decimals and to the whole.

    Small round numbers are everywhere and prove nothing, so they are left out. A number with a fraction needs three
    digits that matter (18.5 and 0.185, not 0.18); a whole one must be at least 1,000 and have three (1,250, not 1,200).
    The other forms are guesses at what somebody will write: they need four, and 10,000 when they were rounded to a
    whole.
    """
    for figure in _figures_within(value):
        if is_telling(figure):
            yield figure
        yield from _rounded(figure)
        for scaled in (figure * 100, figure // 100):
            if is_telling(scaled, *_SCALED):
                yield scaled
            yield from _rounded(scaled)


def _rounded(figure: int) -> Iterator[int]:
    for step in _STEPS:
        rest = figure % step
        if rest:
            # Both neighbours, whichever way it will be rounded.
            for near in (figure - rest, figure - rest + step):
                if is_telling(near, *_ROUNDED):
                    yield near


def is_telling(figure: int, digits: int = _EXACT[0], whole: int = _EXACT[1]) -> bool:
    """Say whether a figure is none of the small round ones; the limits are those of a number itself."""
    return (figure >= whole or figure % UNIT != 0) and len(str(figure).rstrip("0")) >= digits


def figures_in(text: str) -> Iterator[tuple[int, int, tuple[int, ...]]]:
    """Give start, end and possible figures of each number in a text; dates, addresses and ids are left out.

    Marks between digits may part groups of one number or several numbers: `3,118.25` is one of four digits, or two of a
    list. Of such a run, what comes after the whole are its parts, in order; they overlap. Each place where a part could
    begin is given, be it without figures, so that whoever counts them can stop.
    """
    for match in _tokens(text):
        if match.lastgroup == "number":
            token = match.group()
            figures = tuple(_readings(token))
            if figures:
                yield match.start(), match.end(), figures
            if not token.isdecimal():
                yield from _parts(token, match.start())


def _parts(run: str, start: int) -> Iterator[tuple[int, int, tuple[int, ...]]]:
    pieces = [piece.span() for piece in _pieces(run)]
    count = len(pieces)
    # A single point parts a number from its fraction, nothing else.
    if count < 2 or (count == 2 and run[pieces[0][1]] == "."):
        return
    for one, (first, end) in enumerate(pieces):
        yield start + first, start + end, ()
        for other in range(one, min(one + _MOST_PIECES, count)):
            last = pieces[other][1]
            # Between the first and the last of a number's pieces there are groups only.
            if other > one + 1 and not 2 <= pieces[other - 1][1] - pieces[other - 1][0] <= 3:
                break
            # Three digits alone tell nothing.
            if last - first < len(run) and last - first > 3:
                figures = tuple(figure for figure in _readings(run[first:last]) if is_telling(figure))
                if figures:
                    yield start + first, start + last, figures


def _readings(token: str) -> Iterator[int]:
    plain = _groups("", token)
    # The last of the two marks is the decimal one; with a single one it may be either.
    dot, comma = plain.rfind("."), plain.rfind(",")
    written = [plain.replace(",", "") if dot > comma else plain.replace(".", "").replace(",", ".")]
    if (dot >= 0) != (comma >= 0):
        written.append(plain.replace(".", "").replace(",", "") if dot >= 0 else plain.replace(",", ""))
    for number in written:
        try:
            figure = figure_of(float(number))
        except ValueError:
            continue
        if figure is not None:
            yield figure


def _figures_within(value: Any) -> Iterator[int]:
    leaves: list[Any] = [value]
    for _ in range(_LEAVES):
        if not leaves:
            return
        leaf: Any = leaves.pop()
        figure = figure_of(leaf)
        if figure is not None:
            yield figure
        elif isinstance(leaf, str):
            for _, _, figures in figures_in(leaf[:_LEAVES]):
                yield from figures
        else:
            leaves.extend(_leaves_of(leaf))


def _leaves_of(branch: Any) -> list[Any]:
    values: Iterable[Any] = ()
    if isinstance(branch, dict):
        values = branch.values()  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    elif isinstance(branch, list | tuple | set | frozenset):
        values = branch  # pyright: ignore[reportUnknownVariableType]
    return list(islice(values, _LEAVES))  # pyright: ignore[reportUnknownArgumentType]
