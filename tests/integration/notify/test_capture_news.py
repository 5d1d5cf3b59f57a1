"""Entries about a hold of which a part was taken: once, after the cancellation, for nothing else."""

from typing import Any

import pytest

from services.notify.usecases import accounts_copy, booking_news, capture_news, inbox
from services.notify.usecases.entries import UnknownVisitError
from shared.contracts import booking_events, gateway, payment
from shared.contracts import booking_no_show as no_show
from shared.contracts.declaration import Caller, write
from shared.contracts.notify import NotificationsSchema
from shared.database.transaction import Transaction
from shared.ids import new_id
from shared.messages.envelope import Event
from tests.contract import values
from tests.integration.notify.sending import event_of


def _somebody() -> dict[str, str]:
    return {"booking_id": new_id(), "customer_id": new_id(), "provider_id": new_id()}


def _cancel(transaction: Transaction, ids: dict[str, str]) -> None:
    booking_news.tell(
        transaction, event_of(booking_events.BOOKING_CANCELLED, values.cancelled_booking() | ids, 3)
    )


def _miss(transaction: Transaction, ids: dict[str, str]) -> None:
    missed = values.missed_booking() | values.missed_booking()["refund"]
    booking_news.tell(transaction, event_of(no_show.BOOKING_NO_SHOW, missed | ids, 3))


def _captured(ids: dict[str, str], **changes: Any) -> Event:
    return event_of(payment.PAYMENT_CAPTURED, values.payment_captured() | ids | changes)


def _entries(transaction: Transaction, ids: dict[str, str]) -> list[dict[str, Any]]:
    """The customer's, the newest first."""
    wanted = {"limit": 20, "cursor": None, "unread_only": False}
    found = inbox.list_notifications(transaction, wanted, Caller(user_id=ids["customer_id"]))
    write(NotificationsSchema, found)
    return list(found["notifications"])


def test_a_customer_is_told_what_was_taken_and_what_was_released(transaction: Transaction) -> None:
    """promise D3, rule C16: of a hold for a visit that was cancelled late; once per payment, whatever comes
    twice."""
    ids = _somebody()
    _cancel(transaction, ids)
    first = {"payment_id": new_id()}
    event = _captured(ids, **first)
    for one in (event, event, _captured(ids, **first)):
        capture_news.tell_capture(transaction, one)
    entry, cancelled = _entries(transaction, ids)
    assert (entry["kind"], cancelled["kind"]) == ("payment_captured", "booking_cancelled")
    english = entry["text"]["en"]
    assert english.startswith("25.00 USD was taken from your card for the cancelled visit: ")
    assert "The other 80.00 USD that was held is released" in english
    assert "25.00 USD" in entry["text"]["ar"]
    assert "80.00 USD" in entry["text"]["ar"]


def test_where_all_was_taken_nothing_is_said_of_a_rest(transaction: Transaction) -> None:
    ids = _somebody()
    _cancel(transaction, ids)
    capture_news.tell_capture(transaction, _captured(ids, captured_amount=values.usd(10500)))
    english = _entries(transaction, ids)[0]["text"]["en"]
    assert english.startswith("105.00 USD was taken")
    assert "released" not in english


def test_what_a_missed_visit_cost_is_told_as_that(transaction: Transaction) -> None:
    """promises D3 and C4, rules B6 and C16: to both sides, once, after the visit itself is told as missed."""
    ids, owner = _somebody(), new_id()
    membership = {"provider_id": ids["provider_id"], "role": "owner"}
    account = values.user() | {"user_id": owner, "memberships": [membership]}
    accounts_copy.apply_account(transaction, event_of(gateway.USER_REGISTERED, account, 1))
    event = _captured(ids, cause="no_show")
    with pytest.raises(UnknownVisitError):
        capture_news.tell_capture(transaction, event)
    _miss(transaction, ids)
    for one in (event, event):
        capture_news.tell_capture(transaction, one)
    entry, missed = _entries(transaction, ids)
    assert (entry["kind"], missed["kind"]) == ("payment_captured", "booking_no_show")
    assert entry["text"]["en"].startswith("25.00 USD was taken from your card for the missed visit: ")
    assert "الذي لم تحضره" in entry["text"]["ar"]
    told, _ = _entries(transaction, {"customer_id": owner})
    assert told["text"]["en"].startswith(
        "25.00 USD was taken from the customer's card for the missed visit: "
    )


@pytest.mark.parametrize("cause", ["completed", "deadline"])
def test_what_was_promised_when_it_was_paid_is_not_told(cause: str, transaction: Transaction) -> None:
    ids = _somebody()
    booking_news.tell(transaction, event_of(booking_events.BOOKING_CONFIRMED, values.booking() | ids, 2))
    capture_news.tell_capture(transaction, _captured(ids, cause=cause))
    assert [one["kind"] for one in _entries(transaction, ids)] == ["booking_confirmed"]


@pytest.mark.parametrize("is_known", [False, True])
def test_what_comes_before_the_cancellation_is_told_after_it(
    is_known: bool, transaction: Transaction
) -> None:
    """rule C16: events come in no certain order; nothing of the failed attempt stays."""
    ids = _somebody()
    if is_known:
        booking_news.tell(transaction, event_of(booking_events.BOOKING_CONFIRMED, values.booking() | ids, 2))
    event = _captured(ids)
    with pytest.raises(UnknownVisitError):
        capture_news.tell_capture(transaction, event)
    _cancel(transaction, ids)
    capture_news.tell_capture(transaction, event)
    assert [one["kind"] for one in _entries(transaction, ids)][:2] == [
        "payment_captured",
        "booking_cancelled",
    ]
