"""Holds the state of a provider's share against the accounts that its money stands on; names what differs."""

from collections import Counter
from collections.abc import Iterator

from services.payment.domain.chart_of_accounts import (
    PROVIDER_DUE,
    PROVIDER_PAYABLE,
    of_provider,
)
from services.payment.domain.payouts import PayoutState
from services.payment.domain.shares import ShareState
from services.payment.usecases.compare import Books, Difference

_EMPTY = {
    ShareState.WAITING: (PROVIDER_DUE,),
    ShareState.RELEASED: (PROVIDER_PAYABLE,),
    ShareState.PAID_OUT: (PROVIDER_PAYABLE,),
}
"""Accounts on which nothing may stand in a state."""


def share_differences(books: Books) -> Iterator[Difference]:
    """Money on an account of the provider where, by the share's state, there can be none; and due money
    that no payout would find."""
    payment, share = books.payment, books.share
    balances: Counter[str] = Counter()
    for line in books.lines:
        balances[line.account] += line.amount.amount
    state = ShareState.WAITING if share is None else share.state
    for name in _EMPTY[state]:
        amount = balances[of_provider(name, payment.provider_id)]
        if amount:
            detail = f"{state}, and {amount} {payment.currency} on {name}"
            yield Difference(payment.id, "provider_share_differs", detail)
    due = balances[of_provider(PROVIDER_DUE, payment.provider_id)]
    is_asked_for = any(one.payout.state is PayoutState.CREATED for one in books.paid_out)
    should_be = bool(due) and payment.can.shares_are_moved_by_the_provider
    if share is not None and share.is_due is not should_be and not is_asked_for:
        detail = f"{due} {payment.currency} due, and {'' if share.is_due else 'not '}to be paid out"
        yield Difference(payment.id, "provider_share_differs", detail)
