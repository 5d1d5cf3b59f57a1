"""One example of every RPC request, RPC answer and event."""

from tests.contract import books, care, disputes, payouts, refunds, series, supply, values, waitlist
from tests.contract.values import Value

PAGE: Value = {"limit": 20, "cursor": None}
BOOKING_REQUEST: Value = {"booking_id": values.BOOKING}

REQUESTS: dict[str, Value] = {
    "booking.get_availability": {
        "provider_id": values.PROVIDER,
        "service_id": values.SERVICE,
        "date": "2027-01-15",
        "from": None,
        "to": None,
        "staff_id": values.STAFF,
        "latitude": 40.7484,
        "longitude": -73.9857,
    },
    "booking.explain_availability": {
        "provider_id": values.PROVIDER,
        "service_id": values.SERVICE,
        "date": "2027-01-15",
        "time": "10:00",
        "utc_offset": None,
        "staff_id": None,
        "latitude": None,
        "longitude": None,
    },
    "booking.get_service_terms": {"service_ids": [values.SERVICE]},
    "booking.find_free_providers": {
        "date": "2027-01-15",
        "wanted": [{"provider_id": values.PROVIDER, "service_ids": [values.SERVICE]}],
        "latitude": 40.7484,
        "longitude": -73.9857,
    },
    "booking.create_booking": {
        "provider_id": values.PROVIDER,
        "service_id": values.SERVICE,
        "booking_date": "2027-01-15",
        "start_time": "10:00",
        "staff_id": None,
        "utc_offset": "-05:00",
        "notes": "Second floor, please ring twice.",
        "place": "customer",
        "recipient": care.RECIPIENT,
        "address": care.ADDRESS,
        "allow_overlap": True,
        "replaces_booking_id": None,
        "idempotency_key": values.KEY,
    },
    **series.REQUESTS,
    **waitlist.REQUESTS,
    **care.REQUESTS,
    **supply.REQUESTS,
    "booking.get_booking": BOOKING_REQUEST,
    "booking.list_bookings": PAGE,
    "booking.get_visit": BOOKING_REQUEST,
    "booking.list_visits": {
        "workplaces": [{"provider_id": values.PROVIDER, "staff_id": values.STAFF}],
    },
    "booking.get_refund_quote": BOOKING_REQUEST,
    "booking.cancel_booking": BOOKING_REQUEST
    | {"refund_quote_id": values.REFUND_QUOTE, "reason": "ill", "idempotency_key": values.KEY},
    "booking.list_provider_bookings": PAGE | {"provider_id": values.PROVIDER, "visits": "coming"},
    "booking.start_booking": BOOKING_REQUEST | {"position": care.POSITION, "idempotency_key": values.KEY},
    "booking.complete_booking": BOOKING_REQUEST | {"position": None, "idempotency_key": values.KEY},
    "booking.get_reschedule_quote": values.new_time(),
    "booking.reschedule_booking": values.new_time()
    | {
        "quote_id": "mq_0123456789abcdef0123456789abcdef",
        "reason": "away that day",
        "idempotency_key": values.KEY,
    },
    "booking.accept_booking": BOOKING_REQUEST | {"idempotency_key": values.KEY},
    "booking.decline_booking": BOOKING_REQUEST | {"reason": "full", "idempotency_key": values.KEY},
    "booking.cancel_for_provider": BOOKING_REQUEST | {"reason": "ill", "idempotency_key": values.KEY},
    "booking.record_no_show": BOOKING_REQUEST | {"idempotency_key": values.KEY},
    "booking.contest_no_show": BOOKING_REQUEST
    | {"reason": "I was at the door.", "idempotency_key": values.KEY},
    "booking.decide_no_show": BOOKING_REQUEST
    | {"outcome": "stands", "reason": "Nobody was seen.", "idempotency_key": values.KEY},
    "booking.list_open_contests": PAGE,
    "booking.prepare_payment": BOOKING_REQUEST,
    "notify.list_notifications": PAGE | {"unread_only": True},
    "notify.mark_read": {"notification_ids": [values.NOTIFICATION]},
    "payment.process_payment": BOOKING_REQUEST
    | {
        "payment_method_id": "pm_card_visa",
        "method": "card",
        "tip": "5.00",
        "idempotency_key": values.KEY,
    },
    "payment.list_payment_methods": {"currency": "SAR", "provider_id": values.PROVIDER},
    "payment.tip_booking": BOOKING_REQUEST
    | {
        "payment_method_id": "pm_card_visa",
        "method": "card",
        "tip": "5.00",
        "idempotency_key": values.KEY,
    },
    "payment.confirm_payment": {"payment_intent_id": "pi_123"},
    "payment.get_payment": {"payment_id": values.PAYMENT},
    "payment.list_payments": PAGE,
    "payment.receive_webhook": {"body_base64": "e30=", "signature": "t=1,v1=00"}
    | {"of_accounts": True, "payment_provider": "stripe"},
    "payment.get_payment_mode": {},
    **books.REQUESTS,
    **disputes.REQUESTS,
    **refunds.REQUESTS,
    **payouts.REQUESTS,
    "search.list_categories": {},
    "search.search_providers": PAGE
    | {
        "query": "massage",
        "latitude": 40.7128,
        "longitude": -74.006,
        "radius_km": 10.0,
        "category": "massage",
        "min_price": 5000,
        "max_price": 20000,
        "currency": "USD",
        "min_rating": 4.0,
        "sort": "distance",
        "with_service_ids": True,
    },
    "search.get_provider": {"provider_id": values.PROVIDER, "latitude": 40.7128, "longitude": -74.006},
    "search.list_reviews": PAGE | {"provider_id": values.PROVIDER},
}

