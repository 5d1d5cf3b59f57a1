"""Facts of a small run in which nothing went wrong: one visit paid, one cancelled and refunded; a tip for the
first, of which an administrator gave a part back and a bank has another."""

from typing import Any

from tests.chaos.checks.events import HANDLERS
from tests.chaos.facts import Facts, Row
from tests.chaos.faults.record import Fault
from tests.chaos.history import Exchange

DAY = "2026-12-10"
STAFF, PROVIDER, SERVICE, CUSTOMER, MEMBER = "staff-1", "provider-1", "service-1", "customer-1", "member-1"
START = 1_764_000_000.0


def instant(offset: float) -> str:
    """An instant of the run, as the databases write it."""
    minutes, seconds = divmod(offset, 60)
    return f"2025-11-24T16:{int(minutes):02d}:{seconds:06.3f}+00:00"


def exchange(number: int, action: str, path: str, key: str, status: int, **more: Any) -> Exchange:
    sent = START + number
    return Exchange(
        number, "customer-0", action, path, key, more.get("body"), sent, sent, sent + 0.5, sent + 0.5, status,
        more.get("code", ""), more.get("answer"),
    )  # fmt: skip


def booking(number: int, state: str, hour: int) -> Row:
    return {
        "id": f"booking-{number}", "version": 3 if state == "cancelled" else 2, "state": state,
        "customer_id": CUSTOMER, "provider_id": PROVIDER, "service_id": SERVICE, "staff_id": STAFF,
        "local_start": f"{DAY}T{hour}:00:00", "utc_offset": "-05:00", "notes": f"0-{number}-hold",
        "blocked_from": f"{DAY}T{hour + 5}:00:00+00:00", "blocked_to": f"{DAY}T{hour + 6}:00:00+00:00",
        "visit_from": f"{DAY}T{hour + 5}:00:00+00:00", "visit_to": f"{DAY}T{hour + 6}:00:00+00:00",
        "payment_id": f"payment-{number}", "paid_service": 10000, "hold_ends_at": None, "may_overlap": False,
        "pending_for": None,
        "committed": START + number * 10 + 2,
    }  # fmt: skip


def change(number: int, version: int, states: tuple[str | None, str], reason: str) -> Row:
    at = number * 10 + version
    return {
        "booking_id": f"booking-{number}", "version": version, "from_state": states[0],
        "to_state": states[1], "reason": reason, "at": instant(at), "committed": START + at,
        "facts": {
            "version": version, "state": states[1], "local_start": f"{DAY}T{8 + number * 2}:00:00",
            "further_ids": [], "pending_for": None,
        },
    }  # fmt: skip


def payment(number: int, state: str, refunded: int, **more: Any) -> Row:
    return {
        "id": f"payment-{number}", "booking_id": f"booking-{number}", "provider_id": PROVIDER,
        "currency": "USD", "service_amount": 10000, "tip_amount": 0, "commission_amount": 1000,
        "commission_returned_amount": 1000 if refunded else 0, "captured_amount": 10000,
        "refunded_amount": refunded, "refunded_service_amount": refunded, "refunded_tip_amount": 0,
        "state": state, "intent_id": f"pi_{number}", "created_at": instant(number * 10),
        "committed": START + number * 10 + 1, "capture_cause": None, "capture_before": None,
        "kept_commission_amount": None, "kept_service_amount": None, "kept_tip_amount": None,
        "kind": "booking", "payment_provider": "stripe", "paid_twice": False,
        "stripe_fee_amount": None, "stripe_fee_currency": None,
        "captured_at": instant(number * 10 + 1), **more,
    }  # fmt: skip


TIP = {
    "kind": "tip", "booking_id": "booking-1", "service_amount": 0, "tip_amount": 500, "captured_amount": 500,
    "commission_amount": 0, "commission_returned_amount": 0, "refunded_service_amount": 0,
    "refunded_tip_amount": 200, "stripe_fee_amount": 15, "stripe_fee_currency": "USD",
}  # fmt: skip


