"""Examples of messages about waiting lists."""

from tests.contract import care, values
from tests.contract.values import Value

WAITLIST = "01a20ce6-9d8f-7b48-9a2f-c26f5c175f78"
_COMMAND: Value = {"waitlist_id": WAITLIST, "idempotency_key": values.KEY}


def entry(state: str, booking: Value | None = None) -> Value:
    return {
        "waitlist_id": WAITLIST,
        "provider_id": values.PROVIDER,
        "service_id": values.SERVICE,
        "staff_id": None,
        "date": "2027-01-15",
        "from_time": "09:00",
        "to_time": None,
        "state": state,
        "booking": booking,
        "created_at": values.NOW,
    }


REQUESTS: dict[str, Value] = {
    "booking.join_waitlist": {
        "provider_id": values.PROVIDER,
        "service_id": values.SERVICE,
        "date": "2027-01-15",
        "from_time": "09:00",
        "to_time": None,
        "staff_id": values.STAFF,
        "place": "customer",
        "notes": "Ring twice.",
        "recipient": care.RECIPIENT,
        "address": care.ADDRESS,
        "allow_overlap": None,
        "idempotency_key": values.KEY,
    },
    "booking.list_waitlist": {"limit": 20, "cursor": None},
    "booking.leave_waitlist": _COMMAND,
    "booking.decline_offer": _COMMAND,
}

ANSWERS: dict[str, Value] = {
    "booking.join_waitlist": entry("waiting"),
    "booking.list_waitlist": {
        "entries": [entry("offered", values.booking(waitlist_id=WAITLIST))],
        "next": None,
    },
    "booking.leave_waitlist": entry("left"),
    "booking.decline_offer": entry("declined", values.booking(waitlist_id=WAITLIST, state="cancelled")),
}
