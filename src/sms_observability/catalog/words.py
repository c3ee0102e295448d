"""Names that give something away: those that tell of the hidden markup, and those that stand for a person."""

from __future__ import annotations

import re

RESTRICTED_PATTERN = (
    r"(?i)mark[._-]?up|margin|cogs|pay[._-]?out|discount|price[._-]?band"
    r"|(supplier|vendor|wholesale|purchase|landed)[._-]?(cost|quote|price|invoice)|unit[._-]?cost"
)
"""What no public name may contain, as a regular expression that Python and Go (RE2) read alike."""

RESTRICTED_TEXT_PATTERN = (
    RESTRICTED_PATTERN + r"|(supplier|vendor|wholesale|purchase|landed|unit) (cost|price|invoice|quote)s?([^a-z]|$)"
    r"|price band|pay out|mark up|(^|[^a-z])costs?([^a-z]|$)"
)
"""What no public text may contain. Names are held to the pattern above; texts of people, with spaces between the words,
to this wider one."""

HARMLESS_PATTERN = (
    r"(?i)^(?:[^cmpq]|m(?:$|[^acmpq]|a(?:$|[^rcmpq]))|c(?:$|[^eocmpq]|o(?:$|[^gsucmpq]))"
    r"|p(?:$|[^arcmpq]|a(?:$|[^ycmpq])|r(?:$|[^icmpq]))|q(?:$|[^ucmpq]|u(?:$|[^ocmpq])))*$"
)
"""What needs no closer look: a text without any of mar, cog, cos, cou, ce, pay, pri and quo, one of which is in all
that the patterns above find. The Collector's engine decides it at a tenth of their cost."""

_PERSONAL_PATTERN = (
    r"(?i)(^|[._-])(user|person|enduser|owner|captain|seafarer)?[._-]?"
    r"(user[._-]?id|user[._-]?name|login[._-]?name|e[._-]?mail|mail[._-]?address|ip|ip[._-]?addr(ess)?|remote[._-]?addr"
    r"|client[._-]?address|phone|mobile|(first|last|full|sur|family|given)[._-]?name|birth[._-]?(day|date)|passport"
    r"|password|passwd|secret|token|api[._-]?key|session[._-]?id|cookie|user|person|enduser)([._-]id)?$"
)

_restricted = re.compile(RESTRICTED_PATTERN).search
_personal = re.compile(_PERSONAL_PATTERN).search

STAFF_IDS = frozenset({"tech_id", "technician_id", "employee_id", "crew_id", "captain_id", "seafarer_id"})
"""Ids of single people who work on board or ashore: a label of restricted metrics only."""


def reveals(name: str) -> str | None:
    """Give the word in a name that tells of something restricted, or `None`.

    Args:
        name: The name of a metric, label, attribute, log field or span.

    Example:
        >>> reveals("sms.parts.markup.percent")
        'markup'
        >>> reveals("sms.parts.order.value") is None
        True
    """
    found = _restricted(name)
    return found.group() if found else None


def is_personal(name: str) -> bool:
    """Say whether a name stands for personal data (a user, an e-mail or network address, a secret).

    Example:
        >>> [is_personal(name) for name in ("user_id", "email", "client.ip_address", "user_role", "company_id")]
        [True, True, True, False, False]
    """
    return _personal(name) is not None
