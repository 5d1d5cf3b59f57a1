"""Holds a payment's payouts against the ledger and Stripe; names what differs."""

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass

from services.payment.domain import payout_postings
from services.payment.domain.charge_limits import provider_amount
from services.payment.domain.payouts import ACCEPTED, PayoutLine, PayoutObservation, PayoutState
from services.payment.domain.postings import Posting
from services.payment.store.ledger import LedgerLine
from services.payment.store.rows import Payout
from services.payment.usecases.settle_payouts import part_of
from shared.money import Money

Found = tuple[str, str]
"""(name of the difference, where and by how much)."""


@dataclass(frozen=True)
class PaidOut:
    """A payout that pays something of a payment. `lines_amount`: what all its lines add up to.
    `is_first`: of all payments in it, so that the whole is looked at once."""

    payout: Payout
    line: PayoutLine
    lines_amount: int
    is_first: bool


def postings_of_payouts(paid_out: Iterable[PaidOut], facts: Set[str]) -> Iterator[Posting]:
    """Every fact about payouts that must stand in the payment's ledger, where `facts` stand.

    How far a failed one had come, only the ledger knows: what it says of that must be whole.
    """
    for one in paid_out:
        part, state = part_of(one.payout, one.line), one.payout.state
        sent, paid = payout_postings.payout_sent(part), payout_postings.payout_paid(part)
        netted = payout_postings.receivable_netted(part)
        had_come = bool({sent.fact, netted.fact} & facts)
        if state in ACCEPTED or had_come:
            yield from (netted, sent)
        if state is PayoutState.PAID or (state is PayoutState.FAILED and had_come and paid.fact in facts):
            yield paid
        if state is PayoutState.FAILED and had_come:
            yield payout_postings.payout_put_back(part, was_paid=paid.fact in facts)
            yield payout_postings.receivable_booked(part)


def postings_of_kept(
    paid_out: Iterable[PaidOut], payment_id: str, lines: Iterable[LedgerLine]
) -> Iterator[Posting]:
    """What payouts gave back of what earlier ones had kept too much. How much that was, only the ledger
    knows: `lines` are the payment's."""
    taken = {line.fact: line.amount for line in lines if line.amount.amount > 0}
    for one in paid_out:
        payout = one.payout
        nothing = Money(0, payout.currency)
        empty = payout_postings.kept_too_much(nothing, payout.provider_id, payout.id, payment_id)
        money = taken.get(empty.fact, nothing)
        if money.amount:
            yield payout_postings.kept_too_much(money, payout.provider_id, payout.id, payment_id)


def payout_sums(paid_out: Iterable[PaidOut]) -> Iterator[Found]:
    """Where a payout and its lines say different things."""
    for one in (each for each in paid_out if each.is_first):
        if one.lines_amount != one.payout.amount:
            detail = f"its lines add up to {one.lines_amount}, the payout says {one.payout.amount}"
            yield "payout_amount_differs", f"{one.payout.id}: {detail} {one.payout.currency}"


def payout_at_stripe(payout: Payout, seen: PayoutObservation) -> Iterator[Found]:
    """Where our payout and Stripe's say different things."""
    ours = (provider_amount(payout.money), payout.currency.lower())
    if ours != (seen.amount, seen.currency):
        detail = f"ours {ours[0]} {payout.currency}, Stripe's {seen.amount} {seen.currency.upper()}"
        yield "payout_amount_differs", f"{seen.provider_payout_id}: {detail}"
    if payout.state is not seen.state:
        detail = f"ours {payout.state}, Stripe's {seen.state}"
        yield "payout_status_differs", f"{seen.provider_payout_id}: {detail}"
