"""Refund quotes, both names of cancelling, and receipts, over services that answer by script."""

from collections.abc import Callable
from typing import Any

import pytest

from shared.contracts import booking
from shared.errors import not_found, unavailable
from tests.contract import values
from tests.unit.gateway.door import Door, problem_of

BOOKING = values.BOOKING
PAYMENT = values.PAYMENT
QUOTE = values.REFUND_QUOTE
CANCELLED = values.booking(state="cancelled", cancel_cause="customer", refund=values.refund())


def _paid(**changes: Any) -> dict[str, Any]:
    return values.payment_answer() | {"status": "succeeded"} | changes


def _raise(error: Exception) -> Callable[[Any], dict[str, Any]]:
    def answer(_: Any) -> dict[str, Any]:
        raise error

    return answer


def _customer(door: Door) -> tuple[str, str]:
    token = door.token()
    return token, door.resources.tokens.verify(token).user_id


def _receipt_door(door: Door, customer: str, **changes: Any) -> None:
    door.services.answers["payment.get_payment"] = lambda _: _paid(**changes)
    door.services.answers["booking.get_booking"] = lambda _: values.booking(customer_id=customer)
    door.services.answers["search.get_provider"] = lambda _: values.profile()


def test_a_refund_quote_is_shown_in_major_units(door: Door) -> None:
    """promise C6: percent, amounts and until when; never from a cache."""
    door.services.answers["booking.get_refund_quote"] = lambda _: values.refund_quote()
    answer = door.call("GET", f"customer/bookings/{BOOKING}/refund-quote", token=door.token())
    assert answer.headers["Cache-Control"] == "no-store"
    assert b'"serviceRefund":{"amount":75.00,"currency":"USD"}' in answer.data
    quote = answer.get_json()["data"]
    assert (quote["refundPercent"], quote["noticeHours"]) == (75, 2)
    assert (quote["quoteId"], quote["validUntil"]) == (QUOTE, "2027-01-15T13:00:00.000000Z")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (f"customer/bookings/{BOOKING}/cancel", {}),
        ("customer/payments/refund", {"bookingId": BOOKING}),
        ("customer/payments/refund", {"paymentId": PAYMENT}),
    ],
)
def test_both_names_are_one_command_with_one_answer(door: Door, path: str, body: dict[str, str]) -> None:
    """promise C6, rule C13: same request to booking, same booking back, the key in the answer."""
    door.services.answers["booking.cancel_booking"] = lambda _: CANCELLED
    door.services.answers["payment.get_payment"] = lambda _: _paid()
    sent = {**body, "refundQuoteId": QUOTE}
    answer = door.call(
        "POST", path, json=sent, token=door.token(), headers={"Idempotency-Key": "a-key-of-mine"}
    )
    assert (answer.status_code, answer.headers["Idempotency-Key"]) == (200, "a-key-of-mine")
    [asked] = door.services.asked("booking.cancel_booking")
    assert asked == {
        "booking_id": BOOKING,
        "reason": None,
        "refund_quote_id": QUOTE,
        "idempotency_key": "a-key-of-mine",
    }
    assert b'"tipRefund":{"amount":5.00,"currency":"USD"}' in answer.data
    assert answer.get_json()["data"]["state"] == "cancelled"


@pytest.mark.parametrize("body", [{}, {"bookingId": BOOKING, "paymentId": PAYMENT}])
def test_a_refund_names_its_booking_or_its_payment(door: Door, body: dict[str, str]) -> None:
    answer = door.call("POST", "customer/payments/refund", json=body, token=door.token())
    assert (answer.status_code, list(problem_of(answer)["errors"])) == (422, ["bookingId"])
    assert not door.services.calls


