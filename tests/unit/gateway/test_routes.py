"""The routes over services that answer by script: what they take, whom they let in, what they hand on."""

import re
from decimal import Decimal
from typing import Any

import pytest

from services.gateway.blueprint import Access, Budget, declaration_of
from shared.contracts import booking, payment, search
from shared.contracts.booking import hold_expired
from shared.contracts.payment_forms import PaymentStatus, ProcessPaymentRequestSchema
from shared.errors import ServiceError
from shared.ids import new_id
from tests.unit.gateway.door import Door, problem_of

ID = "01a20ce6-9d8f-7b48-9a2f-c26f5c175f1f"
BOOKING = {
    "providerId": ID,
    "serviceId": ID,
    "bookingDate": "2027-01-15",
    "startTime": "10:00",
}
PAYMENT = {"bookingId": ID, "paymentMethodId": "pm_card_visa"}
USD = "USD"


def _paid(status: PaymentStatus) -> dict[str, Any]:
    def money(amount: int) -> dict[str, Any]:
        return {"amount": amount, "currency": USD}

    return {
        "payment_id": ID,
        "booking_id": ID,
        "payment_intent_id": "pi_1",
        "status": status.value,
        "amount": money(10500),
        "service_amount": money(10000),
        "tip_amount": money(500),
        "platform_commission": money(1000),
        "provider_amount": money(9500),
        "receipt_url": None,
        "client_secret": None,
        "next_action": None,
        "simulated": True,
        "created_at": "2026-11-24T12:00:00.000000Z",
    }


def test_only_whom_a_route_is_for_may_call_it(door: Door) -> None:
    """promise H2: walked over all routes, so that a new one is walked too."""
    seen = set()
    for rule in door.app.url_map.iter_rules():
        declared = declaration_of(door.app.view_functions[rule.endpoint])
        if declared is None or declared.access in (Access.ANYONE, Access.STRIPE):
            continue
        path = rule.rule.removeprefix("/api/v1/").replace("<payment_intent_id>", "pi_1")
        path = re.sub("<[^>]+>", ID, path)
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            assert door.call(method, path).status_code == 401, path
            answer = door.call(method, path, token=door.token(roles=("provider",)))
            assert (answer.status_code == 403) == (declared.access in (Access.CUSTOMER, Access.ADMIN)), path
            seen.add(path)
    assert len(seen) >= 9
    assert not [call for call in door.services.calls if call[0].startswith("booking.create")]


BOOKED_AT = ("customer/bookings", "customer/series", "customer/waitlist")


def test_budgets_are_those_of_the_design(door: Door) -> None:
    """promise H4: search for every GET under customer/ that needs no booking, booking for its writes."""
    for rule in door.app.url_map.iter_rules():
        declared = declaration_of(door.app.view_functions[rule.endpoint])
        assert declared is not None
        path = rule.rule.removeprefix("/api/v1/")
        if path.startswith(("customer/bookings", "customer/series", "customer/waitlist")) and "POST" in (
            rule.methods or set()
        ):
            assert declared.budget is Budget.BOOKING, path
        elif path.startswith("customer/") and declared.access is Access.ANYONE:
            assert declared.budget is Budget.SEARCH, path
        elif path.startswith(("customer/", "notifications")) and declared.access is not Access.STRIPE:
            assert declared.budget is Budget.OTHER, path


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"price": 1}, "price"),
        ({"providerId": "1"}, "providerId"),
        ({"providerId": 1}, "providerId"),
        ({"providerId": None}, "providerId"),
        ({"providerId": [ID]}, "providerId"),
        ({"bookingDate": "15.01.2027"}, "bookingDate"),
        ({"bookingDate": "2027-01-15\n"}, "bookingDate"),
        ({"startTime": "9:00"}, "startTime"),
        ({"startTime": 10}, "startTime"),
        ({"utcOffset": "Z"}, "utcOffset"),
        ({"notes": "x" * 2001}, "notes"),
        ({"notes": {"a": 1}}, "notes"),
        ({"place": "moon"}, "place"),
    ],
)
def test_wrong_fields_are_named_and_reach_no_service(door: Door, change: dict[str, Any], field: str) -> None:
    answer = door.call("POST", "customer/bookings", json=BOOKING | change, token=door.token())
    assert answer.status_code == 422
    body = problem_of(answer)
    assert body["code"] == "validation_failed"
    assert list(body["errors"]) == [field]
    assert not door.services.calls


