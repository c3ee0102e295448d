"""Which label values a metric may carry: known names, closed sets, and a bounded number of them.

A label set is turned into a key, the tuple of its values in declared order, once per distinct set. Everything costly
(checks, folding) happens when a set is new; a known one costs a loop over the declared names.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final

from sms_observability.sanitise import sanitise_number, sanitise_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sms_observability.catalog import Field, Metric
    from sms_observability.sanitise import Value

MAX_LABEL_VALUES: Final = 100
"""How many values a label keeps; identifiers and closed sets have no such limit."""
MAX_SERIES: Final = 10_000
"""How many label sets a metric keeps."""
OTHER: Final = "other"
"""What stands for values and series beyond the limits."""

# How many given label sets are remembered beside the keys that they became.
_MAX_KNOWN: Final = 2 * MAX_SERIES
_PLAIN: Final = (str, int)

Key = tuple[Any, ...]


class LabelPolicy:
    """Turns keyword labels into series keys for one metric, within its limits.

    Args:
        metric: The declared metric.
        bound: Gives the ids that are bound to the request (`company_id`, `vessel_id`); only declared identifiers are
            taken from it.
        count: Called with a reason for each label or measurement that is not kept as given: `unknown_label`,
            `label_value` (not in the closed set), `label_values` (too many), `series` (too many).
        folds: Whether what is beyond the limits becomes `other`; a level cannot be added up, so it is dropped instead.
    """

    __slots__ = (
        "_accepted",
        "_bound",
        "_count",
        "_fields",
        "_folded",
        "_folds",
        "_ids",
        "_lock",
        "_names",
        "_seen",
        "_series",
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
        self._ids = tuple((place, field.name) for place, field in enumerate(metric.labels) if field.identifier)
        self._bound = bound
        self._count = count
        self._folds = folds
        # Only exact texts, integers and `None` are keys here: the hash of anything else is somebody else's code.
        self._accepted: dict[Key, Key] = {}
        self._folded: dict[Key, tuple[Key | None, tuple[str, ...]]] = {}
        self._series: set[Key] = set()
        self._seen: dict[str, set[Any]] = {name: set() for name in self._names}
        # Re-entrant: a signal handler or a finalizer may record while this thread is in here.
        self._lock = threading.RLock()

    def key(self, labels: Mapping[str, object]) -> Key | None:
        """Give the key of the series that a measurement with these labels belongs to; `None` drops it."""
        get = labels.get
        values: list[object] = []
        given, plain = 0, True
        for name in self._names:
            value = get(name)
            if value is not None:
                given += 1
                if type(value) not in _PLAIN:
                    plain = False
            values.append(value)
        if given != len(labels):
            self._count_unknown(labels)
        for place, name in self._ids:
            if values[place] is None:
                values[place] = value = self._bound().get(name)
                if value is not None and type(value) not in _PLAIN:
                    plain = False
        if not plain:
            return self._accept(values)
        raw = tuple(values)
        found = self._accepted.get(raw)
        return found if found is not None else self._accept(values, raw)

    def attributes(self, key: Key) -> dict[str, Value]:
        """Give the attributes of a series: its labels without those that are left out."""
        return {name: value for name, value in zip(self._names, key, strict=True) if value is not None}

    def after_fork(self) -> None:
        """Let go of a lock that another thread of the parent may hold."""
        self._lock = threading.RLock()

    def _count_unknown(self, labels: Mapping[str, object]) -> None:
        for name in labels:
            if name not in self._names:
                self._count("unknown_label")

    def _accept(self, values: list[object], raw: Key | None = None) -> Key | None:
        if raw is not None and (known := self._folded.get(raw)) is not None:
            key, reasons = known
        else:
            reasons_found: list[str] = []
            # The values' own code (`__str__`) runs here, before the lock is taken.
            safe = tuple(
                self._value(field, value, reasons_found) for field, value in zip(self._fields, values, strict=True)
            )
            with self._lock:
                key = self._limited(safe, reasons_found)
                reasons = tuple(reasons_found)
                if raw is not None:
                    self._remember(raw, key, reasons)
        for reason in reasons:
            self._count(reason)
        return key

    def _remember(self, raw: Key, key: Key | None, reasons: tuple[str, ...]) -> None:
        if key is not None and not reasons:
            if len(self._accepted) < _MAX_KNOWN:
                self._accepted[raw] = key
        elif len(self._folded) < _MAX_KNOWN:
            self._folded[raw] = (key, reasons)

    def _value(self, field: Field, value: object, reasons: list[str]) -> Any:
        if value is None:
            return None
        if field.type == "bool" and type(value) is bool:
            return value
        if field.type == "int" and type(number := sanitise_number(value)) is int:
            return number
        text = sanitise_text(value, field.max_length)
        if field.values is not None and text not in field.values:
            reasons.append("label_value")
            return OTHER
        return text

    def _limited(self, key: Key, reasons: list[str]) -> Key | None:
        if key in self._series:
            return key
        folded = list(key)
        for place, (field, value) in enumerate(zip(self._fields, key, strict=True)):
            if value is None or field.identifier or field.values is not None or value == OTHER:
                continue
            seen = self._seen[field.name]
            if value not in seen and len(seen) >= MAX_LABEL_VALUES:
                reasons.append("label_values")
                if not self._folds:
                    return None
                folded[place] = OTHER
        key = tuple(folded)
        if key in self._series:
            return key
        if len(self._series) >= MAX_SERIES:
            reasons.append("series")
            return tuple(None if value is None else OTHER for value in key) if self._folds else None
        self._series.add(key)
        for field, value in zip(self._fields, key, strict=True):
            if value is not None and not field.identifier and field.values is None and value != OTHER:
                self._seen[field.name].add(value)
        return key
