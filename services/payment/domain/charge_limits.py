"""What the payment provider can charge at all: its form of amounts, smallest and largest charges."""

from decimal import Decimal

from shared.money import Money, parse_major, step

# Stripe's smallest charges by currency (docs.stripe.com/currencies, "Minimum and maximum charge
# amounts"). The second half is not in that table: there Stripe wants the worth of USD 0.50, and
# these floors lie above it with room for the rate to move.
_MINIMUMS = """
USD 0.50 AED 2.00 AUD 0.50 BGN 1.00 BRL 0.50 CAD 0.50 CHF 0.50 CZK 15.00 DKK 2.50 EUR 0.50 GBP 0.30
HKD 4.00 HUF 175 INR 0.50 JPY 50 MXN 10.00 MYR 2.00 NOK 3.00 NZD 0.50 PLN 2.00 RON 2.00 SEK 3.00
SGD 0.50 THB 10.00
SAR 2.00 QAR 2.00 KWD 0.200 BHD 0.200 OMR 0.200 JOD 0.400 TND 2.000 ILS 2.00 MAD 6.00 EGP 30.00
TRY 25.00 ZAR 12.00 CNY 4.00 TWD 20.00 KRW 800 PHP 35.00 IDR 10000.00 VND 15000 PKR 180.00
LKR 200.00 NPR 80.00 KES 80.00 NGN 900.00 UAH 25.00 PEN 2.50 CLP 600 PYG 4500 ISK 80 UGX 2200
XAF 350 XOF 350 XPF 65 BIF 1800 DJF 100 GNF 5000 KMF 270 RWF 800 VUV 70
"""

MINIMUMS: dict[str, int] = {
    currency: parse_major(Decimal(amount), currency).amount
    for currency, amount in zip(_MINIMUMS.split()[::2], _MINIMUMS.split()[1::2], strict=True)
}
"""The smallest charge in minor units; a currency without an entry can't be charged."""

# No decimals by ISO 4217, but Stripe takes them with two, always 00 (docs.stripe.com/currencies,
# "Special cases").
_TWO_DECIMAL_FORM = frozenset({"ISK", "UGX"})

LARGEST_DIGITS = 8
_LARGEST_DIGITS_BY_CURRENCY = {"IDR": 12}


def is_chargeable(currency: str) -> bool:
    """Whether the payment provider takes this currency."""
    return currency in MINIMUMS


def is_exact(money: Money) -> bool:
    """Whether the amount is a multiple of the smallest difference that can be charged (rule M3)."""
    return money.amount % step(money.currency) == 0


def is_too_small(money: Money) -> bool:
    """Whether the charge lies below the provider's minimum. Nothing is ever charged for 0 (rule M18)."""
    return money.amount < MINIMUMS[money.currency]


def is_too_large(money: Money) -> bool:
    """Whether the amount has more digits than the provider takes."""
    return len(str(provider_amount(money))) > _LARGEST_DIGITS_BY_CURRENCY.get(money.currency, LARGEST_DIGITS)


def provider_amount(money: Money) -> int:
    """The number that stands for this amount in the provider's requests (rule M2)."""
    return money.amount * 100 if money.currency in _TWO_DECIMAL_FORM else money.amount


def money_of(number: int, currency: str) -> Money:
    """The amount that the provider's number stands for; `currency` is its lower-case code."""
    code = currency.upper()
    return Money(number // 100 if code in _TWO_DECIMAL_FORM else number, code)
