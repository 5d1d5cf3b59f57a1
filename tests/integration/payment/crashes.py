"""A process that dies at a chosen place, jobs that were given up, and what comes back after it."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine

from services.payment.usecases.catch_up import Rounds
from services.payment.usecases.desk import Desk
from tests.integration.payment.records import rows, run_jobs

NOON = datetime(2027, 1, 15, 12, tzinfo=UTC)


class ProcessDied(BaseException):
    """What follows in this process never happens."""


def die(*_: Any) -> None:
    raise ProcessDied


def let_claims_lapse(owner: Engine) -> None:
    """What a dead process had claimed is free again."""
    rows(owner, "UPDATE payment_op SET claimed_until = NULL WHERE claimed_until IS NOT NULL RETURNING id")


def come_back(desk: Desk, owner: Engine) -> None:
    """Time passes: claims and leases of the dead lapse, and jobs run again."""
    let_claims_lapse(owner)
    rows(owner, "UPDATE job SET state = 'waiting' WHERE state = 'running' RETURNING id")
    run_jobs(desk, owner)


def forget_jobs(owner: Engine) -> None:
    """As if each had been given up."""
    rows(owner, "UPDATE job SET state = 'parked' WHERE kind <> 'reconcile' RETURNING id")


def reconcile(desk: Desk, owner: Engine, events_are_listed: bool = True) -> None:
    """One round, from its beginning to the last of its jobs."""
    gateway: Any = desk.provider
    if not events_are_listed:
        gateway.undelivered_events = lambda since, until: []
    Rounds(desk, 300, lambda: NOON).begin_when_due()
    for _ in range(2):
        run_jobs(desk, owner)
