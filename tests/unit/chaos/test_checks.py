"""The checks of chaos: silent about a sound run, and each says what it is there to say."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.chaos.checks import ALL, run_checks
from tests.chaos.facts import Facts, Row
from tests.chaos.history import NO_ANSWER
from tests.unit.chaos.harms_of_lives import HARMS_OF_LIVES
from tests.unit.chaos.sound_facts import DAY, STAFF, START, exchange, sound_facts

Harm = Callable[[Facts], object]


def _row(facts: Facts, table: str, number: int = 0) -> Row:
    return facts.rows[table][number]


def _set(table: str, number: int = 0, **values: Any) -> Harm:
    return lambda facts: _row(facts, table, number).update(values)


def _drop(table: str, number: int = 0) -> Harm:
    return lambda facts: facts.rows[table].pop(number)


def _repeat(table: str, **values: Any) -> Harm:
    return lambda facts: facts.rows[table].append(_row(facts, table) | values)


def _tell(number: int, **values: Any) -> Harm:
    return lambda facts: facts.exchanges[number].data.update(values)


HARMS: dict[str, Harm] = {
    **HARMS_OF_LIVES,
    "slots.no_two_allocations_overlap": _repeat("booking.allocation", booking_id="booking-9"),
    "slots.no_two_bookings_ever_overlapped": _repeat("booking.booking", id="booking-2", notes="0-9"),
    "slots.nobody_is_in_two_places": _repeat("booking.booking", id="booking-9", staff_id="somebody else"),
    "slots.occupied_exactly_while_needed": _drop("booking.allocation"),
    "slots.no_hold_outlives_its_end": _set("booking.booking", state="pending"),
    "slots.every_change_is_one_step": _set("booking.booking_history", 1, version=3),
    "past.the_history_says_what_the_booking_is": _set("booking.booking", local_start=f"{DAY}T11:00:00"),
    "money.every_payment_has_its_booking_or_went_back": _set("booking.booking", state="expired"),
    "money.every_live_booking_is_paid_once": _set("booking.booking", payment_id="payment-9"),
    "money.stripe_took_each_payment_once": lambda facts: facts.intents.append(facts.intents[0] | {"id": "x"}),
    "money.each_payment_was_made_once": lambda facts: facts.intents.append(
        facts.intents[0] | {"id": "x", "status": "requires_confirmation"}
    ),
    "money.what_stripe_took_is_known_here": _set("payment.payment", state="cancelled"),
    "money.what_went_back_is_known_here": lambda facts: facts.intents[1]["refunds"].clear(),
    "money.no_intent_is_left_open": lambda facts: facts.intents[0].update(status="requires_action"),
    "money.reconcile_finds_nothing": lambda facts: facts.reconciliation.append("1 differences"),
    "ledger.every_transaction_sums_to_zero": _set("payment.ledger_entry", amount=9999),
    "ledger.every_balance_is_what_the_payment_says": _set("payment.payment", 1, refunded_amount=9000),
    "ledger.the_parts_are_what_was_captured": _set("payment.payment", captured_amount=9000),
    "ledger.every_fact_is_posted_once": _repeat("payment.ledger_transaction"),
    "ledger.no_document_number_is_missing": lambda facts: facts.rows.update(
        {
            "payment.number_series": [{"series": "invoice", "year": 2026, "last": 2}],
            "payment.document": [{"series": "invoice", "year": 2026, "number": 2}],
        }
    ),
    "ledger.commission_goes_back_cumulatively": _set("payment.refund", commission_returned=999),
    "told.every_booking_told_was_so": _tell(0, state="confirmed"),
    "told.every_booking_made_is_there": _tell(0, bookingId="booking-9"),
    "told.every_hold_lasted": lambda facts: (
        _tell(0, holdExpiresAt="2025-11-24T17:00:00+00:00")(facts),
        _set("booking.booking_history", 1, reason="hold_ended")(facts),
    ),
    "told.what_was_made_is_listed": lambda facts: facts.exchanges.append(
        exchange(40, "bookings", "customer/bookings", "", 200, answer={"data": {"bookings": []}})
    ),
    "told.every_cancellation_told_is_done": _set("booking.booking", 1, state="confirmed"),
    "told.every_payment_told_was_made": _set("payment.payment", state="failed"),
    "told.every_key_had_one_effect": _repeat("booking.booking", id="booking-2"),
    "told.nothing_was_made_in_secret": lambda facts: facts.exchanges.pop(3),
    "refusals.every_refusal_had_its_cause": _set("booking.booking", staff_id="another"),
    "events.every_change_was_told_once": lambda facts: facts.events.pop(0),
    "events.everything_told_is_true": _drop("booking.booking_history", 4),
    "events.every_payment_was_told_once": lambda facts: facts.events.pop(5),
    "events.every_consumer_applied_every_event": _drop("payment.inbox"),
    "events.every_account_was_told": lambda facts: facts.rows.update(
        {"gateway.account": [{"id": "a", "version": 1, "active": True, "committed": START}]}
    ),
    "events.every_parked_event_was_parked_by_a_fault": lambda facts: facts.parked.append(_parked()),
    "events.nothing_is_parked_after_the_replay": lambda facts: facts.parked_after.append(_parked()),
    "inbox.each_person_was_told_once": _repeat("notify.notification"),
    "copies.copies_of_the_catalogue_are_current": lambda facts: facts.rows.update(
        {"search.provider": [{"id": "p", "time_zone": "UTC", "payable": True}]}
    ),
    "copies.caches_answer_like_their_owners": lambda facts: facts.answers.append(
        {"what": "free times", "cached": {"slots": [1]}, "owner": {"slots": []}}
    ),
    "copies.what_booking_knows_of_payments_is_current": lambda facts: facts.rows[
        "booking.payment_copy"
    ].append({"payment_id": "payment-2", "refunded_service": 0, "refunded_tip": 0, "committed": START}),
    "rest.everything_came_to_rest": lambda facts: facts.unrest.append("3 messages in queues"),
    "rest.nothing_waits": lambda facts: facts.rows.update(
        {"booking.outbox": [{"id": "e", "committed": 1.0}]}
    ),
    "rest.every_cell_was_reached_and_survived": lambda facts: facts.cells.append(
        {"cell": "holding", "outcome": "", "problem": "not reached"}
    ),
    "rest.the_journey_passes_again": lambda facts: facts.journey.append("FAILED"),
}
"""What each check is there to notice."""


def _parked() -> Row:
    return {
        "event_id": "e",
        "type": "booking_held",
        "queue": "notify.booking_held",
        "reason": "unavailable",
        "parked_at": "2027-01-01T00:00:00+00:00",
    }


def test_a_sound_run_passes_every_check() -> None:
    """promise E6, rules C16 and C17: nothing is said where nothing is wrong."""
    assert {name: found for name, found in run_checks(sound_facts()).items() if found} == {}


@pytest.mark.parametrize("name", ALL)
def test_each_check_notices_what_it_is_there_for(name: str) -> None:
    """promise C2, rules C13, C16 and C17: a broken promise is found by the check that is named for it."""
    facts = sound_facts()
    HARMS[name](facts)
    assert ALL[name](facts)


def test_a_refusal_of_a_free_time_is_found() -> None:
    """promise C2: slot_taken is only said while each of the staff is taken."""
    facts = sound_facts()
    facts.rows["booking.staff"].append(_row(facts, "booking.staff") | {"id": "staff-2"})
    (violation,) = ALL["refusals.every_refusal_had_its_cause"](facts)
    assert "staff-2 was free" in violation.text
    assert STAFF not in violation.text


def test_what_is_held_cannot_be_given_back_yet() -> None:
    """rule M15: not_captured is only said while nothing was taken."""
    facts = sound_facts()
    wish = {"paymentId": "payment-1"}
    asked = exchange(16, "preview_refund", "admin/refunds/preview", "", 409, code="not_captured", body=wish)
    facts.exchanges.append(asked)
    (violation,) = ALL["refusals.every_refusal_had_its_cause"](facts)
    assert "had been taken" in violation.text
    _row(facts, "payment.payment").update(captured_at=None)
    assert not ALL["refusals.every_refusal_had_its_cause"](facts)


@pytest.mark.parametrize(("quoted", "is_found"), [(16, True), (11, False)])
def test_what_goes_back_changes_with_the_news_of_the_payment_only(quoted: int, is_found: bool) -> None:
    """promise D3: booking-1 is confirmed at 12: who was told before that what goes back is asked again."""
    facts, path = sound_facts(), "customer/bookings/booking-1"
    asked = exchange(quoted, "refund_quote", f"{path}/refund-quote", "", 200)
    refused = exchange(17, "cancel", f"{path}/cancel", "0-1-cancel", 409, code="quote_changed")
    facts.exchanges += [asked, refused]
    assert bool(ALL["refusals.every_refusal_had_its_cause"](facts)) is is_found


def test_an_address_is_taken_by_an_earlier_request_of_the_same_person_only() -> None:
    """rule C13: registering has no key; who heard no answer may be told that the account is there."""
    facts = sound_facts()
    facts.exchanges.append(exchange(8, "register", "auth/register", "", 409, code="email_taken"))
    assert ALL["refusals.every_refusal_had_its_cause"](facts)
    facts.exchanges.append(exchange(7, "register", "auth/register", "", NO_ANSWER))
    assert not ALL["refusals.every_refusal_had_its_cause"](facts)
