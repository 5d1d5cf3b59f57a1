"""Money: integers in minor units, one rounding rule, shares that always add up."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Self

from shared.errors import Category, ErrorCode

amount_precision = ErrorCode(
    "amount_precision", Category.INVALID, "The amount is finer than the currency allows."
)
currency_unknown = ErrorCode("currency_unknown", Category.INVALID, "This currency is not supported.")

# Digits after the decimal point by ISO 4217:2015 (maintenance agency's list one).
EXPONENTS: dict[str, int] = {
    **dict.fromkeys(
        (
            "AED AUD BGN BRL CAD CHF CNY CZK DKK EGP EUR GBP HKD HUF IDR ILS INR KES LKR MAD MXN MYR "
            "NGN NOK NPR NZD PEN PHP PKR PLN QAR RON SAR SEK SGD THB TRY TWD UAH USD ZAR"
        ).split(),
        2,
    ),
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
}

# Stripe wants the last digit of a three-decimal amount to be 0
# (docs.stripe.com/currencies, "Three-decimal currencies").
STEPS: dict[str, int] = dict.fromkeys("BHD JOD KWD OMR TND".split(), 10)


def exponent(currency: str) -> int:
    """Digits after the decimal point. Raises `currency_unknown`."""
    try:
        return EXPONENTS[currency]
    except KeyError:
        raise currency_unknown(currency=currency) from None


def step(currency: str) -> int:
    """The smallest difference, in minor units, between two amounts that can be charged."""
    exponent(currency)
    return STEPS.get(currency, 1)


def round_to_step(value: Decimal, currency: str) -> int:
    """Round an exact number of minor units half up to the currency's step.

    The one place where money is rounded. Half up means away from zero at the middle; Python's
    own `round` and `quantize` round to even by default.
    """
    unit = step(currency)
    return int((value / unit).quantize(Decimal(1), rounding=ROUND_HALF_UP)) * unit


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount in minor units of one currency (ISO 4217, upper case)."""

    amount: int
    currency: str

    def __post_init__(self) -> None:
        if isinstance(self.amount, bool) or not isinstance(self.amount, int):
            raise TypeError("an amount is an integer in minor units")
        exponent(self.currency)

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount - self._same(other), self.currency)

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not add up")
        return other.amount

    def share(self, rate: Decimal) -> "Money":
        """The part of this amount, rounded once; the other part is `self - share`."""
        return Money(round_to_step(self.amount * rate, self.currency), self.currency)

    def decimal(self) -> Decimal:
        """The amount in major units, with as many digits as the currency has."""
        return Decimal(self.amount).scaleb(-exponent(self.currency))

    def __str__(self) -> str:
        return f"{self.decimal()} {self.currency}"

    def to_wire(self) -> dict[str, Any]:
        return {"amount": self.amount, "currency": self.currency}

    @classmethod
    def from_wire(cls, value: dict[str, Any]) -> Self:
        return cls(value["amount"], value["currency"])


def parse_major(value: Decimal, currency: str) -> Money:
    """Major units, as a client writes them, to Money.

    Raises `amount_precision` when the number is finer than the currency's exponent, and
    `currency_unknown`. Never rounds what a client wrote.
    """
    if not value.is_finite():
        raise amount_precision(currency=currency)
    minor = value.scaleb(exponent(currency))
    # Decimal's own arithmetic rounds to 28 digits: what went there is not what the client wrote.
    if minor.scaleb(-exponent(currency)) != value or minor != minor.to_integral_value():
        raise amount_precision(currency=currency, digits=exponent(currency))
    return Money(int(minor), currency)
