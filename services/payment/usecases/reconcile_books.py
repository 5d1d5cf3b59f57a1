"""Compares every payment with its refunds, its ledger and Stripe. Reads only, here and there."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from services.payment.clients.payment_provider import PaymentProvider, ProviderError, RequestRefusedError
from services.payment.store import books as store
from services.payment.store import ledger, payments, refunds
from services.payment.store.rows import Payment
from services.payment.usecases.compare import Books, Difference, differences_at_stripe, differences_within
from shared.database.transaction import Transaction
from shared.errors import ServiceError

PAGE = 500
LOOKS = 2
"""A payment that moves while it is compared is compared once more."""


@dataclass(frozen=True)
class Compared:
    """What came of one payment. `is_lost`: with a stand-in that was started anew."""

    differences: list[Difference]
    is_lost: bool = False


def compare_all(
    transaction: Transaction, provider: PaymentProvider | None, since: datetime
) -> Iterator[Compared]:
    """Every payment opened since then; without a provider only what is ours is compared."""
    last: str | None = None
    while True:
        with transaction() as connection:
            store.forbid_writing(connection)
            page = store.page_of_ids(connection, since, last, PAGE)
        for payment_id in page:
            yield _compare_settled(transaction, provider, payment_id)
        if len(page) < PAGE:
            return
        last = page[-1]


def _compare_settled(transaction: Transaction, provider: PaymentProvider | None, payment_id: str) -> Compared:
    compared = Compared([])
    for _ in range(LOOKS):
        compared = _compare(_read(transaction, payment_id), provider)
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
        )


def _compare(books: Books, provider: PaymentProvider | None) -> Compared:
    found = list(differences_within(books))
    if provider is None or books.payment.intent_id is None:
        return Compared(found)
    try:
        seen = provider.retrieve(books.payment.intent_id).observation
        sent = provider.refunds.refunds_of(books.payment.intent_id) if books.payment.captured_amount else []
    except (ProviderError, ServiceError) as error:
        if _is_lost(books.payment, error):
            return Compared(found, is_lost=True)
        return Compared([*found, Difference(books.payment.id, "stripe_does_not_tell", error.code)])
    return Compared([*found, *differences_at_stripe(books, seen, sent)])


def _is_lost(payment: Payment, error: Exception) -> bool:
    return payment.simulated and isinstance(error, RequestRefusedError) and error.is_missing
