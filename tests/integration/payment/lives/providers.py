"""Where providers' money goes: shares, payouts, and accounts that change meanwhile."""

from dataclasses import replace
from typing import Any

from services.payment.domain.payouts import PayoutState
from services.payment.domain.webhook import DEAUTHORIZED
from services.payment.usecases.make_payouts import ROUND_JOB
from services.payment.usecases.provider_money import release_shares
from services.payment.usecases.send_payouts import LOOK_JOB
from shared.database.transaction import read_app_now
from shared.ids import new_id
from shared.messages.jobs import enqueue
from tests.integration.payment.lives.life import Life
from tests.integration.payment.records import rows

RIGHTS = {"enabled": (True, True), "no payouts": (True, False), "restricted": (False, False)}
"""Whether an account may take transfers, and pay out. It may also be removed."""


def release(life: Life, *_: Any) -> None:
    """The waiting time of all shares is over."""
    rows(life.owner, "UPDATE provider_share SET over_at = over_at - interval '3 days' RETURNING 1")
    release_shares(life.desk)


def payout(life: Life, *_: Any) -> None:
    """A round of payouts."""
    with life.desk.transaction() as connection:
        enqueue(connection, ROUND_JOB, str(life.count), {}, read_app_now(connection))
    life.run_jobs()


def payout_word(life: Life, state: PayoutState, refusal: str | None) -> None:
    """What Stripe answers to the next payouts."""
    life.provider.connect.payout_state, life.provider.connect.refusal = state, refusal


def payout_says(life: Life, state: PayoutState, only_the_last: bool) -> None:
    """Stripe says something newer of payouts, and we look."""
    life.provider.connect.say(state, only_the_last=only_the_last)
    look_at_all_payouts(life)


def look_at_all_payouts(life: Life, *_: Any) -> None:
    with life.desk.transaction() as connection:
        for row in rows(life.owner, "SELECT id FROM payout"):
            payload = {"payout_id": str(row["id"])}
            enqueue(connection, LOOK_JOB, new_id(), payload, read_app_now(connection))
    life.run_jobs()


def account(life: Life, becomes: str, _: Any) -> None:
    """Stripe, or its owner, changes what the provider's account may do, or removes it from us."""
    known = life.provider.connect.accounts
    if becomes == "removed":
        life.hear(DEAUTHORIZED, life.account_id, account=life.account_id)
        return
    transfers, payouts = RIGHTS[becomes]
    seen = replace(known[life.account_id], transfers_active=transfers, payouts_enabled=payouts)
    known[life.account_id] = seen
    life.hear("account.updated", life.account_id, account=life.account_id)
