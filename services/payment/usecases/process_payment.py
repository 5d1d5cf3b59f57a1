"""Paying a booking: the intent row first, then the call, then the outcome; safe to repeat at any point."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from services.payment.clients.payment_provider import NotExecutedError, OutcomeUnknownError, ProviderError
from services.payment.domain.charge import ChargeOrder
from services.payment.domain.split import Split
from services.payment.domain.states import SECURED, State
from services.payment.settings import Mode
from services.payment.store import accounts, operations, payments
from services.payment.store.rows import Payment
from services.payment.usecases.choose_commission import choose_commission
from services.payment.usecases.desk import Desk
from services.payment.usecases.drive import abandon, observe_again
from services.payment.usecases.ordering import destination_of, split_of, tip_of
from services.payment.usecases.outcome import outcome_of
from shared.contracts.declaration import Caller
from shared.contracts.payment import already_paid, payment_method_invalid
from shared.database.idempotency import fingerprint
from shared.database.transaction import read_app_now
from shared.errors import idempotency_key_reused, not_found, request_in_progress, unavailable
from shared.ids import new_id
from shared.messages import jobs

KIND = "booking"
RESUME_JOB = "resume_payment"
PAID = SECURED - {State.REFUNDED}
"""Known without asking booking, which says better why a booking whose money went back can't be paid."""


def process_payment(desk: Desk, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Charge the booking's quote and a tip to the caller's payment method; answers the payment.

    A repeat under the same key goes on from where the payment stands; it never makes a second
    charge. Raises the refusals of the contract, `idempotency_key_reused`, `request_in_progress`.
    """
    provider = desk.open_provider()
    key, print_ = request["idempotency_key"], _fingerprint(request)
    with desk.transaction() as connection:
        payment = payments.by_key(connection, caller.user_id, key)
        live = payments.live_of_booking(connection, request["booking_id"])
    if payment is None:
        if live is not None and live.customer_id == caller.user_id and live.state in PAID:
            raise already_paid(payment_id=live.id)
        provider.refuse_when_busy()
        payment = _open(desk, request, caller, print_)
    if payment.fingerprint != print_:
        raise idempotency_key_reused()
    payment, seen = observe_again(desk, payment)
    return outcome_of(desk, payment, seen, caller)


def _fingerprint(request: dict[str, Any]) -> str:
    tip = request["tip"]
    return fingerprint(request | {"tip": str(tip.normalize()) if tip else None})


def _open(desk: Desk, request: dict[str, Any], caller: Caller, print_: str) -> Payment:
    """The intent row of this request, committed. Of two requests at once, one writes it."""
    prepared = desk.ask_booking(request["booking_id"], caller)
    if prepared["customer_id"] != caller.user_id:
        raise not_found()
    payment = _order(desk, request, prepared, print_)
    same = _clear_the_way(desk, payment)
    if same is not None:
        return same
    order = ChargeOrder(
        payment_id=payment.id,
        booking_id=payment.booking_id,
        kind=payment.kind,
        amount=payment.split.total,
        commission=payment.split.commission,
        destination=payment.destination,
        payment_method=_usable_payment_method(desk, request["payment_method_id"]),
    )
    return _write(desk, payment, order)


def _clear_the_way(desk: Desk, new: Payment) -> Payment | None:
    """At most one live payment per booking (rule W9): an unfinished one is taken back, or is in the way.

    Answers the one that the same request began while this one asked booking: it is not in its own way.
    Raises `already_paid` when another turns out paid, `request_in_progress` while its outcome is open.
    """
    with desk.transaction() as connection:
        live = payments.live_of_booking(connection, new.booking_id)
    if live is None:
        return None
    if (live.customer_id, live.idempotency_key) == (new.customer_id, new.idempotency_key):
        return live
    if live.intent_id is None:
        raise request_in_progress("Another payment for this booking is under way.")
    live = abandon(desk, live)
    if live.state in SECURED:
        raise already_paid(payment_id=live.id)
    return None


def _order(desk: Desk, request: dict[str, Any], prepared: dict[str, Any], print_: str) -> Payment:
    quote, provider_id = prepared["quote"], prepared["provider_id"]
    with desk.transaction() as connection:
        now = read_app_now(connection)
        account = accounts.of_provider(connection, provider_id)
        chosen = choose_commission(connection, prepared, desk.operator_zone)
    tip = tip_of(request["tip"], quote, desk.max_tip_percent)
    split: Split = split_of(quote, tip, chosen.commission.rate)
    return Payment(
        id=new_id(),
        booking_id=prepared["booking_id"],
        kind=KIND,
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
        intent_id=None,
        charge_id=None,
        destination=destination_of(desk.mode, provider_id, account),
        receipt_url=None,
        wallet=None,
        failure_code=None,
        decline_reason=None,
        simulated=desk.mode is Mode.STAND_IN,
        params_not_simulated=(),
        pay_before=prepared["hold_expires_at"],
        version=1,
        created_at=now,
        updated_at=now,
        **chosen.columns(),
    )


def _usable_payment_method(desk: Desk, named: str) -> str:
    try:
        return desk.open_provider().usable_payment_method(named)
    except (OutcomeUnknownError, NotExecutedError) as error:
        raise unavailable(retry_after=1) from error
    except ProviderError as error:
        raise payment_method_invalid() from error


def _write(desk: Desk, payment: Payment, order: ChargeOrder) -> Payment:
    provider = desk.open_provider()
    request = provider.charge_request(order)
    new = replace(payment, params_not_simulated=provider.not_simulated(request))
    with desk.transaction() as connection:
        if payments.add(connection, new):
            operations.add(connection, new.id, request, attempt=1)
            run_at = new.created_at + timedelta(seconds=desk.resume_seconds)
            jobs.enqueue(connection, RESUME_JOB, new.id, {"payment_id": new.id}, run_at)
            return new
        same_key = payments.by_key(connection, new.customer_id, new.idempotency_key)
    if same_key is None:
        raise request_in_progress("Another payment for this booking is under way.")
    return same_key
