"""A service whose provider is asked first: a paid visit waits for the answer, and never longer than
promised."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from services.booking.usecases.expiry import sweep_expired_holds
from shared import clock
from shared.contracts.declaration import Caller
from shared.database.transaction import Transaction
from shared.errors import ServiceError
from shared.ids import new_id
from tests.integration.booking.conftest import MoveClock
from tests.integration.booking.desk import Desk, Provider, customer_of, member_of, one_of_staff, somebody
from tests.integration.booking.ledger import Ledger
from tests.integration.booking.provider_desk import ProviderDesk

SECOND = timedelta(seconds=1)
FULL = {
    "refund_percent": 100,
    "tip_percent": 100,
    "service_refund": {"amount": 10000, "currency": "USD"},
    "tip_refund": {"amount": 500, "currency": "USD"},
}


@pytest.fixture
def asked(desk: Desk, transaction: Transaction) -> Provider:
    """Is asked first, and has ten hours to answer."""
    provider = desk.open_provider(staff=2)
    ProviderDesk(transaction, provider).service_rules(acceptance="provider", answer_hours=10)
    return provider


def _waiting(desk: Desk, provider: Provider, start: str = "10:00", **members: Any) -> dict[str, Any]:
    booking = desk.hold(provider, start, **members)
    paid = desk.payment_succeeds(booking)
    return {**booking, "payment_id": paid.data["payment_id"]}


def _until(instant: datetime) -> timedelta:
    return instant - clock.now()


def _last(ledger: Ledger, provider: Provider, name: str) -> dict[str, Any]:
    return [data for event, data in ledger.events(provider.provider_id) if event == name][-1]


def test_a_paid_visit_waits_for_its_providers_answer_and_keeps_its_time(
    desk: Desk, asked: Provider, ledger: Ledger
) -> None:
    """promise C9: pending for the provider, ten hours long; the rule is that of the hold, whatever it is
    later."""
    booking = desk.hold(asked)
    assert (booking["pending_for"], booking["answer_hours"]) == ("payment", 10)
    ProviderDesk(desk.transaction, asked).service_rules(acceptance="instant")
    desk.payment_succeeds(booking)
    told = _last(ledger, asked, "booking_answer_due")
    deadline = clock.from_text(told["hold_expires_at"]) - clock.now()
    assert (told["state"], told["pending_for"]) == ("pending", "provider")
    assert timedelta(hours=10) - timedelta(seconds=30) < deadline <= timedelta(hours=10)
    assert ledger.allocations(booking["booking_id"]) == 1
    assert ledger.history(booking["booking_id"])[-1] == (2, "pending", "pending", "payment", "paid")
    assert "booking_confirmed" not in ledger.event_names(asked.provider_id)
    at_once = desk.hold(asked, "12:00")
    desk.payment_succeeds(at_once)
    assert ledger.state(at_once["booking_id"]) == "confirmed"


def test_the_answer_is_due_before_the_visit_at_the_latest(
    desk: Desk, asked: Provider, ledger: Ledger, move_clock: MoveClock
) -> None:
    """promise C9: nobody waits for an answer when the visit should begin."""
    with move_clock(_until(desk.hold(asked, "14:00")["starts_at"]) - timedelta(hours=2)):
        booking = desk.hold(asked, "15:00")
        desk.payment_succeeds(booking)
    told = _last(ledger, asked, "booking_answer_due")
    assert clock.from_text(told["hold_expires_at"]) == booking["starts_at"]


@pytest.mark.parametrize("who", ["owner", "staff"])
def test_who_does_it_or_owns_it_accepts(desk: Desk, asked: Provider, ledger: Ledger, who: str) -> None:
    """promise C9, rule C13: once per key, told once; a colleague who does not do it may not."""
    booking = _waiting(desk, asked)
    number = asked.staff.index(booking["staff_id"])
    caller = member_of(asked) if who == "owner" else one_of_staff(asked, number)
    _refused("forbidden", desk.accept, booking, one_of_staff(asked, 1 - number))
    _refused("not_found", desk.accept, booking, customer_of(booking))
    _refused("not_found", desk.decline, booking, member_of(desk.open_provider()))
    key = new_id()
    accepted = desk.accept(booking, caller, idempotency_key=key)
    assert desk.accept(booking, caller, idempotency_key=key) == accepted
    assert (accepted["state"], accepted["hold_expires_at"]) == ("confirmed", None)
    assert ledger.history(booking["booking_id"])[-1] == (3, "pending", "confirmed", "provider", "accepted")
    assert ledger.event_names(asked.provider_id).count("booking_confirmed") == 1
    _refused("booking_state_conflict", desk.accept, booking, caller)
    _refused("booking_state_conflict", desk.decline, booking, caller)


def test_what_is_declined_goes_back_in_full_and_its_time_is_free(
    desk: Desk, asked: Provider, ledger: Ledger
) -> None:
    """promise C9, rule C14: less what went back before; with the reason."""
    booking = _waiting(desk, asked)
    desk.payment_refunded(booking, 1000, 0, payment_id=booking["payment_id"], version=2)
    declined = desk.decline(booking, member_of(asked), reason="full")
    assert (declined["state"], declined["cancel_cause"]) == ("cancelled", "declined")
    assert declined["refund"] == FULL | {"service_refund": {"amount": 9000, "currency": "USD"}}
    assert ledger.allocations(booking["booking_id"]) == 0
    assert ledger.event_names(asked.provider_id)[-2:] == ["booking_cancelled", "availability_changed"]


def test_an_unpaid_hold_is_not_answered(desk: Desk, asked: Provider) -> None:
    """promise C9: it waits for its payment."""
    booking = desk.hold(asked)
    _refused("booking_state_conflict", desk.accept, booking, member_of(asked))
    _refused("booking_state_conflict", desk.decline, booking, member_of(asked))


def test_without_an_answer_everything_goes_back(
    desk: Desk, asked: Provider, ledger: Ledger, move_clock: MoveClock
) -> None:
    """promise C9: at the deadline and not before; by the system, each told once; too late is too late,
    swept or not."""
    booking, other = _waiting(desk, asked), _waiting(desk, asked, "12:00")
    with move_clock(timedelta(hours=10) - timedelta(seconds=30)):
        sweep_expired_holds(desk.transaction)
        assert ledger.state(booking["booking_id"]) == "pending"
    with move_clock(timedelta(hours=10)):
        _refused("answer_too_late", desk.accept, booking, member_of(asked))
        _refused("answer_too_late", desk.decline, booking, member_of(asked))
        sweep_expired_holds(desk.transaction)
        _refused("booking_state_conflict", desk.accept, booking, member_of(asked))
    for one in (booking, other):
        last = ledger.history(one["booking_id"])[-1]
        assert last == (3, "pending", "cancelled", "system", "unanswered")
    told = _last(ledger, asked, "booking_cancelled")
    assert (told["cancel_cause"], told["refund"]) == ("unanswered", FULL)
    assert "booking_expired" not in ledger.event_names(asked.provider_id)


def test_whoever_wants_the_time_gets_it_at_the_deadline(
    desk: Desk, ledger: Ledger, transaction: Transaction, move_clock: MoveClock
) -> None:
    """promise C9, rule C7: whether or not the sweeper has come by; what was paid is due back in the same
    commit."""
    asked = desk.open_provider()
    ProviderDesk(transaction, asked).service_rules(acceptance="provider", answer_hours=1)
    booking = _waiting(desk, asked)
    with pytest.raises(ServiceError, match="slot_taken"):
        desk.hold(asked)
    with move_clock(timedelta(hours=1)):
        assert "10:00" in desk.free_times(asked)
        taken = desk.hold(asked)
    assert ledger.state(booking["booking_id"]) == "cancelled"
    assert ledger.state(taken["booking_id"]) == "pending"
    assert _last(ledger, asked, "booking_cancelled")["refund_percent"] == 100


def test_a_customer_who_no_longer_waits_gets_everything_back(
    desk: Desk, asked: Provider, move_clock: MoveClock
) -> None:
    """promise C9, rule B3: whatever the notice, as quoted; once it is accepted by the policy."""
    booking, accepted = _waiting(desk, asked, "15:00"), _waiting(desk, asked, "16:00")
    desk.accept(accepted, member_of(asked))
    with move_clock(timedelta(hours=5)):
        late, answer_by = desk.refund_quote(booking), clock.now() + timedelta(hours=10)
        assert (late["refund_percent"], late["notice_hours"]) == (100, 0)
        assert late["valid_until"] < answer_by
        cancelled = desk.cancel(booking, refund_quote_id=late["quote_id"])
        assert cancelled["refund"]["refund_percent"] == 100
    with move_clock(_until(accepted["starts_at"]) - timedelta(hours=1)):
        assert desk.refund_quote(accepted)["refund_percent"] == 50


def test_late_money_waits_for_the_answer_too(
    desk: Desk, asked: Provider, ledger: Ledger, move_clock: MoveClock
) -> None:
    """promise C9, rule W5: its time is taken again, and its provider is asked."""
    booking = desk.hold(asked)
    with move_clock(timedelta(minutes=16)):
        sweep_expired_holds(desk.transaction)
        desk.payment_succeeds(booking)
        assert ledger.history(booking["booking_id"])[-1] == (3, "expired", "pending", "payment", "paid_late")
        assert ledger.allocations(booking["booking_id"]) == 1
        assert _last(ledger, asked, "booking_answer_due")["pending_for"] == "provider"
        assert desk.accept(booking, member_of(asked))["state"] == "confirmed"


def test_what_waits_for_an_answer_is_paid(desk: Desk, asked: Provider, ledger: Ledger) -> None:
    """promise C9, rules C18 and W9: it is paid no second time, no report moves its deadline, and it is no
    hold that counts against its customer."""
    caller = somebody(address="192.0.2.77")
    booking = _waiting(desk, asked, caller=caller)
    _refused("booking_state_conflict", lambda one, who: desk.prepare(one, who), booking, caller)
    deadline = _last(ledger, asked, "booking_answer_due")["hold_expires_at"]
    desk.payment_processing(booking)
    desk.payment_fails(booking)
    desk.payment_succeeds(booking)
    query = "SELECT state, version, hold_ends_at, processing_until, held_from FROM booking WHERE id = :id"
    [row] = ledger.rows(query, id=booking["booking_id"])
    assert (row.state, row.version, row.processing_until, row.held_from) == ("pending", 2, None, None)
    assert row.hold_ends_at == clock.from_text(deadline)
    for number in range(desk.settings.holds_per_customer):
        desk.hold(desk.open_provider(), f"{11 + number:02d}:00", caller)


def test_an_answer_and_the_deadline_never_both_count(
    desk: Desk, ledger: Ledger, transaction: Transaction, move_clock: MoveClock
) -> None:
    """promise C9: accepted, declined, cancelled and swept at once, one of them is it."""
    for _ in range(5):
        asked = desk.open_provider()
        ProviderDesk(transaction, asked).service_rules(acceptance="provider")
        booking, owner = _waiting(desk, asked), member_of(asked)
        quote_id = desk.refund_quote(booking)["quote_id"]
        tries: list[Callable[[], Any]] = [
            partial(desk.accept, booking, owner),
            partial(desk.decline, booking, owner),
            partial(desk.cancel, booking, refund_quote_id=quote_id),
            partial(sweep_expired_holds, transaction),
        ]
        with ThreadPoolExecutor(4) as pool:
            futures = [pool.submit(one) for one in tries]
            outcomes = [future.exception() for future in futures]
        assert all(error is None or isinstance(error, ServiceError) for error in outcomes)
        history = ledger.history(booking["booking_id"])
        assert [change[0] for change in history] == list(range(1, len(history) + 1))
        ended = [change for change in history if change[2] == "cancelled"]
        assert len(ended) <= 1
        state = ledger.state(booking["booking_id"])
        assert ledger.allocations(booking["booking_id"]) == (1 if state == "confirmed" else 0)


def _refused(code: str, say: Any, booking: dict[str, Any], caller: Caller) -> None:
    with pytest.raises(ServiceError) as refused:
        say(booking, caller)
    assert refused.value.code == code
