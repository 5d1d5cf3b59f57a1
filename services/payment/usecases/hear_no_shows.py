"""What payment does about visits that were missed: the share waits while that may be contested (B6)."""

from sqlalchemy import Connection

from services.payment.domain.disputes import HoldKind, HoldObservation
from services.payment.store import completions, disputes, refunds
from services.payment.store.locks import lock_payments_of_booking
from services.payment.store.rows import NO_SHOW, Payment
from services.payment.usecases.desk import Desk
from services.payment.usecases.holds import note_end_of_hold
from services.payment.usecases.provider_money import note_share
from services.payment.usecases.refunds_due import note_refund_due
from services.payment.usecases.said_of_bookings import cancellation_of
from shared.database.transaction import read_app_now
from shared.messages.envelope import Event
from shared.messages.inbox import first_time

REASON = "no_show_contested"


def on_booking_no_show(desk: Desk, event: Event) -> None:
    """Keep what is due all the same: it goes back, or is not taken; the rest is the provider's, and waits
    from the end of the time to contest on."""
    with desk.transaction() as connection:
        if not first_time(connection, event.id, "payment.on_booking_no_show"):
            return
        booking_id = event.data["booking_id"]
        over_at = event.data["contest_until"] or event.occurred_at
        refunds.remember_cancellation(connection, cancellation_of(event, NO_SHOW, over_at))
        now = read_app_now(connection)
        end = completions.end_of(connection, booking_id)
        for payment in lock_payments_of_booking(connection, booking_id):
            note_refund_due(connection, payment, end.cancellation, now)
            note_share(connection, payment, end, now)
            note_end_of_hold(connection, payment, end, now)


def on_booking_contested(desk: Desk, event: Event) -> None:
    """The provider's share is neither released nor paid out until it is decided."""
    _hear(desk, event, "payment.on_booking_contested", is_open=True)


def on_booking_no_show_stands(desk: Desk, event: Event) -> None:
    """The provider's share goes on."""
    _hear(desk, event, "payment.on_booking_no_show_stands", is_open=False)


def note_contest(connection: Connection, payment: Payment, event: Event, *, is_open: bool) -> None:
    """Hold the share of a locked payment, or let it go on; what was decided stays so, whatever comes late."""
    contest = HoldObservation(f"contest_{payment.id}", HoldKind.CONTEST, REASON, is_open, event.occurred_at)
    disputes.remember_hold(connection, payment.id, contest, None, read_app_now(connection))


def _hear(desk: Desk, event: Event, handler: str, *, is_open: bool) -> None:
    with desk.transaction() as connection:
        if first_time(connection, event.id, handler):
            for payment in lock_payments_of_booking(connection, event.data["booking_id"]):
                note_contest(connection, payment, event, is_open=is_open)
