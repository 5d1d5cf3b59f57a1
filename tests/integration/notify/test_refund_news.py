"""Entries about money that goes back: once for each refund, with the visit from the copy of bookings."""

from typing import Any

import pytest

from services.notify.usecases import booking_news, inbox, refund_news
from services.notify.usecases.entries import UnknownVisitError
from shared.contracts import booking_events, payment
from shared.contracts.declaration import Caller, write
from shared.contracts.notify import NotificationsSchema
from shared.database.transaction import Transaction
from shared.ids import new_id
from shared.messages.envelope import Event
from tests.contract import values
from tests.integration.notify.sending import event_of


def _cancelled(transaction: Transaction) -> dict[str, str]:
    """A booking of somebody new that was paid and cancelled."""
    ids = {"booking_id": new_id(), "customer_id": new_id(), "provider_id": new_id()}
    booking_news.tell(
        transaction, event_of(booking_events.BOOKING_CANCELLED, values.cancelled_booking() | ids, 3)
    )
    booking_news.tell(transaction, event_of(booking_events.BOOKING_HELD, values.booking() | ids, 1))
    return ids


def _refunded(ids: dict[str, str], status: str, **changes: Any) -> Event:
    data = values.payment_refunded() | ids | {"refund_status": status} | changes
    return event_of(payment.PAYMENT_REFUNDED, data)


def _refund_entries(transaction: Transaction, ids: dict[str, str]) -> list[dict[str, Any]]:
    wanted = {"limit": 20, "cursor": None, "unread_only": False}
    found = inbox.list_notifications(transaction, wanted, Caller(user_id=ids["customer_id"]))
    write(NotificationsSchema, found)
    return [entry for entry in found["notifications"] if entry["kind"].startswith("payment_")]


def test_a_refund_is_told_once_however_its_state_changes(transaction: Transaction) -> None:
    """rule C16: accepted, settled, and each of them delivered twice, is one entry."""
    ids = _cancelled(transaction)
    refund = {"refund_id": new_id()}
    for event in (_refunded(ids, "pending", **refund), _refunded(ids, "succeeded", **refund)):
        refund_news.tell_refund(transaction, event)
        refund_news.tell_refund(transaction, event)
    [entry] = _refund_entries(transaction, ids)
    assert (entry["kind"], entry["booking_id"]) == ("payment_refunded", ids["booking_id"])
    assert entry["text"]["en"].startswith("80.00 USD goes back to the card")
    assert "Friday 15 January 2027 at 10:00 (America/New_York" in entry["text"]["en"]
    assert "80.00 USD" in entry["text"]["ar"]


def test_a_refund_that_failed_is_told_too(transaction: Transaction) -> None:
    """rule M12: the booking stays cancelled, and its people know that the money is still owed."""
    ids = _cancelled(transaction)
    refund = {"refund_id": new_id()}
    for status in ("pending", "failed"):
        refund_news.tell_refund(transaction, _refunded(ids, status, **refund))
    kinds = [entry["kind"] for entry in _refund_entries(transaction, ids)]
    assert kinds == ["payment_refund_failed", "payment_refunded"]


def test_two_refunds_are_two_entries_and_one_of_nothing_is_none(transaction: Transaction) -> None:
    ids = _cancelled(transaction)
    nothing = {"service_refund": values.usd(0), "tip_refund": values.usd(0)}
    for changes in ({}, {}, nothing):
        refund_news.tell_refund(transaction, _refunded(ids, "succeeded", refund_id=new_id(), **changes))
    assert len(_refund_entries(transaction, ids)) == 2


def test_a_refund_before_its_booking_is_tried_again(transaction: Transaction) -> None:
    """rule C16: events come in no certain order; nothing of the failed attempt stays."""
    ids = {"booking_id": new_id(), "customer_id": new_id(), "provider_id": new_id()}
    event = _refunded(ids, "succeeded", refund_id=new_id())
    with pytest.raises(UnknownVisitError):
        refund_news.tell_refund(transaction, event)
    booking_news.tell(
        transaction, event_of(booking_events.BOOKING_CANCELLED, values.cancelled_booking() | ids)
    )
    refund_news.tell_refund(transaction, event)
    assert len(_refund_entries(transaction, ids)) == 1