@pytest.mark.parametrize(
    ("data", "content_type", "status", "code"),
    [
        (b"[]", "application/json", 422, "validation_failed"),
        (b'{"a": 1, "a": 2}', "application/json", 400, "malformed_json"),
        (b'{"notes": "\xff"}', "application/json", 400, "malformed_json"),
        (b"", "application/json", 400, "malformed_json"),
        (b"{}", "text/plain", 415, "unsupported_media_type"),
        (b"a=1", "application/x-www-form-urlencoded", 415, "unsupported_media_type"),
        (b" " * (10 << 20), "application/json", 413, "too_large"),
    ],
)
def test_wrong_bodies_reach_no_service(
    door: Door, data: bytes, content_type: str, status: int, code: str
) -> None:
    answer = door.call("POST", "customer/bookings", data=data, content_type=content_type, token=door.token())
    assert (answer.status_code, problem_of(answer)["code"]) == (status, code)
    assert not door.services.calls


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=x", "limit"),
        ("latitude=91&longitude=0", "latitude"),
        ("latitude=nan&longitude=0", "latitude"),
        ("latitude=1", "longitude"),
        ("radiusKm=5", "radiusKm"),
        ("latitude=1&longitude=1&radiusKm=0", "radiusKm"),
        ("sort=distance", "sort"),
        ("sort=x", "sort"),
        ("minPrice=5", "currency"),
        ("minPrice=-5&currency=USD", "minPrice"),
        ("minPrice=1e9999&currency=USD", "minPrice"),
        ("currency=EURO", "currency"),
        ("query=a%00b", "query"),
        ("page=2", "page"),
        ("limit=1&limit=2", "limit"),
    ],
)
def test_wrong_queries_name_their_field(door: Door, query: str, field: str) -> None:
    answer = door.call("GET", f"customer/search?{query}")
    assert answer.status_code == 422
    assert list(problem_of(answer)["errors"]) == [field]
    assert not door.services.calls


@pytest.mark.parametrize("query", ["query=%ff", "&".join(f"a{n}=1" for n in range(40))])
def test_a_query_that_is_no_text_is_malformed(door: Door, query: str) -> None:
    assert problem_of(door.call("GET", f"customer/search?{query}"))["code"] == "malformed_request"


def test_prices_reach_search_in_minor_units_and_points_on_the_grid(door: Door) -> None:
    """rule M1, rule B20"""
    door.services.answers["search.search_providers"] = lambda _: {"providers": [], "next": "more"}
    query = "minPrice=19.99&maxPrice=100&currency=USD&latitude=40.71284&longitude=-74.00601&radiusKm=10"
    answer = door.call("GET", f"customer/search?{query}")
    assert answer.get_json() == {
        "success": True,
        "message": "Providers that match.",
        "data": {"providers": []},
        "page": {"limit": 20, "next": "more"},
    }
    [asked] = door.services.asked("search.search_providers")
    assert (asked["min_price"], asked["max_price"]) == (1999, 10000)
    assert (asked["latitude"], asked["longitude"]) == (40.713, -74.006)
    assert not search.SearchRequestSchema().validate(asked)


def test_a_price_finer_than_the_currency_is_refused(door: Door) -> None:
    """rule M2"""
    for query in ("minPrice=1.001&currency=USD", "minPrice=1.5&currency=JPY"):
        answer = door.call("GET", f"customer/search?{query}")
        assert (answer.status_code, problem_of(answer)["code"]) == (422, "amount_precision")


