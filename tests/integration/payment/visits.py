"""Visits that are over, and what providers have of them, as tests look at it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from services.payment.usecases.desk import Desk
from services.payment.usecases.hear_events import on_booking_completed
from services.payment.usecases.make_payouts import ROUND_JOB
from services.payment.usecases.provider_money import release_shares
from services.payment.usecases.send_payouts import LOOK_JOB
from shared.contracts.declaration import Caller, Post
from shared.database.transaction import read_app_now
from shared.ids import new_id
from shared.messages import jobs
from tests.integration.payment.bookings import Booked, ended
from tests.integration.payment.paying import pay
from tests.integration.payment.records import rows, run_jobs

WAITED = timedelta(days=3)
"""More than the waiting time of the desk."""


def owner_caller(provider_id: str) -> Caller:
    """Who owns the provider, as the gateway tells it."""
    return _acting_for(provider_id, (Post(provider_id, "owner"),))


def lesser_members(provider_id: str) -> list[Caller]:
    """One of the provider's staff, and a member of whom an older release does not tell as what."""
    return [_acting_for(provider_id, posts) for posts in ((Post(provider_id, "staff", new_id()),), ())]


def _acting_for(provider_id: str, posts: tuple[Post, ...]) -> Caller:
    return Caller(user_id=new_id(), memberships=(provider_id,), posts=posts)


def complete(desk: Desk, booked: Booked, ago: timedelta = WAITED) -> None:
    """Booking's word that the visit took place, so long ago."""
    on_booking_completed(desk, ended(booked, "completed", datetime.now(UTC) - ago))


def release(desk: Desk, booked: Booked, tip: str | None = None) -> dict[str, Any]:
    """Pay, have the visit and wait; answers the payment, whose share is due then."""
    paid = pay(desk, booked, tip)
    complete(desk, booked)
    release_shares(desk)
    return paid


def share_of(owner: Engine, payment_id: str) -> dict[str, Any]:
    return rows(owner, "SELECT * FROM provider_share WHERE payment_id = :id", id=payment_id)[0]


def with_account(owner: Engine, provider_id: str, *, enabled: bool = True) -> None:
    rows(
        owner,
        "UPDATE provider_account SET account_id = :account, transfers_active = true, "
        "payouts_enabled = :enabled WHERE provider_id = :id RETURNING 1",
        account=f"acct_{provider_id}",
        enabled=enabled,
        id=provider_id,
    )


def begin_payouts(desk: Desk, owner: Engine) -> None:
    """One round of payouts, and all that follows from it."""
    with desk.transaction() as connection:
        jobs.enqueue(connection, ROUND_JOB, new_id(), {}, read_app_now(connection))
    for _ in range(3):
        run_jobs(desk, owner)


def look_at_payouts(desk: Desk, owner: Engine) -> None:
    """Ask what became of every payout."""
    with desk.transaction() as connection:
        for row in rows(owner, "SELECT id FROM payout"):
            payload = {"payout_id": str(row["id"])}
            jobs.enqueue(connection, LOOK_JOB, new_id(), payload, read_app_now(connection))
    run_jobs(desk, owner)
