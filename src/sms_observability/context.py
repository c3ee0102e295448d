"""Who and what the running code works for: the request, and the ids that were bound to it.

Ids are bound with `bind_context` and follow the work: into tasks, into `asyncio.to_thread`, and, once instrumented,
into threads and thread pools. They are kept in a context variable as an immutable snapshot, so that what one task binds
stays with this task; and in the request, so that what a dependency in a worker thread binds reaches the endpoint, and
the server span carries all of it.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from sms_observability.sanitise import sanitise_key, sanitise_text, sanitise_value

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from contextvars import Token

    from sms_observability.sanitise import Value

CORRELATION_ID: Final = "correlation_id"
MAX_BOUND: Final = 128

_WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{1,64}")
_NOTHING: Final[dict[str, Value]] = {}

_bound: ContextVar[dict[str, Value]] = ContextVar("sms_observability_bound", default=_NOTHING)
_request: ContextVar[Request | None] = ContextVar("sms_observability_request", default=None)
_quiet: ContextVar[bool] = ContextVar("sms_observability_quiet", default=False)


class Request:
    """What is known of the request that the running code serves; whoever learns more writes it here.

    Attributes:
        method: The HTTP method.
        route: The template of the route that took the request, `None` before routing.
        correlation_id: Well formed (see `correlation_id_or_none`), or `None`.
        trusted: Whether the peer's baggage and tracestate are believed.
        suppressed: An excluded route: no spans below it, and its log lines are at DEBUG.
        disconnected: Whether the client has gone away.
        bound: Every id that was bound anywhere in the request. Replaced, never changed in place, so that it can be
            read while another thread binds.
        scope: The ASGI scope, if the request came by ASGI.
        log_head: What log lines of it have in common; theirs to keep.
    """

    __slots__ = (
        "_agreed",
        "_contested",
        "_merged",
        "bound",
        "correlation_id",
        "disconnected",
        "log_head",
        "method",
        "route",
        "scope",
        "suppressed",
        "trusted",
    )

    def __init__(
        self,
        *,
        method: str | None = None,
        route: str | None = None,
        correlation_id: str | None = None,
        trusted: bool = False,
        suppressed: bool = False,
    ) -> None:
        self.method = method
        self.route = route
        self.correlation_id = correlation_id
        self.trusted = trusted
        self.suppressed = suppressed
        self.disconnected = False
        self.scope: Mapping[str, Any] | None = None
        self.log_head: Any = None
        self.bound: dict[str, Value] = _NOTHING
        # What code that has not bound a name itself sees of it: the request's value, as long as there is only one.
        self._agreed: dict[str, Value] = _NOTHING
        self._contested: frozenset[str] = frozenset()
        # Both kinds of ids as they were last asked for, and what they come to.
        self._merged: tuple[dict[str, Value], dict[str, Value], dict[str, Value]] = (_NOTHING, _NOTHING, _NOTHING)

    def _bind(self, ids: dict[str, Value], before: dict[str, Value], after: dict[str, Value]) -> None:
        self.bound = _clean({**self.bound, **ids})
        if self._agreed is before and not self._contested:
            self._agreed = after
            return
        agreed = dict(self._agreed)
        for name, value in ids.items():
            if name in agreed and agreed[name] != value and before.get(name) != agreed[name]:
                self._contested |= {name}
            agreed[name] = value
        self._agreed = _clean({k: v for k, v in agreed.items() if k not in self._contested})


class RequestToken:
    """What `exit_request` needs to restore what was before `enter_request`."""

    __slots__ = ("bound", "request")

    def __init__(self, request: Token[Request | None], bound: Token[dict[str, Value]]) -> None:
        self.request = request
        self.bound = bound


def bind_context(**ids: object) -> None:
    """Bind ids to the running work: every later log line and metric of it carries them.

    Args:
        ids: For example `user_id`, `company_id`, `vessel_id`. Any value is taken (`sanitise_value` says how); `None`
            unbinds. A `correlation_id` that is not well formed is left out. At most 128 names are kept.

    Example:
        >>> bind_context(company_id="acme", vessel_id=7)
        >>> dict(bound_context())
        {'company_id': 'acme', 'vessel_id': 7}
        >>> unbind_context("company_id", "vessel_id")
    """
    safe: dict[str, Value] = {sanitise_key(name): sanitise_value(value) for name, value in ids.items()}
    if CORRELATION_ID in safe:
        safe[CORRELATION_ID] = correlation_id_or_none(safe[CORRELATION_ID])
    _change(safe)


def unbind_context(*names: str) -> None:
    """Take ids away from the running work; unknown names are ignored.

    Args:
        names: The names that were given to `bind_context`.

    Example:
        >>> bind_context(vessel_id=7)
        >>> unbind_context("vessel_id", "never_bound")
        >>> dict(bound_context())
        {}
    """
    _change(dict.fromkeys(map(sanitise_key, names)))


def bound_context() -> Mapping[str, Value]:
    """Give the ids of the running work: those bound in it, then those that the whole request agrees on.

    Returns:
        A snapshot of safe values that must not be changed. It does not follow later binds.
    """
    bound = _bound.get()
    request = _request.get()
    if request is None:
        return bound
    agreed = request._agreed
    if agreed is bound or not agreed:
        return bound
    if not bound:
        return agreed
    of_agreed, of_bound, merged = request._merged
    if of_agreed is not agreed or of_bound is not bound:
        merged = {**agreed, **bound}
        request._merged = agreed, bound, merged
    return merged


def current_correlation_id() -> str | None:
    """Give the id that joins the log lines, spans and calls of one transaction.

    Returns:
        The request's, or one that was bound as `correlation_id` (in a worker); `None` outside of both.

    Example:
        >>> bind_context(correlation_id="order-17")
        >>> current_correlation_id()
        'order-17'
        >>> unbind_context("correlation_id")
    """
    request = _request.get()
    if request is not None and request.correlation_id is not None:
        return request.correlation_id
    value = bound_context().get(CORRELATION_ID)
    return value if isinstance(value, str) else None


def correlation_id_or_none(value: object) -> str | None:
    r"""Take a correlation id if it is well formed: 1 to 64 letters, digits, dots, underscores and hyphens of ASCII.

    Args:
        value: Text or bytes as a header holds them, or anything else, which is read as text.

    Example:
        >>> correlation_id_or_none(b"order-17"), correlation_id_or_none("a b"), correlation_id_or_none("a\n")
        ('order-17', None, None)
    """
    if value is None:
        return None
    text = value if type(value) is str else sanitise_text(value, 65)
    return text if _WELL_FORMED.fullmatch(text) else None


def current_request() -> Request | None:
    """Give the request that the running code serves, or `None` outside of one."""
    return _request.get()


def enter_request(request: Request) -> RequestToken:
    """Make a request the current one; ids that are bound already are its own from now on.

    Args:
        request: The request.

    Returns:
        What `exit_request` wants back.
    """
    bound = _bound.get()
    request.bound = request._agreed = bound
    return RequestToken(_request.set(request), _bound.set(bound))


def exit_request(token: RequestToken) -> None:
    """Leave the current request and forget what was bound in it.

    Args:
        token: From `enter_request`. In another task than the one that entered, nothing happens: nothing is set there.
    """
    try:
        _bound.reset(token.bound)
        _request.reset(token.request)
    except (ValueError, RuntimeError):
        return


def suppressed() -> bool:
    """Say whether the running code leaves no telemetry: an excluded route, or this library's own work."""
    request = _request.get()
    return (request is not None and request.suppressed) or _quiet.get()


def is_quiet() -> bool:
    """Say whether the running code is this library's own work."""
    return _quiet.get()


@contextmanager
def quiet() -> Generator[None]:
    """Leave no telemetry while the body runs: for this library's own connections and checks.

    Example:
        >>> with quiet():
        ...     suppressed()
        True
    """
    token = _quiet.set(True)
    try:
        yield
    finally:
        _quiet.reset(token)


def _change(ids: dict[str, Value]) -> None:
    """Bind or, where the value is `None`, unbind."""
    before = _bound.get()
    after = _clean({**before, **ids})
    _bound.set(after)
    request = _request.get()
    if request is not None:
        request._bind(ids, before, after)


def _clean(ids: dict[str, Value]) -> dict[str, Value]:
    return dict(islice(((name, value) for name, value in ids.items() if value is not None), MAX_BOUND))
