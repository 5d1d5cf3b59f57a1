"""One trace per request, through HTTP, RPC, SQL, Redis and Stripe; events and jobs link to it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_NAMESPACE, Resource
from opentelemetry.sdk.trace import SpanLimits, TracerProvider
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import Link, NonRecordingSpan, Span, SpanContext, SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import AttributeValue

from shared import logs
from shared.errors import Category, ServiceError
from shared.settings import ProcessSettings
from shared.telemetry import attributes as names
from shared.telemetry.exporting import processor_for
from shared.telemetry.sampling import head_sampler

LONGEST_VALUE = 2048
"""Characters of an attribute: a statement with a hundred placeholders says no more than its beginning."""
MOST_LINKS = 256
"""Above the relay's batch, whose span links to each of its events."""

FAILURES = frozenset({Category.INTERNAL, Category.UNAVAILABLE, Category.DEADLINE})
"""What makes a span an error. Other refusals are answers."""

Attributes = Mapping[str, AttributeValue]

tracer = trace.get_tracer(__name__)

# Trace context and nothing else: baggage would carry what a client wrote through the whole house.
_propagator = TraceContextTextMapPropagator()
_ids = RandomIdGenerator()


def configure_tracing(service_name: str, settings: ProcessSettings) -> TracerProvider:
    """Set up tracing of this process. Call it once, after monkey-patching, before the first request.

    Trace ids exist always, for logs; spans are exported over HTTP only when an endpoint is set.
    The caller ends the process with `provider.shutdown()`, or leaves that to exit.
    """
    provider = TracerProvider(
        resource=Resource.create({SERVICE_NAME: service_name, SERVICE_NAMESPACE: "care"}),
        sampler=head_sampler(settings.trace_ratio),
        span_limits=SpanLimits(max_span_attribute_length=LONGEST_VALUE, max_links=MOST_LINKS),
    )
    if settings.otlp_endpoint:
        provider.add_span_processor(processor_for(settings.otlp_endpoint))
    trace.set_tracer_provider(provider)
    return provider


@contextmanager
def span(
    name: str,
    kind: SpanKind,
    attributes: Attributes | None = None,
    *,
    context: Context | None = None,
    links: Sequence[Link] = (),
) -> Iterator[Span]:
    """A span around a block, ended however the block ends; what the block raises is noted and goes on.

    By default a child of the current span. `context`: of what `extract` found, or the root of a new
    trace with `Context()`.
    """
    parent = trace.get_current_span(context)
    if _is_left_out(parent.get_span_context()):
        # Nothing of its trace is kept, so nobody would see it: who calls further names its parent.
        with trace.use_span(parent, record_exception=False, set_status_on_exception=False):
            yield parent
        return
    with tracer.start_as_current_span(
        name,
        context=context,
        kind=kind,
        attributes=attributes,
        links=links,
        record_exception=False,
        set_status_on_exception=False,
    ) as current:
        try:
            yield current
        except BaseException as error:
            note_error(current, error)
            raise


def _is_left_out(parent: SpanContext) -> bool:
    return parent.is_valid and not parent.trace_flags.sampled


@contextmanager
def caused_span(name: str, attributes: Attributes, carrier: object) -> Iterator[Span]:
    """The first span of an event's or job's own trace, with a link to who caused it, hours ago perhaps.

    Log lines inside name that trace as `cause_trace_id`.
    """
    links = cause_links([carrier])
    told = {names.CAUSE_TRACE_ID: trace.format_trace_id(links[0].context.trace_id)} if links else {}
    token = logs.cause_trace_id.set(told.get(names.CAUSE_TRACE_ID, ""))
    try:
        with span(name, SpanKind.CONSUMER, {**attributes, **told}, context=Context(), links=links) as current:
            yield current
    finally:
        logs.cause_trace_id.reset(token)


def cause_links(carriers: Sequence[object]) -> list[Link]:
    """Links to the contexts that carriers name; one that names none is left out."""
    found = (context_of(carrier) for carrier in carriers)
    return [Link(context, {names.LINK: names.CAUSE}) for context in found if context.is_valid]


def note_error(current: Span, error: BaseException) -> None:
    """Say on a span how its work ended: the code, and that it is an error when it is one."""
    if isinstance(error, ServiceError):
        note_code(current, error.code, is_failure=error.category in FAILURES)
    else:
        note_failure(current, type(error).__name__)


def note_code(current: Span, code: str, *, is_failure: bool) -> None:
    """Say with which code a span's work was refused or failed."""
    current.set_attribute(names.ERROR_CODE, code)
    if is_failure:
        note_failure(current, code)


def note_failure(current: Span, kind: str) -> None:
    """Make a span an error of this kind: a code or a type, never a text."""
    current.set_attribute(names.ERROR_TYPE, kind)
    current.set_status(StatusCode.ERROR)


def inject(headers: Mapping[str, str] | None = None) -> dict[str, str]:
    """A copy of `headers` with the current trace context (`traceparent`); empty outside of a trace."""
    carrier = dict(headers or {})
    _propagator.inject(carrier)
    return carrier


def extract(carrier: object) -> Context:
    """The context that a carrier names, as the parent of a span; without one the root of a new trace.

    What a peer wrote there is not ours: what is no mapping of texts is left out.
    """
    given = carrier if isinstance(carrier, Mapping) else {}
    texts = {str(name): value for name, value in given.items() if isinstance(value, str)}
    return _propagator.extract(texts, context=Context())


def context_of(carrier: object) -> SpanContext:
    """The span that a carrier names; not valid when it names none."""
    return trace.get_current_span(extract(carrier)).get_span_context()


def unsampled_span() -> Span:
    """A span with ids of its own that is never exported, and neither is what happens inside it."""
    return NonRecordingSpan(SpanContext(_ids.generate_trace_id(), _ids.generate_span_id(), is_remote=False))


def current_trace_id() -> str:
    """The trace id of this moment as 32 hex digits; empty outside of a trace."""
    context = trace.get_current_span().get_span_context()
    return trace.format_trace_id(context.trace_id) if context.is_valid else ""
