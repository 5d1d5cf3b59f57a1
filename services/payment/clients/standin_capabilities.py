"""All that is special about the Stripe stand-in: what it can't do, and the test cards it lacks."""

from collections.abc import Mapping
from typing import Any

from services.payment.clients.request_check import RequestNotValidError
from services.payment.settings import Mode

# localstripe 1.15.10 answers 400 'Unexpected ...' to these (tried); Stripe itself gets them all.
NOT_SUPPORTED: dict[str, frozenset[str]] = {
    "create": frozenset(
        {
            "automatic_payment_methods",
            "description",
            "receipt_email",
            "return_url",
            "transfer_group",
            "setup_future_usage",
            "application_fee_amount",
            "transfer_data",
            "on_behalf_of",
            "statement_descriptor_suffix",
        }
    ),
    "confirm": frozenset({"return_url"}),
    "cancel": frozenset({"cancellation_reason"}),
    "capture": frozenset({"application_fee_amount"}),
    "retrieve": frozenset(),
    "list": frozenset({"created"}),
    "create_payment_method": frozenset(),
    "refund": frozenset({"reason", "reverse_transfer"}),
    "refund_fee": frozenset(),
    "list_events": frozenset({"types", "delivery_success"}),
    "list_refunds": frozenset(),
    "retrieve_fee": frozenset(),
    "list_fee_refunds": frozenset(),
    "create_account": frozenset(),
    "retrieve_account": frozenset(),
    "create_account_link": frozenset(),
    "retrieve_balance": frozenset(),
    "payout": frozenset(),
    "retrieve_payout": frozenset(),
    "list_payouts": frozenset(),
    "retrieve_dispute": frozenset(),
    "list_disputes": frozenset(),
    "submit_evidence": frozenset(),
    "retrieve_charge": frozenset(),
    "reverse_transfer": frozenset(),
    "return_transfer": frozenset(),
    "list_reversals": frozenset(),
    "list_transfers": frozenset(),
    "retrieve_review": frozenset(),
    "retrieve_fraud_warning": frozenset(),
}

# Stripe's test cards by their names (docs.stripe.com/testing); numbers of 16 digits, as the
# stand-in wants them. It charges the cards that Stripe declines, but for ...0341.
CARD_NUMBERS = {
    "pm_card_mastercard": "5555555555554444",
    "pm_card_visa_debit": "4000056655665556",
    "pm_card_authenticationRequired": "4000002760003184",
    "pm_card_authenticationRequiredOnSetup": "4000002500003155",
    "pm_card_threeDSecure2Required": "4000000000003220",
    "pm_card_threeDSecureRequiredChargeDeclined": "4000008400001629",
    "pm_card_visa_chargeDeclinedInsufficientFunds": "4000000000009995",
    "pm_card_visa_chargeDeclinedLostCard": "4000000000009987",
    "pm_card_visa_chargeDeclinedStolenCard": "4000000000009979",
    "pm_card_chargeDeclinedExpiredCard": "4000000000000069",
    "pm_card_chargeDeclinedIncorrectCvc": "4000000000000127",
    "pm_card_chargeDeclinedProcessingError": "4000000000000119",
    "pm_card_bypassPending": "4000000000000077",
}

NOT_SENT = frozenset(
    "refund_fee retrieve_fee list_fee_refunds create_account retrieve_account create_account_link "
    "retrieve_balance payout retrieve_payout list_payouts reverse_transfer return_transfer "
    "list_reversals list_transfers list_disputes".split()
)
"""The stand-in has no application fees, accounts or transfers: these are checked and kept, and nothing
leaves. It has no disputes either: a test orders them, and they are asked for."""

ACCOUNT_PREFIX = "acct_standin_"


def standin_account(provider_id: str) -> str:
    """The account that stands for a provider's with the stand-in; it never leaves this process."""
    return f"{ACCOUNT_PREFIX}{provider_id}"


def standin_payout(payout_id: str) -> str:
    """The id that a payout has with the stand-in, where none is made."""
    return f"po_standin_{payout_id}"


def refuse_its_account(account_id: object, mode: Mode) -> None:
    """Raise RequestNotValidError for an account of the stand-in in any other mode."""
    if str(account_id).startswith(ACCOUNT_PREFIX) and mode is not Mode.STAND_IN:
        raise RequestNotValidError("an account of the stand-in must not leave this process")


def unsupported(mode: Mode, operation: str, params: dict[str, Any]) -> tuple[str, ...]:
    """The parameters that are left out for the stand-in, in order; none in any other mode."""
    if mode is not Mode.STAND_IN:
        return ()
    return tuple(sorted(NOT_SUPPORTED[operation] & params.keys()))


def knows(mode: Mode, operation: str) -> bool:
    """Whether an operation exists there at all."""
    return mode is not Mode.STAND_IN or operation not in NOT_SENT


def is_made_by_a_partial_capture(refund: Mapping[str, Any]) -> bool:
    """What is not captured of a hold becomes a refund there, one that names no intent; at Stripe nothing
    is refunded (since 2025-03-31). Refunds that we ask for name theirs."""
    return refund.get("payment_intent") is None


def captured_of(amount: int, charge: Mapping[str, Any]) -> int:
    """What was taken of the amount that was held; the stand-in's intents do not say it."""
    refunds = (charge.get("refunds") or {}).get("data") or []
    return amount - sum(int(one["amount"]) for one in refunds if is_made_by_a_partial_capture(one))


def card_to_make(mode: Mode, payment_method: str) -> dict[str, Any] | None:
    """Parameters of the payment method that stands for a test card's name; None: use the name."""
    if mode is not Mode.STAND_IN or payment_method not in CARD_NUMBERS:
        return None
    card = {"number": CARD_NUMBERS[payment_method], "exp_month": 12, "exp_year": 2040, "cvc": "123"}
    return {"type": "card", "card": card}
