"""Random ids of traces and spans, of a generator that no other code seeds."""

from __future__ import annotations

import os
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.sdk.trace.id_generator import IdGenerator

# Services seed the shared generator to repeat their results, and then repeat their trace ids.
_random: Final = Random()  # noqa: S311  # unique, not secret
_bits: Final = _random.getrandbits
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_random.seed)

TRACE_ID_BITS: Final = 128
SPAN_ID_BITS: Final = 64


def random_trace_id() -> int:
    """Give an id that is not 0."""
    return _bits(TRACE_ID_BITS) or 1


def random_span_id() -> int:
    """Give an id that is not 0."""
    return _bits(SPAN_ID_BITS) or 1


class Ids:
    """Where ids come from: our own generator, or one that somebody gave; where that fails, our own stands in.

    Args:
        generator: The generator, or `None` for our own.

    Attributes:
        trace_id: Gives the id of a new trace.
        span_id: Gives the id of a new span.
        is_random: Whether the trace ids are random, as the flag of the trace context says.
    """

    __slots__ = ("is_random", "span_id", "trace_id")

    def __init__(self, generator: IdGenerator | None = None) -> None:
        self.trace_id: Callable[[], int] = random_trace_id
        self.span_id: Callable[[], int] = random_span_id
        self.is_random = True
        if generator is not None:
            self.trace_id = partial(_checked, generator.generate_trace_id, TRACE_ID_BITS)
            self.span_id = partial(_checked, generator.generate_span_id, SPAN_ID_BITS)
            try:
                self.is_random = bool(generator.is_trace_id_random())
            except Exception:  # noqa: BLE001  # somebody else's code
                self.is_random = False


def _checked(generate: Callable[[], object], bits: int) -> int:
    try:
        made = generate()
        if type(made) is int and 0 < made < 2**bits:
            return made
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001, S110  # somebody else's code
        pass
    return _bits(bits) or 1
