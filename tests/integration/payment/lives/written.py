"""Lives that are written down: together they come through every function that posts."""

from services.payment.domain.disputes import DisputeStatus
from services.payment.domain.payouts import PayoutState
from services.payment.domain.refunds import RefundStatus
from tests.integration.payment.lives import administrators, banks, customers, providers
from tests.integration.payment.lives.life import Step

PLAIN_LIFE: list[Step] = [
    (customers.pay, "paid", "5"),
    (administrators.refund, 33, 0),
    (administrators.jobs, None, None),
    (administrators.gives, False, None),
    (administrators.refund, 20, 20),
    (administrators.jobs, None, None),
    (administrators.decide, True, None),
    (administrators.jobs, None, None),
    (administrators.gives, True, None),
    (customers.complete, None, None),
    (providers.release, None, None),
    (providers.payout, None, None),
    (providers.payout_says, PayoutState.PAID, False),
    (administrators.refund, 10, 0),
    (administrators.jobs, None, None),
    (customers.another, "paid", None),
    (providers.release, None, None),
    (providers.payout, None, None),
    (providers.payout_says, PayoutState.FAILED, True),
    (administrators.settle, RefundStatus.FAILED, None),
    (banks.dispute, 20, DisputeStatus.NEEDS_RESPONSE),
    (banks.dispute_says, DisputeStatus.WON, False),
    (banks.dispute, 10, DisputeStatus.UNDER_REVIEW),
    (customers.cancel, 100, None),
    (banks.dispute_says, DisputeStatus.LOST, False),
]
"""Paid, paid out, given back from every account that its share can stand on, and disputed."""

HELD_LIFE: list[Step] = [
    (customers.pay, "paid", "5"),
    (administrators.answers, False, None),
    (customers.cancel, 75, None),
    (administrators.jobs, None, None),
    (administrators.answers, True, None),
    (administrators.jobs, None, None),
    (administrators.refund, 10, 0),
    (administrators.jobs, None, None),
]
"""What is held of a visit that is cancelled late is taken in part, and a part of that goes back."""

TIPPED_LIFE: list[Step] = [
    (customers.pay, "paid", "5"),
    (customers.complete, None, None),
    (administrators.jobs, None, None),
    (customers.tip, "declined", 7),
    (customers.tip, "paid", 7),
    (administrators.refund_tip, 30, None),
    (administrators.jobs, None, None),
    (providers.release, None, None),
    (providers.payout, None, None),
    (providers.payout_says, PayoutState.PAID, False),
    (administrators.refund_tip, 40, None),
    (administrators.jobs, None, None),
    (banks.dispute, 15, DisputeStatus.LOST),
]
"""A tip after the visit, paid out and given back in parts on its own."""

TWICE_LIFE: list[Step] = [
    (customers.pay, "declined", "5"),
    (customers.pay, "paid", "5"),
    (customers.late, None, None),
    (administrators.jobs, None, None),
    (customers.complete, None, None),
    (administrators.jobs, None, None),
    (administrators.refund, 10, 0),
    (administrators.jobs, None, None),
    (providers.release, None, None),
    (providers.payout, None, None),
]
"""An attempt that was taken back is captured late, while another has paid."""

ENDING: list[Step] = [
    (administrators.refund, 20, 20),
    (administrators.jobs, None, None),
    (administrators.settle, RefundStatus.FAILED, None),
    (administrators.retry, None, None),
    (administrators.jobs, None, None),
]
"""What few random lives come to: everything that went back fails, and is begun anew."""

COMING_TO_REST: list[Step] = [
    (administrators.answers, True, None),
    (administrators.gives, True, None),
    (administrators.refund_word, RefundStatus.SUCCEEDED, None),
    (providers.payout_word, PayoutState.SENT, None),
    (customers.look, None, None),
    (administrators.jobs, None, None),
    (administrators.look_at_all_refunds, None, None),
    (banks.look_at_all_disputes, None, None),
    (providers.look_at_all_payouts, None, None),
    (administrators.jobs, None, None),
]
"""Everybody answers, and everything is looked at once more."""
