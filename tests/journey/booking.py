"""The journey's heart: many customers want one time, one holds it, everyone who watches is told."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests

from shared.ids import new_id
from tests.fixtures.customer import PASSWORD, Customer
from tests.fixtures.realtime_client import RealtimeClient
from tests.fixtures.waiting import wait_until
from tests.journey.finding import OWNER, free_slots
from tests.journey.walk import POLL_SECONDS, Visitor, Walk

CROWD = 21


def twenty_others_arrive(walk: Walk) -> list[str]:
    """Each from an address of its own, each watching the day and its own bookings."""
    with ThreadPoolExecutor(4) as pool:
        walk.visitors += pool.map(lambda _: _arrive(walk), range(CROWD - len(walk.visitors)))
    owner = walk.newcomer()
    owner.sign_in(*OWNER)
    walk.owner = Visitor(owner, RealtimeClient(walk.url).sign_in(owner.token))
    for visitor in walk.everyone():
        visitor.socket.watch_day(walk.provider_id, walk.day)
        visitor.socket.watch_bookings()
    return [f"{len(walk.visitors)} customers and the provider watch {walk.day}"]


def _arrive(walk: Walk) -> Visitor:
    customer = walk.newcomer()
    customer.open_account()
    customer.sign_in(customer.email, PASSWORD)
    return Visitor(customer, RealtimeClient(walk.url).sign_in(customer.token))


def all_want_the_same_time(walk: Walk) -> list[str]:
    """Promise C2: no double booking under any concurrency."""
    body = _request(walk, 0)
    barrier = threading.Barrier(CROWD)
    keys = [new_id() for _ in walk.visitors]

    def hold(number: int) -> requests.Response:
        barrier.wait()
        return walk.visitors[number].customer.post("customer/bookings", body, key=keys[number])

    with ThreadPoolExecutor(CROWD) as pool:
        answers = list(pool.map(hold, range(CROWD)))
    statuses = [answer.status_code for answer in answers]
    assert sorted(statuses) == [201] + [409] * (CROWD - 1), statuses
    winner = statuses.index(201)
    walk.winner, walk.key = walk.visitors[winner], keys[winner]
    walk.booking = answers[winner].json()["data"]
    assert walk.booking["state"] == "pending"
    assert walk.booking["holdExpiresAt"]
    assert walk.booking["quote"]["total"] == {"amount": 100.0, "currency": "USD"}
    refusals = [answer.json() for answer in answers if answer.status_code == 409]
    assert {refusal["code"] for refusal in refusals} == {"slot_taken"}
    assert all(refusal["details"]["alternatives"] for refusal in refusals)
    return ["one 201 with hold and quote", f"{CROWD - 1} times 409 slot_taken with the next free times"]


def _request(walk: Walk, number: int) -> dict[str, str]:
    slot = walk.slots[number]
    return {
        "providerId": walk.provider_id,
        "serviceId": walk.service_id,
        "bookingDate": slot["localDate"],
        "startTime": slot["localTime"],
    }


def everyone_who_watches_is_told(walk: Walk) -> list[str]:
    """Promise E2: availability-updated, soon after the commit."""
    return [_availability_delays(walk)]


def _availability_delays(walk: Walk) -> str:
    """Everyone was told; how long after the command's instant, which lies before its commit."""
    delays = sorted(
        visitor.socket.wait_for("availability-updated", providerId=walk.provider_id).delay_ms
        for visitor in walk.everyone()
    )
    middle = delays[len(delays) // 2]
    return f"{len(delays)} sockets got availability-updated, median {middle:.0f} ms, last {delays[-1]:.0f} ms"


def the_same_key_again(walk: Walk) -> list[str]:
    """Rule C13: one effect per key."""
    assert walk.winner
    again = walk.winner.customer.post("customer/bookings", _request(walk, 0), key=walk.key)
    assert again.status_code == 201, again.status_code
    assert again.json()["data"] == walk.booking
    other = walk.winner.customer.post("customer/bookings", _request(walk, 1), key=walk.key)
    assert other.status_code == 422, other.status_code
    assert other.json()["code"] == "idempotency_key_reused"
    return ["same request: the same booking", "other body: 422 idempotency_key_reused"]


def another_hold_is_cancelled(walk: Walk) -> list[str]:
    """Rule C14: free in the same commit, and watchers know."""
    customer = walk.first
    held = hold_slot(walk, customer, 1)
    assert walk.slots[1]["startsAt"] not in starts_that_are_free(walk)
    for visitor in walk.everyone():
        visitor.socket.heard.clear()
    cancelled = customer.post(f"customer/bookings/{held['bookingId']}/cancel", {"reason": "another plan"})
    assert cancelled.status_code == 200, cancelled.status_code
    assert cancelled.json()["data"]["state"] == "cancelled"
    wait_until(
        lambda: walk.slots[1]["startsAt"] in starts_that_are_free(walk),
        "the time to be free again",
        poll=POLL_SECONDS,
    )
    told = _availability_delays(walk)
    walk.visitors[0].socket.wait_for("booking-cancelled", bookingId=held["bookingId"])
    return ["200 cancelled, the time is free again", told, "the customer got booking-cancelled"]


def hold_slot(walk: Walk, customer: Customer, number: int) -> dict[str, Any]:
    """Hold one of the journey's times."""
    answer = customer.post("customer/bookings", _request(walk, number))
    assert answer.status_code == 201, answer.status_code
    held: dict[str, Any] = answer.json()["data"]
    return held


def starts_that_are_free(walk: Walk) -> list[str]:
    """Free times of the journey's day, as instants."""
    return [slot["startsAt"] for slot in free_slots(walk, walk.first)]


def the_inboxes_show_what_happened(walk: Walk) -> list[str]:
    """One entry for each of held, confirmed, cancelled and person."""
    assert walk.winner
    assert walk.owner
    wanted = {"booking_held", "booking_confirmed"}
    for visitor in (walk.winner, walk.owner):
        wait_until(
            lambda person=visitor: _kinds(walk, person) >= wanted,  # type: ignore[misc]
            "the inbox",
            poll=POLL_SECONDS,
        )
    entries = inbox_of(walk.winner)
    mine = [entry["kind"] for entry in entries if entry["bookingId"] == walk.booking["bookingId"]]
    assert sorted(mine) == sorted(wanted), mine
    return [f"customer: {entries[0]['text']['en']}", "provider: the same booking, held and confirmed"]


def _kinds(walk: Walk, visitor: Visitor) -> set[str]:
    return {entry["kind"] for entry in inbox_of(visitor) if entry["bookingId"] == walk.booking["bookingId"]}


def inbox_of(visitor: Visitor) -> list[dict[str, Any]]:
    answer = visitor.customer.get("notifications", limit=100)
    assert answer.status_code == 200, answer.status_code
    entries: list[dict[str, Any]] = answer.json()["data"]["notifications"]
    return entries
