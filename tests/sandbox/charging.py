"""Charges in Stripe's test mode, by the requests that payment makes."""

from services.payment.clients.stripe_gateway import StripeGateway
from services.payment.domain.authorization import CaptureMethod
from services.payment.domain.charge import CaptureOrder, ChargeOrder, OperationKind, ProviderRequest
from services.payment.domain.observation import Observation
from shared.ids import new_id
from shared.money import Money

PRICE = Money(10000, "USD")
COMMISSION = Money(1000, "USD")


def create(
    gateway: StripeGateway, card: str, account: str | None, method: CaptureMethod = CaptureMethod.AUTOMATIC
) -> Observation:
    """An intent as payment orders it: 100.00, of which 10.00 are the commission. Without an account it is
    the platform's own, which other requests of ours never are."""
    order = ChargeOrder(
        payment_id=new_id(),
        booking_id=new_id(),
        kind="booking",
        amount=PRICE,
        commission=COMMISSION,
        destination=account or "",
        payment_method=card,
        capture_method=method,
    )
    request = gateway.charge_request(order)
    params = dict(request.params)
    if account is None:
        for name in ("transfer_data", "application_fee_amount"):
            params.pop(name, None)
    ordered = ProviderRequest(OperationKind.CREATE, None, params)
    return gateway.send(ordered, f"create:{order.payment_id}:1").observation


def confirm(gateway: StripeGateway, intent_id: str) -> Observation:
    return gateway.send(gateway.confirm_request(intent_id), f"confirm:{intent_id}:1").observation


def pay(
    gateway: StripeGateway, card: str, account: str | None, method: CaptureMethod = CaptureMethod.AUTOMATIC
) -> Observation:
    return confirm(gateway, create(gateway, card, account, method).intent_id)


def capture(gateway: StripeGateway, intent_id: str, amount: Money, commission: Money) -> Observation:
    order = CaptureOrder(intent_id, amount, commission, had_commission=bool(commission.amount))
    return gateway.send(gateway.capture_request(order), f"capture:{intent_id}:1").observation