def event(name: str, of: str, version: int, **data: Any) -> Row:
    return {
        "id": f"{name} {of} {version}", "type": name, "aggregate_id": of, "aggregate_version": version,
        "time": instant(version), "data": data,
    }  # fmt: skip


def posting(number: int, fact: str, reference: str | None, moves: dict[str, int]) -> tuple[Row, list[Row]]:
    of = f"{fact} {number}"
    entries = [
        {"transaction_id": of, "account": account, "amount": amount, "currency": "USD"}
        for account, amount in moves.items()
    ]
    kind = fact.split(":")[0]
    return {
        "id": of, "payment_id": f"payment-{number}", "fact": fact, "kind": kind, "reference": reference
    }, entries  # fmt: skip


def _postings() -> list[tuple[Row, list[Row]]]:
    owner = f"provider_payable:{PROVIDER}"
    made = []
    for number in (1, 2):
        made += [
            posting(number, "captured", f"ch_{number}", {"stripe_clearing": 10000, "customer_funds": -10000}),
            posting(number, "commission", None, {"customer_funds": 1000, "platform_commission": -1000}),
            posting(number, "provider_share", None, {"customer_funds": 9000, owner: -9000}),
        ]
    return [
        *made,
        posting(2, "refund_owed:r", None, {owner: 10000, "refunds_payable": -10000}),
        posting(2, "commission_returned:r", None, {"platform_commission": 1000, owner: -1000}),
        posting(2, "refund_sent:r", "re_2", {"refunds_payable": 10000, "stripe_clearing": -10000}),
        posting(3, "captured", "ch_3", {"stripe_clearing": 500, "customer_funds": -500}),
        posting(3, "provider_share", None, {"customer_funds": 500, owner: -500}),
        posting(3, "stripe_fee", "txn_3", {"stripe_clearing": -15, "stripe_fees": 15}),
        posting(3, "refund_owed:t", None, {owner: 200, "refunds_payable": -200}),
        posting(3, "refund_sent:t", "re_3", {"refunds_payable": 200, "stripe_clearing": -200}),
        posting(3, "dispute_withdrawn:txn_d", "txn_d", {"disputed_funds": 100, "stripe_clearing": -100}),
        posting(3, "dispute_fee:txn_d", None, {"dispute_costs": 7, "stripe_clearing": -7}),
        posting(3, "dispute_lost:dp_3", "dp_3", {owner: 100, "disputed_funds": -100}),
    ]


def _events() -> list[Row]:
    return [
        event("booking_held", "booking-1", 1, state="pending", hold_expires_at=instant(16)),
        event("booking_confirmed", "booking-1", 2, state="confirmed"),
        event("booking_held", "booking-2", 1, state="pending", hold_expires_at=instant(26)),
        event("booking_confirmed", "booking-2", 2, state="confirmed"),
        event("booking_cancelled", "booking-2", 3, state="cancelled"),
        event("payment_succeeded", "payment-1", 2),
        event("payment_succeeded", "payment-2", 2),
        event("payment_refunded", "payment-2", 3, refund_id="refund-2"),
        event("payment_succeeded", "payment-3", 2),
        event("payment_refunded", "payment-3", 3, refund_id="refund-3"),
    ]


def _exchanges() -> list[Exchange]:
    held = {number: {"bookingId": f"booking-{number}", "version": 1, "state": "pending"} for number in (1, 2)}
    cancelled = {"bookingId": "booking-2", "version": 3, "state": "cancelled"}
    path = "customer/bookings"
    asked = {"providerId": PROVIDER, "serviceId": SERVICE, "bookingDate": DAY}
    first = asked | {"startTime": "10:00", "notes": "0-1-hold"}
    second = asked | {"startTime": "12:00", "notes": "0-2-hold"}
    taken = asked | {"startTime": "10:00", "notes": "0-3-hold"}
    paid = {"paymentId": "payment-1", "status": "succeeded", "amount": 100.0}
    return [
        exchange(11, "create", path, "0-1-hold", 201, body=first, answer={"data": held[1]}),
        exchange(12, "pay", "customer/payments/process", "p1", 200, answer={"data": paid}),
        exchange(13, "create", path, "0-3-hold", 409, code="slot_taken", body=taken, answer={}),
        exchange(21, "create", path, "0-2-hold", 201, body=second, answer={"data": held[2]}),
        exchange(24, "cancel", f"{path}/booking-2/cancel", "c2", 200, answer={"data": cancelled}),
    ]


