"""Transfers behind disputes when no answer comes: looked for before a repeat, moved once."""

import pytest
from sqlalchemy import Engine

from services.payment.clients.payment_provider import SERVER_ERROR
from services.payment.domain.disputes import DisputeStatus
from services.payment.usecases.desk import Desk
from tests.integration.payment.bookings import Bookings
from tests.integration.payment.crashes import let_claims_lapse
from tests.integration.payment.disputing import disputed, say
from tests.integration.payment.paying import pay
from tests.integration.payment.records import rows, run_jobs
from tests.integration.payment.scripted_provider import ScriptedProvider

BOTH = ("reverse_transfer", "return_transfer")


def _requests(owner: Engine, kind: str) -> list[str]:
    query = "SELECT state FROM payment_op WHERE op = :kind ORDER BY id"
    return [str(one["state"]) for one in rows(owner, query, kind=kind)]


def _come_again(desk: Desk, owner: Engine) -> None:
    """A day later an operator lets the job go on."""
    let_claims_lapse(owner)
    rows(owner, "UPDATE job SET state = 'waiting', run_at = app_now() WHERE state <> 'done' RETURNING id")
    run_jobs(desk, owner)


def _dispute(desk: Desk, owner: Engine, provider: ScriptedProvider, payment_id: str, kind: str) -> None:
    """The money is disputed; what moves for it is `kind`, which fails as `provider` was told."""
    answers, error = provider.disputes.answers, provider.disputes.error
    if kind == "return_transfer":
        provider.disputes.answers, provider.disputes.error = True, "timeout"
    dispute_id = disputed(desk, owner, provider, payment_id, 10000)
    provider.disputes.answers, provider.disputes.error = answers, error
    if kind == "return_transfer":
        say(desk, owner, provider, dispute_id, DisputeStatus.WON)


@pytest.mark.parametrize("kind", BOTH)
def test_a_transfer_without_an_answer_is_looked_for_before_it_is_sent_again(
    kind: str, paying: Desk, bookings: Bookings, scripted: ScriptedProvider, owner: Engine
) -> None:
    """rules W7 and M14: it was done, and Stripe has forgotten its key: a repeat would move it twice."""
    scripted.disputes.answers = scripted.disputes.keys_last = False
    _dispute(paying, owner, scripted, pay(paying, bookings.hold())["payment_id"], kind)
    scripted.disputes.answers = True
    _come_again(paying, owner)
    assert list(scripted.disputes.moved.values()) == ([-9000] if kind == BOTH[0] else [-9000, 9000])
    assert _requests(owner, kind) == ["ok"]


@pytest.mark.parametrize("kind", BOTH)
def test_a_transfer_that_a_process_died_over_is_looked_for(
    kind: str, paying: Desk, bookings: Bookings, scripted: ScriptedProvider, owner: Engine
) -> None:
    """rules W7 and M14: it was sent, and nobody wrote down what came of it."""
    _dispute(paying, owner, scripted, pay(paying, bookings.hold())["payment_id"], kind)
    rows(owner, "UPDATE payment_op SET state = 'pending' WHERE op = :kind RETURNING id", kind=kind)
    rows(owner, "UPDATE job SET state = 'waiting' WHERE kind = :kind RETURNING id", kind=kind)
    scripted.disputes.keys_last = False
    before = dict(scripted.disputes.moved)
    _come_again(paying, owner)
    assert scripted.disputes.moved == before
    assert _requests(owner, kind) == ["ok"]


@pytest.mark.parametrize("kind", BOTH)
def test_a_failure_of_stripe_s_own_uses_the_key_up(
    kind: str, paying: Desk, bookings: Bookings, scripted: ScriptedProvider, owner: Engine
) -> None:
    """rules W7 and M14: answered again and again under its key; once a look has found nothing, another."""
    scripted.disputes.error = SERVER_ERROR
    _dispute(paying, owner, scripted, pay(paying, bookings.hold())["payment_id"], kind)
    scripted.disputes.error = "timeout"
    for _ in range(3):
        _come_again(paying, owner)
    assert _requests(owner, kind) == ["failed", "ok"]
    assert sum(scripted.disputes.moved.values()) == (-9000 if kind == BOTH[0] else 0)
