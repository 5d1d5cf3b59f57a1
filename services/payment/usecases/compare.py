"""Holds one payment's row, its refunds, its ledger and Stripe against each other; names what differs."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from services.payment.domain import capture_postings, dispute_postings, refund_postings, share_postings
from services.payment.domain.charge_limits import provider_amount
from services.payment.domain.chart_of_accounts import of_provider
from services.payment.domain.document_numbers import DocumentNumber
from services.payment.domain.observation import Observation
from services.payment.domain.postings import Posting
from services.payment.domain.refunds import ACCEPTED, RefundObservation, RefundStatus, sum_of
from services.payment.domain.shares import ACCOUNTS, ProviderShare
from services.payment.domain.states import CAPTURED, DEAD, State
from services.payment.store.ledger import LedgerLine
from services.payment.store.rows import Operation, Payment, Refund
from services.payment.usecases.compare_disputes import Disputed, postings_of_disputes, undecided_funds
from services.payment.usecases.compare_payouts import (
    PaidOut,
    payout_sums,
    postings_of_kept,
    postings_of_payouts,
)
from shared.money import Money

Moves = dict[str, int]

STRIPE_DOES_NOT_TELL = "stripe_does_not_tell"
"""No difference of the books: it could not be seen whether there is one."""
NAMES = (
    "captured_amount_differs",
    "refunded_amount_differs",
    "refunded_service_amount_differs",
    "refunded_tip_amount_differs",
    "commission_returned_amount_differs",
    "ledger_entry_differs",
    "provider_share_differs",
    "payout_amount_differs",
    "payout_status_differs",
    "payout_missing_at_stripe",
    "disputed_funds_differ",
    "dispute_missing_at_stripe",
    "dispute_unknown_here",
    "dispute_amount_differs",
    "dispute_status_differs",
    "dispute_taken_differs",
    "charge_differs",
    "state_differs",
    "refund_missing_at_stripe",
    "refund_unknown_here",
    "refund_amount_differs",
    "refund_status_differs",
    "invoice_missing",
    "credit_note_missing",
    "number_series_differs",
    "commission_return_missing",
    "application_fee_missing",
    "application_fee_differs",
    "application_fee_returned_differs",
    "stripe_fee_differs",
    STRIPE_DOES_NOT_TELL,
)
"""Every name that a difference may have, here and in the other modules that compare."""


@dataclass(frozen=True)
class Books:
    """What we wrote about one payment."""

    payment: Payment
    refunds: list[Refund]
    lines: list[LedgerLine]
    fee_requests: list[Operation]
    documents: Mapping[str, DocumentNumber]
    share: ProviderShare | None = None
    paid_out: tuple[PaidOut, ...] = ()
    disputed: tuple[Disputed, ...] = ()


@dataclass(frozen=True)
class Difference:
    """`name` says what kind it is; `detail` where and by how much, without personal data. `payment_id` is
    empty where it is of no payment."""

    payment_id: str
    name: str
    detail: str


def differences_within(books: Books) -> Iterator[Difference]:
    """Where payment, refunds and ledger say different things."""
    payment = books.payment
    taken = payment.taken.total
    if payment.state in CAPTURED and payment.captured_amount != taken.amount:
        yield _differs(payment, "captured_amount", "what was to be taken", taken, payment.captured_amount)
    yield from _refund_sums(books)
    yield from (Difference(payment.id, *found) for found in payout_sums(books.paid_out))
    yield from (Difference(payment.id, *found) for found in undecided_funds(books.disputed))
    yield from _ledger(books)


def differences_at_stripe(
    books: Books, seen: Observation, sent: list[RefundObservation]
) -> Iterator[Difference]:
    """Where our payment and refunds and Stripe's say different things."""
    payment, id_ = books.payment, books.payment.id
    total = payment.split.total
    is_captured = payment.state in CAPTURED
    if (seen.amount, seen.currency) != (provider_amount(total), total.currency.lower()):
        detail = f"ours {total.amount} {total.currency}, Stripe's {seen.amount} {seen.currency.upper()}"
        yield Difference(id_, "charge_differs", detail)
    is_lost = payment.state is State.AUTHORIZED and seen.state in DEAD
    if is_captured != (seen.state in CAPTURED) or is_lost:
        yield Difference(id_, "state_differs", f"ours {payment.state}, Stripe's {seen.status}")
    captured = provider_amount(Money(payment.captured_amount, payment.currency))
    if is_captured and seen.amount_received != captured:
        detail = f"ours {captured}, Stripe's {seen.amount_received}"
        yield Difference(id_, "captured_amount_differs", detail)
    yield from _refunds_at_stripe(books, sent)


def _refund_sums(books: Books) -> Iterator[Difference]:
    payment = books.payment
    accepted = (one.parts(payment.currency) for one in books.refunds if one.status in ACCEPTED)
    parts = sum_of(accepted, payment.currency)
    pairs = (
        ("refunded_amount", parts.total, payment.refunded_amount),
        ("refunded_service_amount", parts.service, payment.refunded_service_amount),
        ("refunded_tip_amount", parts.tip, payment.refunded_tip_amount),
        ("commission_returned_amount", parts.commission, payment.commission_returned_amount),
    )
    for name, expected, found in pairs:
        if expected.amount != found:
            yield _differs(payment, name, "its refunds", expected, found)


