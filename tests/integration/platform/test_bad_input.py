"""Bad input gets a clear refusal with a stable code, and nothing is stored, queued or half done."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.ids import new_id
from tests.fixtures.customer import Customer
from tests.integration.platform.census import Census
from tests.integration.platform.market import Market


def _booking(market: Market, **changes: Any) -> dict[str, Any]:
    body = {
        "providerId": market.provider_id,
        "serviceId": market.service_id,
        "bookingDate": market.day(10),
        "startTime": "10:00",
    }
    return {**body, **changes}


@dataclass(frozen=True)
class Refusal:
    """A request body for POST customer/bookings and what it must be answered with."""

    name: str
    body: Callable[[Market], Any]
    status: int
    code: str
    field: str = ""


REFUSALS = (
    Refusal("unknown field", lambda m: _booking(m, colour="red"), 422, "validation_failed", "colour"),
    Refusal("a price in the body", lambda m: _booking(m, price=1), 422, "validation_failed", "price"),
    Refusal("wrong type", lambda m: _booking(m, providerId=7), 422, "validation_failed", "providerId"),
    Refusal(
        "a list for a text", lambda m: _booking(m, startTime=["10:00"]), 422, "validation_failed", "startTime"
    ),
    Refusal("24:61", lambda m: _booking(m, startTime="24:61"), 422, "validation_failed", "startTime"),
    Refusal(
        "no such day",
        lambda m: _booking(m, bookingDate="2027-02-30"),
        422,
        "validation_failed",
        "bookingDate",
    ),
    Refusal("missing field", lambda m: {"providerId": m.provider_id}, 422, "validation_failed", "serviceId"),
    Refusal("past date", lambda m: _booking(m, bookingDate=m.day(-1)), 422, "past_date", "bookingDate"),
    Refusal(
        "91 days ahead", lambda m: _booking(m, bookingDate=m.day(91)), 422, "beyond_window", "bookingDate"
    ),
    Refusal("closed hours", lambda m: _booking(m, startTime="03:00"), 422, "closed", "startTime"),
    Refusal("off the grid", lambda m: _booking(m, startTime="10:07"), 422, "off_grid", "startTime"),
    Refusal("unknown provider", lambda m: _booking(m, providerId=new_id()), 404, "not_found"),
    Refusal("unknown service", lambda m: _booking(m, serviceId=new_id()), 404, "not_found"),
    Refusal("unknown staff", lambda m: _booking(m, staffId=new_id()), 404, "not_found"),
    Refusal("an array", lambda m: [_booking(m)], 422, "validation_failed", "body"),
    Refusal("a text", lambda m: "hold it", 422, "validation_failed", "body"),
)


def assert_problem(answer: Any, status: int, code: str, field: str = "") -> None:
    """The answer is a problem of RFC 9457 with our members, and tells nothing of the inside."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["X-Request-Id"]
    problem = answer.json()
    assert problem["code"] == code
    assert problem["status"] == status
    assert problem["success"] is False
    assert {"type", "title", "detail", "instance", "message", "traceId"} <= set(problem)
    if field:
        assert field in problem["errors"]
    for inside in ("Traceback", ".py", "psycopg2", "SELECT ", "nameko"):
        assert inside not in answer.text


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.name)
def test_a_booking_that_cannot_be_is_refused_and_leaves_nothing(
    refusal: Refusal, market: Market, customer: Customer, census: Census
) -> None:
    """promise C3: future only, at most 90 days ahead, HH:MM, within opening hours."""
    before = census.settled()
    answer = customer.post("customer/bookings", refusal.body(market))
    assert_problem(answer, refusal.status, refusal.code, refusal.field)
    assert census.settled() == before


RAW_BODIES = (
    ("10 MB", b'{"notes": "' + b"x" * (10 << 20) + b'"}', 413, "too_large"),
    ("invalid UTF-8", b'{"notes": "\xff\xfe"}', 400, "malformed_json"),
    ("duplicate keys", b'{"startTime": "10:00", "startTime": "11:00"}', 400, "malformed_json"),
    ("not JSON", b"startTime=10:00", 400, "malformed_json"),
    ("NaN", b'{"tipAmount": NaN}', 400, "malformed_json"),
    ("deep nesting", b"[" * 50_000, 400, "malformed_json"),
    ("empty", b"", 400, "malformed_json"),
)


@pytest.mark.parametrize(("name", "body", "status", "code"), RAW_BODIES, ids=[row[0] for row in RAW_BODIES])
def test_a_body_that_cannot_be_read_is_refused_and_leaves_nothing(
    name: str, body: bytes, status: int, code: str, customer: Customer, census: Census
) -> None:
    """promise H5: body limits and input validation."""
    before = census.settled()
    assert_problem(customer.call("POST", "customer/bookings", data=body), status, code)
    assert census.settled() == before


