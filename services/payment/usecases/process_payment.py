"""Paying a booking: the intent row first, then the call, then the outcome; safe to repeat at any point."""

from datetime import datetime
from typing import Any

from services.payment.domain.authorization import CaptureMethod, method_for
from services.payment.domain.capabilities import Capabilities, PaymentMethod, of_method
from services.payment.domain.split import Split
from services.payment.domain.states import SECURED, PaymentKind, State
from services.payment.settings import Mode
from services.payment.store import catalogue, payments
from services.payment.store.rows import Payment
from services.payment.usecases.begin_payment import Begun, begin
from services.payment.usecases.choose_commission import choose_commission
from services.payment.usecases.desk import Desk
from services.payment.usecases.drive import begin_to_drive, observe_again
from services.payment.usecases.operations import Outcome
from services.payment.usecases.ordering import destination_of, split_of, tip_of
from services.payment.usecases.outcome import outcome_of
from shared.contracts.declaration import Caller
from shared.contracts.payment import already_paid
from shared.database.idempotency import fingerprint
from shared.errors import idempotency_key_reused, not_found
from shared.ids import new_id

NOT_YET_KNOWN: dict[str, Any] = dict.fromkeys(
    "intent_id charge_id receipt_url wallet failure_code decline_reason".split()
)
"""What the payment provider says of a payment."""
PAID = SECURED - {State.REFUNDED}
"""Known without asking booking, which says better why a booking whose money went back can't be paid."""


def process_payment(desk: Desk, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Charge the booking's quote and a tip to the caller's payment method; answers the payment.

    A repeat under the same key goes on from where the payment stands; it never makes a second
    charge. Raises the refusals of the contract, `idempotency_key_reused`, `request_in_progress`.
    """
    can = of_method(PaymentMethod(request["method"]))
    provider = desk.open_provider(can.payment_provider)
    key, print_ = request["idempotency_key"], print_of(request)
    with desk.reading() as connection:
        payment, live = payments.known_of_request(
            connection, caller.user_id, key, request["booking_id"], PaymentKind.BOOKING
        )
    if payment is None:
        if live is not None and live.customer_id == caller.user_id and live.state in PAID:
            raise already_paid(payment_id=live.id)
        provider.refuse_when_busy()
        begun = _open(desk, request, caller, print_)
    else:
        begun = Begun(payment, None)
    payment, seen = carry_on(desk, begun, print_)
    return outcome_of(desk, payment, seen, caller)


def carry_on(desk: Desk, begun: Begun, print_: str) -> Outcome:
    """Drive a payment that was begun, now or by an earlier request with this fingerprint.

    Raises `idempotency_key_reused` for another fingerprint.
    """
    if begun.payment.fingerprint != print_:
        raise idempotency_key_reused()
    if begun.creation is not None:
        return begin_to_drive(desk, begun.payment, begun.creation)
    return observe_again(desk, begun.payment)


def print_of(request: dict[str, Any]) -> str:
    """The fingerprint of a request with a tip, however many zeros it was written with. Of a card it is what
    it was before there were other methods: a repeat may be older."""
    tip = request["tip"]
    told = request | {"tip": str(tip.normalize()) if tip else None}
    if request["method"] == PaymentMethod.CARD:
        del told["method"]
    return fingerprint(told)


def _open(desk: Desk, request: dict[str, Any], caller: Caller, print_: str) -> Begun:
    """The intent row of this request, committed. Of two requests at once, one writes it."""
    prepared = desk.ask_booking(request["booking_id"], caller)
    if prepared["customer_id"] != caller.user_id:
        raise not_found()
    return begin(desk, _order(desk, request, prepared, print_), request["payment_method_id"])


def _order(desk: Desk, request: dict[str, Any], prepared: dict[str, Any], print_: str) -> Payment:
    quote, provider_id = prepared["quote"], prepared["provider_id"]
    with desk.reading() as connection:
        known = catalogue.known_of(connection, prepared["service_id"], provider_id)
        chosen = choose_commission(connection, prepared, known, desk.operator_zone)
    now = known.now
    can = of_method(PaymentMethod(request["method"]))
    tip = tip_of(request["tip"], quote, desk.max_tip_percent)
    split: Split = split_of(quote, tip, chosen.commission.rate, can)
    return Payment(
        id=new_id(),
        booking_id=prepared["booking_id"],
        kind=PaymentKind.BOOKING.value,
        customer_id=prepared["customer_id"],
        idempotency_key=request["idempotency_key"],
        fingerprint=print_,
        provider_id=provider_id,
        currency=split.total.currency,
        service_amount=split.service.amount,
        tip_amount=split.tip.amount,
        commission_amount=split.commission.amount,
        captured_amount=0,
        refunded_amount=0,
        state=State.CREATED,
        destination=destination_of(desk.mode, provider_id, known.account, can),
        simulated=desk.mode is Mode.STAND_IN,
        params_not_simulated=(),
        pay_before=prepared["hold_expires_at"],
        version=1,
        created_at=now,
        updated_at=now,
        payment_provider=can.payment_provider,
        method=can.method,
        **NOT_YET_KNOWN,
        **chosen.columns(),
        capture_method=_capture_method(can, prepared["done_by"], now),
        visit_done_by=prepared["done_by"],
    )


def _capture_method(can: Capabilities, done_by: datetime | None, now: datetime) -> CaptureMethod:
    return method_for(done_by, now) if can.may_hold_until_a_visit else CaptureMethod.AUTOMATIC
