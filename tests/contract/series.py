"""Examples of messages about series of visits."""

from tests.contract import values
from tests.contract.values import Value

SERIES = "01a20ce6-9d8f-7b48-9a2f-c26f5c175f77"
SERIES_REQUEST: Value = {"series_id": SERIES}
_WANTED: Value = {
    "provider_id": values.PROVIDER,
    "service_id": values.SERVICE,
    "booking_date": "2027-01-15",
    "start_time": "10:00",
    "rule": "FREQ=WEEKLY;COUNT=3",
    "staff_id": values.STAFF,
}
_SCOPE: Value = SERIES_REQUEST | {"scope": "following", "position": 2}
_NEW_TIMES: Value = _SCOPE | {
    "start_time": "11:00",
    "shift_days": 1,
    "staff_id": values.STAFF,
    "allow_overlap": None,
}


def in_series(**changes: str) -> Value:
    return values.booking(series_id=SERIES, **changes)


def series() -> Value:
    def instance(position: int, day: str, **members: Value | str | None) -> Value:
        return {
            "position": position,
            "local_date": day,
            "wanted_date": day,
            "wanted_time": "10:00",
            "outcome": "skipped",
            "code": None,
            "booking": None,
        } | members

    return SERIES_REQUEST | {
        "provider_id": values.PROVIDER,
        "service_id": values.SERVICE,
        "rule": "FREQ=WEEKLY;COUNT=3",
        "first_date": "2027-01-15",
        "start_time": "10:00",
        "kept_at": None,
        "created_at": values.NOW,
        "instances": [
            instance(1, "2027-01-15", outcome="booked", booking=in_series()),
            instance(2, "2027-01-22", outcome="refused", code="slot_taken"),
            instance(3, "2027-01-29"),
        ],
    }


REQUESTS: dict[str, Value] = {
    "booking.preview_series": _WANTED,
    "booking.create_series": _WANTED
    | {
        "utc_offset": "-05:00",
        "notes": "Second floor, please ring twice.",
        "place": "customer",
        "recipient": None,
        "address": None,
        "allow_overlap": None,
        "decisions": [
            {
                "local_date": "2027-01-22",
                "choice": "alternative",
                "booking_date": "2027-01-23",
                "start_time": "11:00",
                "utc_offset": None,
            }
        ],
        "idempotency_key": values.KEY,
    },
    "booking.get_series": SERIES_REQUEST,
    "booking.list_series": {"limit": 20, "cursor": None},
    "booking.get_series_refund_quote": _SCOPE,
    "booking.cancel_series": _SCOPE
    | {"refund_quote_id": "rs_1", "reason": "better", "idempotency_key": values.KEY},
    "booking.preview_series_move": _NEW_TIMES,
    "booking.reschedule_series": _NEW_TIMES
    | {
        "decisions": [
            {
                "position": 3,
                "choice": "alternative",
                "booking_date": "2027-01-31",
                "start_time": "12:00",
                "utc_offset": "-05:00",
                "quote_id": "mq_1",
            }
        ],
        "reason": "another shift",
        "idempotency_key": values.KEY,
    },
}

ANSWERS: dict[str, Value] = {
    "booking.preview_series": {
        "provider_id": values.PROVIDER,
        "service_id": values.SERVICE,
        "service_name": values.MASSAGE,
        "time_zone": "America/New_York",
        "price": values.usd(10000),
        "instances": [
            {
                "position": 1,
                "local_date": "2027-01-15",
                "local_time": "10:00",
                "prospect": "conflict",
                "code": "slot_taken",
                "message": "This time is no longer free.",
                "starts_at": "2027-01-15T15:00:00.000000Z",
                "utc_offset": "-05:00",
                "next_existing": None,
                "alternatives": [values.slot()],
            }
        ],
        "computed_at": values.NOW,
    },
    "booking.create_series": series(),
    "booking.get_series": series(),
    "booking.list_series": {"series": [series()], "next": None},
    "booking.get_series_refund_quote": {
        "quote_id": "rs_1",
        "series_id": SERIES,
        "valid_until": "2027-01-15T13:00:00.000000Z",
        "service_refund": values.usd(7500),
        "tip_refund": values.usd(500),
        "visits": [values.refund_quote()],
    },
    "booking.cancel_series": series(),
    "booking.preview_series_move": {
        "series_id": SERIES,
        "instances": [
            {
                "position": 2,
                "booking_id": values.BOOKING,
                "previous_starts_at": "2027-01-22T15:00:00.000000Z",
                "local_date": "2027-01-23",
                "local_time": "11:00",
                "prospect": "free",
                "code": None,
                "message": None,
                "starts_at": "2027-01-23T16:00:00.000000Z",
                "utc_offset": "-05:00",
                "next_existing": None,
                "alternatives": [],
                "quote": values.reschedule_quote(),
            }
        ],
        "computed_at": values.NOW,
    },
    "booking.reschedule_series": {
        "series_id": SERIES,
        "instances": [
            {
                "position": 2,
                "wanted_date": "2027-01-23",
                "wanted_time": "11:00",
                "utc_offset": None,
                "outcome": "refused",
                "code": "slot_taken",
                "alternatives": [values.slot()],
                "quote": None,
                "booking": in_series(),
            }
        ],
    },
}
