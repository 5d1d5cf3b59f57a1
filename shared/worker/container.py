"""nameko's container with one span around each request, event and timer run, its answer included."""

from typing import Any

from nameko.containers import ServiceContainer
from opentelemetry.trace import get_current_span

from shared.fault_points import doing
from shared.telemetry import tracing


class TracedContainer(ServiceContainer):  # type: ignore[misc]
    """Asks the entrypoint for the span, since only it knows who caused the work.

    Not nameko's own instrumentation: that one exports the broker's password and arguments, and can
    make no link.
    """

    def _run_worker(self, worker_ctx: Any, handle_result: Any) -> None:
        work = f"{worker_ctx.service_name}.{worker_ctx.entrypoint.method_name}"
        with worker_ctx.entrypoint.work_span(*worker_ctx.args), doing(work):
            super()._run_worker(worker_ctx, handle_result)

    def _worker_result(self, worker_ctx: Any, result: Any, exc_info: Any) -> None:
        if exc_info:
            # The boundaries raise nothing; what failed is here.
            tracing.note_error(get_current_span(), exc_info[1])
        super()._worker_result(worker_ctx, result, exc_info)


PATH = f"{TracedContainer.__module__}.{TracedContainer.__name__}"
"""As nameko's setting names it."""
