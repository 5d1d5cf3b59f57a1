"""What a payout kept, and a bank then gave: it is the provider's again, and no payout is stuck over it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from services.payment.domain.disputes import DisputeStatus
from services.payment.domain.payouts import PayoutState
from services.payment.usecases.desk import Desk
from services.payment.usecases.reconcile_books import compare_all
from services.payment.usecases.refunds_due import refund_part
from shared.money import Money
from tests.integration.payment.bookings import Bookings
from tests.integration.payment.disputing import disputed, say
from tests.integration.payment.records import rows, run_jobs
from tests.integration.payment.refunding import balances
from tests.integration.payment.scripted_provider import ScriptedProvider
from tests.integration.payment.visits import begin_payouts, look_at_payouts, release

NOTHING = Money(0, "USD")
KEPT_TIP = 500


def _kept(desk: Desk, bookings: Bookings, provider: ScriptedProvider, owner: Engine) -> tuple[str, str]:
    """A tip of 5.00 was to go back after it was paid out, the account could not give it, and the next payout
    kept it; answers the payment and its booking."""
    booked = bookings.hold()
    payment_id = str(release(desk, booked, "5.00")["payment_id"])
    begin_payouts(desk, owner)
    provider.gives = False
    refund_part(desk, payment_id, NOTHING, Money(KEPT_TIP, "USD"), "the tip")
    run_jobs(desk, owner)
    assert balances(owner, booked.id)["provider_receivable"] == KEPT_TIP
    release(desk, bookings.hold())
    begin_payouts(desk, owner)
    assert balances(owner, booked.id)["provider_receivable"] == 0
    provider.gives = True
    return payment_id, booked.id


def _lose(desk: Desk, owner: Engine, provider: ScriptedProvider, payment_id: str) -> None:
    """The bank gives the customer as much, of the service first: the commission on it is the provider's."""
    dispute_id = disputed(desk, owner, provider, payment_id, KEPT_TIP)
    say(desk, owner, provider, dispute_id, DisputeStatus.LOST)


def _payouts(owner: Engine) -> list[tuple[str, int]]:
    found = rows(owner, "SELECT state, amount FROM payout ORDER BY id")
    return [(str(one["state"]), int(one["amount"])) for one in found]


def _differences(desk: Desk) -> list[str]:
    compared = compare_all(desk.transaction, desk.providers, datetime.now(UTC) - timedelta(days=1))
    return [one.detail for each in compared for one in each.differences]


def test_what_was_kept_too_much_is_paid_out(
    paying: Desk, bookings: Bookings, scripted: ScriptedProvider, owner: Engine
) -> None:
    """rules M13 and M9: 5.00 were kept, and the provider bears 4.50 of what the bank gave."""
    payment_id, booking_id = _kept(paying, bookings, scripted, owner)
    _lose(paying, owner, scripted, payment_id)
    assert balances(owner, booking_id)["provider_receivable"] == -50
    release(paying, bookings.hold())
    begin_payouts(paying, owner)
    assert _payouts(owner) == [("sent", 9500), ("sent", 9000 - KEPT_TIP), ("sent", 9000 + 50)]
    found = balances(owner, booking_id)
    assert (found["provider_receivable"], found["provider_due"]) == (0, 0)
    assert _differences(paying) == []


def test_a_payout_of_it_that_failed_leaves_it_due(
    paying: Desk, bookings: Bookings, scripted: ScriptedProvider, owner: Engine
) -> None:
    """rules M13 and M9: all of it goes with the next, once."""
    payment_id, booking_id = _kept(paying, bookings, scripted, owner)
    _lose(paying, owner, scripted, payment_id)
    release(paying, bookings.hold())
    begin_payouts(paying, owner)
    last = rows(owner, "SELECT provider_payout_id AS id FROM payout ORDER BY id DESC LIMIT 1")[0]["id"]
    account, seen = scripted.connect.payouts[last]
    scripted.connect.payouts[last] = (account, replace(seen, state=PayoutState.FAILED))
    look_at_payouts(paying, owner)
    assert balances(owner, booking_id)["provider_due"] == -50
    begin_payouts(paying, owner)
    assert _payouts(owner)[-2:] == [("failed", 9050), ("sent", 9050)]
    assert _differences(paying) == []


def test_it_waits_while_its_payment_is_in_dispute(
    paying: Desk, bookings: Bookings, scripted: ScriptedProvider, owner: Engine
) -> None:
    """rule M14: what else is due is paid out meanwhile."""
    payment_id, booking_id = _kept(paying, bookings, scripted, owner)
    _lose(paying, owner, scripted, payment_id)
    disputed(paying, owner, scripted, payment_id, 100)
    release(paying, bookings.hold())
    begin_payouts(paying, owner)
    assert _payouts(owner)[-1] == ("sent", 9000)
    assert balances(owner, booking_id)["provider_receivable"] == -50
