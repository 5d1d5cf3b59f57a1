"""What banks and card networks do: disputes from warning to outcome, and warnings of fraud."""

from contextlib import suppress
from typing import Any

from services.payment.domain.disputes import RANK, DisputeStatus, HoldKind
from shared.errors import ServiceError
from shared.money import Money, step
from tests.integration.payment.lives.life import Life


def dispute(life: Life, percent: int, status: DisputeStatus) -> None:
    """A bank disputes a part of each charge, or more than it was."""
    for payment in life.payments():
        if not payment["captured_amount"]:
            continue
        unit = step(payment["currency"])
        amount = max(payment["captured_amount"] * percent // 100 // unit * unit, unit)
        money, is_refundable = Money(amount, payment["currency"]), percent % 2 == 0
        life.provider.disputes.dispute_charge(payment["intent_id"], money, status, refundable=is_refundable)
    look_at_all_disputes(life)


def dispute_says(life: Life, status: DisputeStatus, only_the_last: bool) -> None:
    """Banks go on with disputes, also with those that were won, and we look."""
    for dispute_id in list(life.provider.disputes.seen)[-1 if only_the_last else 0 :]:
        before = life.provider.disputes.seen[dispute_id].status
        if RANK[status] > RANK[before]:
            life.provider.disputes.say(dispute_id, status)
    look_at_all_disputes(life)


def look_at_all_disputes(life: Life, *_: Any) -> None:
    for dispute_id, seen in life.provider.disputes.seen.items():
        with suppress(ServiceError):
            life.hear("charge.dispute.updated", dispute_id, seen.intent_id or "")


def warn(life: Life, kind: HoldKind, _: Any) -> None:
    """Nobody disputes, but the payout waits."""
    word = "review.opened" if kind is HoldKind.REVIEW else "radar.early_fraud_warning.created"
    for payment in life.payments():
        if payment["captured_amount"]:
            hold_id = life.provider.disputes.warn(payment["intent_id"], kind)
            life.hear(word, hold_id, payment["intent_id"])


def lift(life: Life, *_: Any) -> None:
    """What was warned of is settled."""
    for hold_id, seen in list(life.provider.disputes.holds.items()):
        if seen.kind is HoldKind.REVIEW:
            life.provider.disputes.lift(hold_id)
            for intent_id in life.provider.intents:
                if hold_id.endswith(intent_id[-30:]):
                    life.hear("review.closed", hold_id, intent_id)
