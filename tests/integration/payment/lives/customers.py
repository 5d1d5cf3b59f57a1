"""What customers do, and what booking says of their visits."""

from decimal import Decimal
from typing import Any

from services.payment.domain.observation import IntentStatus
from services.payment.domain.states import DEAD
from services.payment.usecases.hear_events import on_booking_cancelled, on_booking_expired
from services.payment.usecases.process_payment import process_payment
from services.payment.usecases.read_payments import confirm_payment
from services.payment.usecases.settle_hold import TAKE_JOB, take_before_it_lapses
from services.payment.usecases.tip_booking import tip_booking
from shared.ids import new_id
from shared.messages.jobs import Job
from tests.integration.payment import visits
from tests.integration.payment.bookings import due, ended
from tests.integration.payment.lives.life import Life


def pay(life: Life, card: str, tip: str | None) -> None:
    """`card`: paid, declined, action. What another attempt has left unfinished is taken back."""
    life.provider.card = card
    request = life.booked.request(tip=Decimal(tip) if tip else None)
    process_payment(life.desk, request, life.booked.customer)


def tip(life: Life, card: str, percent: int) -> None:
    """After the visit, so much of its price: a payment of its own."""
    life.provider.card = card
    amount = life.booked.price.share(Decimal(percent) / 100).decimal()
    tip_booking(life.desk, life.booked.request(tip=amount), life.booked.customer)


def authenticate(life: Life, *_: Any) -> None:
    for intent_id in life.provider.intents:
        life.provider.authenticate(intent_id)


def look(life: Life, *_: Any) -> None:
    """The customer looks again, at all intents."""
    for intent_id in reversed(list(life.provider.intents)):
        confirm_payment(life.desk, intent_id, life.booked.customer)


def late(life: Life, *_: Any) -> None:
    """What was taken for dead is captured all the same, and Stripe says so."""
    for payment in life.payments():
        intent_id = payment["intent_id"]
        if payment["state"] in DEAD and payment["capture_cause"] is None and intent_id:
            life.provider.move(intent_id, IntentStatus.SUCCEEDED)
            life.hear("payment_intent.succeeded", intent_id, intent_id)


def expire(life: Life, *_: Any) -> None:
    on_booking_expired(life.desk, ended(life.booked, "expired"))


def cancel(life: Life, percent: int, _: Any) -> None:
    service = life.booked.price.share(Decimal(percent) / 100).amount
    cancelled = ended(life.booked, "cancelled", **due(life.booked, percent, service, 0))
    on_booking_cancelled(life.desk, cancelled)


def run_out_of_time(life: Life, *_: Any) -> None:
    """Whatever is held has come to its last moment."""
    for payment in life.payments():
        job = Job(new_id(), TAKE_JOB, "now", {"payment_id": str(payment["id"])}, 1)
        close = take_before_it_lapses(life.desk, job)
        with life.desk.transaction() as connection:
            close(connection)


def complete(life: Life, *_: Any) -> None:
    visits.complete(life.desk, life.booked)


def another(life: Life, card: str, _: Any) -> None:
    """Another visit at the same provider, paid and over: money that may pay for what went back."""
    life.provider.card = card
    booked = life.bookings.hold(life.booked.price.amount, life.booked.price.currency)
    process_payment(life.desk, booked.request(), booked.customer)
    visits.complete(life.desk, booked)
