"""Holds a payment's disputes against the ledger and Stripe; names what differs."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from services.payment.domain import dispute_postings
from services.payment.domain.disputes import DisputeMovement, DisputeObservation, DisputeStatus
from services.payment.domain.postings import Posting
from services.payment.store.rows import Dispute

Found = tuple[str, str]
"""(name of the difference, where and by how much)."""


@dataclass(frozen=True)
class Disputed:
    """A dispute of a payment with the money that it moved."""

    dispute: Dispute
    movements: tuple[DisputeMovement, ...]

    @property
    def taken(self) -> int:
        return sum(one.taken.amount for one in self.movements)


def postings_of_disputes(
    disputed: Iterable[Disputed], share_account: Callable[[str], str]
) -> Iterator[Posting]:
    """Every fact about disputes that must stand in the payment's ledger. `share_account`: the provider's
    account that a fact was posted to."""
    for one in disputed:
        for movement in one.movements:
            if movement.taken.amount > 0:
                yield dispute_postings.dispute_withdrawn(movement)
            else:
                yield dispute_postings.dispute_reinstated(movement)
            yield dispute_postings.dispute_fee(movement)
        loss = one.dispute.loss
        if loss.total.amount:
            account = share_account(f"dispute_lost:{one.dispute.id}")
            yield dispute_postings.dispute_lost(loss, one.dispute.id, account)


def undecided_funds(disputed: Iterable[Disputed]) -> Iterator[Found]:
    """Decided disputes whose money has no bearer: lost and then given back, or never given back."""
    for one in disputed:
        left = one.taken - one.dispute.loss.total.amount
        if not one.dispute.is_open and left:
            detail = f"{one.dispute.id} is {one.dispute.status}, and {left} {one.dispute.currency}"
            yield "disputed_funds_differ", f"{detail} of it stand on disputed_funds"


def disputes_at_stripe(disputed: Iterable[Disputed], seen: Iterable[DisputeObservation]) -> Iterator[Found]:
    """Where our disputes and Stripe's say different things."""
    ours = {one.dispute.id: one for one in disputed}
    theirs = {one.id: one for one in seen}
    for missing in sorted(ours.keys() - theirs.keys()):
        yield "dispute_missing_at_stripe", missing
    for unknown in sorted(theirs.keys() - ours.keys()):
        yield "dispute_unknown_here", unknown
    for dispute_id in sorted(ours.keys() & theirs.keys()):
        mine, told = ours[dispute_id], theirs[dispute_id]
        if (mine.dispute.amount, mine.dispute.currency) != (told.amount.amount, told.amount.currency):
            detail = f"ours {mine.dispute.amount} {mine.dispute.currency}, Stripe's {told.amount.amount}"
            yield "dispute_amount_differs", f"{dispute_id}: {detail}"
        if mine.dispute.status is not told.status:
            yield "dispute_status_differs", f"{dispute_id}: {_statuses(mine.dispute.status, told.status)}"
        taken = sum(one.taken.amount for one in told.movements)
        if mine.taken != taken:
            yield "dispute_taken_differs", f"{dispute_id}: ours {mine.taken}, Stripe's {taken}"


def _statuses(ours: DisputeStatus, theirs: DisputeStatus) -> str:
    return f"ours {ours}, Stripe's {theirs}"