def test_an_unchanged_answer_is_not_sent_again(door: Door) -> None:
    door.services.answers["search.list_categories"] = lambda _: {"categories": []}
    first = door.call("GET", "customer/categories")
    again = door.call("GET", "customer/categories", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_large_answer_is_compressed_for_who_takes_it(door: Door) -> None:
    """promise H5"""
    category = {"category_id": ID, "slug": "x" * 4000, "name": {"en": "x", "ar": None}}
    door.services.answers["search.list_categories"] = lambda _: {"categories": [category]}
    plain = door.call("GET", "customer/categories")
    packed = door.call("GET", "customer/categories", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.data) < len(plain.data) / 4
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"


def test_commands_carry_the_clients_key_or_one_of_ours(door: Door) -> None:
    """rule C13"""
    door.services.answers["payment.process_payment"] = lambda _: _paid(PaymentStatus.SUCCEEDED)
    token = door.token()
    made = door.call("POST", "customer/payments/process", json=PAYMENT, token=token)
    given = door.call(
        "POST", "customer/payments/process", json=PAYMENT, token=token, headers={"Idempotency-Key": "mine"}
    )
    ours, theirs = (call["idempotency_key"] for call in door.services.asked("payment.process_payment"))
    assert made.headers["Idempotency-Key"] == ours != theirs == "mine" == given.headers["Idempotency-Key"]


@pytest.mark.parametrize("key", ["", "x" * 256, "a b", "ä"])
def test_a_key_that_is_no_key_is_refused(door: Door, key: str) -> None:
    answer = door.call(
        "POST", "customer/bookings", json=BOOKING, token=door.token(), headers={"Idempotency-Key": key}
    )
    assert answer.status_code == 422
    assert not door.services.calls


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (PaymentStatus.SUCCEEDED, 200),
        (PaymentStatus.REQUIRES_ACTION, 202),
        (PaymentStatus.PROCESSING, 202),
    ],
)
def test_a_payments_state_is_its_status(door: Door, status: PaymentStatus, expected: int) -> None:
    """promise D1"""
    door.services.answers["payment.process_payment"] = lambda _: _paid(status)
    door.services.answers["payment.confirm_payment"] = lambda _: _paid(status)
    token = door.token()
    for path, body in (("customer/payments/process", PAYMENT), ("customer/payments/pi_1/confirm", None)):
        answer = door.call("POST", path, json=body, token=token)
        assert answer.status_code == expected
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("refusal", "status"),
    [(hold_expired(), 409), (payment.payment_taken_back(), 409), (payment.card_declined(), 402)],
)
def test_a_payment_that_was_not_made_is_not_called_received(
    door: Door, refusal: ServiceError, status: int
) -> None:
    """promise D1: payment says why, for both commands."""

    def refuse(_: Any) -> Any:
        raise refusal

    for method in ("process_payment", "confirm_payment"):
        door.services.answers[f"payment.{method}"] = refuse
    token = door.token()
    for path, body in (("customer/payments/process", PAYMENT), ("customer/payments/pi_1/confirm", None)):
        answer = door.call("POST", path, json=body, token=token)
        assert (answer.status_code, answer.get_json()["code"]) == (status, refusal.code)


def test_a_refused_tip_is_named_as_the_client_named_it(door: Door) -> None:
    """promise D7: by field, and with the largest tip in major units."""

    def refuse(_: Any) -> Any:
        largest = {"amount": 10000, "currency": USD}
        raise payment.tip_too_large(errors={"tip_amount": ["Too large."]}, maximum=largest)

    door.services.answers["payment.process_payment"] = refuse
    answer = door.call("POST", "customer/payments/process", json=PAYMENT, token=door.token())
    assert answer.status_code == 422
    assert answer.get_json()["errors"] == {"tipAmount": ["Too large."]}
    assert b'"maximum":{"amount":100.00,"currency":"USD"}' in answer.data


def test_amounts_of_a_payment_are_numbers_of_one_currency(door: Door) -> None:
    """promise D2, rule M1: 105.00 charged, commission 10.00, provider 95.00, as text of the integers."""
    door.services.answers["payment.process_payment"] = lambda _: _paid(PaymentStatus.SUCCEEDED)
    answer = door.call(
        "POST",
        "customer/payments/process",
        data=b'{"bookingId": "%s", "paymentMethodId": "pm_card_visa", "tipAmount": 5.00}' % ID.encode(),
        content_type="application/json",
        token=door.token(),
    )
    for text in (b'"amount":105.00', b'"platformCommission":10.00', b'"providerAmount":95.00'):
        assert text in answer.data
    assert answer.get_json()["data"]["currency"] == USD
    [asked] = door.services.asked("payment.process_payment")
    assert str(asked["tip"]) == "5.00"
    assert isinstance(asked["tip"], Decimal)
    assert ProcessPaymentRequestSchema().dump(asked)["tip"] == "5.00"


