"""A tip after the visit: a payment of its own, all of it the provider's, refunded on its own."""

from datetime import timedelta
from typing import Any

from services.payment.domain import charge_limits
from services.payment.domain.capabilities import PaymentMethod, of_method
from services.payment.domain.states import CAPTURED, PaymentKind, State
from services.payment.settings import Mode
from services.payment.store import accounts, completions, payments
from services.payment.store.rows import Payment
from services.payment.usecases.begin_payment import Begun, begin
from services.payment.usecases.desk import Desk
from services.payment.usecases.ordering import TIP, destination_of, refuse_currency, tip_of
from services.payment.usecases.outcome import outcome_of
from services.payment.usecases.process_payment import NOT_YET_KNOWN, carry_on, print_of
from services.payment.usecases.refunds_due import refunded_or_owed
from shared.contracts.declaration import Caller
from shared.contracts.payment import amount_below_minimum, booking_not_completed, tip_not_possible
from shared.database.transaction import read_app_now
from shared.errors import invalid_field, not_found
from shared.ids import new_id
from shared.money import Money

TIME_TO_PAY = timedelta(hours=1)
"""No slot waits for a tip; what its customer has left unfinished by then is taken back."""


def tip_booking(desk: Desk, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Charge a tip for a completed booking of the caller; answers like `process_payment`.

    One tip per booking; a repeat under the same key goes on from where it stands. Raises the refusals of the
    contract, `idempotency_key_reused`, `request_in_progress`.
    """
    can = of_method(PaymentMethod(request["method"]))
    provider = desk.open_provider(can.payment_provider)
    print_ = print_of(request)
    with desk.reading() as connection:
        tip = payments.by_key(connection, caller.user_id, request["idempotency_key"])
    if tip is None:
        provider.refuse_when_busy()
        begun = begin(desk, _order(desk, request, caller, print_), request["payment_method_id"])
    else:
        begun = Begun(tip, None)
    tip, seen = carry_on(desk, begun, print_)
    return outcome_of(desk, tip, seen, caller)


def _order(desk: Desk, request: dict[str, Any], caller: Caller, print_: str) -> Payment:
    """The tip's payment: customer, provider and currency are those of the payment for the booking."""
    with desk.reading() as connection:
        now = read_app_now(connection)
        paid = payments.live_of_booking(connection, request["booking_id"], PaymentKind.BOOKING)
        if paid is None or paid.customer_id != caller.user_id:
            raise not_found()
        if paid.state not in CAPTURED or completions.completed_at(connection, paid.booking_id) is None:
            raise booking_not_completed(booking_id=paid.booking_id)
        if refunded_or_owed(connection, paid).total.amount >= paid.captured_amount:
            raise tip_not_possible(booking_id=paid.booking_id)
        account = accounts.of_provider(connection, paid.provider_id)
    can = of_method(PaymentMethod(request["method"]))
    refuse_currency(can, paid.currency)
    return Payment(
        id=new_id(),
        kind=PaymentKind.TIP.value,
        idempotency_key=request["idempotency_key"],
        fingerprint=print_,
        service_amount=0,
        tip_amount=_tip(desk, request, paid).amount,
        commission_amount=0,
        captured_amount=0,
        refunded_amount=0,
        state=State.CREATED,
        destination=destination_of(desk.mode, paid.provider_id, account, can),
        simulated=desk.mode is Mode.STAND_IN,
        params_not_simulated=(),
        pay_before=now + TIME_TO_PAY,
        version=1,
        created_at=now,
        updated_at=now,
        payment_provider=can.payment_provider,
        method=can.method,
        **NOT_YET_KNOWN,
        **{name: getattr(paid, name) for name in _SHARED},
    )


def _tip(desk: Desk, request: dict[str, Any], paid: Payment) -> Money:
    """A charge of its own, so it obeys the smallest and the largest one."""
    tip = tip_of(request["tip"], {"total": paid.split.service.to_wire()}, desk.max_tip_percent)
    if charge_limits.is_too_small(tip):
        smallest = Money(charge_limits.MINIMUMS[tip.currency], tip.currency)
        raise amount_below_minimum(errors={TIP: [amount_below_minimum.message]}, minimum=smallest.to_wire())
    if charge_limits.is_too_large(tip):
        raise invalid_field(TIP, "The charge is larger than the card networks allow.")
    return tip


_SHARED = (
    "booking_id",
    "customer_id",
    "provider_id",
    "currency",
    "commission_rule_id",
    "commission_line_id",
    "commission_rate",
    "quoted_at",
    "service_id",
    "category",
    "city",
)
"""What a tip has from the payment for the booking; everything else is its own."""