def test_a_changed_quote_comes_with_the_new_one(door: Door) -> None:
    """rule B3: 409 with the new quote as the quote's own route shows it."""
    refusal = booking.quote_changed(quote=values.refund_quote())
    door.services.answers["booking.cancel_booking"] = _raise(refusal)
    answer = door.call("POST", f"customer/bookings/{BOOKING}/cancel", token=door.token())
    assert answer.status_code == 409
    problem = problem_of(answer)
    assert problem["code"] == "quote_changed"
    assert problem["details"]["quote"]["serviceRefund"] == {"amount": 75.0, "currency": "USD"}
    assert problem["details"]["quote"]["quoteId"] == QUOTE


def test_a_receipt_has_its_lines_and_what_was_given_back(door: Door) -> None:
    """promise D5: lines add up to what was paid; the commission is no matter of the customer's."""
    token, customer = _customer(door)
    _receipt_door(door, customer, refunded_amount=values.usd(8000))
    answer = door.call("GET", f"customer/payments/{PAYMENT}/receipt", token=token)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    receipt = answer.get_json()["data"]
    assert [line["amount"]["amount"] for line in receipt["lines"]] == [100, 5]
    assert [receipt[name]["amount"] for name in ("paid", "refunded", "kept")] == [105, 80, 25]
    assert receipt["providerName"]["en"] == values.profile()["name"]["en"]
    assert b"ommission" not in answer.data


@pytest.mark.parametrize("status", ["requires_action", "processing", "failed", "cancelled"])
def test_what_was_not_paid_has_no_receipt(door: Door, status: str) -> None:
    token, customer = _customer(door)
    _receipt_door(door, customer, status=status)
    assert door.call("GET", f"customer/payments/{PAYMENT}/receipt", token=token).status_code == 404


def test_a_receipt_is_for_its_customer_only(door: Door) -> None:
    """rule B11: also when payment or booking would show more to an administrator."""
    _receipt_door(door, values.OTHER_USER)
    assert door.call("GET", f"customer/payments/{PAYMENT}/receipt", token=door.token()).status_code == 404
    door.services.answers["payment.get_payment"] = _raise(not_found())
    assert door.call("GET", f"customer/payments/{PAYMENT}/receipt", token=door.token()).status_code == 404


def test_a_receipt_does_not_wait_for_the_catalogue(door: Door) -> None:
    token, customer = _customer(door)
    _receipt_door(door, customer)
    door.services.answers["search.get_provider"] = _raise(unavailable())
    answer = door.call("GET", f"customer/payments/{PAYMENT}/receipt", token=token)
    assert answer.get_json()["data"]["providerName"] is None


@pytest.mark.parametrize(
    ("language", "direction", "title"), [("en", "ltr", "Receipt"), ("ar", "rtl", "إيصال")]
)
def test_a_receipt_is_a_page_too(door: Door, language: str, direction: str, title: str) -> None:
    """promise D5: our own page in both languages; what others wrote is text in it; Stripe's link if any."""
    token, customer = _customer(door)
    link = "https://pay.stripe.com/receipts/1?a=1&b=2"
    _receipt_door(door, customer, receipt_url=link)
    name = {"en": "<script>1</script>", "ar": "<script>1</script>"}
    door.services.answers["search.get_provider"] = lambda _: values.profile() | {"name": name}
    answer = door.call(
        "GET",
        f"customer/payments/{PAYMENT}/receipt",
        token=token,
        headers={"Accept": "text/html", "Accept-Language": language},
    )
    page = answer.data.decode()
    assert answer.mimetype == "text/html"
    assert f'lang="{language}" dir="{direction}"' in page
    assert f"<h1>{title}</h1>" in page
    assert "105.00 USD" in page
    assert "<script" not in page
    assert 'href="https://pay.stripe.com/receipts/1?a=1&amp;b=2"' in page
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    door.services.answers["payment.get_payment"] = lambda _: _paid(receipt_url="javascript:alert(1)")
    other = door.call(
        "GET", f"customer/payments/{PAYMENT}/receipt", token=token, headers={"Accept": "text/html"}
    )
    assert b"href" not in other.data