@pytest.mark.parametrize("tip", ['"5.00"', "true", "-1", "1e300", "1e-300", "{}"])
def test_a_tip_that_is_no_amount_is_refused(door: Door, tip: str) -> None:
    answer = door.call(
        "POST",
        "customer/payments/process",
        data=f'{{"bookingId": "{ID}", "paymentMethodId": "pm_card_visa", "tipAmount": {tip}}}',
        content_type="application/json",
        token=door.token(),
    )
    assert list(problem_of(answer)["errors"]) == ["tipAmount"]


def test_a_webhook_passes_byte_for_byte(door: Door) -> None:
    """promise A6, rule W11: payment verifies exactly what Stripe signed; no token is asked for or read."""
    import base64

    door.services.answers["payment.receive_webhook"] = lambda _: {"duplicate": False}
    raw = b'{"a": 1,  "a": 2}\n\xff\x00'
    answer = door.call(
        "POST",
        "customer/payments/webhook",
        data=raw,
        headers={"Stripe-Signature": "t=1,v1=x", "Authorization": "Bearer nonsense"},
    )
    assert answer.status_code == 200
    [asked] = door.services.asked("payment.receive_webhook")
    assert base64.b64decode(asked["body_base64"]) == raw
    assert asked["signature"] == "t=1,v1=x"


def test_webhooks_on_their_way_have_a_bound(door: Door) -> None:
    """rule W12: exempt from limits by address, so bounded in flight; Stripe sends the rest again."""
    from contextlib import ExitStack

    door.services.answers["payment.receive_webhook"] = lambda _: {"duplicate": False}
    with ExitStack() as taken:
        for _ in range(16):
            taken.enter_context(door.resources.webhooks.place())
        assert door.call("POST", "customer/payments/webhook", data=b"{}").status_code == 503
    assert door.call("POST", "customer/payments/webhook", data=b"{}").status_code == 200
    assert door.call("POST", "customer/payments/webhook", data=b"x" * 600_000).status_code == 413


def test_who_asks_is_what_the_token_says(door: Door) -> None:
    """promise H2: nothing that a client writes besides its token tells a service who it is."""
    door.services.answers["booking.list_bookings"] = lambda _: {"bookings": [], "next": None}
    user = new_id()
    headers = {"user-id": user, "nameko.user_id": user, "X-Forwarded-For": "2001:db8::77, 192.0.2.9"}
    token = door.token()
    door.call("GET", "customer/bookings", token=token, headers=headers)
    caller = door.services.calls[0][2]
    assert caller.user_id == door.resources.tokens.verify(token).user_id
    assert caller.client_address == "192.0.2.9"
    assert caller.roles == ("customer",)


@pytest.mark.parametrize(
    ("header", "code"),
    [("Basic eA==", "token_invalid"), ("Bearer", "token_invalid"), ("Bearer x.y.z", "token_invalid")],
)
def test_a_token_that_is_none_is_refused_even_where_none_is_needed(
    door: Door, header: str, code: str
) -> None:
    door.services.answers["search.list_categories"] = lambda _: {"categories": []}
    answer = door.call("GET", "customer/categories", headers={"Authorization": header})
    assert (answer.status_code, problem_of(answer)["code"]) == (401, code)
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_body_may_be_left_out_where_all_of_it_is_optional(door: Door) -> None:
    asked: list[dict[str, Any]] = []

    def refuse(request: Any) -> dict[str, Any]:
        asked.append(dict(request))
        raise booking.booking_state_conflict()

    door.services.answers["booking.cancel_booking"] = refuse
    answer = door.call("POST", f"customer/bookings/{ID}/cancel", token=door.token())
    assert problem_of(answer)["code"] == "booking_state_conflict"
    assert asked[0]["reason"] is None
