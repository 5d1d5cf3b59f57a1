"""Why a card was refused, in words that the customer can act on."""

from dataclasses import dataclass
from enum import StrEnum


class DeclineReason(StrEnum):
    """What a client may know. Suspicion of fraud, loss and theft is never told: it reads `declined`."""

    DECLINED = "declined"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    EXPIRED_CARD = "expired_card"
    INCORRECT_DETAILS = "incorrect_details"
    NOT_SUPPORTED = "not_supported"
    LIMIT_EXCEEDED = "limit_exceeded"
    TRY_AGAIN = "try_again"
    AUTHENTICATION_FAILED = "authentication_failed"


@dataclass(frozen=True)
class Failure:
    """A refused payment: our stable code, and for cards the reason."""

    code: str
    reason: DeclineReason | None = None


MESSAGES = {
    DeclineReason.DECLINED: "The card was declined. Try another card or ask your bank.",
    DeclineReason.INSUFFICIENT_FUNDS: "The card has not enough funds. Try another card.",
    DeclineReason.EXPIRED_CARD: "The card has expired. Try another card.",
    DeclineReason.INCORRECT_DETAILS: "The card's details are not right. Check them and try again.",
    DeclineReason.NOT_SUPPORTED: "The card does not allow this kind of payment. Try another card.",
    DeclineReason.LIMIT_EXCEEDED: "The card's limit is reached. Try another card or ask your bank.",
    DeclineReason.TRY_AGAIN: "The card could not be processed just now. Try again in a moment.",
    DeclineReason.AUTHENTICATION_FAILED: "Your bank could not confirm that it was you. Try again.",
}

# Codes and decline codes of docs.stripe.com/declines/codes; what is missing reads as `declined`.
_REASONS = {
    **dict.fromkeys(("insufficient_funds",), DeclineReason.INSUFFICIENT_FUNDS),
    **dict.fromkeys(("expired_card",), DeclineReason.EXPIRED_CARD),
    **dict.fromkeys(
        (
            "incorrect_cvc incorrect_number incorrect_zip incorrect_pin incorrect_address invalid_cvc "
            "invalid_number invalid_expiry_month invalid_expiry_year invalid_account"
        ).split(),
        DeclineReason.INCORRECT_DETAILS,
    ),
    **dict.fromkeys(
        (
            "card_not_supported currency_not_supported transaction_not_allowed service_not_allowed "
            "not_permitted invalid_amount"
        ).split(),
        DeclineReason.NOT_SUPPORTED,
    ),
    **dict.fromkeys(
        "card_velocity_exceeded withdrawal_count_limit_exceeded".split(), DeclineReason.LIMIT_EXCEEDED
    ),
    **dict.fromkeys(
        "processing_error try_again_later reenter_transaction issuer_not_available approve_with_id".split(),
        DeclineReason.TRY_AGAIN,
    ),
    **dict.fromkeys(
        "authentication_required payment_intent_authentication_failure".split(),
        DeclineReason.AUTHENTICATION_FAILED,
    ),
}


def reason_of(code: str | None, decline_code: str | None = None) -> DeclineReason:
    """The reason for the provider's code and decline code; the finer one counts first."""
    for word in (decline_code, code):
        if word in _REASONS:
            return _REASONS[word]
    return DeclineReason.DECLINED
