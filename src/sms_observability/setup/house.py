"""Everything that one `init_observability` builds, in order, and takes down again in the opposite one."""

from __future__ import annotations

import logging
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from opentelemetry.sdk.resources import Resource

from sms_observability import lifecycle
from sms_observability.health import ports as health_ports
from sms_observability.instrumentation import (
    InstrumentationOptions,
    excluder,
    instrument_app,
    instrument_libraries,
    uninstrument_app,
)
from sms_observability.journeys import ports as journey_ports
from sms_observability.journeys import use_catalog
from sms_observability.logs import LogOptions, configure_logs, request_finished, restore_logs, take_over_servers
from sms_observability.metrics import LoopLag, RuntimeMetrics, TelemetryMetrics
from sms_observability.providers import Joined, LoggerProvider, MeterProvider, TracerProvider, install, join, uninstall
from sms_observability.providers import after_fork as providers_after_fork
from sms_observability.sanitise.classes import full_name
from sms_observability.setup.celery import CeleryHooks
from sms_observability.setup.channels import Channels
from sms_observability.setup.resource import instance_id, resource_attributes
from sms_observability.setup.signals import SignalHandlers
from sms_observability.setup.threads import DEFAULT_TIMEOUT, in_thread, seconds
from sms_observability.trust import host_test, peer_test
from sms_observability.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sms_observability.catalog import Catalog
    from sms_observability.export.records import LogData
    from sms_observability.settings import Problem, Settings

_logger: Final = logging.getLogger("sms_observability.setup")


