"""The value guard: what was `Restricted` in a request is found again under any key and inside any text."""

from __future__ import annotations

import random
import re
from collections import deque
from contextlib import contextmanager, suppress
from contextvars import ContextVar, Token
from typing import TYPE_CHECKING, Any

from sms_observability.privacy.figures import figure_of, figures_in, forms_of, is_telling
from sms_observability.privacy.seal import Sealed, unseal
from sms_observability.sanitise import sanitise_number, sanitise_text

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from sms_observability.privacy.policy import Comparison
    from sms_observability.sanitise import Value

    LookAgain = Callable[["ValueGuard", Any, int], None]

PLACEHOLDER = "[RESTRICTED]"
"""What stands wherever a restricted value would have been."""

MAX_COMPARED = 128
"""How many numbers of a text, and texts and numbers of a value, are compared; what comes after them is masked."""

MAX_EMITTED = 512
"""How many items that wait to be sent a request is noted for; of more, the latest."""

MAX_VALUES = 2048
"""How many values a guard remembers; beyond it a request's guard takes every telling number for restricted."""

# Forms are kept under a mask of this process: should a set of them ever be displayed, it shows no figures.
_MASK = random.SystemRandom().getrandbits(64)
SMALL = 1000
_DEPTH = 8
# Three digits at least must matter, with no more than one mark between two of them.
has_number = re.compile("[0-9][^0-9A-Za-z]?[0-9][^0-9A-Za-z]?[0-9]").search


class _Forms:
    """Masked forms of a bounded number of values; threads may write and read without a lock, for sets only grow."""

    __slots__ = ("count", "forgets", "full", "old", "total", "young")

    def __init__(self, *, forgets: bool) -> None:
        self.young: set[int] = set()
        self.old: set[int] = set()
        self.count = self.total = 0
        self.full = False
        self.forgets = forgets

    def add(self, value: object) -> None:
        self.total += 1
        if self.count >= MAX_VALUES:
            if not self.forgets:
                self.full = True
                return
            self.old, self.young, self.count = self.young, set(), 0
        self.count += 1
        self.young.update([form ^ _MASK for form in forms_of(value)])


