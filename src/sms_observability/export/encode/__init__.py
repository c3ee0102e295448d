"""Records become OTLP protobuf bytes, item by item, so that a bad item can only lose itself.

The wire format is written by hand: building message objects first costs ten times as much. The official encoder is the
oracle of the tests. Ours differs where the protocol asks for more: the flags of a span and of a link carry the W3C bits
too, a link carries its trace state, and what the official one raises on becomes a valid message.
"""

from __future__ import annotations

from sms_observability.export.encode.encoder import Encoder, Quarantined

__all__ = ["Encoder", "Quarantined"]
