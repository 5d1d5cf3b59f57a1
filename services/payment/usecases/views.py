"""A payment as its customer sees it, as an event states it, and its failure as an error."""

from datetime import datetime
from typing import Any

from services.payment.domain.decline_messages import decline_message
from services.payment.domain.declines import DeclineReason
from services.payment.domain.observation import Observation
from services.payment.domain.states import CAPTURED, DEAD, SECURED, State
from services.payment.store.rows import Payment, Refund
from shared.contracts import payment as contract
from shared.contracts.booking import hold_expired
from shared.contracts.declaration import EventType
from shared.contracts.payment_forms import PaymentStatus
from shared.errors import ErrorCode, ServiceError, internal_error
from shared.messages.envelope import Event
from shared.money import Money

_EVENTS: dict[State, EventType] = {
    State.ACTION_REQUIRED: contract.PAYMENT_ACTION_REQUIRED,
    State.CONFIRMING: contract.PAYMENT_PROCESSING,
    State.PROCESSING: contract.PAYMENT_PROCESSING,
    State.AUTHORIZED: contract.PAYMENT_SUCCEEDED,
    State.CAPTURED: contract.PAYMENT_SUCCEEDED,
    State.FAILED_RETRYABLE: contract.PAYMENT_FAILED,
    State.FAILED: contract.PAYMENT_FAILED,
    State.CANCELLED: contract.PAYMENT_CANCELLED,
    State.STANDIN_LOST: contract.PAYMENT_CANCELLED,
}

_FAILURES: dict[str, ErrorCode] = {
    code.code: code
    for code in (
        contract.card_declined,
        contract.payment_method_invalid,
        contract.amount_below_minimum,
        hold_expired,
    )
}


def status_of(state: State) -> PaymentStatus:
    """What a client sees of a state."""
    if state in SECURED:
        return PaymentStatus.SUCCEEDED
    if state is State.ACTION_REQUIRED:
        return PaymentStatus.REQUIRES_ACTION
    if state in (State.FAILED, State.FAILED_RETRYABLE):
        return PaymentStatus.FAILED
    return PaymentStatus.CANCELLED if state in DEAD else PaymentStatus.PROCESSING


def view(payment: Payment, observation: Observation | None = None) -> dict[str, Any]:
    """The payment as its customer may see it.

    The client secret comes from the observation alone, and only while an action is needed.
    """
    action = observation.next_action if observation and payment.state is State.ACTION_REQUIRED else None
    return amounts_view(payment) | {
        "payment_id": payment.id,
        "booking_id": payment.booking_id,
        "kind": payment.kind,
        "payment_intent_id": payment.intent_id,
        "status": status_of(payment.state),
        "captured": payment.state in CAPTURED,
        "captured_amount": Money(payment.captured_amount, payment.currency).to_wire(),
        "released_amount": _released(payment).to_wire(),
        "held_until": payment.capture_before if payment.state is State.AUTHORIZED else None,
        "refunded_amount": payment.refunded.total.to_wire(),
        "refunded_service_amount": payment.refunded.service.to_wire(),
        "refunded_tip_amount": payment.refunded.tip.to_wire(),
        "receipt_url": payment.receipt_url,
        "client_secret": observation.client_secret if observation and action else None,
        "next_action": {"type": action.type, "url": action.url} if action else None,
        "simulated": payment.simulated,
        "created_at": payment.created_at,
    }


def event_of(payment: Payment, now: datetime, *, was_held: bool = False) -> Event | None:
    """The event that states the payment's new state; None for states that concern nobody else.

    That the money is secured is told once: of a hold that is taken later `payment_captured` tells. What pays
    twice secures nothing: only its refund is told.
    """
    kind = None if payment.paid_twice else _EVENTS.get(payment.state)
    if was_held and payment.state in CAPTURED:
        return payment_event(contract.PAYMENT_CAPTURED, payment, _taken(payment), now)
    if kind is None:
        return None
    return payment_event(kind, payment, {}, now)


def refund_event(payment: Payment, refund: Refund, for_moves: Money, now: datetime) -> Event:
    """The event that states a refund's new status, and what was refunded in all; `for_moves` because moved
    visits cost less."""
    parts, so_far = refund.parts(payment.currency), payment.refunded
    more = {
        "refund_id": refund.id,
        "service_refund": parts.service.to_wire(),
        "tip_refund": parts.tip.to_wire(),
        "commission_returned": parts.commission.to_wire(),
        "refunded_so_far": {
            "service": so_far.service.to_wire(),
            "tip": so_far.tip.to_wire(),
            "for_moves": for_moves.to_wire(),
        },
        "refund_status": refund.status.value,
        "cause": refund.cause,
    }
    return payment_event(contract.PAYMENT_REFUNDED, payment, more, now)


def payment_event(kind: EventType, payment: Payment, more: dict[str, Any], now: datetime) -> Event:
    """An event of a payment: its public state, and what `more` says of this kind."""
    data = amounts_view(payment) | {
        "payment_id": payment.id,
        "booking_id": payment.booking_id,
        "kind": payment.kind,
        "customer_id": payment.customer_id,
        "provider_id": payment.provider_id,
        "status": status_of(payment.state),
        "captured": payment.state in CAPTURED,
        "failure_code": payment.failure_code,
        "simulated": payment.simulated,
    }
    return Event(
        type=kind,
        aggregate_id=payment.id,
        aggregate_version=payment.version,
        provider_id=payment.provider_id,
        user_id=payment.customer_id,
        data=data | more,
        occurred_at=now,
    )


def _released(payment: Payment) -> Money:
    """What was held and never taken."""
    if payment.capture_cause is None or payment.state is State.AUTHORIZED:
        return Money(0, payment.currency)
    return payment.split.total - payment.taken.total


def failure_of(payment: Payment, locale: str) -> ServiceError | None:
    """The refusal that a failed payment answers with, now and whenever it is asked again.

    `card_declined` has `details.reason` and says in the caller's language what to do (promise D6).
    """
    if status_of(payment.state) is not PaymentStatus.FAILED:
        return None
    code = _FAILURES.get(payment.failure_code or "", internal_error)
    details = {"payment_id": payment.id, "payment_intent_id": payment.intent_id}
    if payment.decline_reason is None:
        return code(**details)
    reason = DeclineReason(payment.decline_reason)
    details |= {"reason": reason.value, "decline_reason": reason.value}
    return code(decline_message(reason, locale), **details)


def _taken(payment: Payment) -> dict[str, Any]:
    taken = payment.taken
    return {
        "captured_amount": taken.total.to_wire(),
        "captured_service_amount": taken.service.to_wire(),
        "captured_tip_amount": taken.tip.to_wire(),
        "captured_commission": taken.commission.to_wire(),
        "cause": payment.capture_cause and payment.capture_cause.value,
    }


def amounts_view(payment: Payment) -> dict[str, Any]:
    """The charge and its shares, as every view of a payment states them."""
    split = payment.split
    return {
        "amount": split.total.to_wire(),
        "service_amount": split.service.to_wire(),
        "tip_amount": split.tip.to_wire(),
        "platform_commission": split.commission.to_wire(),
        "provider_amount": split.provider.to_wire(),
    }