class House:
    """The rooms of the library, joined for one process.

    Args:
        settings: The resolved settings.
        catalog: What may be measured.
        problems: The mistakes that were found in the environment so far.
    """

    def __init__(self, settings: Settings, catalog: Catalog, problems: list[Problem]) -> None:
        self.settings = settings
        self.catalog = catalog
        self.is_open = False
        self._problems = problems
        self._resource = resource_attributes(settings)
        self._answer = True
        self._lock = Lock()
        self._undo: list[Callable[[], object]] = []
        self._apps: list[Any] = []
        self._channels = Channels(settings, catalog, self._resource, problems)
        door = self._channels.public
        resource = Resource(dict(self._resource))
        self._tracers = TracerProvider(
            door.emit_span,
            resource=resource,
            allow_message=self._allow_message,
            count_dropped=door.count_dropped,
            flush=self.flush,
        )
        self._meters = MeterProvider(resource=resource, count_dropped=door.count_dropped, flush=self.flush)
        self._loggers = LoggerProvider(
            door.emit_log,
            resource=resource,
            allow_message=self._allow_message,
            count_dropped=door.count_dropped,
            flush=self.flush,
        )
        self._own = (RuntimeMetrics(VERSION), TelemetryMetrics(self._channels.figures, VERSION))
        self._lag = LoopLag(self._channels.record_lag)
        self._joined: Joined | None = None
        self._signals = SignalHandlers(settings.drain_seconds, lambda: self.shutdown(DEFAULT_TIMEOUT))
        # While a server runs, its last log lines come after the last flush: they go to stdout only.
        self._serving_ended = False
        self._options = self._instrumentation_options()

    def open(self) -> None:
        """Take effect on the process."""
        settings = self.settings
        self._configure_logs()
        for problem in self._problems:
            _logger.error("%s", problem)
        if settings.disabled:
            self.is_open = True
            return
        use_catalog(self.catalog)
        self._install_providers()
        self._channels.bind()
        for source in (self._channels.registry, *self._own, self._meters):
            self._channels.public.add_metric_source(source.collect)
        journey_ports.record = self._channels.journeys.record
        journey_ports.hidden = self._channels.emit_hidden
        journey_ports.enabled = True
        health_ports.identity = self._identity
        health_ports.telemetry = self._channels.public.status
        for patches in instrument_libraries(settings.instrument, self._options):
            self._undo.append(patches.undo)
        self._undo.append(lifecycle.on_exit(lambda: self.shutdown(DEFAULT_TIMEOUT)))
        self._undo.append(lifecycle.on_fork(self._after_fork))
        self._undo.append(CeleryHooks(lambda: self.shutdown(DEFAULT_TIMEOUT)).undo)
        self._signals.install()
        self.is_open = True

    def watch(self, app: Any) -> Any:
        """Instrument an application, which a second time does nothing; give what is to be served."""
        if self.settings.disabled or any(app is known for known in self._apps):
            return app
        watched = instrument_app(app, self._options)
        if watched is app:
            self._apps.append(app)
        return watched

    def flush(self, timeout: object = DEFAULT_TIMEOUT) -> bool:
        """Send what waits at both doors."""
        return self._channels.flush(seconds(timeout))

    def shutdown(self, timeout: object = DEFAULT_TIMEOUT) -> bool:
        """Send what waits, and let go of the process; log lines go on to stdout."""
        deadline = monotonic() + seconds(timeout)
        with self._lock:
            if not self.is_open:
                return self._answer
            self.is_open = False
        self._signals.remove()
        self._lag.stop()
        journey_ports.enabled = False
        # The doors collect the metrics a last time, so the instruments are let go of after them.
        self._answer = self.settings.disabled or self._channels.shutdown(max(deadline - monotonic(), 0.0))
        self._channels.unbind()
        use_catalog(None)
        if self._joined is not None:
            self._joined.leave()
        if not self.settings.disabled:
            uninstall()
        for undo in reversed(self._undo):
            undo()
        self._undo.clear()
        for app in self._apps:
            uninstrument_app(app)
        self._apps.clear()
        return self._answer

    def restore(self) -> None:
        """Let log lines go where they went before, after `shutdown`."""
        restore_logs()

    def accounting(self) -> dict[str, dict[str, Any]]:
        """Add up the accounts of both doors."""
        return self._channels.accounting()

    def undeclared(self) -> dict[str, dict[str, Any]]:
        """Say which keys were met that no catalogue declares."""
        return self._channels.undeclared()

    def _install_providers(self) -> None:
        foreign = install(tracer=self._tracers, meter=self._meters, logger=self._loggers)
        if not foreign:
            return
        door = self._channels.public
        self._joined = joined = join(
            foreign, emit_span=door.emit_span, emit_log=door.emit_log, count_dropped=door.count_dropped
        )
        door.add_metric_source(joined.collect)
        ways = [f"what it records of {', '.join(joined.signals)} leaves by our door too"] if joined.signals else []
        if joined.refused:
            ways.append(f"its {', '.join(joined.refused)} cannot be joined and go where it sends them")
        _logger.warning(
            "another OpenTelemetry SDK was set up before init_observability, for %s: %s",
            ", ".join(foreign),
            "; ".join(ways),
        )

    def _configure_logs(self) -> None:
        settings = self.settings
        configure_logs(
            LogOptions(
                service=settings.service_name,
                version=settings.version,
                environment=settings.environment,
                region=settings.region,
                pod=settings.pod,
                level=settings.log_level,
                levels=dict(settings.log_levels),
                format=settings.log_format,
                emit=None if settings.disabled or settings.logs == "none" else self._emit_log,
                allow_message=self._allow_message,
                allow_key=self._channels.allow_key,
                mask=self._channels.mask,
                holds=self._channels.holds,
                count_dropped=self._channels.public.count_dropped,
            )
        )

    def _allow_message(self, kind: type[BaseException]) -> bool:
        return bool(self.catalog.messages) and full_name(kind) in self.catalog.messages

    def _emit_log(self, log: LogData) -> None:
        if self.is_open and not self._serving_ended:
            self._channels.public.emit_log(log)

    def _instrumentation_options(self) -> InstrumentationOptions:
        settings = self.settings
        return InstrumentationOptions(
            trusted=peer_test(settings.trusted_peers),
            internal=host_test(settings.internal_hosts),
            excluded=excluder(settings.excluded_routes),
            metric=self._channels.metric,
            request_finished=request_finished,
            on_lifespan_startup=self._serving_begins,
            on_lifespan_shutdown=self._serving_ends,
        )

    def _serving_begins(self) -> None:
        self._serving_ended = False
        take_over_servers()
        # The server has put its own handlers in place by now: ours goes on top.
        self._signals.install()
        self._lag.watch()

    async def _serving_ends(self) -> None:
        lifecycle.start_draining()
        await in_thread(lambda: self.flush(DEFAULT_TIMEOUT))
        self._serving_ended = True

    def _identity(self) -> Mapping[str, str]:
        settings = self.settings
        return {"serviceId": settings.service_name, "version": settings.version}

    def _after_fork(self) -> None:
        self._lock = Lock()
        given = dict(self.settings.resource).get("service.instance.id")
        self._resource["service.instance.id"] = instance_id(given, forked=True)
        self._channels.after_fork(self._resource)
        for source in self._own:
            source.reset()
        providers_after_fork()
