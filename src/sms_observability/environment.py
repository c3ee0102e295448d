"""Standard variables that the OpenTelemetry API and SDK read by themselves, and raise about when they are wrong.

Some are read as soon as a module of the API is imported. A mistake of a deployment must stop no service, and an empty
variable is none: the specification says so. Both are put aside while the API, or what is made of the SDK, reads them.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Final

from sms_observability.variables import VARIABLES

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from sms_observability.problem import Problem

_DEFAULT: Final = "the default is used"
_LIMITS: Final = tuple(each.name for each in VARIABLES if each.honoured and each.name.endswith("_LIMIT"))
_RATIO_SAMPLERS: Final = ("traceidratio", "parentbased_traceidratio")
_SAMPLERS: Final = ("always_on", "always_off", "parentbased_always_on", "parentbased_always_off", *_RATIO_SAMPLERS)
_EXEMPLARS: Final = ("always_on", "always_off", "trace_based")
_PROPAGATORS: Final = frozenset({"tracecontext", "baggage", "none"})
# Those that are read when they are imported.
_EAGER: Final = ("opentelemetry.propagate", "opentelemetry.sdk.trace")


def mistakes(environ: Mapping[str, str]) -> list[Problem]:
    """Give what is wrong with the variables that the OpenTelemetry API and SDK read by themselves.

    Args:
        environ: The environment.

    Example:
        >>> [str(problem) for problem in mistakes({"OTEL_SPAN_EVENT_COUNT_LIMIT": "many"})]
        ['OTEL_SPAN_EVENT_COUNT_LIMIT must be a whole number of 0 or more: the default is used']
    """
    found: list[Problem] = []
    for names, wrong in _CHECKS:
        for name in names:
            text = environ.get(name, "")
            what = wrong(text, environ) if text.strip() else ""
            if what:
                from sms_observability.problem import Problem  # the package imports this first: it is to cost nothing

                found.append(Problem(name, what, _DEFAULT))
    return found


@contextmanager
def mistakes_put_aside() -> Generator[None]:
    """Hide the variables that are wrong or empty while the body reads the environment.

    Example:
        >>> with mistakes_put_aside():
        ...     import opentelemetry.propagate
    """
    environ = os.environ
    wrong = {problem.variable for problem in mistakes(environ)}
    hidden = {
        name: text
        for names, _ in _CHECKS
        for name in names
        if (text := environ.get(name)) is not None and (name in wrong or not text.strip())
    }
    for name in hidden:
        environ.pop(name, None)
    try:
        yield
    finally:
        for name, text in hidden.items():
            environ.setdefault(name, text)


def load_despite_mistakes() -> None:
    """Import what reads the environment when it is imported, if the environment would stop that."""
    if any(name in os.environ for names, _ in _CHECKS for name in names):
        with mistakes_put_aside():
            for name in _EAGER:
                import_module(name)


def _limit(text: str, environ: Mapping[str, str]) -> str:  # noqa: ARG001
    # The SDK takes what `int` takes.
    try:
        usable = int(text) >= 0
    except ValueError:
        usable = text.strip().lower() == "unset"
    return "" if usable else "must be a whole number of 0 or more"


def _sampler(text: str, environ: Mapping[str, str]) -> str:  # noqa: ARG001
    return "" if text.lower() in _SAMPLERS else f"must be one of {', '.join(_SAMPLERS)}"


def _share(text: str, environ: Mapping[str, str]) -> str:
    if environ.get("OTEL_TRACES_SAMPLER", "").lower() not in _RATIO_SAMPLERS:
        return ""
    try:
        usable = 0 <= float(text) <= 1
    except ValueError:
        usable = False
    return "" if usable else "must be a share from 0 to 1"


def _exemplars(text: str, environ: Mapping[str, str]) -> str:  # noqa: ARG001
    return "" if text in _EXEMPLARS else f"must be one of {', '.join(_EXEMPLARS)}"


def _propagators(text: str, environ: Mapping[str, str]) -> str:  # noqa: ARG001
    for name in (each.strip() for each in text.split(",")):
        if name in _PROPAGATORS or name.lower() == "none" or _is_propagator(name):
            continue
        return "names a propagator that is not installed"
    return ""


def _is_propagator(name: str) -> bool:
    from importlib.metadata import entry_points  # for a propagator that is not built in

    try:
        for each in entry_points(group="opentelemetry_propagator", name=name):
            each.load()()
            return True
    except Exception:  # noqa: BLE001  # a package of somebody else's
        return False
    return False


_CHECKS: Final[tuple[tuple[tuple[str, ...], Callable[[str, Mapping[str, str]], str]], ...]] = (
    (_LIMITS, _limit),
    (("OTEL_TRACES_SAMPLER",), _sampler),
    (("OTEL_TRACES_SAMPLER_ARG",), _share),
    (("OTEL_METRICS_EXEMPLAR_FILTER",), _exemplars),
    (("OTEL_PROPAGATORS",), _propagators),
)