class ValueGuard:
    """The restricted values of one request or job, which nothing can read or display; it only answers.

    Spans and logs are compared when they end. Those that still wait to be sent when the request ends are looked through
    once more if it has learnt of further values since, so that one wrapped late is found in what was recorded early.
    Without restricted values, `armed` is false and nothing more is to be done.

    Values are normalised when something is first compared with them, not when they are made.
    """

    __slots__ = (
        "_emitted",
        "_parent",
        "_public",
        "_restricted",
        "_wait_public",
        "_wait_restricted",
        "emitted",
        "release",
        "remember",
    )

    def __init__(self, parent: ValueGuard | None = None) -> None:
        self._parent = parent
        forgets = parent is None
        self._restricted = _Forms(forgets=forgets)
        self._public = _Forms(forgets=True)
        # One more than the set can hold, so that a loss is noticed there.
        self._wait_restricted: deque[Sealed] = deque(maxlen=MAX_VALUES + 1)
        self._wait_public: deque[Sealed] = deque(maxlen=MAX_VALUES + 1)
        self.remember: Callable[[Sealed], None] = self._wait_restricted.append
        self.release: Callable[[Sealed], None] = self._wait_public.append
        # Outside of requests nothing ends; one that never ends keeps its latest.
        self._emitted: deque[tuple[LookAgain, Any, int, int]] = deque(maxlen=0 if forgets else MAX_EMITTED)
        self.emitted: Callable[[tuple[LookAgain, Any, int, int]], None] = self._emitted.append
        """Note an item that was compared and now waits: what to call with this guard, a lane and a number if the
        request has learnt more when it ends; lane and number; and the `size` with which it was compared."""

    @property
    def armed(self) -> bool:
        """Whether there is anything to look for."""
        return bool(
            self._wait_restricted
            or self._restricted.young
            or self._restricted.full
            or (self._parent is not None and self._parent.armed)
        )

    @property
    def size(self) -> int:
        """How many values have become restricted in this request or job so far."""
        return self._restricted.total + len(self._wait_restricted)

    def close(self) -> None:
        """End the request or job, or interrupt it: what still waits is looked through for what it did not know of."""
        size = self.size
        if size:
            for place, (look_again, lane, number, seen) in enumerate(self._emitted):
                if seen != size:
                    self._emitted[place] = look_again, lane, number, size
                    look_again(self, lane, number)

    def matches(self, value: Value) -> bool:
        """Say whether a value is, or holds, a restricted number.

        Args:
            value: A sanitised value; texts, lists and mappings are searched.

        Returns:
            True if a form of a remembered value is in it, and that form was not declassified.
        """
        return self.clean(value) is not value

    def knows(self, value: object) -> bool:
        """Say whether something that was not sanitised, an amount or a label, is or holds a restricted number."""
        if isinstance(value, str):
            return self.clean_text(value) is not value
        figure = figure_of(value)
        if figure is not None:
            return not _is_small(value) and self._knows(figure)
        if value is None or isinstance(value, bool | float):
            return False
        # A number, or a text, of a class of somebody else's: what it will be when it is recorded.
        number = figure_of(sanitise_number(value))
        return (number is not None and self._knows(number)) or self.matches(sanitise_text(value))

    def clean_text(self, text: str, comparison: Comparison = "all") -> str:
        """Give a text with every restricted number in it replaced by the placeholder; without one, the text itself.

        Args:
            text: Any text. After as many numbers as anybody reads, the placeholder stands for the rest of it.
            comparison: `fractions` leaves whole numbers alone.
        """
        if comparison == "fractions":
            # Most ids have none, and they are long.
            if "." not in text and "," not in text:
                return text
        elif text.isalpha() or has_number(text) is None:
            return text
        pieces: list[str] = []
        end = compared = 0
        seen = -1
        for first, last, figures in figures_in(text):
            if first < end:
                # A part of what is masked already.
                continue
            if comparison == "fractions" and not ("." in text[first:last] or "," in text[first:last]):
                continue
            if first != seen:
                seen = first
                compared += 1
            if compared > MAX_COMPARED:
                return "".join((*pieces, text[end:first], PLACEHOLDER))
            if any(self._knows(figure) for figure in figures):
                pieces += (text[end:first], PLACEHOLDER)
                end = last
        return "".join((*pieces, text[end:])) if pieces else text

    def clean(self, value: Value, comparison: Comparison = "all") -> Value:
        """Give a value in which every restricted number is replaced; the same object if there was none.

        Args:
            value: A sanitised value. Keys of mappings are searched as texts are. What is deeper than a sanitised value
                can be is replaced, and so is what comes after as many texts and numbers as anybody reads.
            comparison: What to look at; see `Comparison`.
        """
        return self._clean(value, comparison, _DEPTH, [MAX_COMPARED])

    def _clean(self, value: Value, comparison: Comparison, depth: int, left: list[int]) -> Value:
        if isinstance(value, str):
            if has_number(value) is None:
                return value
            left[0] -= 1
            return PLACEHOLDER if left[0] < 0 else self.clean_text(value, comparison)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int | float):
            if comparison != "all" and (comparison == "texts" or isinstance(value, int)):
                return value
            left[0] -= 1
            return PLACEHOLDER if left[0] < 0 or self.knows(value) else value
        if depth < 0:
            return PLACEHOLDER
        if isinstance(value, bytes):
            text = value.decode("latin-1")
            return value if self.clean_text(text) is text else PLACEHOLDER
        if isinstance(value, list):
            items = [self._clean(item, comparison, depth - 1, left) for item in value]
            return value if all(new is old for new, old in zip(items, value, strict=True)) else items
        pairs = {self.clean_text(key): self._clean(item, comparison, depth - 1, left) for key, item in value.items()}
        same = pairs.keys() == value.keys() and all(pairs[key] is item for key, item in value.items())
        return value if same else pairs

    def _knows(self, figure: int) -> bool:
        self._take_in()
        form = figure ^ _MASK
        if form in self._public.young or form in self._public.old:
            return False
        restricted = self._restricted
        if form in restricted.young or form in restricted.old:
            return True
        if restricted.full and is_telling(figure):
            return True
        return self._parent is not None and self._parent._knows(figure)

    def _take_in(self) -> None:
        for waiting, forms in ((self._wait_restricted, self._restricted), (self._wait_public, self._public)):
            if waiting:
                if len(waiting) > MAX_VALUES and not forms.forgets:
                    forms.full = True
                while waiting:
                    try:
                        forms.add(unseal(waiting.popleft()))
                    except Exception:  # noqa: BLE001 - another thread was first, or the class of the value is hostile
                        continue

    def __repr__(self) -> str:
        return "<ValueGuard>"

    def __reduce_ex__(self, protocol: Any) -> Any:
        msg = "a ValueGuard stays in its process"
        raise TypeError(msg)


def _is_small(value: object) -> bool:
    # Whole numbers below a thousand are too common to prove anything.
    return isinstance(value, int) and -SMALL < value < SMALL


_ambient = ValueGuard()
_current: ContextVar[ValueGuard] = ContextVar("sms_observability_value_guard", default=_ambient)

current_guard: Callable[[], ValueGuard] = _current.get
"""The guard of the running request or job; outside of any, that of the process, which forgets the oldest values."""


def open_scope(guard: ValueGuard | None = None) -> Token[ValueGuard]:
    """Begin a request or job: what is restricted in it is remembered for it alone, and forgotten with it.

    Args:
        guard: That of a job which goes on, in another context perhaps; else a new one.
    """
    return _current.set(ValueGuard(_ambient) if guard is None else guard)


def job_guard() -> ValueGuard | None:
    """Give the guard of a new job, for `open_scope`; nothing within a request or job, which has one."""
    return ValueGuard(_ambient) if _current.get() is _ambient else None


def close_scope(token: Token[ValueGuard]) -> None:
    """End what `open_scope` began; from another context than the one where it began, it is not current there anyway."""
    guard = token.var.get()
    with suppress(ValueError, RuntimeError):
        _current.reset(token)
    guard.close()


@contextmanager
def guard_scope() -> Generator[ValueGuard]:
    """Remember what is restricted in a block for that block alone; for loops over many jobs.

    What was restricted around it is known in it too.

    Example:
        >>> with guard_scope() as guard:
        ...     guard.armed
        False
    """
    token = open_scope(ValueGuard(_current.get()))
    try:
        yield _current.get()
    finally:
        close_scope(token)
