"""What the use cases of a process work with, made once and handed in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from services.payment.clients.connect_provider import ConnectProvider
from services.payment.clients.dispute_provider import DisputeProvider
from services.payment.clients.payment_provider import PaymentProvider
from services.payment.domain.capabilities import PaymentProviderName
from services.payment.domain.webhook import WebhookEvent
from services.payment.settings import Mode
from services.payment.store.rows import Payment
from shared.contracts.declaration import Caller
from shared.contracts.payment import payments_not_configured, signature_invalid
from shared.database.transaction import Transaction

AskBooking = Callable[[str, Caller], dict[str, Any]]
"""(booking id, caller) -> the answer of `booking.prepare_payment`, within the time that is left."""


ReadWebhook = Callable[[bytes, str], WebhookEvent]
"""(raw body, signature) -> a genuine event. Raises `signature_invalid`."""


def _refuse_webhook(body: bytes, signature: str) -> WebhookEvent:
    """Without secrets nothing is genuine."""
    raise signature_invalid()


def _at_once(work: Callable[[], bytes]) -> bytes:
    return work()


@dataclass(frozen=True)
class Desk:
    """`reading`: for questions that only read, in half of the trips of `transaction`.

    `provider` is None exactly when payments are off; `others` are those beside it, as far as they are set
    up, and `other_readers` of what they post. `seconds_left`: of the caller's patience.

    `unsettled_seconds`: how long a payment may stand still, or a webhook be late, before Stripe is asked.
    `max_tip_percent`: the largest tip that is taken, of the service's price. `operator_zone`: of the
    operator's days and months. `payout_wait_seconds`: from the end of a visit until the provider's share
    may be paid out. `platform_country`: where we have our account. `onboarding_url`: where a provider comes
    back to from Stripe's pages. `wallet_domains`: those of the page that are registered for wallets. `aside`
    computes what takes long while the process goes on.
    """

    transaction: Transaction
    reading: Transaction
    mode: Mode
    provider: PaymentProvider | None
    ask_booking: AskBooking
    read_webhook: ReadWebhook
    seconds_left: Callable[[], float]
    resume_seconds: int
    unsettled_seconds: int = 120
    max_tip_percent: int = 100
    operator_zone: ZoneInfo = ZoneInfo("UTC")
    payout_wait_seconds: int = 172800
    read_account_webhook: ReadWebhook = _refuse_webhook
    platform_country: str = ""
    onboarding_url: str = ""
    aside: Callable[[Callable[[], bytes]], bytes] = _at_once
    others: Mapping[PaymentProviderName, PaymentProvider] = field(default_factory=dict)
    other_readers: Mapping[PaymentProviderName, ReadWebhook] = field(default_factory=dict)
    wallet_domains: tuple[str, ...] = ()

    @property
    def providers(self) -> Mapping[PaymentProviderName, PaymentProvider]:
        """All that are set up; none when payments are off."""
        if self.provider is None:
            return {}
        return {PaymentProviderName.STRIPE: self.provider, **self.others}

    def open_provider(self, name: PaymentProviderName = PaymentProviderName.STRIPE) -> PaymentProvider:
        """The payment provider of this name. Raises `payments_not_configured`."""
        found = self.providers.get(name)
        if found is None:
            raise payments_not_configured()
        return found

    def open_connect(self) -> ConnectProvider:
        """Accounts and payouts of carers. Raises `payments_not_configured`."""
        connect = self.open_provider().connect
        if connect is None:
            raise payments_not_configured()
        return connect

    def open_disputes(self) -> DisputeProvider:
        """What banks dispute. Raises `payments_not_configured`."""
        disputes = self.open_provider().disputes
        if disputes is None:
            raise payments_not_configured()
        return disputes

    def provider_of(self, payment: Payment) -> PaymentProvider:
        """The one that a payment went through. Raises `payments_not_configured`."""
        return self.open_provider(payment.payment_provider)
