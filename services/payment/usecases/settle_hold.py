"""Takes or releases a hold as it was decided, exactly once (rules M15 and W7)."""

from sqlalchemy import Connection

from services.payment.domain.charge import OperationKind
from services.payment.domain.observation import IntentStatus
from services.payment.domain.states import DEAD, State
from services.payment.store import completions, operations, payments
from services.payment.store.locks import lock_payment
from services.payment.store.rows import Payment
from services.payment.usecases.desk import Desk
from services.payment.usecases.holds import note_end_of_hold, take_in_time
from services.payment.usecases.operations import look, perform
from shared.database.transaction import read_app_now
from shared.errors import request_in_progress
from shared.messages.jobs import Close, Job

TAKE_JOB = "take_in_time"


def settle_hold(desk: Desk, job: Job) -> Close:
    """Raises `request_in_progress` or `unavailable` while it is still held: the job comes again, later each
    time, under the same key, after it has looked whether it was done."""
    with desk.reading() as connection:
        payment = payments.by_id(connection, job.payload["payment_id"])
    settle(desk, payment)
    return _nothing_more


def settle(desk: Desk, payment: Payment) -> Payment:
    """Do what was decided about a hold, or release one that came late; nothing when it is decided about no
    hold. Raises like the job."""
    if payment.state in DEAD:
        return _release_late(desk, payment)
    if payment.state is not State.AUTHORIZED or payment.capture_cause is None:
        return payment
    kind = OperationKind.CAPTURE if payment.taken.total.amount else OperationKind.CANCEL
    with desk.reading() as connection:
        is_repeat = operations.latest(connection, payment.id, kind) is not None
    if is_repeat:
        payment, _ = look(desk, payment)
    if payment.state is State.AUTHORIZED:
        payment, _ = perform(desk, payment, kind)
    if payment.state is State.AUTHORIZED:
        raise request_in_progress("This payment is still held.")
    return payment


def _release_late(desk: Desk, payment: Payment) -> Payment:
    payment, seen = look(desk, payment)
    if payment.state not in DEAD or seen is None or seen.status is not IntentStatus.REQUIRES_CAPTURE:
        return payment
    payment, seen = perform(desk, payment, OperationKind.CANCEL)
    if seen is None or seen.status is IntentStatus.REQUIRES_CAPTURE:
        raise request_in_progress("This payment is still held.")
    return payment


def take_before_it_lapses(desk: Desk, job: Job) -> Close:
    """The last moment of a hold has come, and nobody has decided: by what booking said, else take all."""

    def close(connection: Connection) -> None:
        now = read_app_now(connection)
        payment = lock_payment(connection, job.payload["payment_id"])
        note_end_of_hold(connection, payment, completions.end_of(connection, payment.booking_id), now)
        take_in_time(connection, lock_payment(connection, job.payload["payment_id"]), now)

    return close


def _nothing_more(connection: Connection) -> None:
    """Everything was written step by step."""
