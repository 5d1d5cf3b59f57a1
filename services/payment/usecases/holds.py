"""Decides once what becomes of a hold on the customer's money; a job then takes or releases it (rule M15)."""

import logging
from datetime import datetime

from sqlalchemy import Connection

from services.payment.domain.authorization import CaptureCause, is_good_for
from services.payment.domain.keeping import kept_of
from services.payment.domain.split import Split
from services.payment.domain.states import State
from services.payment.store import payments, waiting_jobs
from services.payment.store.completions import BookingEnd
from services.payment.store.rows import Cancellation, Payment
from services.payment.usecases.refunds_due import owed_of
from shared import logs
from shared.messages import jobs

log = logging.getLogger(__name__)

HOLD_JOB = "settle_hold"


def note_end_of_hold(connection: Connection, payment: Payment, end: BookingEnd, now: datetime) -> None:
    """Decide about this locked payment, when it is held and what booking or the card's bank said asks for it.

    Called from all sides, so their order does not matter. The visit took place: everything is taken.
    It was cancelled or missed: what does not go back. The hold lapses too early: everything, at once.
    """
    if not is_undecided(payment):
        return
    if end.cancellation is not None:
        cause = CaptureCause.NO_SHOW if end.cancellation.is_no_show else CaptureCause.CANCELLED
        _decide(connection, payment, _kept(payment, end.cancellation), cause, now)
    elif end.completed_at is not None:
        _decide(connection, payment, payment.split, CaptureCause.COMPLETED, now)
    elif not _outlasts_the_visit(payment):
        take_in_time(connection, payment, now)


def take_in_time(connection: Connection, payment: Payment, now: datetime) -> None:
    """Take all of a locked payment that is held and would lapse before anybody decides."""
    if is_undecided(payment):
        _decide(connection, payment, payment.split, CaptureCause.DEADLINE, now)


def release_late(connection: Connection, payment: Payment, now: datetime) -> None:
    """Give back a hold that the card granted after its locked payment was over: else it lapses by itself,
    days later, and nobody will take it."""
    key = f"{payment.id}:late"
    if waiting_jobs.is_asked_for(connection, HOLD_JOB, key):
        return
    jobs.enqueue(connection, HOLD_JOB, key, {"payment_id": payment.id}, now)
    logs.event(log, logging.WARNING, "hold_came_late", payment_id=payment.id, state=payment.state.value)


def is_undecided(payment: Payment) -> bool:
    """Whether it is held and nobody has said what becomes of it."""
    return payment.state is State.AUTHORIZED and payment.capture_cause is None


def is_wanted(payment: Payment) -> bool:
    """Whether it is held, and all or a part of it is to be taken as far as is decided."""
    return payment.state is State.AUTHORIZED and payment.taken.total.amount > 0


def _outlasts_the_visit(payment: Payment) -> bool:
    if payment.capture_before is None or payment.visit_done_by is None:
        return False
    return is_good_for(payment.visit_done_by, payment.capture_before)


def _kept(payment: Payment, cancellation: Cancellation) -> Split:
    service_back, tip_back = owed_of(payment, cancellation)
    return kept_of(payment.split, service_back, tip_back)


def _decide(
    connection: Connection, payment: Payment, kept: Split, cause: CaptureCause, now: datetime
) -> None:
    values = {
        "capture_cause": cause,
        "kept_service_amount": kept.service.amount,
        "kept_tip_amount": kept.tip.amount,
        "kept_commission_amount": kept.commission.amount,
    }
    payments.change(connection, payment, values, now)
    jobs.enqueue(connection, HOLD_JOB, payment.id, {"payment_id": payment.id}, now)
    logs.event(
        log, logging.INFO, "hold_decided", payment_id=payment.id, cause=cause.value, kept=kept.total.amount
    )
