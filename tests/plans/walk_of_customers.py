"""What customers, banks and administrators ask of payment, for `walk_of_payment`: once each, by name."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from services.payment.domain.disputes import DisputeStatus, HoldKind
from services.payment.usecases import hear_events
from services.payment.usecases.administrator_refunds import preview_refund, refund_payment
from services.payment.usecases.inspect_disputes import get_dispute, list_disputes
from services.payment.usecases.inspect_payments import inspect_payment, list_refunds
from services.payment.usecases.kept_webhooks import list_webhooks, replay_webhook
from services.payment.usecases.payment_methods import list_payment_methods
from services.payment.usecases.read_payments import confirm_payment, get_payment, list_payments
from services.payment.usecases.submit_evidence import submit_evidence
from services.payment.usecases.tip_booking import tip_booking
from shared.contracts import payment as contract
from shared.ids import new_id
from shared.money import Money
from tests.integration.payment.bookings import NEAR, Booked, ended
from tests.integration.payment.refunding import cancel
from tests.integration.payment.ruling import ADMIN
from tests.integration.payment.test_dispute_evidence import command as evidence
from tests.plans.listening import Asking
from tests.plans.till import LATER, Till, asked, republished

WEBHOOK = "work_webhook"


def payments(till: Till) -> Iterator[Asking]:
    """Paid at once, after the bank has asked, and only held."""
    desk, first = till.desk, till.hold()
    key = new_id()
    yield "provider_published", lambda: hear_events.on_provider_published(desk, republished(till))
    yield "service_published", lambda: till.bookings.publish_service(desk, first, "massage", LATER)
    methods = asked(contract.LIST_PAYMENT_METHODS, provider_id=till.provider_id)
    yield "list_payment_methods", lambda: list_payment_methods(desk, methods)
    yield "process_payment", lambda: till.pay(first, key, "5.00")
    yield "process_payment_again", lambda: till.pay(first, key, "5.00")
    till.provider.card = "action"
    made: dict[str, Any] = {}
    yield "process_payment_bank_asks", lambda: made.update(till.pay(till.hold(first)))
    intent_id = made["payment_intent_id"]
    till.provider.authenticate(intent_id)
    yield "confirm_payment", lambda: confirm_payment(desk, intent_id, first.customer)
    left_alone = till.pay(till.hold(first))
    till.provider.authenticate(left_alone["payment_intent_id"])
    yield "work_resume_payment", partial(till.work, "resume_payment")
    late = till.hold(first)
    intent_id = till.pay(late)["payment_intent_id"]
    till.provider.authenticate(intent_id)
    yield "receive_webhook", partial(till.receive, intent_id)
    yield "work_webhook", partial(till.work, WEBHOOK)
    unpaid = till.hold(first)
    till.pay(unpaid)
    yield "booking_expired", lambda: hear_events.on_booking_expired(desk, ended(unpaid, "expired"))
    yield "work_abandon_payment", partial(till.work, "abandon_payment")
    till.provider.card = "paid"
    yield "get_payment", lambda: get_payment(desk, made["payment_id"], first.customer)
    yield "list_payments", lambda: list_payments(desk, 1, None, first.customer)
    page = list_payments(desk, 1, None, first.customer)["next"]
    yield "list_payments_page_2", lambda: list_payments(desk, 1, page, first.customer)
    yield "tip_booking", partial(_tip, till, first)
    yield from _holds(till)
    yield from _refunds(till, late)


def _tip(till: Till, booked: Booked) -> None:
    hear_events.on_booking_completed(till.desk, ended(booked, "completed"))
    request = booked.request(tip="7.50")
    tip_booking(till.desk, asked(contract.TIP_BOOKING, **request), booked.customer)


def _holds(till: Till) -> Iterator[Asking]:
    desk = till.desk
    held, lapsing = till.hold(ahead=NEAR), till.hold(ahead=NEAR)
    yield "process_payment_held", lambda: till.pay(held)
    yield "held_visit_completed", lambda: hear_events.on_booking_completed(desk, ended(held, "completed"))
    yield "work_settle_hold", partial(till.work, "settle_hold")
    paid = till.pay(lapsing)
    yield "work_take_in_time", lambda: till.do("take_in_time", {"payment_id": paid["payment_id"]})


def _refunds(till: Till, booked: Booked) -> Iterator[Asking]:
    """Half by booking's word, and a part of the rest by an administrator's."""
    desk = till.desk
    [payment_id] = (one["payment_id"] for one in _payments_of(till, booked))
    yield "booking_cancelled", lambda: cancel(desk, booked, 50, 5000)
    yield "work_send_refund", partial(till.work, "send_refund")
    yield "work_return_commission", partial(till.work, "return_commission")
    wish = asked(contract.PREVIEW_REFUND, payment_id=payment_id, amount="10.00")
    shown = preview_refund(desk, wish, ADMIN)
    yield "preview_refund", lambda: preview_refund(desk, wish, ADMIN)
    more = {"preview_id": shown["preview_id"], "reason": "late", "idempotency_key": new_id()}
    yield "refund_payment", lambda: refund_payment(desk, wish | more, ADMIN)
    waiting = asked(contract.LIST_REFUNDS, limit=1, state="due")
    yield "list_refunds_of_a_state", lambda: list_refunds(desk, waiting, ADMIN)
    till.work("send_refund")
    for name, choice in (
        ("list_refunds", {}),
        ("list_refunds_of_a_payment", {"payment_id": payment_id}),
    ):
        request = asked(contract.LIST_REFUNDS, limit=1, **choice)
        yield name, partial(list_refunds, desk, request, ADMIN)
        following = request | {"cursor": list_refunds(desk, request, ADMIN)["next"]}
        yield f"{name}_page_2", partial(list_refunds, desk, following, ADMIN)
    yield "inspect_payment", lambda: inspect_payment(desk, payment_id, ADMIN)


def disputes(till: Till) -> Iterator[Asking]:
    """One that is lost in the end, and a warning; and what is kept of webhooks."""
    desk, made = till.desk, till.pay(till.hold())
    intent_id, seen = made["payment_intent_id"], till.provider.disputes
    for _ in range(2):
        till.pay(till.hold())
    earlier = till.pay(till.hold())["payment_intent_id"]
    money = Money(10000, "USD")
    till.hear("charge.dispute.created", seen.dispute_charge(earlier, money), earlier)
    till.work(WEBHOOK)
    dispute_id = seen.dispute_charge(intent_id, money)
    event_id = till.hear("charge.dispute.created", dispute_id, intent_id)
    yield "work_webhook_of_a_dispute", partial(till.work, WEBHOOK)
    yield "work_reverse_transfer", partial(till.work, "reverse_transfer")
    for name, only_open in (("list_disputes", False), ("list_disputes_open", True)):
        request = asked(contract.LIST_DISPUTES, limit=1, only_open=only_open)
        yield name, partial(list_disputes, desk, request, ADMIN)
        following = request | {"cursor": list_disputes(desk, request, ADMIN)["next"]}
        yield f"{name}_page_2", partial(list_disputes, desk, following, ADMIN)
    yield "get_dispute", lambda: get_dispute(desk, dispute_id, ADMIN)
    yield "submit_dispute_evidence", lambda: submit_evidence(desk, evidence(dispute_id, new_id()), ADMIN)
    seen.say(dispute_id, DisputeStatus.LOST)
    till.hear("charge.dispute.closed", dispute_id, intent_id)
    yield "work_webhook_of_a_lost_dispute", partial(till.work, WEBHOOK)
    till.hear("review.opened", seen.warn(earlier, HoldKind.REVIEW), earlier)
    yield "work_webhook_of_a_warning", partial(till.work, WEBHOOK)
    for outcome in (None, "waiting", "parked", "worked", "kept"):
        request = asked(contract.LIST_WEBHOOKS, limit=1, outcome=outcome)
        name = f"list_webhooks_{outcome}" if outcome else "list_webhooks"
        yield name, partial(list_webhooks, desk, request, ADMIN)
    request = asked(contract.LIST_WEBHOOKS, limit=1)
    following = request | {"cursor": list_webhooks(desk, request, ADMIN)["next"]}
    yield "list_webhooks_page_2", lambda: list_webhooks(desk, following, ADMIN)
    again = asked(contract.REPLAY_WEBHOOK, event_id=event_id, idempotency_key=new_id())
    yield "replay_webhook", lambda: replay_webhook(desk, again, ADMIN)


def _payments_of(till: Till, booked: Booked) -> list[dict[str, Any]]:
    page = list_payments(till.desk, 20, None, booked.customer)["payments"]
    return [one for one in page if one["booking_id"] == booked.id]
