"""From booking's frozen quote to what is charged: every check before any call to Stripe."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from services.payment.clients.standin_capabilities import standin_account
from services.payment.domain import charge_limits
from services.payment.domain.capabilities import STRIPE_CARD, Capabilities
from services.payment.domain.split import Split, divide
from services.payment.settings import Mode
from services.payment.store.rows import ProviderAccount
from shared.contracts.payment import (
    amount_below_minimum,
    currency_mismatch,
    payment_method_invalid,
    provider_not_payable,
    tip_too_large,
)
from shared.errors import ErrorCode, ServiceError, invalid_field
from shared.money import Money, amount_precision, parse_major

PLATFORM = "platform"
"""Where the share is when the payment provider moves none: with us, until it is paid out."""
TIP = "tip_amount"
"""What answers call it; a refusal names it so."""


def split_of(quote: dict[str, Any], tip: Money, rate: Decimal, can: Capabilities = STRIPE_CARD) -> Split:
    """The charge for a quote and a tip of its currency; `rate` is the commission's.

    Raises `currency_mismatch` for a quote of several currencies or whose lines do not add up,
    `provider_not_payable` for a currency that can't be charged, `payment_method_invalid` for one that this
    method does not take, `amount_precision`,
    `amount_below_minimum`, and `validation_failed` for a charge too large.
    """
    service = _service_part(quote)
    if not charge_limits.is_chargeable(service.currency):
        raise provider_not_payable(currency=service.currency)
    refuse_currency(can, service.currency)
    split = divide(service, tip, rate)
    if not charge_limits.is_exact(split.service):
        raise amount_precision(currency=service.currency)
    if charge_limits.is_too_small(split.total):
        smallest = Money(charge_limits.MINIMUMS[service.currency], service.currency)
        raise amount_below_minimum(minimum=smallest.to_wire())
    if charge_limits.is_too_large(split.total):
        raise invalid_field(TIP, "The charge is larger than the card networks allow.")
    return split


def refuse_currency(can: Capabilities, currency: str) -> None:
    """Raises `payment_method_invalid` for a currency that this method does not take."""
    if not can.takes(currency):
        raise payment_method_invalid(currency=currency, method=can.method.value)


def tip_of(tip: Decimal | None, quote: dict[str, Any], max_percent: int) -> Money:
    """The tip, which the customer writes in major units of the quote's currency.

    Raises `amount_precision`, `tip_too_large` above that share of the service's price (it is taken for
    a slip of the finger), and `validation_failed` below zero.
    """
    service = Money.from_wire(quote["total"])
    if tip is None:
        return Money(0, service.currency)
    if tip < 0:
        raise invalid_field(TIP, "Must not be below zero.")
    try:
        money = parse_major(tip, service.currency)
    except ServiceError as error:
        raise _of_tip(amount_precision, **error.details) from error
    if not charge_limits.is_exact(money):
        raise _of_tip(amount_precision, currency=service.currency)
    largest = service.share(Decimal(max_percent) / 100)
    if money.amount > largest.amount:
        raise _of_tip(tip_too_large, maximum=largest.to_wire())
    return money


def destination_of(
    mode: Mode, provider_id: str, account: ProviderAccount | None, can: Capabilities = STRIPE_CARD
) -> str:
    """The account that receives the provider's share. Raises `provider_not_payable`."""
    if account is None or not account.accepts_payments:
        raise provider_not_payable()
    if not can.shares_are_moved_by_the_provider:
        return PLATFORM
    if mode is Mode.STAND_IN:
        return standin_account(provider_id)
    if account.account_id is None or not account.transfers_active:
        raise provider_not_payable()
    return account.account_id


def quoted_at(quote: dict[str, Any]) -> datetime:
    """The instant whose commission rule counts (rule M20)."""
    instant: datetime = quote["quoted_at"]
    return instant


def _service_part(quote: dict[str, Any]) -> Money:
    total = Money.from_wire(quote["total"])
    lines = [Money.from_wire(line["amount"]) for line in quote["lines"]]
    if any(line.currency != total.currency for line in lines):
        raise currency_mismatch()
    if sum(line.amount for line in lines) != total.amount:
        raise currency_mismatch("The quote's lines do not add up to its total.")
    return total


def _of_tip(code: ErrorCode, **details: Any) -> ServiceError:
    return code(errors={TIP: [code.message]}, **details)
