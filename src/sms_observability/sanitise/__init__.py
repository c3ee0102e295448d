"""Any Python value becomes a safe OTLP value, whatever the value does when it is looked at.

The functions here are total: they always return, and never raise (only `KeyboardInterrupt` passes). They run where the
item is made, before a queue or a lock sees it. This is the table of conversions; a subclass takes the form of the first
class of its method resolution order that is named here, and the subclass's own methods are not called:

| given | becomes |
|---|---|
| `None`, `bool`, `float` (NaN and infinities too) | itself, without its subclass |
| `int` that fits in 64 bits | itself, without its subclass |
| other `int` | its decimal digits as text, or `<int of 16610 bits>` above 128 bits |
| `str`, `UserString` | itself, cut to 4096 characters; surrogate pairs joined, lone surrogates become U+FFFD |
| `bytes`, `bytearray`, `memoryview` | `bytes`, cut to 4096 |
| `Enum` | its value, converted by this table |
| `Decimal`, `Fraction`, `complex`, `UUID` | its exact text |
| `datetime`, `date`, `time` | ISO 8601 text |
| `timedelta` | seconds as `float` |
| `list`, `tuple`, `deque`, `array`, `Sequence`, `set`, `frozenset`, `Set`, dictionary views | `list` of the items |
| `dict`, `Mapping`, `mappingproxy` | `dict` of the values, keys by `sanitise_key`, the last of equal keys wins |
| exception | `ValueError: text`, or `ValueError` if it has no text |
| class, function, method, module | `<class parts.Quote>`, `<function parts.quote>`: never an address |
| generator, coroutine, iterator | `<generator>`: nothing is consumed |
| numpy scalar; numpy array | its Python number; its nested list, or `<ndarray>` when it is too large |
| object without a text form of its own | `<parts.Quote>`: never an address |
| any other object | its `str()`, asked for once |
| whatever raises while it is looked at | `<unprintable Quote>`; items seen before the error are kept |

Containers end at a depth of 8 (`<deep list>`), at a cycle (`<cyclic list>`), after 1024 items in all and after 16384
characters in all; what would come after that is left out.
"""

from __future__ import annotations

from sms_observability.sanitise.amounts import sanitise_number, sanitise_timestamp
from sms_observability.sanitise.containers import MAX_ITEMS, Value
from sms_observability.sanitise.leaves import MAX_INT, MIN_INT
from sms_observability.sanitise.texts import MAX_TEXT
from sms_observability.sanitise.values import (
    MAX_ATTRIBUTES,
    MAX_CHARACTERS,
    MAX_DEPTH,
    MAX_KEY,
    sanitise_attributes,
    sanitise_key,
    sanitise_text,
    sanitise_value,
)

__all__ = [
    "MAX_ATTRIBUTES",
    "MAX_CHARACTERS",
    "MAX_DEPTH",
    "MAX_INT",
    "MAX_ITEMS",
    "MAX_KEY",
    "MAX_TEXT",
    "MIN_INT",
    "Value",
    "sanitise_attributes",
    "sanitise_key",
    "sanitise_number",
    "sanitise_text",
    "sanitise_timestamp",
    "sanitise_value",
]
