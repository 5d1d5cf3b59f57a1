"""Webhook events as we keep them, and which kinds say something about a payment."""

from dataclasses import dataclass
from datetime import datetime

from services.payment.domain.capabilities import PaymentProviderName

INTENT_EVENTS = frozenset(
    {
        "payment_intent.succeeded",
        "payment_intent.processing",
        "payment_intent.requires_action",
        "payment_intent.payment_failed",
        "payment_intent.canceled",
        "payment_intent.amount_capturable_updated",
    }
)
CHARGE_EVENTS = frozenset({"charge.succeeded", "charge.updated", "charge.captured", "charge.expired"})
REFUND_EVENTS = frozenset(
    {"charge.refunded", "charge.refund.updated", "refund.created", "refund.updated", "refund.failed"}
)
DISPUTE_EVENTS = frozenset(
    f"charge.dispute.{word}" for word in "created updated closed funds_withdrawn funds_reinstated".split()
)
WARNING_EVENTS = frozenset({"radar.early_fraud_warning.created", "radar.early_fraud_warning.updated"})
REVIEW_EVENTS = frozenset({"review.opened", "review.closed"})
"""Worked by retrieving the intent, or the dispute, warning or review, or by listing the intent's refunds. Any
other type is kept, counted and answered (rule W14)."""

DEAUTHORIZED = "account.application.deauthorized"
ACCOUNT_EVENTS = frozenset({"account.updated", "capability.updated", DEAUTHORIZED})
PAYOUT_EVENTS = frozenset(f"payout.{word}" for word in "created updated paid failed canceled".split())
"""Of providers' accounts: these name the account, and come to an endpoint of their own."""

OBJECT_EVENTS = CHARGE_EVENTS | REFUND_EVENTS | DISPUTE_EVENTS | WARNING_EVENTS | REVIEW_EVENTS
"""Their object is no intent, and names one."""

CATCH_UP = (INTENT_EVENTS | CHARGE_EVENTS | REFUND_EVENTS, DISPUTE_EVENTS | WARNING_EVENTS | REVIEW_EVENTS)
"""What is asked for when webhooks may be lost, in as many questions: Stripe takes 20 types in one."""
WORKED_EVENTS = CATCH_UP[0] | CATCH_UP[1]


TAP_CHARGE = "tap.charge"
TAP_REFUND = "tap.refund"
"""Tap's posts have no types; what they speak of is the type here."""


@dataclass(frozen=True)
class WebhookEvent:
    """A stored webhook. `intent_id`: the intent that it speaks of, if it is one of a kind we work."""

    event_id: str
    type: str
    object_id: str | None
    intent_id: str | None
    account: str | None
    livemode: bool
    api_version: str | None
    stated_at: datetime
    payment_provider: PaymentProviderName = PaymentProviderName.STRIPE

    @property
    def is_worked(self) -> bool:
        """Whether it says something about a payment, an account or a payout; others are only kept."""
        is_of_account = self.account is not None and self.type in ACCOUNT_EVENTS | PAYOUT_EVENTS
        return self.intent_id is not None or is_of_account

    @property
    def is_about_refunds(self) -> bool:
        """Whether its intent's refunds are to be looked at."""
        return self.type in REFUND_EVENTS or self.type == TAP_REFUND
