"""Restricted values, and what may leave the process."""

from sms_observability.privacy.catalogue import CataloguePolicy
from sms_observability.privacy.errors import RestrictedValueError
from sms_observability.privacy.guard import PLACEHOLDER, ValueGuard, current_guard, guard_scope
from sms_observability.privacy.keys import declaration
from sms_observability.privacy.masking import guarded, mask_text
from sms_observability.privacy.policy import OpenPolicy, Policy
from sms_observability.privacy.pseudonyms import PERSONAL, Pseudonyms, pseudonyms_from
from sms_observability.privacy.restricted import Restricted, declassify, is_restricted
from sms_observability.privacy.reveals import Reveal, on_reveal, reveal_counts

__all__ = [
    "PERSONAL",
    "PLACEHOLDER",
    "CataloguePolicy",
    "OpenPolicy",
    "Policy",
    "Pseudonyms",
    "Restricted",
    "RestrictedValueError",
    "Reveal",
    "ValueGuard",
    "current_guard",
    "declaration",
    "declassify",
    "guard_scope",
    "guarded",
    "is_restricted",
    "mask_text",
    "on_reveal",
    "pseudonyms_from",
    "reveal_counts",
]