def sound_facts() -> Facts:
    """All of it; every check passes."""
    postings = _postings()
    rows: dict[str, list[Row]] = {
        "booking.booking": [booking(1, "confirmed", 10), booking(2, "cancelled", 12)],
        "booking.allocation": [
            {"booking_id": "booking-1", "resource_id": STAFF, "committed": START + 11}
            | {name: booking(1, "", 10)[name] for name in ("blocked_from", "blocked_to")}
        ],
        "booking.booking_history": [
            change(1, 1, (None, "pending"), "held"),
            change(1, 2, ("pending", "confirmed"), "paid"),
            change(2, 1, (None, "pending"), "held"),
            change(2, 2, ("pending", "confirmed"), "paid"),
            change(2, 3, ("confirmed", "cancelled"), "customer_cancelled"),
        ],
        "booking.service": [{"id": SERVICE, "duration_minutes": 60}],
        "booking.staff": [{"id": STAFF, "provider_id": PROVIDER, "active": True, "all_services": True}],
        **{f"booking.{table}": [] for table in ("calendar", "staff_service", "time_off", "payment_copy")},
        "payment.payment": [
            payment(1, "captured", 0),
            payment(2, "refunded", 10000),
            payment(3, "partially_refunded", 200, **TIP),
        ],
        "payment.dispute": [
            {"id": "dp_3", "payment_id": "payment-3", "lost_service_amount": 0, "lost_tip_amount": 100}
            | {"lost_commission_amount": 0, "lost_excess_amount": 0}
        ],
        "payment.dispute_movement": [
            {"dispute_id": "dp_3", "taken_amount": 100, "fee_amount": 7, "fee_currency": "USD"}
        ],
        "payment.refund": [
            {"id": "refund-2", "payment_id": "payment-2", "status": "succeeded", "committed": START + 24}
            | {"service_amount": 10000, "tip_amount": 0, "commission_returned": 1000, "cause": "customer"},
            {"id": "refund-3", "payment_id": "payment-3", "status": "succeeded", "committed": START + 25}
            | {"service_amount": 0, "tip_amount": 200, "commission_returned": 0, "cause": "administrator"},
        ],
        "payment.ledger_transaction": [transaction for transaction, _ in postings],
        "payment.ledger_entry": [entry for _, entries in postings for entry in entries],
        "notify.account": [{"id": MEMBER, "active": True}],
        "notify.membership": [{"account_id": MEMBER, "provider_id": PROVIDER}],
    }
    facts = Facts(
        exchanges=_exchanges(), rows=rows, events=_events(), faults=[Fault("F1", "kill", "x", START, START)]
    )
    told = [event for event in facts.events if event["type"].startswith("booking_")]
    rows["notify.notification"] = [
        {"event_id": fact, "person_id": person}
        for fact in (*(event["id"] for event in told), "refund-2", "refund-3")
        for person in (CUSTOMER, MEMBER)
    ]
    _note(rows, facts.events)
    facts.intents = [_intent(1, 0), _intent(2, 10000), _intent(3, 200, 500)]
    return facts


def _note(rows: dict[str, list[Row]], events: list[Row]) -> None:

    for service in ("booking", "payment", "notify"):
        rows[f"{service}.inbox"] = [
            {"event_id": one["id"], "handler": handler}
            for one in events
            for handler in HANDLERS.get(one["type"], ())
            if handler.startswith(service)
        ]


def _intent(number: int, refunded: int, amount: int = 10000) -> Row:
    refunds = [{"amount": refunded, "status": "succeeded"}] if refunded else []
    return {
        "id": f"pi_{number}", "status": "succeeded", "amount": amount, "amount_received": amount,
        "created": START, "metadata": {"payment_id": f"payment-{number}"}, "refunds": refunds,
    }  # fmt: skip