def _token(key: Any, algorithm: str, **claims: Any) -> str:
    now = datetime.now(UTC)
    body = {"sub": new_id(), "roles": ["admin"], "exp": now + timedelta(hours=1), "iat": now, **claims}
    return jwt.encode(body, key, algorithm)


FORGED = (
    ("another key", lambda: _token(Ed25519PrivateKey.generate(), "EdDSA")),
    ("no signature", lambda: _token("", "none")),
    ("a shared secret", lambda: _token("x" * 64, "HS256")),
    ("no token at all", lambda: "x.y.z"),
)


@pytest.mark.parametrize(("name", "forge"), FORGED, ids=[row[0] for row in FORGED])
def test_a_forged_token_opens_nothing(
    name: str, forge: Callable[[], str], stranger: Customer, census: Census
) -> None:
    """promise H2: roles and ownership are checked on every route."""
    before = census.settled()
    stranger.token = forge()
    assert_problem(stranger.get("customer/bookings"), 401, "token_invalid")
    stranger.token = ""
    assert_problem(stranger.get("customer/bookings"), 401, "unauthenticated")
    assert census.settled() == before


def test_anothers_booking_is_not_there(
    market: Market, customer: Customer, other: Customer, census: Census
) -> None:
    """rule B11: object-level checks in the owning service; promise H2: nobody sees another's data."""
    booking_id = market.hold(customer)["bookingId"]
    before = census.settled()
    assert_problem(other.get(f"customer/bookings/{booking_id}"), 404, "not_found")
    assert_problem(other.post(f"customer/bookings/{booking_id}/cancel", {}), 404, "not_found")
    payment = {"bookingId": booking_id, "paymentMethodId": "pm_card_visa"}
    assert_problem(other.post("customer/payments/process", payment), 404, "not_found")
    assert other.get("customer/bookings").json()["data"]["bookings"] == []
    assert census.settled() == before


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"tipAmount": -1}, "validation_failed", "tipAmount"),
        ({"tipAmount": "5"}, "validation_failed", "tipAmount"),
        ({"amount": 1}, "validation_failed", "amount"),
        ({"paymentMethodId": "card"}, "validation_failed", "paymentMethodId"),
    ],
)
def test_a_payment_that_cannot_be_is_refused(
    changes: dict[str, Any], code: str, field: str, market: Market, customer: Customer, census: Census
) -> None:
    """promise D7: validation before anything is charged."""
    booking_id = market.hold(customer)["bookingId"]
    before = census.settled()
    body = {"bookingId": booking_id, "paymentMethodId": "pm_card_visa", **changes}
    assert_problem(customer.post("customer/payments/process", body), 422, code, field)
    assert census.settled() == before


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"radiusKm": 10}, "radiusKm"),
        ({"latitude": 91, "longitude": 0}, "latitude"),
        ({"minPrice": 10}, "currency"),
        ({"sort": "colour"}, "sort"),
        ({"limit": 101}, "limit"),
        ({"colour": "red"}, "colour"),
        ({"sort": "distance"}, "sort"),
    ],
)
def test_a_search_that_cannot_be_names_the_field(
    parameters: dict[str, Any], field: str, stranger: Customer
) -> None:
    """promise B1: what is not a search is refused by field."""
    assert_problem(stranger.get("customer/search", **parameters), 422, "validation_failed", field)


def test_an_unknown_path_and_a_wrong_method_are_problems_too(stranger: Customer) -> None:
    """promise I8: every answer has the documented form."""
    assert_problem(stranger.get("customer/unheard-of"), 404, "not_found")
    wrong = stranger.call("DELETE", "customer/categories")
    assert_problem(wrong, 405, "method_not_allowed")
    assert "GET" in wrong.headers["Allow"]


@pytest.mark.parametrize("signature", ["", "t=1,v1=00", "nonsense"])
def test_a_webhook_that_stripe_did_not_sign_is_refused(
    signature: str, stranger: Customer, census: Census
) -> None:
    """rule W11: the signature is checked over the raw bytes; promise A6: 400 when it is not valid."""
    before = census.settled()
    body = json.dumps({"id": "evt_1", "type": "payment_intent.succeeded"}).encode()
    answer = stranger.call(
        "POST", "customer/payments/webhook", data=body, headers={"Stripe-Signature": signature}
    )
    assert_problem(answer, 400, "signature_invalid")
    assert census.settled() == before


def test_a_local_time_that_the_clocks_skip_is_refused(
    market: Market, customer: Customer, census: Census
) -> None:
    """rule T1: 02:30 on the day New York's clocks go forward is no time at all."""
    spring = datetime(2027, 3, 14, 2, 30, tzinfo=ZoneInfo("America/New_York"))
    with market.booking_clock_at(spring - timedelta(days=10)):
        before = census.of_money()
        body = _booking(market, bookingDate="2027-03-14", startTime="02:30")
        assert_problem(customer.post("customer/bookings", body), 422, "time_does_not_exist", "startTime")
        assert census.of_money() == before, "visits that ended by then may still be counted by payment"
