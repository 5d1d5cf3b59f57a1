"""The journey's way back: the refund is shown, the visit cancelled, the money given back, the books even."""

from dataclasses import replace
from datetime import datetime, timedelta

from tests.fixtures.command import output_of
from tests.fixtures.waiting import wait_until
from tests.journey.booking import hold_slot, inbox_of, starts_that_are_free
from tests.journey.finding import free_slots
from tests.journey.paying import DECLINES, PLAIN, pay, receipt_of, state_of
from tests.journey.walk import Walk

HELD_DAYS = range(2, 5)
"""Days ahead with more than a day's notice, on which a card is held until after the visit."""
NOT_IN_REACH = "skipped: payment's accounts are not in reach (--accounts)"


def the_ledger_shows_the_payment(walk: Walk) -> list[str]:
    """Rule M22: balanced entries; what is the provider's, the platform's and the customer's."""
    if not walk.accounts:
        return [NOT_IN_REACH]
    return [_shown(_accounts(walk))]


def look_at_what_comes_back(walk: Walk) -> list[str]:
    """Promise C6: the refund is shown, with how long it is valid, before anything is cancelled."""
    assert walk.winner
    answer = walk.winner.customer.get(f"customer/bookings/{walk.booking['bookingId']}/refund-quote")
    assert answer.status_code == 200, answer.status_code
    walk.quote = answer.json()["data"]
    assert (walk.quote["refundPercent"], walk.quote["tipPercent"]) == (100, 100)
    assert (walk.quote["serviceRefund"]["amount"], walk.quote["tipRefund"]["amount"]) == (100, 5)
    assert state_of(walk, walk.booking) == "confirmed"
    return [f"100 %: 100.00 + 5.00 USD, valid until {walk.quote['validUntil']}"]


def cancel_as_quoted(walk: Walk) -> list[str]:
    """Rules B3 and C14: exactly the quoted amounts, and the time is free in the same commit."""
    assert walk.winner
    for person in walk.everyone():
        person.socket.heard.clear()
    body = {"bookingId": walk.booking["bookingId"], "refundQuoteId": walk.quote["quoteId"]}
    answer = walk.winner.customer.post("customer/payments/refund", body)
    assert answer.status_code == 200, answer.status_code
    cancelled = answer.json()["data"]
    assert cancelled["state"] == "cancelled"
    for part in ("refundPercent", "tipPercent", "serviceRefund", "tipRefund"):
        assert cancelled["refund"][part] == walk.quote[part], part
    return ["cancelled, 105.00 USD due as quoted"]


def both_sides_hear_of_the_cancellation(walk: Walk) -> list[str]:
    """Promise E2: booking-cancelled and booking-status-changed; watchers see that the time is free."""
    assert walk.winner
    assert walk.owner
    booking_id, told = walk.booking["bookingId"], []
    for who, person in (("customer", walk.winner), ("provider", walk.owner)):
        heard = person.socket.wait_for("booking-cancelled", bookingId=booking_id)
        assert heard.data["serviceRefund"]["amount"] == 100
        person.socket.wait_for("booking-status-changed", bookingId=booking_id, state="cancelled")
        told.append(f"{who} booking-cancelled after {heard.delay_ms:.0f} ms")
    wait_until(lambda: walk.slots[0]["startsAt"] in starts_that_are_free(walk), "the time to be free again")
    return [*told, "the time is free again"]


def the_money_is_given_back(walk: Walk) -> list[str]:
    """Promise D5: the receipt says what was given back; the inboxes of both sides tell it."""
    assert walk.winner
    assert walk.owner
    wait_until(lambda: receipt_of(walk)["refunded"]["amount"] == 105, "the money to be given back")
    assert receipt_of(walk)["kept"]["amount"] == 0
    wanted = ("payment_refunded", walk.booking["bookingId"])
    for person in (walk.winner, walk.owner):
        wait_until(
            lambda person=person: wanted in [(e["kind"], e["bookingId"]) for e in inbox_of(person)],  # type: ignore[misc]
            "the inbox to tell of the refund",
        )
    return ["105.00 USD refunded, 0.00 remains", "customer and provider have it in their inboxes"]


