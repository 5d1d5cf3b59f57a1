"""`make reconcile` knows payouts: whatever of one was altered by one unit is found and named."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from services.payment.clients.stripe_gateway import StripeGateway
from services.payment.domain.capabilities import PaymentProviderName
from services.payment.domain.payouts import PayoutState
from services.payment.settings import Mode
from services.payment.usecases.desk import Desk
from services.payment.usecases.reconcile_books import compare_all
from services.payment.usecases.refunds_due import refund_part
from shared.money import Money
from tests.integration.payment.bookings import Bookings
from tests.integration.payment.records import alter, rows, run_jobs
from tests.integration.payment.scripted_provider import ScriptedProvider
from tests.integration.payment.visits import begin_payouts, look_at_payouts, release, with_account


@pytest.fixture
def paid_out(desk: Desk, gateway: StripeGateway, bookings: Bookings, owner: Engine) -> ScriptedProvider:
    """Two visits in one payout that has arrived, a later refund, and a payout that keeps it and failed."""
    provider = ScriptedProvider(gateway)
    paying = replace(desk, provider=provider, mode=Mode.SANDBOX)
    with_account(owner, bookings.provider_id)
    first = bookings.hold()
    paid = release(paying, first)
    release(paying, bookings.hold())
    begin_payouts(paying, owner)
    provider.connect.say(PayoutState.PAID)
    look_at_payouts(paying, owner)
    refund_part(paying, paid["payment_id"], Money(1000, "USD"), Money(0, "USD"), "part")
    run_jobs(paying, owner)
    release(paying, bookings.hold())
    provider.connect.payout_state = PayoutState.SENT
    begin_payouts(paying, owner)
    second = rows(owner, "SELECT provider_payout_id AS id FROM payout WHERE state = 'sent'")[0]["id"]
    account, seen = provider.connect.payouts[second]
    provider.connect.payouts[second] = (account, replace(seen, state=PayoutState.FAILED))
    look_at_payouts(paying, owner)
    return provider


PAYOUT_ALTERED = [
    ("UPDATE payout SET amount = amount + 1 WHERE state = 'paid'", ["payout_amount_differs"] * 2),
    (
        "UPDATE payout_line SET due_amount = due_amount - 1 WHERE payment_id = (SELECT "
        "max(l.payment_id::text) FROM payout_line l JOIN payout p ON p.id = l.payout_id "
        "WHERE state = 'paid')::uuid",
        ["payout_amount_differs", *["ledger_entry_differs"] * 4],
    ),
    (
        "UPDATE payout SET state = 'sent' WHERE state = 'paid'",
        [*["ledger_entry_differs"] * 4, "payout_status_differs"],
    ),
    (
        "UPDATE provider_share SET released_amount = released_amount + 1 WHERE payment_id = "
        "(SELECT min(payment_id::text) FROM provider_share)::uuid",
        ["ledger_entry_differs"] * 2,
    ),
    ("UPDATE provider_share SET is_due = false WHERE is_due", ["provider_share_differs"]),
    (
        "UPDATE ledger_entry SET amount = amount + 1 WHERE id = (SELECT e.id FROM ledger_entry e JOIN "
        "ledger_transaction t ON t.id = e.transaction_id WHERE t.kind = 'receivable_booked' AND amount > 0)",
        ["ledger_entry_differs"],
    ),
    (
        "UPDATE ledger_entry SET amount = amount - 1 WHERE id = (SELECT max(e.id::text) FROM ledger_entry e "
        "JOIN ledger_transaction t ON t.id = e.transaction_id WHERE t.kind = 'payout_paid' "
        "AND account = 'stripe_clearing')::uuid",
        ["ledger_entry_differs"],
    ),
]


@pytest.mark.parametrize(("statement", "expected"), PAYOUT_ALTERED)
def test_a_payout_that_was_altered_is_found(
    statement: str, expected: list[str], desk: Desk, paid_out: ScriptedProvider, owner: Engine
) -> None:
    """promise D10: payout, line, share and their postings, each one unit off."""

    def found() -> list[str]:
        compared = compare_all(
            desk.transaction, {PaymentProviderName.STRIPE: paid_out}, datetime(2026, 1, 1, tzinfo=UTC)
        )
        return sorted(one.name for each in compared for one in each.differences)

    assert found() == []
    alter(owner, statement)
    assert found() == sorted(expected)


def test_a_payout_that_stripe_does_not_have_is_found(
    desk: Desk, paid_out: ScriptedProvider, owner: Engine
) -> None:
    """promise D10: or has otherwise."""
    reference, (account, seen) = next(iter(paid_out.connect.payouts.items()))
    paid_out.connect.payouts[reference] = (account, replace(seen, amount=seen.amount - 1))
    compared = compare_all(
        desk.transaction, {PaymentProviderName.STRIPE: paid_out}, datetime(2026, 1, 1, tzinfo=UTC)
    )
    names_ = [one.name for each in compared for one in each.differences]
    assert names_ == ["payout_amount_differs"]
