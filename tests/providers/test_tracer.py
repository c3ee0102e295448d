"""Which spans are made, whose children they are, and what stays current."""

from __future__ import annotations

import asyncio
import contextvars
import random
import threading
from collections.abc import AsyncGenerator, Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest
from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider as SdkTracerProvider
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.sdk.trace.sampling import (
    ALWAYS_OFF,
    ALWAYS_ON,
    AlwaysRecordSampler,
    Decision,
    ParentBased,
    ParentBasedTraceIdRatio,
    Sampler,
    SamplingResult,
    TraceIdRatioBased,
)
from opentelemetry.trace import INVALID_SPAN, NonRecordingSpan, SpanContext, SpanKind, TraceFlags, TraceState

from hostile import HOSTILE
from sms_observability.context import Request, enter_request, exit_request, quiet
from sms_observability.providers import TracerProvider, current_span
from sms_observability.providers.seams import local_span_context, with_span


def remote_parent(*, sampled: bool, state: str = "") -> otel_context.Context:
    flags = TraceFlags(3 if sampled else 2)
    context = SpanContext(0xABC, 0xDEF, True, flags, TraceState.from_header([state]))
    return trace.set_span_in_context(NonRecordingSpan(context), otel_context.Context())


def test_children_belong_to_the_current_span(tracer: Any, kept: Any) -> None:
    """The current span is the parent, and current again after the child."""
    with tracer.start_as_current_span("parent") as parent:
        assert trace.get_current_span() is parent is current_span()
        with tracer.start_as_current_span("child") as child:
            assert trace.get_current_span() is child
        detached = tracer.start_span("detached")
        assert trace.get_current_span() is parent
        detached.end()
    assert trace.get_current_span() is INVALID_SPAN
    assert current_span() is None
    assert [span.name for span in kept] == ["child", "detached", "parent"]
    assert {span.trace_id for span in kept} == {parent.trace_id}
    assert child.parent_span_id == detached.parent_span_id == parent.span_id
    assert child.parent == parent.get_span_context()
    assert parent.parent_span_id == 0


def test_an_explicit_context_names_the_parent(tracer: Any) -> None:
    """The context that is given counts, not the current one."""
    with tracer.start_as_current_span("parent") as parent:
        root = tracer.start_span("root", otel_context.Context())
    child = tracer.start_span("child", with_span(otel_context.Context(), parent))
    assert root.parent is None
    assert child.parent_span_id == parent.span_id


def test_a_trace_of_another_process_is_carried_on(tracer: Any) -> None:
    """Ids, trace state and flags come from the remote parent; the OTLP flags say that it is remote."""
    span = tracer.start_span("server", remote_parent(sampled=True, state="vendor=1"), SpanKind.SERVER)
    assert (span.trace_id, span.parent_span_id, span.trace_state) == (0xABC, 0xDEF, "vendor=1")
    assert span.trace_flags == 0x300 | 3
    child = tracer.start_span("child", with_span(otel_context.Context(), span))
    assert (child.trace_state, child.get_span_context().trace_state["vendor"]) == ("vendor=1", "1")
    assert child.trace_flags == 0x100 | 3
    assert child.get_span_context().trace_flags == 3


def test_a_decorated_function_has_a_span_for_each_call(tracer: Any, kept: Any) -> None:
    """Plain and coroutine functions, as with the API; the coroutine is measured to its end."""

    @tracer.start_as_current_span("sync")
    def double(number: int) -> int:
        """Double it."""
        return 2 * number

    @tracer.start_as_current_span("async", attributes={"kind": "async"})
    async def sleep(seconds: float) -> Any:
        await asyncio.sleep(seconds)
        return trace.get_current_span()

    assert [double(1), double(number=2)] == [2, 4]
    assert double.__doc__ == "Double it."
    inner = asyncio.run(sleep(0.01))
    assert [span.name for span in kept] == ["sync", "sync", "async"]
    assert kept[2] is inner
    assert inner.end_ns - inner.start_ns >= 9_000_000
    assert len({span.span_id for span in kept}) == 3


def test_the_span_starts_with_the_block(tracer: Any, kept: Any) -> None:
    """Making the context manager starts nothing."""
    manager = tracer.start_as_current_span("work", end_on_exit=False)
    assert trace.get_current_span() is INVALID_SPAN
    with manager as span:
        pass
    assert not kept
    span.end()
    assert kept.only is span