def another_refund_is_refused(walk: Walk) -> list[str]:
    """Rule M11: what was given back is not given back again."""
    assert walk.winner
    answer = walk.winner.customer.post("customer/payments/refund", {"paymentId": walk.payment["paymentId"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "booking_state_conflict")
    return ["409 booking_state_conflict"]


def every_account_of_the_booking_is_even(walk: Walk) -> list[str]:
    """Rule M22: with everything given back nobody has or owes anything."""
    if not walk.accounts:
        return [NOT_IN_REACH]
    wait_until(lambda: _are_even(_accounts(walk)), "every account to stand at 0.00")
    return [_shown(_accounts(walk))]


def a_second_booking_meets_a_card_that_declines(walk: Walk) -> list[str]:
    """Promise D6: 402 with a reason and what to do; the hold is alive."""
    assert walk.winner
    walk.second = hold_slot(walk, walk.winner.customer, 0)
    answer = pay(walk, walk.second, DECLINES)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (402, "card_declined")
    assert problem["details"]["reason"] == "declined", problem["details"]
    assert state_of(walk, walk.second) == "pending"
    return [f"402 card_declined: {problem['message']}", "the hold is still alive"]


def another_card_pays_it(walk: Walk) -> list[str]:
    assert walk.winner
    answer = pay(walk, walk.second, PLAIN)
    assert answer.status_code == 200, answer.status_code
    assert answer.json()["data"]["status"] == "succeeded"
    wait_until(lambda: state_of(walk, walk.second) == "confirmed", "the second booking to be confirmed")
    return ["200 succeeded, confirmed"]


def a_visit_soon_is_only_held_and_released(walk: Walk) -> list[str]:
    """Rule M15: nothing is taken before the visit; cancelled in time the hold is released, with no refund."""
    assert walk.winner
    customer, soon = walk.winner.customer, _soon(walk)
    if not soon.slots:
        return ["not shown: no free time within the days of a hold"]
    booking = hold_slot(soon, customer, 0)
    payment = pay(walk, booking, PLAIN).json()["data"]
    assert (payment["status"], payment["captured"]) == ("succeeded", False), payment["status"]
    wait_until(lambda: state_of(walk, booking) == "confirmed", "the visit to be confirmed")
    answer = customer.post(f"customer/bookings/{booking['bookingId']}/cancel")
    assert answer.status_code == 200, answer.status_code
    path = f"customer/payments/{payment['paymentId']}"
    wait_until(lambda: customer.get(path).json()["data"]["releasedAmount"] == 100, "the hold to be released")
    return [f"100.00 USD held until {payment['heldUntil']}, nothing taken", "cancelled: 100.00 USD released"]


def _soon(walk: Walk) -> Walk:
    """The same walk on a day of a hold, the first with a free time; the journey's own day stays."""
    assert walk.winner
    today, soon = datetime.fromisoformat(walk.today).date(), walk
    for ahead in HELD_DAYS:
        soon = replace(walk, day=(today + timedelta(days=ahead)).isoformat())
        soon.slots = free_slots(soon, walk.winner.customer)
        if soon.slots:
            break
    return soon


def _are_even(lines: list[str]) -> bool:
    balances = [line for line in lines if line.lstrip().startswith("balance")]
    return bool(balances) and all(line.endswith(" 0.00 USD") for line in balances)


def _shown(lines: list[str]) -> str:
    return "".join(f"\n             {line}" for line in lines)


def _accounts(walk: Walk) -> list[str]:
    said = output_of([*walk.accounts, "--booking", walk.booking["bookingId"]])
    return [line for line in said.splitlines() if line.strip()]
