"""Values written by hand for every message of the platform, as they are on the wire."""

from typing import Any

Value = dict[str, Any]

USER = "01890000-0000-7000-8000-000000000001"
OTHER_USER = "01890000-0000-7000-8000-000000000002"
PROVIDER = "01890000-0000-7000-8000-000000000010"
SERVICE = "01890000-0000-7000-8000-000000000020"
STAFF = "01890000-0000-7000-8000-000000000030"
BOOKING = "01890000-0000-7000-8000-000000000040"
PAYMENT = "01890000-0000-7000-8000-000000000050"
POLICY = "01890000-0000-7000-8000-000000000060"
CATEGORY = "01890000-0000-7000-8000-000000000070"
REVIEW = "01890000-0000-7000-8000-000000000080"
NOTIFICATION = "01890000-0000-7000-8000-000000000090"
REFUND_QUOTE = "rq_0123456789abcdef0123456789abcdef"
REFUND = "01890000-0000-7000-8000-0000000000b0"
EVENT = "01890000-0000-7000-8000-0000000000a0"
NOW = "2027-01-11T09:30:00.000000Z"
KEY = "a-key-of-the-client"


def usd(amount: int) -> Value:
    return {"amount": amount, "currency": "USD"}


def texts(en: str, ar: str | None) -> Value:
    return {"en": en, "ar": ar}


MASSAGE = texts("Swedish massage 60 minutes", "تدليك سويدي 60 دقيقة")


def quote() -> Value:
    return {
        "lines": [{"kind": "service", "name": MASSAGE, "amount": usd(10000)}],
        "total": usd(10000),
        "quoted_at": NOW,
        "refund_policy_id": POLICY,
        "refund_tiers": [
            {"notice_hours": 24, "percent": 100},
            {"notice_hours": 2, "percent": 75},
            {"notice_hours": 0, "percent": 50},
        ],
        "no_show_percent": 0,
    }


def slot() -> Value:
    return {
        "starts_at": "2027-01-15T15:00:00.000000Z",
        "ends_at": "2027-01-15T16:00:00.000000Z",
        "local_date": "2027-01-15",
        "local_time": "10:00",
        "utc_offset": "-05:00",
        "staff_ids": [STAFF],
        "seats_left": 1,
    }


def booking(**changes: Any) -> Value:
    """A held booking of a massage in New York."""
    return {
        "booking_id": BOOKING,
        "version": 1,
        "state": "pending",
        "customer_id": USER,
        "provider_id": PROVIDER,
        "service_id": SERVICE,
        "staff_id": STAFF,
        "service_name": MASSAGE,
        "starts_at": "2027-01-15T15:00:00.000000Z",
        "ends_at": "2027-01-15T16:00:00.000000Z",
        "time_zone": "America/New_York",
        "local_date": "2027-01-15",
        "local_time": "10:00",
        "utc_offset": "-05:00",
        "quote": quote(),
        "hold_expires_at": "2027-01-11T09:45:00.000000Z",
        "notes": "Second floor, please ring twice.",
        "place": "customer",
        "cancel_cause": None,
        "refund": None,
        "contest_until": None,
        "contest": None,
        "created_at": NOW,
    } | changes


def confirmed_booking() -> Value:
    return booking(version=2, state="confirmed", hold_expires_at=None)


def refund() -> Value:
    return {
        "refund_percent": 75,
        "tip_percent": 100,
        "service_refund": usd(7500),
        "tip_refund": usd(500),
    }


def refund_quote() -> Value:
    return refund() | {
        "quote_id": REFUND_QUOTE,
        "booking_id": BOOKING,
        "valid_until": "2027-01-15T13:00:00.000000Z",
        "notice_hours": 2,
    }


