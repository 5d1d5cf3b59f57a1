"""One span per request, event and timer run, continuing the trace of who caused it."""

from collections.abc import Mapping
from typing import Any

from nameko_opentelemetry import NamekoInstrumentor
from nameko_opentelemetry.entrypoints import EntrypointAdapter
from opentelemetry.trace import Span, SpanKind, Status, StatusCode

from shared.errors import Category, ServiceError

PREFIX = "shared.worker"


class Adapter(EntrypointAdapter):  # type: ignore[misc]
    """Names and statuses only: nameko's own adapters export arguments, host and error texts.

    They also put the broker's address with its password on every span.
    """

    span_kind = SpanKind.INTERNAL

    def get_metadata(self, worker_ctx: Any) -> Mapping[str, str]:
        carrier = worker_ctx.entrypoint.trace_carrier(*worker_ctx.args)
        if not isinstance(carrier, Mapping):
            return {}
        # What a peer wrote there is not ours: anything but text would end the container.
        return {name: value for name, value in carrier.items() if isinstance(value, str)}

    def start_span(self, span: Span, worker_ctx: Any) -> None:
        """Adds nothing."""

    def end_span(self, span: Span, worker_ctx: Any, result: Any, exc_info: Any) -> None:
        if not span.is_recording() or not exc_info:
            return
        error = exc_info[1]
        if isinstance(error, ServiceError):
            span.set_attribute("error.code", error.code)
            if error.category not in (Category.INTERNAL, Category.UNAVAILABLE, Category.DEADLINE):
                return
        else:
            span.set_attribute("error.type", type(error).__name__)
        span.set_status(Status(StatusCode.ERROR))


class ServerAdapter(Adapter):
    """A request that a caller waits for."""

    span_kind = SpanKind.SERVER


class ConsumerAdapter(Adapter):
    """An event; its trace goes on even when it is handled much later."""

    span_kind = SpanKind.CONSUMER


def instrument() -> None:
    """Give nameko's container spans. Call it after `configure_tracing`, before the first container."""
    NamekoInstrumentor().instrument(
        entrypoint_adapters={
            # Found by exact type, so every subclass is named.
            f"{PREFIX}.rpc.Rpc": f"{PREFIX}.tracing.ServerAdapter",
            f"{PREFIX}.events.EventHandler": f"{PREFIX}.tracing.ConsumerAdapter",
            f"{PREFIX}.timers.Timer": f"{PREFIX}.tracing.Adapter",
        }
    )
