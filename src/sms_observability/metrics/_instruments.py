"""The instruments of the portal's catalogue by name; the rendered stub beside this file gives their exact types."""

from typing import Any, NoReturn

from sms_observability.catalog import SMS_CATALOG, nearest


class _Restricted:
    """The instruments whose measurements leave by the restricted door only."""

    def __getattr__(self, name: str) -> NoReturn:
        msg = f"there is no restricted instrument {name!r}{nearest(name, vars(self))}"
        raise AttributeError(msg)

    def __dir__(self) -> list[str]:
        return sorted(vars(self))


restricted = _Restricted()

_public: dict[str, Any] = {}
for _metric in SMS_CATALOG.metrics.values():
    if _metric.source == "sms":
        (_public if _metric.access == "public" else vars(restricted))[_metric.python_name] = _metric

globals().update(_public, __all__=["restricted", *_public])


def __getattr__(name: str) -> NoReturn:
    if name.startswith("__"):
        raise AttributeError(name)
    if name in vars(restricted):
        msg = f"{name} leaves by the restricted door only: write metrics.restricted.{name}"
        raise AttributeError(msg)
    msg = f"there is no instrument {name!r} in the catalogue{nearest(name, _public)}"
    raise AttributeError(msg)
