"""Rules that a catalogue, and the code that uses it, must keep."""

from sms_observability.lint.derivation import Finding, check_derivations, refuse_derivations
from sms_observability.lint.messages import MovingMessage, check_messages

__all__ = ["Finding", "MovingMessage", "check_derivations", "check_messages", "refuse_derivations"]
