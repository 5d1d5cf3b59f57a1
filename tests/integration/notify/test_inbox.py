"""Inboxes on a real database: who gets an entry, once; who may read it."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Engine, text

from services.notify.store.tables import metadata
from services.notify.usecases import accounts_copy, booking_news, inbox
from shared.contracts import booking_events, gateway
from shared.contracts.booking_series import BOOKING_PAYMENT_DUE
from shared.contracts.declaration import Caller, write
from shared.contracts.notify import NotificationsSchema
from shared.database.migrate import differences
from shared.database.transaction import Transaction
from shared.errors import ServiceError
from shared.ids import new_id
from shared.messages.envelope import Event
from tests.contract import values
from tests.integration.notify.sending import event_of


def _held(customer: str, provider: str) -> Event:
    return event_of(booking_events.BOOKING_HELD, values.booking(customer_id=customer, provider_id=provider))


def _know(
    transaction: Transaction, user: str, *providers: str, version: int = 1, active: bool = True
) -> None:
    members = [{"provider_id": provider, "role": "owner"} for provider in providers]
    data = {**values.user(), "user_id": user, "memberships": members, "active": active}
    accounts_copy.apply_account(transaction, event_of(gateway.USER_CHANGED, data, version))


def _list(transaction: Transaction, user: str, **request: Any) -> dict[str, Any]:
    wanted = {"limit": 20, "cursor": None, "unread_only": False} | request
    return inbox.list_notifications(transaction, wanted, Caller(user_id=user))


def _kinds(transaction: Transaction, user: str) -> list[str]:
    return [entry["kind"] for entry in _list(transaction, user)["notifications"]]


def test_customer_and_members_get_an_entry_for_each_step(transaction: Transaction) -> None:
    customer, provider, members = new_id(), new_id(), [new_id(), new_id()]
    for member in members:
        _know(transaction, member, provider)
    ids = {"customer_id": customer, "provider_id": provider}
    for event_type, data in (
        (booking_events.BOOKING_HELD, values.booking()),
        (booking_events.BOOKING_CONFIRMED, values.confirmed_booking()),
        (booking_events.BOOKING_CANCELLED, values.cancelled_booking()),
        (booking_events.BOOKING_EXPIRED, values.expired_booking()),
    ):
        booking_news.tell(transaction, event_of(event_type, data | ids))
    told = ["booking_expired", "booking_cancelled", "booking_confirmed", "booking_held"]
    for person in (customer, *members):
        assert _kinds(transaction, person) == told
    assert not _kinds(transaction, new_id())


def test_an_event_that_comes_twice_changes_nothing(transaction: Transaction) -> None:
    """rule C16: also when a member has become known in between."""
    customer, provider, member = new_id(), new_id(), new_id()
    event = _held(customer, provider)
    booking_news.tell(transaction, event)
    _know(transaction, member, provider)
    booking_news.tell(transaction, event)
    assert len(_kinds(transaction, customer)) == 1
    assert not _kinds(transaction, member)


def test_who_becomes_a_member_later_gets_later_entries(transaction: Transaction) -> None:
    provider, member = new_id(), new_id()
    booking_news.tell(transaction, _held(new_id(), provider))
    _know(transaction, member, provider)
    booking_news.tell(transaction, _held(new_id(), provider))
    assert len(_kinds(transaction, member)) == 1


def test_the_higher_version_of_an_account_applies(transaction: Transaction) -> None:
    """rule C16: events come in no certain order."""
    member, old, new = new_id(), new_id(), new_id()
    _know(transaction, member, new, version=2)
    _know(transaction, member, old, version=1)
    booking_news.tell(transaction, _held(new_id(), old))
    assert not _kinds(transaction, member)
    booking_news.tell(transaction, _held(new_id(), new))
    assert len(_kinds(transaction, member)) == 1


def test_who_is_no_member_any_more_or_not_active_gets_nothing(transaction: Transaction) -> None:
    provider, left, inactive = new_id(), new_id(), new_id()
    _know(transaction, left, provider, version=1)
    _know(transaction, left, version=2)
    _know(transaction, inactive, provider, active=False)
    booking_news.tell(transaction, _held(new_id(), provider))
    assert not _kinds(transaction, left)
    assert not _kinds(transaction, inactive)


def test_a_reminder_to_pay_says_nothing_once_newer_news_have_come(transaction: Transaction) -> None:
    """rule C16: one that comes in its turn is told."""
    ids = {"customer_id": new_id(), "booking_id": new_id()}
    due, confirmed = values.booking() | ids, values.confirmed_booking() | ids
    booking_news.tell(transaction, event_of(booking_events.BOOKING_HELD, due, 5))
    booking_news.tell(transaction, event_of(BOOKING_PAYMENT_DUE, due, 5))
    booking_news.tell(transaction, event_of(booking_events.BOOKING_CONFIRMED, confirmed, 6))
    booking_news.tell(transaction, event_of(BOOKING_PAYMENT_DUE, due, 5))
    assert _kinds(transaction, ids["customer_id"]) == [
        "booking_confirmed",
        "booking_payment_due",
        "booking_held",
    ]


def test_pages_follow_one_another_without_gap_or_repeat(transaction: Transaction) -> None:
    customer, provider = new_id(), new_id()
    for _ in range(7):
        booking_news.tell(transaction, _held(customer, provider))
    seen: list[tuple[datetime, str]] = []
    cursor = None
    for size in (3, 3, 1):
        page = _list(transaction, customer, limit=3, cursor=cursor)
        assert len(page["notifications"]) == size
        assert page["unread"] == 7
        seen += [(entry["created_at"], entry["notification_id"]) for entry in page["notifications"]]
        cursor = page["next"]
    assert cursor is None
    assert len({notification_id for _, notification_id in seen}) == 7
    assert seen == sorted(seen, reverse=True)


def test_the_answer_is_what_the_contract_says(transaction: Transaction) -> None:
    customer = new_id()
    booking_news.tell(transaction, _held(customer, new_id()))
    entry = write(NotificationsSchema, _list(transaction, customer))["notifications"][0]
    assert entry["text"]["en"].startswith("Swedish massage 60 minutes is held for you: Friday 15 January")
    assert entry["starts_at"] == "2027-01-15T15:00:00.000000Z"
    assert entry["read"] is False


def test_reading_marks_one_s_own_entries_only(transaction: Transaction) -> None:
    """rule B11."""
    customer, other, provider = new_id(), new_id(), new_id()
    for person in (customer, customer, other):
        booking_news.tell(transaction, _held(person, provider))
    mine = [entry["notification_id"] for entry in _list(transaction, customer)["notifications"]]
    theirs = [entry["notification_id"] for entry in _list(transaction, other)["notifications"]]
    for _ in range(2):
        answer = inbox.mark_read(
            transaction, {"notification_ids": [mine[0], *theirs]}, Caller(user_id=customer)
        )
        assert answer == {"unread": 1}
    assert [entry["read"] for entry in _list(transaction, customer)["notifications"]] == [True, False]
    assert _list(transaction, other)["unread"] == 1
    unread = _list(transaction, customer, unread_only=True)["notifications"]
    assert [entry["notification_id"] for entry in unread] == [mine[1]]


@pytest.mark.parametrize(
    "cursor", ["x", "bm9uc2Vuc2U=", "WzEsMl0=", "WyIyMDI3LTAxLTAxVDAwOjAwOjAwWiIsIjEiXQ=="]
)
def test_a_cursor_of_another_make_is_refused(transaction: Transaction, cursor: str) -> None:
    with pytest.raises(ServiceError) as refused:
        _list(transaction, new_id(), cursor=cursor)
    assert refused.value.code == "cursor_invalid"


def test_a_stranger_has_no_inbox(transaction: Transaction) -> None:
    with pytest.raises(ServiceError) as refused:
        _list(transaction, "")
    assert refused.value.code == "not_found"
    with pytest.raises(ServiceError) as refused:
        inbox.mark_read(transaction, {"notification_ids": [new_id()]}, Caller())
    assert refused.value.code == "not_found"


def test_tables_are_what_the_migrations_make(owner: Engine) -> None:
    with owner.connect() as connection:
        assert differences(connection, metadata) == []


def test_the_inbox_is_read_by_its_index(owner: Engine, transaction: Transaction) -> None:
    """Whoever has thousands of entries waits no longer for the newest."""
    person = new_id()
    with owner.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO notification SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), "
                "'booking_held', gen_random_uuid(), gen_random_uuid(), 'a', 'b', app_now(), NULL, app_now() "
                "FROM generate_series(1, 5000)"
            )
        )
        connection.execute(text("ANALYZE notification"))
        plan = connection.execute(
            text(
                "EXPLAIN SELECT * FROM notification WHERE person_id = CAST(:person AS uuid) "
                "ORDER BY created_at DESC, id DESC LIMIT 20"
            ),
            {"person": person},
        ).scalars()
        assert "ix_notification_newest" in "\n".join(plan)
