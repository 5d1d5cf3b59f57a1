"""What administrators give back, what the payment provider says of refunds, and time that goes by."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

from services.payment.domain.refunds import RefundStatus
from services.payment.store import payments
from services.payment.usecases.administrator_refunds import refund_payment
from services.payment.usecases.retry_refund import retry_refund
from services.payment.usecases.settle_refunds import look_at_refunds
from shared.errors import ServiceError
from shared.money import Money, step
from tests.integration.payment import test_blocked_refunds
from tests.integration.payment.lives.life import Life
from tests.integration.payment.records import rows
from tests.integration.payment.test_administrator_refunds import ADMINISTRATOR, command, preview

UNSENT = (RefundStatus.DUE, RefundStatus.CLAIMED)


def refund(life: Life, service_percent: int, tip_percent: int) -> None:
    """So much of every payment of the booking, as it was previewed: the visit's, a tip's, a second one's."""
    for payment in life.payments():
        with suppress(ServiceError):
            _refund(life, payment, service_percent, tip_percent)


def refund_tip(life: Life, percent: int, _: Any) -> None:
    """A part of the payment that is a tip alone."""
    for payment in life.payments():
        if payment["kind"] == "tip":
            with suppress(ServiceError):
                _refund(life, payment, 0, percent)


def _refund(life: Life, payment: dict[str, Any], service_percent: int, tip_percent: int) -> None:
    unit = step(payment["currency"])
    service, tip = (
        Money(amount * percent // 100 // unit * unit, payment["currency"]).decimal()
        for amount, percent in (
            (payment["service_amount"], service_percent),
            (payment["tip_amount"], tip_percent),
        )
    )
    parts = {"service_amount": str(service), "tip_amount": str(tip)}
    shown = preview(life.desk, str(payment["id"]), **parts)
    refund_payment(life.desk, command(shown, **parts), ADMINISTRATOR)


def refund_word(life: Life, status: RefundStatus, _: Any) -> None:
    """What Stripe answers to the next refunds."""
    life.provider.refund_status = RefundStatus.PENDING if status in UNSENT else status


def answers(life: Life, whether: bool, _: Any) -> None:
    life.provider.answers = whether


def settle(life: Life, status: RefundStatus, _: Any) -> None:
    """Stripe says something newer of every refund, and we look."""
    if status not in UNSENT:
        life.provider.seen_refunds = [
            (intent, seen if seen.status is RefundStatus.FAILED else replace(seen, status=status))
            for intent, seen in life.provider.seen_refunds
        ]
    look_at_all_refunds(life)


def look_at_all_refunds(life: Life, *_: Any) -> None:
    with life.desk.transaction() as connection:
        found = [payments.by_id(connection, str(one["id"])) for one in life.payments()]
    for payment in found:
        look_at_refunds(life.desk, payment)


def retry(life: Life, *_: Any) -> None:
    for row in rows(life.owner, "SELECT id FROM refund WHERE status = 'failed'"):
        retry_refund(life.desk.transaction, str(row["id"]))


def gives(life: Life, whether: bool, _: Any) -> None:
    """Whether the provider's account has what a refund takes from it."""
    life.provider.gives = whether


def decide(life: Life, without_reversal: bool, _: Any) -> None:
    for row in rows(life.owner, "SELECT id FROM refund WHERE status = 'blocked'"):
        test_blocked_refunds.decide(life.desk, str(row["id"]), without_reversal=without_reversal)


def jobs(life: Life, *_: Any) -> None:
    life.run_jobs()