ANSWERS: dict[str, Value] = {
    "payment.list_payment_methods": {
        "methods": [
            {
                "method": "card",
                "payment_provider": "stripe",
                "wallets": ["apple_pay", "google_pay"],
                "wallet_domains": ["care.example"],
                "redirects": False,
                "may_be_held": True,
                "currencies": None,
                "simulated": False,
            },
            {
                "method": "mada",
                "payment_provider": "tap",
                "wallets": [],
                "wallet_domains": [],
                "redirects": True,
                "may_be_held": False,
                "currencies": ["SAR"],
                "simulated": False,
            },
        ]
    },
    "booking.get_availability": {
        "provider_id": values.PROVIDER,
        "service_id": values.SERVICE,
        "date": "2027-01-15",
        "time_zone": "America/New_York",
        "duration_minutes": 60,
        "price": values.usd(10000),
        "slots": [values.slot()],
        "days": [{"date": "2027-01-15", "slots": [values.slot()]}],
        "computed_at": values.NOW,
    },
    "booking.explain_availability": {
        "provider_id": values.PROVIDER,
        "service_id": values.SERVICE,
        "date": "2027-01-15",
        "time": "10:00",
        "time_zone": "America/New_York",
        "starts_at": "2027-01-15T15:00:00.000000Z",
        "utc_offset": "-05:00",
        "is_free": False,
        "reasons": [
            {
                "rule": "session_full",
                "code": "session_full",
                "message": "All places of this session are taken.",
                "until": None,
                "holiday": None,
                "taken": 3,
                "capacity": 3,
                "resource_id": None,
            }
        ],
        "alternatives": [values.slot()],
        "computed_at": values.NOW,
    },
    "booking.get_service_terms": {
        "services": [
            {"service_id": values.SERVICE, "places": ["customer", "provider"], "answer_hours": 24},
        ]
    },
    "booking.find_free_providers": {
        "date": "2027-01-15",
        "free": [
            {
                "provider_id": values.PROVIDER,
                "service_id": values.SERVICE,
                "starts_at": "2027-01-15T15:00:00.000000Z",
                "local_date": "2027-01-15",
                "local_time": "10:00",
                "utc_offset": "-05:00",
            }
        ],
    },
    "booking.create_booking": values.booking(),
    **series.ANSWERS,
    **waitlist.ANSWERS,
    **supply.ANSWERS,
    **payouts.ANSWERS,
    "booking.get_booking": care.detailed(values.completed_booking()),
    **care.ANSWERS,
    "booking.list_bookings": {"bookings": [values.booking()], "next": None},
    "booking.get_visit": values.visit(),
    "booking.list_visits": {"visits": [values.visit()]},
    "booking.get_refund_quote": values.refund_quote(),
    "booking.cancel_booking": values.booking(
        version=3, state="cancelled", hold_expires_at=None, cancel_cause="customer", refund=values.refund()
    ),
    "booking.list_provider_bookings": {"bookings": [values.confirmed_booking()], "next": "b3BhcXVl"},
    "booking.get_reschedule_quote": values.reschedule_quote(),
    "booking.reschedule_booking": values.rescheduled_booking(),
    "booking.accept_booking": values.accepted_booking(),
    "booking.decline_booking": values.declined_booking(),
    "booking.start_booking": values.started_booking(),
    "booking.complete_booking": values.completed_booking(),
    "booking.cancel_for_provider": values.booking(
        version=3, state="cancelled", hold_expires_at=None, cancel_cause="provider", refund=values.refund()
    ),
    "booking.record_no_show": values.missed_booking(),
    "booking.contest_no_show": values.missed_booking(version=4, contest="open"),
    "booking.decide_no_show": values.missed_booking(version=5, contest="stands"),
    "booking.list_open_contests": {
        "contests": [
            {
                "booking": values.missed_booking(version=4, contest="open"),
                "contested_at": "2027-01-15T18:20:00.000000Z",
                "reason": "I was at the door.",
            }
        ],
        "next": "b3BhcXVl",
    },
    "booking.prepare_payment": BOOKING_REQUEST
    | {
        "customer_id": values.USER,
        "provider_id": values.PROVIDER,
        "service_id": values.SERVICE,
        "quote": values.quote(),
        "starts_at": "2027-01-15T15:00:00.000000Z",
        "ends_at": "2027-01-15T16:00:00.000000Z",
        "done_by": "2027-01-16T16:00:00.000000Z",
        "hold_expires_at": "2027-01-11T09:45:00.000000Z",
    },
    "notify.list_notifications": {"notifications": [values.notification()], "unread": 1, "next": "b3BhcXVl"},
    "notify.mark_read": {"unread": 0},
    "payment.process_payment": values.payment_answer(),
    "payment.tip_booking": values.payment_answer() | {"kind": "tip"},
    "payment.confirm_payment": values.payment_answer(),
    "payment.get_payment": values.payment_with_refunds(),
    "payment.list_payments": {"payments": [values.payment_answer()], "next": None},
    "payment.receive_webhook": {"duplicate": False},
    "payment.get_payment_mode": {"mode": "stand-in", "banner": "No money moves."},
    **books.ANSWERS,
    **disputes.ANSWERS,
    **refunds.ANSWERS,
    "search.list_categories": {
        "categories": [
            {"category_id": values.CATEGORY, "slug": "massage", "name": values.texts("Massage", "تدليك")}
        ]
    },
    "search.search_providers": {
        "providers": [values.found_provider() | {"service_ids": [values.SERVICE]}],
        "next": "b3BhcXVl",
    },
    "search.get_provider": values.profile(),
    "search.list_reviews": {
        "reviews": [
            {
                "review_id": values.REVIEW,
                "rating": 5,
                "text": "Very calm.",
                "author": "Emily R.",
                "created_at": values.NOW,
            }
        ],
        "next": None,
    },
}

