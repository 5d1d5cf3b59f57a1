"""Compares every payment with its refunds, its ledger and Stripe. Reads only, here and there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from services.payment.clients.connect_provider import ConnectProvider
from services.payment.clients.payment_provider import PaymentProvider, ProviderError, RequestRefusedError
from services.payment.domain.capabilities import PaymentProviderName
from services.payment.domain.charge import OperationKind
from services.payment.domain.observation import Observation
from services.payment.domain.refunds import FeeObservation, RefundObservation
from services.payment.store import books as store
from services.payment.store import disputes, documents, ledger, operations, payments, payouts, refunds, shares
from services.payment.store.rows import Payment
from services.payment.usecases.compare import (
    STRIPE_DOES_NOT_TELL,
    Books,
    Difference,
    differences_at_stripe,
    differences_within,
)
from services.payment.usecases.compare_disputes import Disputed, disputes_at_stripe
from services.payment.usecases.compare_documents import documents_missing, series_that_differ
from services.payment.usecases.compare_fees import (
    commission_not_returned,
    differences_of_fee,
    differences_of_processing_fee,
)
from services.payment.usecases.compare_payouts import PaidOut, payout_at_stripe
from services.payment.usecases.compare_shares import share_differences
from shared.database.transaction import Transaction
from shared.errors import ServiceError

Providers = Mapping[PaymentProviderName, PaymentProvider]
"""Those that are set up: of the payments of others only what is ours is compared."""
PAGE = 500
LOOKS = 2
"""A payment that moves while it is compared is compared once more."""


@dataclass(frozen=True)
class Compared:
    """What came of one payment. `is_lost`: with a stand-in that was started anew."""

    differences: list[Difference]
    is_lost: bool = False


def compare_all(transaction: Transaction, providers: Providers, since: datetime) -> Iterator[Compared]:
    """Every payment opened since then; without a provider only what is ours is compared."""
    last: str | None = None
    while True:
        with transaction() as connection:
            store.forbid_writing(connection)
            page = store.page_of_ids(connection, since, last, PAGE)
        for payment_id in page:
            yield compare_payment(transaction, providers, payment_id)
        if len(page) < PAGE:
            return
        last = page[-1]


def compare_series(transaction: Transaction) -> list[Difference]:
    """The numbers of all documents; nothing is of one payment."""
    with transaction() as connection:
        store.forbid_writing(connection)
        return series_that_differ(connection)


def compare_payment(transaction: Transaction, providers: Providers, payment_id: str) -> Compared:
    """One payment; what differs only because it is moving is not told."""
    compared = Compared([])
    for _ in range(LOOKS):
        compared = _compare(_read(transaction, payment_id), providers)
        if not compared.differences:
            break
    return compared


def _read(transaction: Transaction, payment_id: str) -> Books:
    with transaction() as connection:
        store.forbid_writing(connection)
        return Books(
            payments.by_id(connection, payment_id),
            refunds.of_payment(connection, payment_id),
            ledger.lines_of_payment(connection, payment_id),
            operations.of_payment(connection, payment_id, OperationKind.REFUND_FEE),
            documents.of_payment(connection, payment_id),
            shares.of_payment(connection, payment_id),
            tuple(PaidOut(*found) for found in payouts.in_books(connection, payment_id)),
            tuple(
                Disputed(one, disputes.movements_of(connection, one))
                for one in disputes.of_payment(connection, payment_id)
            ),
        )


def _compare(books: Books, providers: Providers) -> Compared:
    found = [*differences_within(books), *share_differences(books), *commission_not_returned(books)]
    found += documents_missing(books)
    payment = books.payment
    provider = providers.get(payment.payment_provider)
    if provider is None or payment.intent_id is None:
        return Compared(found)
    try:
        seen = provider.retrieve(payment.intent_id).observation
        found += differences_at_stripe(books, seen, _sent(books, provider))
        found += differences_of_processing_fee(books, seen)
        if payment.captured_amount and provider.refunds.knows_fees:
            found += differences_of_fee(books, _fee(payment, seen, provider))
        if payment.captured_amount and provider.disputes is not None and provider.disputes.knows_transfers:
            told = provider.disputes.disputes_of(payment.intent_id)
            found += (Difference(payment.id, *one) for one in disputes_at_stripe(books.disputed, told))
        if provider.connect is not None and provider.connect.knows_accounts:
            found += _payouts(books, provider.connect)
    except (ProviderError, ServiceError) as error:
        if _is_lost(payment, error):
            return Compared(found, is_lost=True)
        return Compared([*found, Difference(payment.id, STRIPE_DOES_NOT_TELL, error.code)])
    return Compared(found)


def _sent(books: Books, provider: PaymentProvider) -> list[RefundObservation]:
    """The refunds that Stripe has; what was never captured has none."""
    if not books.payment.captured_amount:
        return []
    known = [one.provider_refund_id for one in books.refunds if one.provider_refund_id]
    return provider.refunds.refunds_of(books.payment.intent_id or "", known)


def _payouts(books: Books, connect: ConnectProvider) -> Iterator[Difference]:
    """Each payout once, however many payments are in it."""
    for one in books.paid_out:
        reference = one.payout.provider_payout_id
        if not one.is_first or reference is None:
            continue
        try:
            seen = connect.payout(one.payout.account_id, reference)
        except RequestRefusedError as error:
            if not error.is_missing:
                raise
            yield Difference(books.payment.id, "payout_missing_at_stripe", reference)
            continue
        yield from (Difference(books.payment.id, *found) for found in payout_at_stripe(one.payout, seen))


def _fee(payment: Payment, seen: Observation, provider: PaymentProvider) -> FeeObservation | None:
    fee_id = payment.application_fee_id or seen.application_fee_id
    return provider.refunds.fee(fee_id) if fee_id else None


def _is_lost(payment: Payment, error: Exception) -> bool:
    return payment.simulated and isinstance(error, RequestRefusedError) and error.is_missing