def visit(**changes: Any) -> Value:
    """What a calendar is told of the confirmed booking."""
    shared = "provider_id service_name place starts_at ends_at time_zone local_date local_time utc_offset"
    return {name: booking()[name] for name in shared.split()} | {
        "created_at": NOW,
        "visit_id": BOOKING,
        "seats_taken": None,
        "seats": None,
        "version": 2,
        "state": "confirmed",
        "staff_name": texts("Sam", "سام"),
        "changed_at": "2027-01-11T09:32:00.000000Z",
        **changes,
    }


def cancelled_booking() -> Value:
    return booking(
        version=3,
        state="cancelled",
        hold_expires_at=None,
        cancel_cause="customer",
        refund=refund(),
        **refund(),
    )


def expired_booking() -> Value:
    return booking(version=2, state="expired", hold_expires_at=None)


def waiting_booking(**changes: Any) -> Value:
    """Paid, and its provider is asked first."""
    deadline = "2027-01-12T09:35:00.000000Z"
    return booking(version=2, hold_expires_at=deadline, pending_for="provider", answer_hours=24) | changes


def accepted_booking() -> Value:
    return waiting_booking(version=3, state="confirmed", hold_expires_at=None, pending_for=None)


def declined_booking() -> Value:
    whole = refund() | {"refund_percent": 100, "service_refund": usd(10000)}
    ended = {"hold_expires_at": None, "pending_for": None, "cancel_cause": "declined", "refund": whole}
    return waiting_booking(version=3, state="cancelled", **ended)


def rescheduled_booking() -> Value:
    """Moved by a day, where it costs 20.00 less by now."""
    cheaper = quote() | {"total": usd(8000)}
    cheaper["lines"] = [cheaper["lines"][0] | {"amount": usd(8000)}]
    return booking(
        version=3,
        state="confirmed",
        hold_expires_at=None,
        quote=cheaper,
        starts_at="2027-01-16T15:00:00.000000Z",
        ends_at="2027-01-16T16:00:00.000000Z",
        local_date="2027-01-16",
    )


def booking_rescheduled() -> Value:
    return rescheduled_booking() | {
        "previous_starts_at": "2027-01-15T15:00:00.000000Z",
        "previous_ends_at": "2027-01-15T16:00:00.000000Z",
        "service_refund": usd(2000),
        "done_by": "2027-01-17T16:00:00.000000Z",
    }


def reschedule_quote() -> Value:
    return {
        "quote_id": "mq_0123456789abcdef0123456789abcdef",
        "booking_id": BOOKING,
        "starts_at": "2027-01-16T15:00:00.000000Z",
        "ends_at": "2027-01-16T16:00:00.000000Z",
        "local_date": "2027-01-16",
        "local_time": "10:00",
        "utc_offset": "-05:00",
        "price": usd(8000),
        "service_refund": usd(2000),
        "refund_percent": 100,
        "moves_left": 2,
    }


def new_time() -> Value:
    return {
        "booking_id": BOOKING,
        "booking_date": "2027-01-16",
        "start_time": "10:00",
        "staff_id": None,
        "utc_offset": None,
        "allow_overlap": None,
    }


def started_booking() -> Value:
    return booking(version=3, state="in_progress", hold_expires_at=None)


def completed_booking() -> Value:
    return booking(version=4, state="completed", hold_expires_at=None)


def missed_booking(**changes: Any) -> Value:
    """Nobody came, and nothing goes back."""
    due = refund() | {"refund_percent": 0, "service_refund": usd(0)}
    said = {"version": 3, "state": "no_show", "hold_expires_at": None, "refund": due}
    return booking(**said | {"contest_until": "2027-01-16T15:20:00.000000Z"} | changes)


def availability_changed() -> Value:
    return {"provider_id": PROVIDER, "service_ids": [SERVICE], "local_days": ["2027-01-15"]}


