"""Looking for restricted values in what has left: as numbers in all their forms, and as texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from sms_observability.privacy import Restricted, ValueGuard, guard, is_restricted
from sms_observability.privacy.restricted import _sealed
from sms_observability.privacy.seal import unseal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

# What the library measured or made itself is no amount of anybody's.
_OWN: Final = frozenset(
    {
        "trace_id",
        "span_id",
        "parent",
        "start_ns",
        "end_ns",
        "time_ns",
        "severity_number",
        "bounds",
        "counts",
        "count",
        "sms.sla.threshold_ms",
        "sms.sla.duration_ms",
        "sms.sla.budget_remaining_ms",
        "sms.sla.budget_share",
        "duration_ms",
    }
)
_SHORTEST_TEXT: Final = 4


class Watching:
    """Stands before the guard of the running request, and remembers too what it is told."""

    def __init__(self, guard: ValueGuard, seen: Seen) -> None:
        self._guard = guard
        self._seen = seen

    def remember(self, value: Restricted[Any]) -> None:
        """Note a value that became restricted."""
        self._seen.restricted.append(value)
        self._guard.remember(value)

    def release(self, value: Restricted[Any]) -> None:
        """Note a value that was made public."""
        self._seen.declassified.append(value)
        self._guard.release(value)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._guard, name)


class Seen:
    """Everything that was `Restricted` in a test, and what was declassified."""

    def __init__(self) -> None:
        self.restricted: list[Restricted[Any]] = []
        self.declassified: list[Restricted[Any]] = []

    def watch(self, current: Callable[[], ValueGuard]) -> Callable[[], Watching]:
        """Give what takes the place of `current_guard`."""
        return lambda: Watching(current(), self)

    def forget_before(self) -> None:
        """Let the guard of the process forget: a value of one test must not be masked in the next."""
        ValueGuard.__init__(guard._ambient)

    def clear(self) -> None:
        """Forget all of it."""
        self.restricted.clear()
        self.declassified.clear()


def find(items: Mapping[str, Iterable[Any]], values: Iterable[object], declassified: Iterable[object]) -> list[str]:
    """Say where restricted values are.

    Args:
        items: What has left, by the name of its list.
        values: What is looked for, plain or `Restricted`.
        declassified: What may be seen all the same.

    Returns:
        One path for each place, such as `spans[0] "quote" attributes.price`; never a value.
    """
    known = ValueGuard()
    texts: list[str] = []
    for value in values:
        plain = unseal(value) if is_restricted(value) else value
        if isinstance(plain, str):
            texts.append(plain)
        known.remember(value if is_restricted(value) else _sealed(plain))
    for value in declassified:
        known.release(cast("Any", value))
    long = [text for text in texts if len(text) >= _SHORTEST_TEXT]
    return [
        f"{name}[{number}] {_title(item)}{path}".rstrip()
        for name, each in items.items()
        for number, item in enumerate(each)
        for path, leaf in _leaves(item)
        if known.matches(leaf) or (isinstance(leaf, str) and any(text in leaf for text in long))
    ]


def _title(item: Any) -> str:
    if isinstance(item, dict):
        named = cast("dict[str, Any]", item).get("name")
        if isinstance(named, str) and named.isprintable():
            return f'"{named}" '
    return ""


def _leaves(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(node, dict):
        for key, value in cast("dict[str, Any]", node).items():
            # A key is data, too; where it is one that leaked, the path must not repeat it.
            yield f"{path} (a key)".strip(), key
            if key not in _OWN:
                yield from _leaves(value, f"{path}.{key}" if path else key)
    elif isinstance(node, list):
        for number, value in enumerate(cast("Any", node)):
            yield from _leaves(value, f"{path}[{number}]")
    else:
        yield path, node
