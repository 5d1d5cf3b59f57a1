"""Examples of what is said of home visits: who receives the care, where, that somebody was there, notes."""

from tests.contract import values
from tests.contract.values import Value

RECIPIENT: Value = {
    "name": "Rose Lee",
    "relation": "mother",
    "birth_year": 1941,
    "phone": "+1 555 0100",
    "notes": "Hears badly, please speak up.",
}
ADDRESS: Value = {
    "lines": ["350 5th Avenue", "Floor 7"],
    "city": "New York",
    "latitude": 40.7484,
    "longitude": -73.9857,
}
POSITION: Value = {"latitude": 40.7485, "longitude": -73.9855, "accuracy_m": 12.0}


def _presence(at: str) -> Value:
    return {"at": at, "distance_m": 20, "far": False, "position": POSITION}


def detailed(booking: Value) -> Value:
    """A booking with all that its provider's owner sees of it."""
    return booking | {
        "recipient": RECIPIENT,
        "address": ADDRESS,
        "provider_notes": "Bring slippers.",
        "check_in": _presence("2027-01-15T14:58:00.000000Z"),
        "check_out": _presence("2027-01-15T16:01:00.000000Z"),
    }


REQUESTS: dict[str, Value] = {
    "booking.change_notes": {
        "booking_id": values.BOOKING,
        "side": "provider",
        "notes": "Bring slippers.",
        "idempotency_key": values.KEY,
    },
}
ANSWERS: dict[str, Value] = {
    "booking.change_notes": {
        "booking_id": values.BOOKING,
        "version": 3,
        "notes": "Second floor, please ring twice.",
        "provider_notes": "Bring slippers.",
    },
}
