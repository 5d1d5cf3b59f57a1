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

PERIOD: Value = {
    "provider_id": values.PROVIDER,
    "from_date": "2027-01-01",
    "to_date": "2027-01-31",
    "currency": "USD",
}
EARNINGS: Value = {
    "provider_id": values.PROVIDER,
    "earnings": [
        {
            "waiting": values.usd(19000),
            "due": values.usd(9500),
            "receivable": values.usd(0),
            "in_transit": values.usd(28500),
            "paid_out": values.usd(120000),
        }
    ],
    "simulated": False,
}
COVERED = PERIOD | {"time_zone": "America/New_York", "simulated": False}
STATEMENT: Value = COVERED | {
    "opening_balance": values.usd(0),
    "closing_balance": values.usd(9500),
    "earned": values.usd(9500),
    "refunded": values.usd(0),
    "commission_returned": values.usd(0),
    "disputed": values.usd(0),
    "paid_out": values.usd(0),
    "payout_failed": values.usd(0),
    "lines": [
        {
            "posted_at": values.NOW,
            "kind": "earned",
            "booking_id": values.BOOKING,
            "payment_id": values.PAYMENT,
            "payout_id": None,
            "service": values.usd(10000),
            "tip": values.usd(500),
            "commission": values.usd(-1000),
            "amount": values.usd(9500),
            "balance": values.usd(9500),
        }
    ],
    "next": None,
}
REQUESTS |= {
    "payment.get_earnings": {"provider_id": values.PROVIDER},
    "payment.get_statement": PERIOD | {"limit": 20, "cursor": None},
    "payment.get_statement_csv": PERIOD | {"cursor": None},
}
ANSWERS |= {
    "payment.get_earnings": EARNINGS,
    "payment.get_statement": STATEMENT,
    "payment.get_statement_csv": COVERED | {"csv": "posted_at,kind\r\n", "next": None},
}

NAMED: Value = {
    "payment_id": values.PAYMENT,
    "customer_name": "Maryam Al-Said",
    "provider_name": "Calm Hands",
    "visit": "2027-01-15 10:00 (America/New_York)",
    "lines": [{"name": "Swedish massage 60 minutes", "amount": values.usd(10000)}],
}
REQUESTS |= {
    "payment.get_invoice": NAMED,
    "payment.get_credit_note": NAMED | {"refund_id": values.REFUND},
    "payment.get_statement_pdf": PERIOD | {"provider_name": "Calm Hands"},
}
ANSWERS |= {
    "payment.get_invoice": {"pdf_base64": "JVBERg==", "number": "INV-2027-000001"},
    "payment.get_credit_note": {"pdf_base64": "JVBERg==", "number": "CN-2027-000001"},
    "payment.get_statement_pdf": {"pdf_base64": "JVBERg==", "number": None},
}
