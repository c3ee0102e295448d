"""What all lines of a request have in common: where it is, and whom it is for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sms_observability.context import CORRELATION_ID, current_correlation_id
from sms_observability.logs.encoding import encoded
from sms_observability.logs.fields import PEOPLE
from sms_observability.privacy.masking import is_plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sms_observability.context import Request
    from sms_observability.logs.fields import Fields
    from sms_observability.sanitise import Value


class Head:
    """The fields that come first in the context of a line, and its ids; never changed once it is made.

    Args:
        fields: Says what may be written.
        request: The running request, if there is one.
        bound: What is bound to the running work.
        armed: Whether something is restricted in the running request.
    """

    __slots__ = ("_bound", "_correlation_id", "_fields", "_method", "_route", "context", "ids", "ids_json", "lasts")

    def __init__(self, fields: Fields, request: Request | None, bound: Mapping[str, Value], *, armed: bool) -> None:
        self._fields = fields
        self._bound = bound
        self._route = self._method = self._correlation_id = None
        self.context: dict[str, Value] = {}
        if request is not None:
            self._route, self._method, self._correlation_id = request.route, request.method, request.correlation_id
            if self._route is not None:
                self.context["endpoint"] = self._route
            if self._method is not None:
                self.context["method"] = self._method
        all_allowed = fields.add_bound(self.context, bound)
        self.lasts: Final = all_allowed and not armed and fields.answers_stay
        """Whether the next line may have the same: what becomes restricted meanwhile would have to be found in it."""
        self.ids, self.ids_json = self.ids_of({}, armed=armed)

    def fits(self, fields: Fields, request: Request | None, bound: Mapping[str, Value]) -> bool:
        """Say whether a line that is written now begins like this, if nothing is restricted."""
        if self._bound is not bound or self._fields is not fields:
            return False
        return request is None or (
            self._route is request.route
            and self._method is request.method
            and self._correlation_id is request.correlation_id
        )

    def ids_of(self, said: Mapping[str, Value], *, armed: bool) -> tuple[dict[str, Any], str]:
        """Give the ids of a line: those that are known, and all of them as a piece of JSON.

        Args:
            said: What a call says of who it is about, which beats what is bound.
            armed: Whether something is restricted in the running request.
        """
        masked, bound = self._fields.masked, self._bound
        ids: dict[str, Any] = {CORRELATION_ID: current_correlation_id()}
        for name in PEOPLE:
            ids[name] = said[name] if name in said else bound.get(name)
        for name, value in ids.items():
            # Ids that were bound, or came from a caller, have not passed the mask yet.
            if value is None or (name != "user_id" and not armed):
                continue
            if name == "user_id" or not isinstance(value, str) or not is_plain(value):
                ids[name] = masked(name, value)
        return {name: value for name, value in ids.items() if value is not None}, encoded(ids)[1:-1]
