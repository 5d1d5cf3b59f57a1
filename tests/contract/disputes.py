"""Examples of what is asked, answered and told about disputes and kept webhooks."""

from tests.contract import values
from tests.contract.values import Value

DISPUTE = "dp_123"
EVENT = "evt_123"


def facts(status: str) -> Value:
    return {
        "dispute_id": DISPUTE,
        "disputed": values.usd(10000),
        "reason": "product_not_received",
        "dispute_status": status,
        "evidence_due_by": values.NOW,
    }


def record(status: str = "needs_response") -> Value:
    return facts(status) | {
        "payment_id": values.PAYMENT,
        "booking_id": values.BOOKING,
        "customer_id": values.USER,
        "provider_id": values.PROVIDER,
        "is_charge_refundable": False,
        "has_evidence": False,
        "submissions": 0,
        "opened_at": values.NOW,
        "closed_at": None,
        "lost": values.usd(0),
        "provider_bears": values.usd(0),
        "commission_lost": values.usd(0),
        "platform_loss": values.usd(0),
        "simulated": False,
    }


def detail(status: str = "needs_response") -> Value:
    return record(status) | {
        "movements": [{"reference": "txn_123", "taken": values.usd(10000), "fee": values.usd(1500)}],
        "requests": [
            {
                "operation": "reverse_transfer",
                "state": "ok",
                "error_code": None,
                "params": {"amount": 9000},
                "asked_at": values.NOW,
            }
        ],
        "other_dispute_ids": [],
    }


def webhook(outcome: str = "parked") -> Value:
    return {
        "event_id": EVENT,
        "type": "charge.dispute.created",
        "object_id": DISPUTE,
        "account": None,
        "outcome": outcome,
        "attempts": 12,
        "reason": "unavailable",
        "stated_at": values.NOW,
        "received_at": values.NOW,
        "worked_at": None,
    }


EVIDENCE: Value = {
    "product_description": "Massage, at an agreed time, by a person.",
    "service_date": "2027-01-15 10:00 (America/New_York)",
    "refund_policy_disclosure": None,
    "cancellation_policy_disclosure": None,
    "refund_refusal_explanation": None,
    "uncategorized_text": None,
}
REQUESTS: dict[str, Value] = {
    "booking.get_booking_history": {"booking_id": values.BOOKING},
    "payment.list_disputes": {"only_open": True, "limit": 20, "cursor": None},
    "payment.get_dispute": {"dispute_id": DISPUTE},
    "payment.submit_dispute_evidence": {
        "dispute_id": DISPUTE,
        "evidence": EVIDENCE,
        "submit": True,
        "reason": "The visit took place.",
        "idempotency_key": "a-key",
    },
    "payment.list_webhooks": {"outcome": "parked", "limit": 20, "cursor": None},
    "payment.replay_webhook": {"event_id": EVENT, "idempotency_key": "a-key"},
}
HISTORY: Value = {
    "booking_id": values.BOOKING,
    "changes": [
        {
            "version": 1,
            "from_state": None,
            "to_state": "pending",
            "actor": "customer",
            "actor_id": values.USER,
            "reason": "held",
            "note": None,
            "at": values.NOW,
            "starts_at": "2027-01-15T15:00:00.000000Z",
            "staff_id": values.STAFF,
        }
    ],
}
ANSWERS: dict[str, Value] = {
    "booking.get_booking_history": HISTORY,
    "payment.list_disputes": {"disputes": [record()], "next": None},
    "payment.get_dispute": detail(),
    "payment.submit_dispute_evidence": detail("under_review"),
    "payment.list_webhooks": {"webhooks": [webhook()], "next": None},
    "payment.replay_webhook": webhook("waiting"),
}
_PAID: Value = values.payment_event("succeeded", captured=True)
EVENTS: dict[str, Value] = {
    "payment.payment_disputed.v1": _PAID | facts("needs_response"),
    "payment.payment_dispute_closed.v1": _PAID
    | facts("lost")
    | {"lost": values.usd(10000), "provider_bears": values.usd(9000)},
}