def payment_answer() -> Value:
    return {
        "payment_id": PAYMENT,
        "booking_id": BOOKING,
        "kind": "booking",
        "payment_intent_id": "pi_123",
        "status": "requires_action",
        "amount": usd(10500),
        "service_amount": usd(10000),
        "tip_amount": usd(500),
        "platform_commission": usd(1000),
        "provider_amount": usd(9500),
        "captured": False,
        "captured_amount": usd(0),
        "released_amount": usd(0),
        "held_until": None,
        "refunded_amount": usd(0),
        "refunded_service_amount": usd(0),
        "refunded_tip_amount": usd(0),
        "invoice_number": None,
        "refunds": None,
        "receipt_url": None,
        "client_secret": "pi_123_secret_456",
        "next_action": {"type": "redirect_to_url", "url": "https://example.test/3ds"},
        "simulated": True,
        "created_at": NOW,
    }


def payment_with_refunds() -> Value:
    """One payment, as it is told alone."""
    return payment_answer() | {
        "invoice_number": "INV-2027-000042",
        "refunds": [
            {
                "refund_id": REFUND,
                "amount": usd(8000),
                "status": "pending",
                "credit_note_number": "CN-2027-000007",
                "created_at": NOW,
            }
        ],
    }


def payment_event(status: str, *, captured: bool, failure_code: str | None = None) -> Value:
    return {
        "payment_id": PAYMENT,
        "booking_id": BOOKING,
        "kind": "booking",
        "customer_id": USER,
        "provider_id": PROVIDER,
        "status": status,
        "amount": usd(10500),
        "service_amount": usd(10000),
        "tip_amount": usd(500),
        "platform_commission": usd(1000),
        "provider_amount": usd(9500),
        "captured": captured,
        "failure_code": failure_code,
        "simulated": True,
    }


def payment_captured() -> Value:
    return payment_event("succeeded", captured=True) | {
        "captured_amount": usd(2500),
        "captured_service_amount": usd(2500),
        "captured_tip_amount": usd(0),
        "captured_commission": usd(250),
        "cause": "cancelled",
    }


def payment_refunded() -> Value:
    return payment_event("succeeded", captured=True) | {
        "refund_id": REFUND,
        "service_refund": usd(7500),
        "tip_refund": usd(500),
        "commission_returned": usd(750),
        "refunded_so_far": {"service": usd(7500), "tip": usd(500), "for_moves": usd(2000)},
        "refund_status": "succeeded",
        "cause": "customer",
    }


POINT = {"latitude": 40.7128, "longitude": -74.006}
RATING = {"average": 4.67, "count": 3}


def offered_service() -> Value:
    return {
        "service_id": SERVICE,
        "category": "massage",
        "name": MASSAGE,
        "description": texts("Slow strokes for the whole body.", None),
        "duration_minutes": 60,
        "list_price": usd(10000),
    }


def found_provider() -> Value:
    return {
        "provider_id": PROVIDER,
        "name": texts("Calm Hands", "أيدٍ هادئة"),
        "city": "New York",
        "time_zone": "America/New_York",
        "location": POINT,
        "distance_km": 1.02,
        "rating": RATING,
        "from_price": usd(10000),
        "services": [offered_service()],
    }


def profile() -> Value:
    return {
        "provider_id": PROVIDER,
        "name": texts("Calm Hands", "أيدٍ هادئة"),
        "about": texts("Massage near the harbour.", None),
        "city": "New York",
        "time_zone": "America/New_York",
        "currency": "USD",
        "location": POINT,
        "distance_km": None,
        "rating": {"average": None, "count": 0},
        "services": [offered_service()],
    }


def user() -> Value:
    return {
        "user_id": USER,
        "roles": ["customer", "provider"],
        "memberships": [{"provider_id": PROVIDER, "role": "owner"}],
        "locale": "en",
        "active": True,
    }


def notification() -> Value:
    return {
        "notification_id": NOTIFICATION,
        "kind": "booking_confirmed",
        "booking_id": BOOKING,
        "provider_id": PROVIDER,
        "text": texts("Your booking is confirmed.", "تم تأكيد حجزك."),
        "starts_at": "2027-01-15T15:00:00.000000Z",
        "read": False,
        "created_at": NOW,
    }
