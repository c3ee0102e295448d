"""What people fill in goes to customers: nothing restricted, no amounts of money, nothing that dresses up."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from sms_observability.catalog.words import RESTRICTED_TEXT_PATTERN

_MOST: Final = 2000

_tells: Final = re.compile(RESTRICTED_TEXT_PATTERN).search
_is_restricted_metric: Final = re.compile(r"(?i)(?<![a-z0-9_])_sms_").search
_is_money: Final = re.compile(
    r"(?i)[$€£¥]\s*[\d.,]*\d|\d\s*[kmb]?\s*([$€£¥]|(usd|eur|gbp|nok|sgd|dollars?|euros?|pounds?|kroner)\b)"
    r"|\b(usd|eur|gbp|nok|sgd)\s*\d"
).search
# Letters of other alphabets that look like those of the words that are looked for.
_LOOK_ALIKE: Final = str.maketrans(
    "аеорсухкмнтіѕԁɡɑοραυικνΑΒΕΙΚΜΝΟΡΤΥΧАВЕКМНОРСТУХІЅ",
    "aeopcyxkmhtisdgaopauikvABEIKMNOPTYXABEKMHOPCTYXIS",
)


class UnfitTextError(ValueError):
    """What was filled in may not be said; the message names the field, never the text."""


def fit(field: str, text: str, *, lines: bool = False) -> str:
    """Give a text as it may be said, or refuse it.

    Args:
        field: What it is filled in for, for the message.
        text: What somebody wrote, or what came with an alert.
        lines: Whether it may have several lines.

    Returns:
        The text without what cannot be seen, and without white space around it.

    Raises:
        UnfitTextError: It speaks of something restricted or of an amount of money, or it is no text to be read.

    Example:
        >>> fit("impact", "One order in ten fails. ")
        'One order in ten fails.'
    """
    shown = "".join(
        letter
        for letter in text
        if letter == "\n" or unicodedata.category(letter) not in ("Cc", "Cf", "Co", "Cs", "Cn")
    ).strip()
    if not shown:
        raise UnfitTextError(f"{field} is empty: say it in a few words")
    if "\n" in shown and not lines:
        raise UnfitTextError(f"{field} is one line: leave out the line breaks")
    if len(shown) > _MOST:
        raise UnfitTextError(f"{field} is longer than {_MOST} characters: nobody reads it; say it shorter")
    for form in _forms(shown):
        if _tells(form) or _is_restricted_metric(form):
            msg = f"{field} speaks of something restricted, which no message may: say what customers notice instead"
            raise UnfitTextError(msg)
        if _is_money(form):
            raise UnfitTextError(
                f"{field} names an amount of money, which no message may: say how many people it hurts"
            )
    return shown


def _forms(text: str) -> tuple[str, ...]:
    """Give the text as machines and as people read it."""
    plain = "".join(
        letter for letter in unicodedata.normalize("NFKD", text) if unicodedata.category(letter) not in ("Mn", "Cf")
    )
    joined = " ".join(plain.translate(_LOOK_ALIKE).split())
    return text, joined
