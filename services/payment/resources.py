"""What a process of payment opens once: Stripe, the desk of its use cases, jobs and rounds."""

import logging
from typing import Any, ClassVar

from services.payment.clients.providers import open_providers, webhook_readers
from services.payment.clients.stripe_webhooks import WebhookReader
from services.payment.domain.capabilities import PaymentProviderName
from services.payment.settings import Mode, PaymentSettings, operator_zone, payment_mode
from services.payment.store import commission_rules
from services.payment.usecases import forget, measure, provider_money, read_payments
from services.payment.usecases.catch_up import Rounds
from services.payment.usecases.close_days import Closings
from services.payment.usecases.compare_daily import Comparisons
from services.payment.usecases.desk import Desk
from services.payment.usecases.make_payouts import PayoutRounds
from services.payment.usecases.work_jobs import job_handlers
from shared import clock, logs
from shared.contracts import booking as booking_contract
from shared.contracts import payment as contract
from shared.contracts.declaration import Caller
from shared.messages.job_statements import ANY_DUE
from shared.messages.jobs import JobRunner
from shared.worker import deadline
from shared.worker.aside import aside
from shared.worker.resources import Resources

log = logging.getLogger(__name__)

FORGET_SECONDS, RELEASE_SECONDS = 3600, 5
MEASURE_SECONDS = 15
"""As often as Prometheus asks (deploy/observability)."""
JOBS_IN_A_ROW = 100
"""Every payment leaves one that finds nothing to do; the queue must not grow by them."""
SECONDS_OF_JOBS = 3.0
"""With the calls of the last one this ends within STOP_SECONDS, also when Stripe is slow."""


class PaymentResources(Resources):
    """What this process opens once."""

    settings_type: ClassVar[type[PaymentSettings]] = PaymentSettings
    calls_peers: ClassVar[bool] = True
    settings: PaymentSettings
    desk: Desk
    jobs: JobRunner
    rounds: Rounds
    comparisons: Comparisons
    closings: Closings
    payouts: PayoutRounds
    kinds_of_jobs: frozenset[str]

    def build(self) -> None:
        """Refuses to start when it is not clear where payments go."""
        mode = payment_mode(self.settings)
        providers = open_providers(self.settings, mode, self.internet.call)
        self.desk = Desk(
            transaction=self.transaction,
            reading=self.reading,
            mode=mode,
            provider=providers.pop(PaymentProviderName.STRIPE, None),
            others=providers,
            other_readers=webhook_readers(self.settings, mode),
            wallet_domains=self.settings.wallet_domains,
            ask_booking=self._ask_booking,
            read_webhook=WebhookReader(self.settings.stripe_webhook_secrets, mode),
            seconds_left=lambda: deadline.remaining_seconds(contract.PROCESS_PAYMENT.deadline_seconds),
            resume_seconds=self.settings.resume_seconds,
            unsettled_seconds=self.settings.unsettled_seconds,
            max_tip_percent=self.settings.max_tip_percent,
            operator_zone=operator_zone(self.settings),
            payout_wait_seconds=self.settings.payout_wait_seconds,
            read_account_webhook=WebhookReader(
                self.settings.stripe_connect_webhook_secrets, mode, of_accounts=True
            ),
            platform_country=self.settings.platform_country,
            onboarding_url=self.settings.onboarding_url,
            aside=aside,
        )
        handlers = job_handlers(self.desk)
        self.kinds_of_jobs = frozenset(handlers)
        self.jobs = JobRunner(self.transaction, handlers)
        self.rounds = Rounds(self.desk, self.settings.reconcile_seconds, clock.now)
        self.comparisons = Comparisons(self.desk, clock.now)
        self.closings = Closings(self.desk, clock.now)
        self.payouts = PayoutRounds(self.desk, self.settings.payout_seconds, clock.now)
        self._seed_commission()
        level = logging.WARNING if mode in (Mode.STAND_IN, Mode.OFF) else logging.INFO
        banner = read_payments.get_payment_mode(self.desk)["banner"]
        logs.event(log, level, "payment_mode", mode=mode.value, banner=banner or "")

    def begin_round(self) -> None:
        """Begin what is due of all that is done once in a period, over all processes."""
        for rounds in (self.rounds, self.comparisons, self.closings, self.payouts):
            rounds.begin_when_due()

    def release_shares(self) -> None:
        provider_money.release_shares(self.desk)

    def measure_open_work(self) -> None:
        measure.measure_open_work(self.reading, self.kinds_of_jobs)

    def forget_old(self) -> None:
        forget.forget_old(self.desk)

    def work_jobs(self) -> None:
        """Run what is due, a part of a long queue."""
        if self.database.sees(ANY_DUE):
            self.jobs.run_due(JOBS_IN_A_ROW, SECONDS_OF_JOBS)

    def _ask_booking(self, booking_id: str, caller: Caller) -> dict[str, Any]:
        return self.peers.call(booking_contract.PREPARE_PAYMENT, {"booking_id": booking_id}, caller)

    def _seed_commission(self) -> None:
        with self.transaction() as connection:
            first = commission_rules.seed(connection, self.settings.commission_rate)
        if first.rate != self.settings.commission_rate:
            logs.event(log, logging.WARNING, "commission_rate_setting_not_used", rule_id=first.id)
