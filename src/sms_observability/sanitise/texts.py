"""Text that UTF-8 can carry, and no more of it than asked for."""

from __future__ import annotations

MAX_TEXT = 4096


def cut(text: str, limit: int = MAX_TEXT) -> str:
    """Keep the first characters of a text, and mend what UTF-8 cannot carry.

    Pairs of surrogates are joined to the character that they mean; lone ones become U+FFFD. The methods of a subclass
    of `str` are not called, and the result is an exact `str`.
    """
    kept = str.__str__(str.__getitem__(text, slice(0, limit)))
    if not kept.isascii():
        try:
            kept.encode()
        except UnicodeEncodeError:
            return kept.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return kept
