"""What payment does about facts of search and booking; each is applied once (rule C16)."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from services.payment.domain.states import SETTLED
from services.payment.store import accounts, catalogue, completions, moves, refunds
from services.payment.store.accounts import PublishedProvider
from services.payment.store.locks import lock_payments_of_booking
from services.payment.store.moves import BookingMove
from services.payment.usecases.booking_moves import note_moves
from services.payment.usecases.desk import Desk
from services.payment.usecases.hear_no_shows import note_contest
from services.payment.usecases.holds import note_end_of_hold
from services.payment.usecases.provider_money import note_share
from services.payment.usecases.refunds_due import note_refund_due
from services.payment.usecases.said_of_bookings import cancellation_of
from shared.contracts.booking_forms import CancelCause, PendingFor
from shared.database.transaction import read_app_now
from shared.messages import jobs
from shared.messages.envelope import Event
from shared.messages.inbox import first_time

ABANDON_JOB = "abandon_payment"


def on_provider_published(desk: Desk, event: Event) -> None:
    """Keep whether the provider wants to take payments, and where; an older version changes nothing."""
    with desk.transaction() as connection:
        if not first_time(connection, event.id, "payment.on_provider_published"):
            return
        now, version = read_app_now(connection), event.aggregate_version
        provider_id = event.data["provider_id"]
        published = PublishedProvider(
            provider_id, event.data["payable"], version, event.data["country"], event.data["time_zone"]
        )
        accounts.remember(connection, published, now)
        catalogue.remember_provider(connection, provider_id, event.data["city"], version, now)


def on_service_published(desk: Desk, event: Event) -> None:
    """Keep what kind of care the service is; an older version changes nothing."""
    with desk.transaction() as connection:
        if not first_time(connection, event.id, "payment.on_service_published"):
            return
        catalogue.remember_service(
            connection,
            event.data["service_id"],
            event.data["provider_id"],
            event.data["category"],
            event.aggregate_version,
            read_app_now(connection),
        )


def on_booking_expired(desk: Desk, event: Event) -> None:
    """Take back what is not paid; what was paid meanwhile is for booking to decide (rule W6)."""
    with desk.transaction() as connection:
        if first_time(connection, event.id, "payment.on_booking_expired"):
            _abandon_unpaid(connection, event.data["booking_id"], read_app_now(connection))


def on_booking_cancelled(desk: Desk, event: Event) -> None:
    """Keep what is due, owe it where money was taken, take back what is not paid."""
    with desk.transaction() as connection:
        if not first_time(connection, event.id, "payment.on_booking_cancelled"):
            return
        cause = event.data["cancel_cause"]
        refunds.remember_cancellation(connection, cancellation_of(event, cause, event.occurred_at))
        now = read_app_now(connection)
        end = completions.end_of(connection, event.data["booking_id"])
        for payment in lock_payments_of_booking(connection, event.data["booking_id"]):
            note_refund_due(connection, payment, end.cancellation, now)
            note_share(connection, payment, end, now)
            note_end_of_hold(connection, payment, end, now)
            if cause == CancelCause.NO_SHOW_OVERTURNED:
                note_contest(connection, payment, event, is_open=False)
        _abandon_unpaid(connection, event.data["booking_id"], now)


def on_booking_completed(desk: Desk, event: Event) -> None:
    """Keep that the visit took place: what was held is taken, and the provider's share waits from then on."""
    with desk.transaction() as connection:
        if not first_time(connection, event.id, "payment.on_booking_completed"):
            return
        booking_id = event.data["booking_id"]
        completions.remember(connection, booking_id, event.aggregate_version, event.occurred_at)
        now = read_app_now(connection)
        end = completions.end_of(connection, booking_id)
        for payment in lock_payments_of_booking(connection, booking_id):
            note_share(connection, payment, end, now)
            note_end_of_hold(connection, payment, end, now)


def on_booking_rescheduled(desk: Desk, event: Event) -> None:
    """Keep what is due back and when the visit counts as done now: a hold that does not outlast it is
    taken."""
    with desk.transaction() as connection:
        if not first_time(connection, event.id, "payment.on_booking_rescheduled"):
            return
        moves.remember(connection, _move(event))
        now, booking_id = read_app_now(connection), event.data["booking_id"]
        end = completions.end_of(connection, booking_id)
        for payment in lock_payments_of_booking(connection, booking_id):
            note_end_of_hold(connection, note_moves(connection, payment, now), end, now)


def _abandon_unpaid(connection: Connection, booking_id: str, now: datetime) -> None:
    for payment in lock_payments_of_booking(connection, booking_id):
        if payment.state not in SETTLED:
            jobs.enqueue(connection, ABANDON_JOB, payment.id, {"payment_id": payment.id}, now)


def _move(event: Event) -> BookingMove:
    data: dict[str, Any] = event.data
    is_unpaid = data.get("pending_for") == PendingFor.PAYMENT
    return BookingMove(
        booking_id=data["booking_id"],
        version=event.aggregate_version,
        currency=data["service_refund"]["currency"],
        service_refund=data["service_refund"]["amount"],
        done_by=data["done_by"],
        unpaid_price=data["quote"]["total"]["amount"] if is_unpaid else None,
    )
