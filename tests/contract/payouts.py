"""Examples of what is asked, answered and told about providers' money."""

from tests.contract import values
from tests.contract.values import Value

PAYOUT = "01890000-0000-7000-8000-0000000000c0"


def payout_event(status: str, failure_code: str | None = None) -> Value:
    return {
        "payout_id": PAYOUT,
        "provider_id": values.PROVIDER,
        "amount": values.usd(28500),
        "status": status,
        "visits": 3,
        "failure_code": failure_code,
        "simulated": False,
    }


EVENTS: dict[str, Value] = {
    "payment.payout_sent.v1": payout_event("sent"),
    "payment.payout_paid.v1": payout_event("paid"),
    "payment.payout_failed.v1": payout_event("failed", "account_closed"),
}

ACCOUNT: Value = {
    "provider_id": values.PROVIDER,
    "status": "pending",
    "takes_payments": False,
    "is_paid_out": False,
    "currently_due": ["external_account", "individual.dob.day"],
    "past_due": [],
    "pending_verification": [],
    "disabled_reason": "requirements.past_due",
    "onboarding_url": "https://connect.stripe.com/setup/e/acct_123/abc",
    "onboarding_expires_at": values.NOW,
    "simulated": False,
}
REQUESTS: dict[str, Value] = {
    "payment.get_payout_account": {"provider_id": values.PROVIDER},
    "payment.open_payout_account": {"provider_id": values.PROVIDER},
}
ANSWERS: dict[str, Value] = {
    "payment.get_payout_account": ACCOUNT | {"onboarding_url": None, "onboarding_expires_at": None},
    "payment.open_payout_account": ACCOUNT,
}
