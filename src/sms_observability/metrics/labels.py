"""Which label values a metric may carry: known names, closed sets, and a bounded number of them.

A label set is turned into a key, the tuple of its values in declared order, once per distinct set. Everything costly
(checks, folding, counting) happens when a key is new; a known key costs a loop over the declared names.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from sms_observability.sanitise import sanitise_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sms_observability.catalog import Field, Metric
    from sms_observability.sanitise import Value

MAX_LABEL_VALUES = 100
MAX_SERIES = 10_000
OTHER = "other"

Key = tuple[Any, ...]


class LabelPolicy:
    """Turns keyword labels into series keys for one metric, within its limits.

    Args:
        metric: The declared metric.
        bound: Gives the ids that are bound to the request (`company_id`, `vessel_id`); only declared identifiers are
            taken from it.
        count: Called with a reason for each label or measurement that is not kept as given.
    """

    __slots__ = (
        "_accepted",
        "_bound",
        "_count",
        "_fields",
        "_folds",
        "_from_context",
        "_lock",
        "_names",
        "_seen",
        "series",
    )

    def __init__(
        self,
        metric: Metric,
        *,
        bound: Callable[[], Mapping[str, Value]],
        count: Callable[[str], None],
        folds: bool,
    ) -> None:
        self._fields: tuple[Field, ...] = metric.labels
        self._names: tuple[str, ...] = tuple(field.name for field in metric.labels)
        self._from_context = any(field.identifier for field in metric.labels)
        self._bound = bound
        self._count = count
        self._folds = folds
        self._accepted: dict[Key, Key | None] = {}
        self._seen: dict[str, set[Any]] = {name: set() for name in self._names}
        self._lock = threading.Lock()
        self.series = 0

    def key(self, labels: Mapping[str, object]) -> Key | None:
        """Give the key of the series that a measurement with these labels belongs to; `None` drops it."""
        raw = self._raw(labels)
        try:
            return self._accepted[raw]
        except KeyError:
            return self._accept(raw)
        except TypeError:  # a value that cannot be hashed
            return self._accept(tuple(None if value is None else sanitise_text(value) for value in raw))

    def attributes(self, key: Key) -> dict[str, Value]:
        """Give the attributes of a series: its labels without those that are left out."""
        return {name: value for name, value in zip(self._names, key, strict=True) if value is not None}

    def _raw(self, labels: Mapping[str, object]) -> Key:
        get = labels.get
        if self._from_context:
            bound = self._bound()
            values = tuple(
                [
                    value if (value := get(field.name)) is not None or not field.identifier else bound.get(field.name)
                    for field in self._fields
                ]
            )
        else:
            values = tuple([get(name) for name in self._names])
        if labels:
            given = len(labels)
            known = sum(1 for name in self._names if name in labels)
            if known != given:
                for _ in range(given - known):
                    self._count("unknown_label")
        return values

    def _accept(self, raw: Key) -> Key | None:
        # The values' own code (`__str__`) runs here, before the lock is taken.
        safe = tuple(self._value(field, value) for field, value in zip(self._fields, raw, strict=True))
        with self._lock:
            if safe in self._accepted:
                key = self._accepted[safe]
            else:
                key = self._limited(safe)
                self._remember(safe, key)
            if _is_plain(raw):
                self._remember(raw, key)
            return key

    def _remember(self, raw: Key, key: Key | None) -> None:
        if len(self._accepted) < 2 * MAX_SERIES:
            self._accepted[raw] = key

    def _value(self, field: Field, value: object) -> Any:
        if value is None:
            return None
        if field.type == "int" and type(value) is int:
            return value
        if field.type == "bool" and type(value) is bool:
            return value
        text = (
            value if type(value) is str and len(value) <= field.max_length else sanitise_text(value, field.max_length)
        )
        if field.values is not None and text not in field.values:
            self._count("label_value")
            return OTHER
        return text

    def _limited(self, key: Key) -> Key | None:
        folded = key
        for index, (field, value) in enumerate(zip(self._fields, key, strict=True)):
            if value is None or field.identifier or value == OTHER:
                continue
            seen = self._seen[field.name]
            if value in seen:
                continue
            if len(seen) < MAX_LABEL_VALUES:
                seen.add(value)
                continue
            self._count("label_values")
            if not self._folds:
                return None
            folded = (*folded[:index], OTHER, *folded[index + 1 :])
        if folded is not key and folded in self._accepted:
            return self._accepted[folded]
        if self.series >= MAX_SERIES:
            self._count("series")
            return tuple(None if value is None else OTHER for value in key) if self._folds else None
        self.series += 1
        if folded is not key:
            self._remember(folded, folded)
        return folded


def _is_plain(raw: Key) -> bool:
    # Only these types may be keys of the cache: the hash of anything else is somebody else's code.
    return all(value is None or type(value) in (str, int, bool) for value in raw)
