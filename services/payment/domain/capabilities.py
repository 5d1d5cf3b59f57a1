"""What a payment provider can do with a method of payment, and what that makes of a payment's way.

The only place that draws conclusions from it: nothing else asks which provider a payment goes through
(rules M15 and M16).
"""

from dataclasses import dataclass
from enum import StrEnum


class PaymentProviderName(StrEnum):
    """Through whom the money goes; written to `payment.payment_provider`."""

    STRIPE = "stripe"
    TAP = "tap"


class PaymentMethod(StrEnum):
    """What a customer chooses; written to `payment.method`."""

    CARD = "card"
    MADA = "mada"


class Wallet(StrEnum):
    """What may hand a card over in its owner's browser; to a provider it is a card."""

    APPLE_PAY = "apple_pay"
    GOOGLE_PAY = "google_pay"


@dataclass(frozen=True)
class Capabilities:
    """What one payment provider can do with one method.

    `holds`: money can be kept back on the card and taken later, by `partial_captures` also less of it.
    `voids`: what is not paid can be taken back before it ends by itself. `refunds`: what was taken can be
    given back. `forces_3d_secure`: the bank asks its customer every time. `redirects`: that happens on a
    page of the provider's. `splits`: each share goes to its own account with the charge; else all of it
    stays with the platform until it is paid out. `currencies`: None for all that have a smallest charge.
    """

    payment_provider: PaymentProviderName
    method: PaymentMethod
    holds: bool
    partial_captures: bool
    voids: bool
    refunds: bool
    forces_3d_secure: bool
    redirects: bool
    splits: bool
    currencies: frozenset[str] | None
    wallets: frozenset[Wallet] = frozenset()

    @property
    def may_hold_until_a_visit(self) -> bool:
        """Else the money is taken at once and waits with us. Late cancellation takes a part of a hold, so
        one that can be taken as a whole only is no help."""
        return self.holds and self.partial_captures

    @property
    def takes_back_unpaid(self) -> bool:
        """Else an unpaid payment of a booking that ended waits until the provider ends it, and what is
        paid meanwhile goes back as a refund (rules M15 and M16)."""
        return self.voids

    @property
    def shares_are_moved_by_the_provider(self) -> bool:
        """Else no account of the carer's is needed, and commissions are between our own books only."""
        return self.splits

    def takes(self, currency: str) -> bool:
        return self.currencies is None or currency in self.currencies


STRIPE_CARD = Capabilities(
    PaymentProviderName.STRIPE,
    PaymentMethod.CARD,
    holds=True,
    partial_captures=True,
    voids=True,
    refunds=True,
    forces_3d_secure=False,
    redirects=False,
    splits=True,
    currencies=None,
    wallets=frozenset(Wallet),
)
TAP_MADA = Capabilities(
    PaymentProviderName.TAP,
    PaymentMethod.MADA,
    holds=False,
    partial_captures=False,
    voids=False,
    refunds=True,
    forces_3d_secure=True,
    redirects=True,
    splits=False,
    currencies=frozenset({"SAR"}),
)
"""Purchase and refund only: acquirers contradict each other about holds of mada, so none is made."""

ALL = (STRIPE_CARD, TAP_MADA)
_BY_METHOD = {one.method: one for one in ALL}


def of_method(method: PaymentMethod) -> Capabilities:
    """Each method goes through one provider."""
    return _BY_METHOD[method]