EVENTS: dict[str, Value] = {
    "booking.booking_held.v1": values.booking(),
    "booking.booking_confirmed.v1": values.confirmed_booking(),
    "booking.booking_cancelled.v1": values.cancelled_booking(),
    "booking.booking_expired.v1": values.expired_booking(),
    "booking.booking_rescheduled.v1": values.booking_rescheduled(),
    "booking.booking_answer_due.v1": values.waiting_booking(),
    "booking.booking_payment_due.v1": values.booking(),
    "booking.booking_started.v1": values.started_booking(),
    "booking.booking_completed.v1": values.completed_booking(),
    "booking.booking_no_show.v1": values.missed_booking() | values.missed_booking()["refund"],
    "booking.booking_contested.v1": values.missed_booking(version=4, contest="open"),
    "booking.booking_no_show_stands.v1": values.missed_booking(version=5, contest="stands"),
    "booking.availability_changed.v1": values.availability_changed(),
    "gateway.user_registered.v1": values.user(),
    "gateway.user_changed.v1": values.user(),
    "payment.payment_action_required.v1": values.payment_event("requires_action", captured=False),
    "payment.payment_processing.v1": values.payment_event("processing", captured=False),
    "payment.payment_succeeded.v1": values.payment_event("succeeded", captured=True),
    "payment.payment_captured.v1": values.payment_captured(),
    "payment.payment_failed.v1": values.payment_event("failed", captured=False, failure_code="card_declined"),
    "payment.payment_cancelled.v1": values.payment_event("cancelled", captured=False),
    "payment.payment_refunded.v1": values.payment_refunded(),
    **disputes.EVENTS,
    **payouts.EVENTS,
    "search.category_changed.v1": {
        "category_id": values.CATEGORY,
        "slug": "massage",
        "name": values.texts("Massage", "تدليك"),
        "withdrawn": False,
    },
    "search.provider_published.v1": {
        "provider_id": values.PROVIDER,
        "name": values.texts("Calm Hands", "أيدٍ هادئة"),
        "city": "New York",
        "country": "US",
        "time_zone": "America/New_York",
        "currency": "USD",
        "location": values.POINT,
        "payable": True,
    },
    "search.provider_withdrawn.v1": {"provider_id": values.PROVIDER},
    "search.service_published.v1": {
        "service_id": values.SERVICE,
        "provider_id": values.PROVIDER,
        "category": "massage",
        "name": values.MASSAGE,
        "duration_minutes": 60,
        "list_price": values.usd(10000),
    },
    "search.service_withdrawn.v1": {"service_id": values.SERVICE, "provider_id": values.PROVIDER},
    "search.review_published.v1": {
        "review_id": values.REVIEW,
        "provider_id": values.PROVIDER,
        "booking_id": values.BOOKING,
        "rating": 5,
        "provider_rating": values.RATING,
    },
}


def examples() -> dict[str, Value]:
    """Every example by the name of its file below `examples/`."""
    return {
        **{f"rpc/{name}.request.json": value for name, value in REQUESTS.items()},
        **{f"rpc/{name}.answer.json": value for name, value in ANSWERS.items()},
        **{f"events/{name}.json": value for name, value in EVENTS.items()},
    }
