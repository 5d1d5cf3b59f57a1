"""A command that is sent twice is done once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from shared.errors import ServiceError
from shared.ids import new_id
from tests.integration.booking.desk import Desk, Provider, customer_of, member_of, somebody
from tests.integration.booking.ledger import Ledger
from tests.integration.booking.series_desk import SeriesDesk


def _bookings(ledger: Ledger, provider: Provider) -> int:
    statement = "SELECT count(*) FROM booking WHERE provider_id = :id"
    return int(ledger.one(statement, id=provider.provider_id))


def test_the_same_request_has_the_same_answer(desk: Desk, ledger: Ledger) -> None:
    """rule C13: double click, client retry, redelivery: one booking, one answer."""
    provider, caller, key = desk.open_provider(), somebody(), new_id()
    answers = [desk.hold(provider, "10:00", caller, idempotency_key=key) for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert _bookings(ledger, provider) == 1
    assert ledger.event_names(provider.provider_id).count("booking_held") == 1


def test_another_body_under_the_same_key_is_refused(desk: Desk) -> None:
    """rule C13: same key, other body: 422."""
    provider, caller, key = desk.open_provider(), somebody(), new_id()
    desk.hold(provider, "10:00", caller, idempotency_key=key)
    with pytest.raises(ServiceError) as refused:
        desk.hold(provider, "12:00", caller, idempotency_key=key)
    assert refused.value.code == "idempotency_key_reused"
    desk.hold(provider, "12:00", somebody(), idempotency_key=key)


def test_a_refusal_is_not_stored(desk: Desk) -> None:
    """rule C13: after the slot is free again, the same key may succeed."""
    provider, caller, key = desk.open_provider(), somebody(), new_id()
    other = desk.hold(provider, "10:00")
    with pytest.raises(ServiceError):
        desk.hold(provider, "10:00", caller, idempotency_key=key)
    desk.cancel(other)
    assert desk.hold(provider, "10:00", caller, idempotency_key=key)["state"] == "pending"


def test_at_the_same_moment_one_works_and_the_others_are_told(desk: Desk, ledger: Ledger) -> None:
    """rule C13: still running is a 409, done is the stored answer; never two bookings."""
    provider, caller = desk.open_provider(staff=4), somebody()

    def hold(key: str) -> Any:
        try:
            held = desk.hold(provider, "10:00", caller, idempotency_key=key, allow_overlap=True)
            return held["booking_id"]
        except ServiceError as error:
            return error.code

    seen = set()
    with ThreadPoolExecutor(8) as pool:
        for number in range(1, 4):
            outcomes = list(pool.map(hold, [new_id()] * 8))
            assert len(set(outcomes) - {"request_in_progress"}) == 1, outcomes
            assert _bookings(ledger, provider) == number
            seen.update(outcomes)
    assert "request_in_progress" in seen


def test_cancelling_twice_is_cancelling_once(desk: Desk, ledger: Ledger) -> None:
    """rule C13: the same answer by key; by another key it is over already."""
    provider, key = desk.open_provider(), new_id()
    booking = desk.hold(provider)
    answers = [desk.cancel(booking, idempotency_key=key, reason="ill") for _ in range(2)]
    assert answers[0] == answers[1]
    assert ledger.event_names(provider.provider_id).count("booking_cancelled") == 1
    with pytest.raises(ServiceError) as refused:
        desk.cancel(booking)
    assert refused.value.code == "booking_state_conflict"
    with pytest.raises(ServiceError) as reused:
        desk.cancel(booking, customer_of(booking), idempotency_key=key, reason="other")
    assert reused.value.code == "idempotency_key_reused"


def test_no_stored_answer_has_a_note(desk: Desk, ledger: Ledger) -> None:
    """rule C13, promise C10: a repeat is answered with the notes of now, also within a series and by its
    provider; what is gone from a booking is nowhere for days."""
    provider, key, secret = desk.open_provider(), new_id(), f"Ring {new_id()}"
    customer = SeriesDesk(desk)
    held = desk.hold(provider, "10:00", customer.caller, notes=secret, idempotency_key=key)
    desk.payment_succeeds(held)
    owner = member_of(provider)
    desk.note(held, "provider", f"{secret} and wait", owner)
    moved = desk.reschedule(held, "11:00", idempotency_key=key)
    series = customer.create(provider, desk.day, "FREQ=DAILY;COUNT=2", "14:00", notes=secret)
    cancelled = customer.cancel(series, "one", 2, idempotency_key=key)
    assert held["notes"] == moved["notes"] == cancelled["instances"][1]["booking"]["notes"] == secret
    stored = "SELECT count(*) FROM idempotency WHERE answer::text LIKE '%' || :secret || '%'"
    assert ledger.one(stored, secret=secret) == 0

    def repeated() -> list[str | None]:
        again = customer.cancel(series, "one", 2, idempotency_key=key)
        return [
            desk.hold(provider, "10:00", customer.caller, notes=secret, idempotency_key=key)["notes"],
            desk.reschedule(held, "11:00", idempotency_key=key)["notes"],
            again["instances"][1]["booking"]["notes"],
        ]

    assert repeated() == [secret] * 3
    desk.note(held, "customer", None)
    assert repeated() == [None, None, secret]