def test_tasks_and_copied_contexts_keep_the_span(tracer: Any, kept: Any) -> None:
    """What a task, `to_thread` or a copied context starts, is a child."""

    async def work(name: str) -> None:
        with tracer.start_as_current_span(name):
            await asyncio.sleep(0)

    async def main() -> None:
        with tracer.start_as_current_span("parent"):
            await asyncio.gather(work("a"), work("b"), asyncio.to_thread(tracer.start_span("c").end))
            with ThreadPoolExecutor(1) as pool:
                pool.submit(contextvars.copy_context().run, lambda: tracer.start_span("d").end()).result()

    asyncio.run(main())
    parent = kept[-1]
    assert sorted(span.name for span in kept[:-1]) == ["a", "b", "c", "d"]
    assert {span.parent_span_id for span in kept[:-1]} == {parent.span_id}


def test_an_async_generator_that_is_closed_elsewhere_says_nothing(
    tracer: Any, kept: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """The SDK logs "Failed to detach context" with a traceback; the span ends all the same, and is no error."""

    async def numbers() -> AsyncGenerator[int, None]:
        with tracer.start_as_current_span("numbers"):
            yield 1
            yield 2

    async def main() -> None:
        generator = numbers()
        await asyncio.create_task(anext(generator))  # type: ignore[arg-type]
        await generator.aclose()

    asyncio.run(main())
    assert kept.only.status_code == 0
    assert not caplog.records


def test_ids_are_random_whatever_the_application_seeds(tracer: Any) -> None:
    """A service that seeds `random` to repeat its results does not repeat its trace ids."""
    seen = set()
    for _ in range(3):
        random.seed(7)
        span = tracer.start_span("work")
        assert 0 < span.trace_id < 2**128
        assert 0 < span.span_id < 2**64
        assert span.get_span_context().trace_flags.random_trace_id
        seen.add(span.trace_id)
    assert len(seen) == 3


def test_a_given_id_generator_is_used_where_it_works(provider_of: Callable[..., TracerProvider]) -> None:
    """Ids that are none are replaced by our own; the flag says that they are not random."""
    answers: list[Any] = [2**128, "no", 7]

    class Strange(IdGenerator):
        def generate_trace_id(self) -> int:
            return answers.pop()  # type: ignore[no-any-return]

        def generate_span_id(self) -> int:
            raise SystemExit

    tracer = provider_of(id_generator=Strange()).get_tracer("parts")
    ids = [tracer.start_span("work").get_span_context().trace_id for _ in range(3)]
    assert ids[0] == 7
    assert all(0 < one < 2**128 for one in ids)
    assert not tracer.start_span("work").get_span_context().trace_flags.random_trace_id


SAMPLERS: dict[str, Sampler] = {
    "always_on": ALWAYS_ON,
    "always_off": ALWAYS_OFF,
    "parentbased_always_on": ParentBased(ALWAYS_ON),
    "parentbased_always_off": ParentBased(ALWAYS_OFF),
    "ratio 0": TraceIdRatioBased(0.0),
    "ratio 1": TraceIdRatioBased(1.0),
    "parentbased ratio 0": ParentBasedTraceIdRatio(0.0),
    "parentbased ratio 1": ParentBasedTraceIdRatio(1.0),
    "record only": AlwaysRecordSampler(ALWAYS_OFF),
    "reversed": ParentBased(ALWAYS_ON, ALWAYS_OFF, ALWAYS_ON, ALWAYS_OFF, ALWAYS_ON),
}


@pytest.mark.parametrize("name", SAMPLERS)
def test_samplers_decide_as_with_the_sdk(provider_of: Callable[..., TracerProvider], name: str) -> None:
    """For a root, for children here and from elsewhere, of sampled and other spans: the same verdict and context."""
    ours = provider_of(sampler=SAMPLERS[name]).get_tracer("parts")
    theirs = SdkTracerProvider(sampler=SAMPLERS[name], shutdown_on_exit=False).get_tracer("parts")

    def verdicts(tracer: Any) -> list[Any]:
        found = []
        for context in (otel_context.Context(), remote_parent(sampled=True, state="a=b"), remote_parent(sampled=False)):
            span = tracer.start_span("work", context, attributes={"a": 1})
            child = tracer.start_span("child", trace.set_span_in_context(span, otel_context.Context()))
            for one, parent in ((span, trace.get_current_span(context)), (child, span)):
                made, given = one.get_span_context(), parent.get_span_context()
                found.append(
                    (
                        one.is_recording(),
                        made.trace_flags,
                        made.trace_state.to_header(),
                        made.is_remote,
                        made.trace_id == given.trace_id,
                        made.span_id != given.span_id,
                        getattr(one, "parent", None) == given,
                    )
                )
        return found

    assert verdicts(ours) == verdicts(theirs)


def test_only_sampled_spans_reach_the_door(provider_of: Callable[..., TracerProvider], kept: Any) -> None:
    """What is recorded for processors only, and what is not sampled, stays."""
    for sampler in (AlwaysRecordSampler(ALWAYS_OFF), ALWAYS_OFF):
        with provider_of(sampler=sampler).get_tracer("parts").start_as_current_span("work"):
            pass
    assert not kept


def test_the_environment_chooses_the_sampler(
    provider_of: Callable[..., TracerProvider], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`OTEL_TRACES_SAMPLER` and its argument are read when the provider is made; the default records all."""
    assert provider_of().get_tracer("parts").start_span("work").is_recording()
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "parentbased_traceidratio")
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", "0")
    provider = provider_of()
    assert not provider.get_tracer("parts").start_span("work").is_recording()
    assert provider.sampler.get_description().startswith("ParentBased{root:TraceIdRatioBased{0.0}")


class Answers(Sampler):
    def __init__(self, answer: Callable[[], Any]) -> None:
        self.answer = answer

    def should_sample(self, *args: Any, **kwargs: Any) -> SamplingResult:
        return self.answer()  # type: ignore[no-any-return]

    def get_description(self) -> str:
        return "Answers"


@pytest.mark.parametrize("name", HOSTILE)
def test_a_sampler_that_answers_nonsense_records(provider_of: Callable[..., TracerProvider], name: str) -> None:
    """Rather too much than nothing, and never an exception."""
    make: Any = HOSTILE[name]
    for answer in (make, lambda: SimpleNamespace(decision=make(), attributes=make(), trace_state=make())):
        span: Any = provider_of(sampler=Answers(answer)).get_tracer("parts").start_span("work", attributes={"a": 1})
        assert span.is_recording()
        assert dict(span.attributes) == {"a": 1}


def test_a_sampler_that_raises_records(provider_of: Callable[..., TracerProvider]) -> None:
    """`SystemExit` too."""

    def answer() -> Any:
        raise SystemExit

    assert provider_of(sampler=Answers(answer)).get_tracer("parts").start_span("work").is_recording()


def test_a_sampler_may_add_attributes(provider_of: Callable[..., TracerProvider]) -> None:
    """They are sanitised like all others; those that are missing in its answer are gone, as with the SDK."""
    result = SamplingResult(Decision.RECORD_AND_SAMPLE, {"rate": 0.5, "bad": object()}, TraceState([("a", "b")]))  # type: ignore[dict-item]
    span: Any = provider_of(sampler=Answers(lambda: result)).get_tracer("parts").start_span("w", attributes={"x": 1})
    assert span.attributes == {"rate": 0.5, "bad": "<object>"}
    assert span.trace_state == "a=b"


def test_below_an_excluded_route_nothing_is_recorded_and_nothing_becomes_a_root(tracer: Any, kept: Any) -> None:
    """The span that is handed out carries on what is there."""
    token = enter_request(Request(suppressed=True))
    with tracer.start_as_current_span("hidden", remote_parent(sampled=True)) as span:
        assert span.get_span_context().trace_id == 0xABC
        assert not span.is_recording()
        with tracer.start_as_current_span("child") as child:
            assert child.get_span_context().span_id == 0xDEF
    with tracer.start_as_current_span("hidden root") as root:
        assert not root.get_span_context().is_valid
    exit_request(token)
    with quiet(), tracer.start_as_current_span("own work"):
        pass
    assert not kept


def test_opentelemetrys_own_suppression_is_honoured(tracer: Any, kept: Any) -> None:
    """The exporters and instrumentations of others set it."""
    key = otel_context._SUPPRESS_INSTRUMENTATION_KEY
    token = otel_context.attach(otel_context.set_value(key, True))
    with tracer.start_as_current_span("hidden"):
        pass
    otel_context.detach(token)
    assert not kept


def test_a_refused_scope_records_nothing_and_hides_nothing(
    provider_of: Callable[..., TracerProvider], kept: Any
) -> None:
    """FastAPI's own telemetry gives no second server span, and the endpoint still finds the current span."""
    provider = provider_of()
    ours, fastapi = provider.get_tracer("parts"), provider.get_tracer("fastapi")
    with ours.start_as_current_span("server") as server:
        with fastapi.start_as_current_span("fastapi.endpoint") as refused:
            refused.set_attribute("url.query", "secret=1")
            assert trace.get_current_span() is server
        started = fastapi.start_span("again")
        with trace.use_span(started), ours.start_as_current_span("child") as child:
            pass
    assert child.parent_span_id == server.span_id  # type: ignore[attr-defined]
    assert [span.name for span in kept] == ["child", "server"]
    assert not server.attributes  # type: ignore[attr-defined]
    accepting = provider_of(refused=()).get_tracer("fastapi")
    assert accepting.start_span("work").is_recording()


def test_spans_of_another_sdk_are_parents_too(tracer: Any) -> None:
    """Two SDKs in one process share one context."""
    theirs = SdkTracerProvider(shutdown_on_exit=False).get_tracer("other")
    with theirs.start_as_current_span("theirs") as parent, tracer.start_as_current_span("ours") as child:
        assert child.parent_span_id == parent.get_span_context().span_id
        with theirs.start_as_current_span("theirs again") as grandchild:
            assert grandchild.parent.span_id == child.span_id  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", HOSTILE)
def test_any_scope_gives_a_tracer(provider_of: Callable[..., TracerProvider], kept: Any, name: str) -> None:
    """Names, versions and attributes of scopes are sanitised as well."""
    make: Any = HOSTILE[name]
    with provider_of().get_tracer(make(), make(), make(), make()).start_as_current_span("work"):
        pass
    scope = kept.only.scope_
    assert {type(scope.name), type(scope.version), type(scope.schema_url)} == {str}
    scope.name.encode()
    assert kept.only.instrumentation_scope.name == scope.name


def test_a_provider_without_a_door_makes_spans_that_do_nothing() -> None:
    """Before installation and after, calls keep working."""
    provider = TracerProvider()
    with provider.get_tracer("parts").start_as_current_span("work") as span:
        assert not span.is_recording()
    assert provider.force_flush()
    provider.shutdown()
    provider.add_span_processor(None)  # type: ignore[arg-type]
    assert provider.resource.attributes == {}


def test_flushing_asks_the_door_in_seconds(provider_of: Callable[..., TracerProvider]) -> None:
    """The SDK's callers speak of milliseconds; what the door says is what they hear."""
    asked: list[float] = []

    def flush(seconds: float) -> bool:
        asked.append(seconds)
        if len(asked) > 3:
            raise SystemExit
        return len(asked) > 1

    provider = provider_of(flush=flush)
    assert [provider.force_flush(given) for given in (500, -1, "soon", 1)] == [False, True, True, False]  # type: ignore[arg-type]
    assert asked == [0.5, 0, 30, 0.001]


def test_the_quick_way_to_a_span_context_is_the_public_one() -> None:
    """If the API changes its tuple, the slower way is taken."""
    made = local_span_context(5, 6, 3, TraceState([("a", "b")]))
    assert made == SpanContext(5, 6, False, TraceFlags(3), TraceState([("a", "b")]))
    assert (made.is_valid, made.trace_flags.random_trace_id) == (True, True)


def test_spans_of_many_threads_do_not_mix(tracer: Any, kept: Any) -> None:
    """Each thread has its own current span."""

    def work() -> Generator[None]:
        with tracer.start_as_current_span("parent"):
            with tracer.start_as_current_span("child"):
                yield
            yield

    def run() -> None:
        for _ in range(200):
            for _ in work():
                pass

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    parents = {span.span_id: span for span in kept if span.name == "parent"}
    children = [span for span in kept if span.name == "child"]
    assert len(parents) == len(children) == 800
    assert all(parents[child.parent_span_id].trace_id == child.trace_id for child in children)
