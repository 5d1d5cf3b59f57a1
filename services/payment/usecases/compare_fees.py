"""Holds what was asked about a payment's commission against our books and Stripe's; names what differs."""

from collections.abc import Iterator

from services.payment.domain.charge_limits import provider_amount
from services.payment.domain.observation import Observation, ProcessingFee
from services.payment.domain.refunds import ACCEPTED, FeeObservation
from services.payment.store.operations import CARRIED_OUT
from services.payment.usecases.compare import Books, Difference


def commission_not_returned(books: Books) -> Iterator[Difference]:
    """Refunds that were accepted, and whose commission nobody has given back to the provider's account."""
    if not books.payment.can.shares_are_moved_by_the_provider:
        return
    carried_out = {one.refund_id for one in books.fee_requests if one.state in CARRIED_OUT}
    for refund in books.refunds:
        commission = refund.parts(books.payment.currency).commission
        is_given_back = refund.status in ACCEPTED and refund.reverses_transfer
        if is_given_back and commission.amount and refund.id not in carried_out:
            detail = f"refund {refund.id}: {commission.amount} {commission.currency}"
            yield Difference(books.payment.id, "commission_return_missing", detail)


def differences_of_fee(books: Books, fee: FeeObservation | None) -> Iterator[Difference]:
    """Where Stripe's application fee and ours say different things; for a payment that was captured."""
    payment, commission = books.payment, books.payment.taken.commission
    ours, currency = provider_amount(commission), commission.currency
    if fee is None:
        if ours:
            yield Difference(payment.id, "application_fee_missing", f"ours {ours} {currency}")
        return
    if (fee.amount, fee.currency) != (ours, currency.lower()):
        detail = f"ours {ours} {currency}, Stripe's {fee.amount} {fee.currency.upper()}"
        yield Difference(payment.id, "application_fee_differs", detail)
    returned = sum(one.params["amount"] for one in books.fee_requests if one.state == "ok")
    if fee.returned != returned:
        detail = f"ours {returned} {currency}, Stripe's {fee.returned}"
        yield Difference(payment.id, "application_fee_returned_differs", detail)


def differences_of_processing_fee(books: Books, seen: Observation) -> Iterator[Difference]:
    """Where what Stripe keeps of the charge is another amount than ours, or nobody has noted it."""
    ours, theirs = (_said(fee) for fee in (books.payment.processing_fee, seen.processing_fee))
    if seen.processing_fee is not None and ours != theirs:
        yield Difference(books.payment.id, "stripe_fee_differs", f"ours {ours}, Stripe's {theirs}")


def _said(fee: ProcessingFee | None) -> str:
    return f"{fee.amount} {fee.currency}" if fee is not None and fee.amount else "none"
