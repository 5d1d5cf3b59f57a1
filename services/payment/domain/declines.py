"""Why a card was refused, as far as its customer may know it (promise D6)."""

from dataclasses import dataclass
from enum import StrEnum


class DeclineReason(StrEnum):
    """What a client may know. Suspicion of fraud, loss and theft is never told: it reads `declined`."""

    DECLINED = "declined"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    EXPIRED_CARD = "expired_card"
    INCORRECT_CVC = "incorrect_cvc"
    INCORRECT_DETAILS = "incorrect_details"
    NOT_SUPPORTED = "not_supported"
    LIMIT_EXCEEDED = "limit_exceeded"
    PROCESSING_ERROR = "processing_error"
    TRY_AGAIN = "try_again"
    AUTHENTICATION_FAILED = "authentication_failed"


@dataclass(frozen=True)
class Failure:
    """A refused payment: our stable code, and for cards the reason."""

    code: str
    reason: DeclineReason | None = None


# Codes and decline codes of docs.stripe.com/declines/codes; what is missing reads as `declined`.
_REASONS = {
    **dict.fromkeys(("insufficient_funds",), DeclineReason.INSUFFICIENT_FUNDS),
    **dict.fromkeys(("expired_card",), DeclineReason.EXPIRED_CARD),
    **dict.fromkeys(("incorrect_cvc", "invalid_cvc"), DeclineReason.INCORRECT_CVC),
    **dict.fromkeys(("processing_error",), DeclineReason.PROCESSING_ERROR),
    **dict.fromkeys(
        (
            "incorrect_number incorrect_zip incorrect_pin incorrect_address invalid_number "
            "invalid_expiry_month invalid_expiry_year invalid_account"
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
        "try_again_later reenter_transaction issuer_not_available approve_with_id".split(),
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
