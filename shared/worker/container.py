"""nameko's container with one span around each request, event and timer run, its answer included."""

from collections.abc import Callable
from typing import Any

from nameko.containers import ServiceContainer
from nameko.exceptions import ContainerBeingKilled
from opentelemetry.trace import get_current_span

from shared.fault_points import doing
from shared.telemetry import tracing


class TracedContainer(ServiceContainer):  # type: ignore[misc]
    """Asks the entrypoint for the span, since only it knows who caused the work.

    Not nameko's own instrumentation: that one exports the broker's password and arguments, and can
    make no link.
    """

    def begin(
        self,
        entrypoint: Any,
        argument: object,
        handle_result: Callable[[Any, Any, Any], Any],
        give_up: Callable[[], None],
    ) -> None:
        """Hand work to the pool without waiting: whoever reads a connection has to go on with its heartbeats.

        `give_up` is called instead when the container is being killed.
        """

        def work() -> None:
            try:
                self.spawn_worker(entrypoint, (argument,), {}, handle_result=handle_result)
            except ContainerBeingKilled:
                give_up()

        if self._worker_pool.free() > 0:
            work()
        else:
            self.spawn_managed_thread(work, identifier=f"waiting for a worker: {entrypoint.method_name}")

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
