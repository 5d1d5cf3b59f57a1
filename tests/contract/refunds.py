"""Examples of what administrators ask and are answered about payments and refunds."""

from tests.contract import values
from tests.contract.values import Value

PREVIEW_ID = "rp_0123456789abcdef0123456789abcdef"
WISH: Value = {
    "payment_id": values.PAYMENT,
    "amount": None,
    "service_amount": "75.00",
    "tip_amount": "5.00",
}
AMOUNTS: Value = {
    "payment_id": values.PAYMENT,
    "booking_id": values.BOOKING,
    "refund": values.usd(8000),
    "service_refund": values.usd(7500),
    "tip_refund": values.usd(500),
    "provider_bears": values.usd(7250),
    "platform_bears": values.usd(750),
}


def preview() -> Value:
    return AMOUNTS | {
        "preview_id": PREVIEW_ID,
        "left": values.usd(2500),
        "left_service": values.usd(2500),
        "left_tip": values.usd(0),
    }


def record() -> Value:
    return AMOUNTS | {
        "refund_id": values.REFUND,
        "provider_id": values.PROVIDER,
        "customer_id": values.USER,
        "state": "succeeded",
        "attempt": 1,
        "reverses_transfer": True,
        "failure_code": None,
        "cause": "administrator",
        "reason": "The carer came an hour late.",
        "requested_by": values.OTHER_USER,
        "provider_refund_id": "re_123",
        "credit_note_number": "CN-2027-000007",
        "created_at": values.NOW,
        "updated_at": values.NOW,
    }


def payment_record() -> Value:
    return {
        "payment_id": values.PAYMENT,
        "booking_id": values.BOOKING,
        "customer_id": values.USER,
        "provider_id": values.PROVIDER,
        "payment_intent_id": "pi_123",
        "kind": "booking",
        "state": "partially_refunded",
        "amount": values.usd(10500),
        "service_amount": values.usd(10000),
        "tip_amount": values.usd(500),
        "platform_commission": values.usd(1000),
        "provider_amount": values.usd(9500),
        "captured": values.usd(10500),
        "refunded": values.usd(8000),
        "left": values.usd(2500),
        "failure_code": None,
        "simulated": False,
        "created_at": values.NOW,
        "invoice_number": "INV-2027-000042",
        "refunds": [record()],
        "other_payment_ids": [values.EVENT],
        "ledger": [
            {
                "posted_at": values.NOW,
                "kind": "captured",
                "account": "stripe_clearing",
                "amount": values.usd(10500),
                "reference": "ch_123",
            }
        ],
    }


REQUESTS: dict[str, Value] = {
    "payment.preview_refund": WISH,
    "payment.refund_payment": WISH
    | {
        "preview_id": PREVIEW_ID,
        "reason": "The carer came an hour late.",
        "idempotency_key": values.KEY,
    },
    "payment.retry_refund": {
        "refund_id": values.REFUND,
        "without_reversal": True,
        "idempotency_key": values.KEY,
    },
    "payment.list_refunds": {
        "payment_id": values.PAYMENT,
        "state": "blocked",
        "limit": 20,
        "cursor": None,
    },
    "payment.inspect_payment": {"payment_id": values.PAYMENT},
}

ANSWERS: dict[str, Value] = {
    "payment.preview_refund": preview(),
    "payment.refund_payment": record(),
    "payment.retry_refund": record(),
    "payment.list_refunds": {"refunds": [record()], "next": "b3BhcXVl"},
    "payment.inspect_payment": payment_record(),
}
