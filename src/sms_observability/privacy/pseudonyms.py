"""Pseudonyms of people: the same for the same person, and nobody's without the key."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

PERSONAL: Final = "[PERSONAL]"
"""What stands for an e-mail address, a network address or a name of a person."""

MIN_KEY_BYTES: Final = 16

_MOST_KEPT: Final = 4096
_DIGITS: Final = 20


class Pseudonyms:
    """Replaces ids of people by a keyed hash, such as `usr-3fa1-0b9c…`: four digits tell the key, the rest the person.

    Whoever holds the key can find a person's lines (`of`), nobody else can, and who has destroyed the key cannot
    either. After a change of the key the first digits differ, so that nobody takes two pseudonyms for two people.

    Args:
        key: At least 16 bytes, random and secret.

    Raises:
        ValueError: The key is shorter.

    Example:
        >>> people = Pseudonyms(b"0123456789abcdef")
        >>> people.of("usr_101") == people.of("usr_101") != people.of("usr_102")
        True
        >>> people.of(people.of("usr_101")) == people.of("usr_101")
        True
    """

    __slots__ = ("_known", "_mac", "_prefix")

    def __init__(self, key: bytes) -> None:
        if len(key) < MIN_KEY_BYTES:
            msg = f"a key of {len(key)} bytes can be guessed: write at least {MIN_KEY_BYTES} random ones"
            raise ValueError(msg)
        import hashlib  # without a key there are no pseudonyms, and OpenSSL need not be loaded
        import hmac

        self._mac = hmac.new(key, digestmod=hashlib.sha256)
        self._prefix = f"usr-{self._digest('key')[:4]}-"
        self._known: dict[str, str] = {}

    def of(self, person: str) -> str:
        """Give the pseudonym of a person's id; that of a pseudonym is itself.

        Args:
            person: The id, as text.
        """
        known = self._known.get(person)
        if known is None:
            known = person if self._is_made(person) else self._prefix + self._digest(f"id:{person}")[:_DIGITS]
            if len(self._known) >= _MOST_KEPT:
                self._known.clear()
            self._known[person] = known
        return known

    def __repr__(self) -> str:
        return "<Pseudonyms>"

    def _is_made(self, text: str) -> bool:
        digits = text.removeprefix(self._prefix)
        return digits is not text and len(digits) == _DIGITS and set(digits) <= set("0123456789abcdef")

    def _digest(self, text: str) -> str:
        mac = self._mac.copy()
        mac.update(text.encode("utf-8", "surrogatepass"))
        return mac.hexdigest()


def pseudonyms_from(file: str) -> tuple[Pseudonyms, bool]:
    """Make pseudonyms with the key in a file.

    Args:
        file: Its whole content is the key, white space at both ends left out.

    Returns:
        The pseudonyms, and whether the file was usable. If not, they have a random key of this process: nobody is
        named, but nothing joins with what other processes say.
    """
    try:
        return Pseudonyms(Path(file).read_bytes().strip()), True
    except (OSError, ValueError):
        return Pseudonyms(os.urandom(32)), False


def masked_person(text: str) -> str:
    """Give what stands for personal data that is no id."""
    return PERSONAL if text else text
