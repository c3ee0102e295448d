"""What may be written of a record's fields and message: keys that are allowed, values made safe and masked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from sms_observability.logs.encoding import encoded
from sms_observability.privacy.guard import SMALL, has_number
from sms_observability.privacy.masking import is_plain
from sms_observability.sanitise import MAX_INT, MAX_KEY, MAX_TEXT, MIN_INT, sanitise_key, sanitise_value
from sms_observability.sanitise.classes import class_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sms_observability.logs.options import LogOptions
    from sms_observability.sanitise import Value

PEOPLE: Final = ("user_id", "company_id", "vessel_id")
IDS: Final = ("correlation_id", *PEOPLE)
NOT_CONTEXT: Final = frozenset(IDS)
"""What has a place of its own in a line."""

_MAX_FIELDS: Final = 64
_MOST_KEPT: Final = 1024
_LONGEST_KEPT: Final = 128


class Fields:
    """Says what may be written. What it has found harmless, whatever is restricted elsewhere, it asks for once.

    Args:
        options: The ports that are asked.
    """

    __slots__ = ("_allow", "_holds", "_loggers", "_mask", "_settled", "answers_stay", "constant")

    def __init__(self, options: LogOptions) -> None:
        self._allow = options.allow_key
        self._mask = options.mask
        self._holds = options.holds
        self.answers_stay: Final = options.mask is None or options.holds is not None
        """Whether what was allowed and left as it is, is so again while nothing is restricted."""
        self._settled: set[str] = set()
        self.constant: Final[dict[str, str]] = {}
        """Messages that may be written as they are, unless a restricted number is in them, as JSON."""
        self._loggers: dict[str, Value] = {}

    def masked(self, key: str, value: Value) -> Value:
        """Give a value as it may be written."""
        return value if self._mask is None else self._mask(key, value)

    def logger(self, name: str, *, armed: bool) -> Value:
        """Give the name of a logger as it may be written.

        Args:
            name: The name.
            armed: Whether something is restricted in the running request.
        """
        if not self.answers_stay or (armed and not is_plain(name)):
            return self.masked("logger", name)
        known = self._loggers.get(name)
        if known is None:
            if len(self._loggers) >= _MOST_KEPT:
                self._loggers.clear()
            known = self._loggers[name] = self.masked("logger", name)
        return known

    def message(self, message: str, *, armed: bool) -> tuple[str, str]:
        """Give a message that is not among the `constant` ones as it may be written, and that as JSON.

        Args:
            message: What is said.
            armed: Whether something is restricted in the running request.
        """
        held = message if self._mask is None else cast("str", self._mask("message", message))
        as_json = encoded(held)
        if held is message and not armed and self.answers_stay and len(message) <= _LONGEST_KEPT:
            if len(self.constant) >= _MOST_KEPT:
                self.constant.clear()
            self.constant[message] = as_json
        return held, as_json

    def add_bound(self, context: dict[str, Value], bound: Mapping[str, Value]) -> bool:
        """Add what is bound to the running work, which is safe already, as far as it may be written.

        Returns:
            Whether all of it was allowed: what is refused is told of in each line.
        """
        allow, mask = self._allow, self._mask
        all_allowed = True
        for key, bound_value in bound.items():
            if key in NOT_CONTEXT:
                continue
            if allow is not None and not allow(key):
                all_allowed = False
                continue
            value = bound_value
            if allow is not None and isinstance(value, (dict, list)):
                all_allowed = False  # what is in it may be refused
                value = _without(value, allow)
            context[key] = value if mask is None else mask(key, value)
        return all_allowed

    def add_given(self, context: dict[str, Value], fields: Mapping[str, Any], *, armed: bool) -> None:
        """Add the fields of a call, made safe, as far as they may be written."""
        allow, mask, settled = self._allow, self._mask, self._settled
        # Nobody gives so many; who does has the first ones written.
        most = len(context) + _MAX_FIELDS if len(fields) > _MAX_FIELDS else 0
        for name, given in fields.items():
            if most and len(context) >= most:
                break
            if type(name) is str and name in settled:
                # In one piece, because each call in it would cost the caller: what most fields are.
                kind = class_of(given)
                if kind is str:
                    if len(given) <= MAX_TEXT and given.isascii() and (not armed or is_plain(given)):
                        context[name] = given
                        continue
                elif kind is int:
                    if (-SMALL < given < SMALL) or (not armed and MIN_INT <= given <= MAX_INT):
                        context[name] = given
                        continue
                elif kind is bool or given is None or (kind is float and not armed):
                    context[name] = given
                    continue
                key = name
            else:
                key = name if type(name) is str and 0 < len(name) <= MAX_KEY and name.isascii() else sanitise_key(name)
                if allow is not None and key not in NOT_CONTEXT and not allow(key):
                    continue
                self._settle(key)
            value = sanitise_value(given)
            if allow is not None and isinstance(value, (dict, list)):
                value = _without(value, allow)
            context[key] = value if mask is None else mask(key, value)

    def _settle(self, key: str) -> None:
        """Note a field that may be written if nothing is done with its values where nothing is restricted."""
        if has_number(key) is None and (self._mask is None or (self._holds is not None and not self._holds(key))):
            if len(self._settled) >= _MOST_KEPT:
                self._settled.clear()
            self._settled.add(key)


def _without(value: Value, allow: Callable[[str], bool]) -> Value:
    """Leave out what must not be written, however deep it lies."""
    if isinstance(value, dict):
        return {key: _without(inner, allow) for key, inner in value.items() if allow(key)}
    return [_without(inner, allow) for inner in value] if isinstance(value, list) else value