def _ledger(books: Books) -> Iterator[Difference]:
    payment, posted = books.payment, _posted(books.lines)
    expected = {one.fact: dict(one.moves) for one in _expected(books) if one.moves}
    for fact in sorted(expected.keys() | (posted.keys() - _undone(books, posted))):
        should, found = expected.get(fact, {}), posted.get(fact, {})
        for account in sorted(should.keys() | found.keys()):
            if should.get(account, 0) != found.get(account, 0):
                detail = f"{fact} {account}: due {should.get(account, 0)}, posted {found.get(account, 0)}"
                yield Difference(payment.id, "ledger_entry_differs", f"{detail} {payment.currency}")


def _expected(books: Books) -> Iterator[Posting]:
    """Every fact that must stand in the ledger by the payment and its refunds."""
    payment, split = books.payment, books.payment.taken
    if payment.processing_fee is not None:
        yield capture_postings.stripe_fee(payment.processing_fee)
    if payment.state not in CAPTURED:
        return
    yield capture_postings.captured(split, payment.charge_id, payment.clearing)
    yield capture_postings.commission(split)
    yield capture_postings.provider_share(split, payment.provider_id)
    if books.share is not None and books.share.released_amount is not None:
        released = Money(books.share.released_amount, payment.currency)
        yield share_postings.share_released(released, payment.provider_id)
    yield from postings_of_disputes(books.disputed, lambda fact: _share_account(books, fact))
    yield from postings_of_payouts(books.paid_out, {line.fact for line in books.lines})
    yield from postings_of_kept(books.paid_out, payment.id, books.lines)
    for refund in books.refunds:
        parts, share = refund.parts(payment.currency), _account_of_refund(books, refund)
        yield refund_postings.refund_owed(parts, refund.id, share)
        yield refund_postings.commission_returned(parts, refund.id, share)
        if not refund.reverses_transfer:
            yield refund_postings.receivable_booked(parts, refund.id, payment.provider_id, share)
        if refund.status is RefundStatus.COVERED:
            yield dispute_postings.refund_covered(
                parts, refund.id, _share_account(books, f"refund_covered:{refund.id}")
            )
        if refund.status in ACCEPTED:
            yield refund_postings.refund_sent(
                parts, refund.id, refund.attempt, refund.provider_refund_id or "", payment.clearing
            )


def _account_of_refund(books: Books, refund: Refund) -> str:
    """Where the provider's part stood when the refund was owed: any of its accounts, by the posting itself.

    That all accounts together are right, `compare_shares` says.
    """
    parts = refund.parts(books.payment.currency)
    return _share_account(books, refund_postings.refund_owed(parts, refund.id, "").fact)


def _share_account(books: Books, fact: str) -> str:
    """The account of the provider that a fact was posted to."""
    accounts = [of_provider(name, books.payment.provider_id) for name in ACCOUNTS.values()]
    posted = (line.account for line in books.lines if line.fact == fact)
    return next((account for account in posted if account in accounts), accounts[0])


def _undone(books: Books, posted: dict[str, Moves]) -> set[str]:
    """Facts of refunds that were sent, failed and were put back in full: together they move nothing."""
    undone: set[str] = set()
    for refund in books.refunds:
        parts = refund.parts(books.payment.currency)
        for attempt in range(1, refund.attempt + 1):
            pair = (
                refund_postings.refund_sent(parts, refund.id, attempt, "", books.payment.clearing),
                refund_postings.refund_put_back(parts, refund.id, attempt, "", books.payment.clearing),
            )
            if all(posted.get(one.fact) == dict(one.moves) for one in pair):
                undone.update(one.fact for one in pair)
    return undone


def _posted(lines: list[LedgerLine]) -> dict[str, Moves]:
    facts: dict[str, Moves] = defaultdict(dict)
    for line in lines:
        account = line.account
        facts[line.fact][account] = facts[line.fact].get(account, 0) + line.amount.amount
    return facts


def _refunds_at_stripe(books: Books, sent: list[RefundObservation]) -> Iterator[Difference]:
    id_, currency = books.payment.id, books.payment.currency
    ours = {one.provider_refund_id: one for one in books.refunds if one.provider_refund_id}
    theirs = {one.provider_refund_id: one for one in sent}
    for missing in sorted(ours.keys() - theirs.keys()):
        yield Difference(id_, "refund_missing_at_stripe", missing)
    for reference, seen in sorted(theirs.items()):
        refund = ours.get(reference)
        if refund is None:
            if not _is_earlier_attempt(books, seen):
                yield Difference(id_, "refund_unknown_here", f"{reference}: {seen.amount}")
            continue
        amount = provider_amount(refund.parts(currency).total)
        if (amount, currency.lower()) != (seen.amount, seen.currency):
            yield Difference(
                id_, "refund_amount_differs", f"{reference}: ours {amount}, Stripe's {seen.amount}"
            )
        if refund.status is not seen.status:
            detail = f"{reference}: ours {refund.status}, Stripe's {seen.status}"
            yield Difference(id_, "refund_status_differs", detail)


def _is_earlier_attempt(books: Books, seen: RefundObservation) -> bool:
    """Whether it failed and its successor is what we hold now."""
    mine = next((one for one in books.refunds if one.id == seen.our_id), None)
    return mine is not None and seen.status not in ACCEPTED and (seen.attempt or 0) < mine.attempt


def _differs(payment: Payment, name: str, source: str, expected: Money, found: int) -> Difference:
    detail = f"{source} add up to {expected.amount} {expected.currency}, the payment says {found}"
    return Difference(payment.id, f"{name}_differs", detail)
