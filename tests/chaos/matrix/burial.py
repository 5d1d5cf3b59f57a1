"""After a death: what the dead process had leased is free at once, and it comes back without a pause."""

import threading
import time

from deploy.local import running
from deploy.local.failure import LaunchError
from deploy.local.waiting import answers_ok
from tests.chaos.faults.processes import children
from tests.chaos.instance import ChaosStack, execute

RETURN_SECONDS = 60.0
POLL_SECONDS = 0.1
GATEWAY = "gateway"

RELAY_LEASE = "UPDATE relay_lease SET until = now() WHERE holder LIKE '%:{pid}'"
PAYMENT_LEASES = (
    "UPDATE payment_op SET claimed_until = now() WHERE claimed_until > now()",
    "UPDATE job SET lease_until = now() WHERE state = 'running'",
)
"""A relay's lease lasts 5 s, a claim 30 s, a job's lease a minute: `make chaos` waits for them, here each
cell would. Whose claim ends while it lives is guarded by Stripe's keys and by the job's attempt."""


class Burials:
    """Sees to the dead of the matrix."""

    def __init__(self, chaos: ChaosStack) -> None:
        self._chaos = chaos
        self._gateway_workers = len(children(chaos.stack.pids()[GATEWAY]))

    def bury(self, service: str, pid: int) -> None:
        """End the leases of a process that has died."""
        leases = (RELAY_LEASE, *(PAYMENT_LEASES if service == "payment" else ()))
        for statement in leases:
            execute(self._chaos.stack, service, statement.format(pid=pid))

    def await_return(self, service: str) -> None:
        """Return when one process of the service may die and another goes on. Raises LaunchError."""
        end = time.monotonic() + RETURN_SECONDS
        while not self._has_two(service):
            if time.monotonic() > end:
                raise LaunchError(f"{service} did not come back within {RETURN_SECONDS:.0f} s")
            threading.Event().wait(POLL_SECONDS)

    def _has_two(self, service: str) -> bool:
        known = running.processes(self._chaos.stack.instance)
        if service == GATEWAY:
            gateway = known[GATEWAY]
            is_whole = len(children(gateway["pid"] or 0)) == self._gateway_workers
            return is_whole and answers_ok(gateway["ready_url"])
        names = self._chaos.workers[service]
        for name in names:
            if known[name]["pid"] is None:
                # Who dies soon after its start is started later each time; the matrix is no crash loop.
                running.order(self._chaos.stack.instance, "start", name)
        ready = sum(known[name]["pid"] is not None and answers_ok(known[name]["ready_url"]) for name in names)
        return ready >= min(len(names), 2)
