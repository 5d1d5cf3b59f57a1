"""What must be true of money at every moment, whatever happened: read from the tables, computed anew."""

from collections import Counter
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine

from services.payment.store.books import forbid_writing
from services.payment.usecases.desk import Desk
from services.payment.usecases.reconcile_books import compare_payment
from tests.integration.payment.invariants_at_stripe import (
    ACCEPTED,
    check_against_provider,
    check_hold,
    commission,
    kept,
    share,
)
from tests.integration.payment.invariants_of_providers import (
    check_paid_out,
    check_payouts,
    check_share,
    joined,
    paid_out_of,
    shares_of,
)
from tests.integration.payment.records import rows
from tests.integration.payment.scripted_provider import ScriptedProvider

LOST = (
    "SELECT coalesce(sum(lost_service_amount + lost_tip_amount), 0)::bigint AS parts, "
    "coalesce(sum(lost_service_amount), 0)::bigint AS service, "
    "coalesce(sum(lost_commission_amount), 0)::bigint AS commission, "
    "coalesce(sum(lost_excess_amount), 0)::bigint AS excess, "
    "coalesce(sum((SELECT sum(taken_amount) FROM dispute_movement WHERE dispute_id = dispute.id)), "
    "0)::bigint AS taken, "
    "coalesce(sum((SELECT sum(fee_amount) FROM dispute_movement WHERE dispute_id = dispute.id)), "
    "0)::bigint AS fees FROM dispute WHERE payment_id = :id"
)
SUBJECTS = (
    "SELECT 'invoice' AS series, id FROM payment WHERE captured_amount > 0 "
    "UNION SELECT 'credit_note', split_part(fact, ':', 2)::uuid FROM ledger_transaction "
    "WHERE kind = 'refund_sent'"
)
"""What has a number: what was taken, and what was given back."""
UNDER_WAY = {"commission_return_missing"}
"""What a job is about to do."""


@dataclass
class Found:
    """What stands in the tables about one payment; `lost`: to banks, by disputes."""

    payment: dict[str, Any]
    refunds: list[dict[str, Any]]
    lost: dict[str, Any]
    accounts: dict[str, int]

    @property
    def owed(self) -> int:
        return sum(one["service_amount"] + one["tip_amount"] for one in self.refunds)

    @property
    def returned(self) -> int:
        """Of the commission."""
        return int(sum(one["commission_returned"] for one in self.refunds) + self.lost["commission"])


def check_money(desk: Desk, provider: ScriptedProvider | None) -> None:
    """Raise AssertionError naming the first thing that is not true. `provider`: what Stripe's payments were
    paid through, if there are any. All is read of one moment, in one transaction: it is looked at often."""
    with desk.transaction() as connection:
        forbid_writing(connection)
        check_all(connection, provider)


def check_all(connection: Connection, provider: ScriptedProvider | None) -> None:
    """The same of what this transaction sees."""
    found = [_read(connection, payment) for payment in rows(connection, "SELECT * FROM payment")]
    for one in found:
        _check_payment(one)
        _check_twice(one)
        check_share(one.payment, shares_of(connection, one.payment), one.refunds, one.accounts)
        paid_out = paid_out_of(connection, one.payment)
        check_paid_out(paid_out, one.accounts)
        _check_ledger(one, joined(one.payment, one.accounts, paid_out))
        if provider is not None:
            check_hold(connection, one.payment, provider)
            check_against_provider(one.payment, one.refunds, provider)
    if provider is not None:
        check_payouts(connection, provider)
    _check_live(found)
    unbalanced = rows(
        connection,
        "SELECT transaction_id FROM ledger_entry GROUP BY transaction_id, currency HAVING sum(amount) <> 0",
    )
    assert not unbalanced, "every transaction sums to zero"
    check_numbers(connection)
    _check_books(connection, found)


def check_numbers(owner: Engine | Connection) -> None:
    """Numbers from 1 on without a gap; one for each payment that was captured, each refund ever accepted."""
    numbered = rows(owner, "SELECT series, number, subject_id FROM document ORDER BY number")
    subjects = rows(owner, SUBJECTS)
    for series in ("invoice", "credit_note"):
        found = [one for one in numbered if one["series"] == series]
        assert [one["number"] for one in found] == [*range(1, len(found) + 1)], "no gap in numbers"
        due = {one["id"] for one in subjects if one["series"] == series}
        assert {one["subject_id"] for one in found} == due, series


def _read(connection: Connection, payment: dict[str, Any]) -> Found:
    refunds = rows(connection, "SELECT * FROM refund WHERE payment_id = :id ORDER BY id", id=payment["id"])
    return Found(
        payment,
        [one for one in refunds if one["status"] != "covered"],
        rows(connection, LOST, id=payment["id"])[0],
        _accounts(connection, payment["id"]),
    )


def _check_payment(one: Found) -> None:
    payment = one.payment
    charged = payment["service_amount"] + payment["tip_amount"]
    accepted = [refund for refund in one.refunds if refund["status"] in ACCEPTED]
    refunded = sum(refund["service_amount"] + refund["tip_amount"] for refund in accepted)
    to_be_taken = charged if payment["capture_cause"] is None else sum(kept(payment))
    assert one.owed + one.lost["parts"] <= payment["captured_amount"] <= to_be_taken <= charged, (
        "refunds within captured within charged"
    )
    assert payment["captured_amount"] in (0, to_be_taken), "taken as it was decided"
    assert refunded == payment["refunded_amount"], "refunded is a sum"
    service = sum(refund["service_amount"] for refund in one.refunds) + one.lost["service"]
    assert one.returned == share(payment, service), "commission back is cumulative"


def _check_twice(one: Found) -> None:
    """What was captured although another payment pays goes back, all of it."""
    if one.payment["paid_twice"]:
        assert one.owed + one.lost["parts"] == one.payment["captured_amount"], "what pays twice goes back"


def _check_live(found: list[Found]) -> None:
    dead = ("failed", "cancelled", "standin_lost")
    live = [one.payment for one in found if one.payment["state"] not in dead]
    pays = Counter((one["booking_id"], one["kind"]) for one in live if not one["paid_twice"])
    assert all(number == 1 for number in pays.values()), "at most one payment of a booking pays"


def _check_ledger(one: Found, accounts: dict[str, int]) -> None:
    payment, lost, owed = one.payment, one.lost, one.owed
    captured, refunded = payment["captured_amount"], payment["refunded_amount"]
    fee = commission(payment) if captured else 0
    stripe_fee = payment["stripe_fee_amount"] or 0
    provider_net = captured - fee - owed - lost["parts"] + one.returned
    expected = {
        f"{payment['payment_provider']}_clearing": (
            captured - refunded - lost["taken"] - lost["fees"] - stripe_fee
        ),
        "disputed_funds": lost["taken"] - lost["parts"] - lost["excess"],
        "dispute_costs": lost["fees"] + lost["excess"],
        "stripe_fees": stripe_fee,
        "customer_funds": 0,
        "platform_commission": -(fee - one.returned),
        f"provider_payable:{payment['provider_id']}": -provider_net,
        "refunds_payable": -(owed - refunded),
    }
    assert provider_net >= 0, "the provider never owes"
    found = {name: amount for name, amount in accounts.items() if amount}
    assert found == {name: amount for name, amount in expected.items() if amount}, "accounts"


def _check_books(connection: Connection, found: list[Found]) -> None:
    """The daily comparison of what is ours says the same: nothing differs."""
    ids = [str(one.payment["id"]) for one in found]
    compared = [compare_payment(lambda: nullcontext(connection), {}, payment_id) for payment_id in ids]
    differences = [
        difference for one in compared for difference in one.differences if difference.name not in UNDER_WAY
    ]
    assert not differences, f"the books agree: {differences}"


def _accounts(connection: Connection, payment_id: str) -> dict[str, int]:
    found = rows(
        connection,
        "SELECT account, sum(amount)::bigint AS amount FROM ledger_entry e JOIN ledger_transaction t "
        "ON t.id = e.transaction_id WHERE t.payment_id = :id GROUP BY account",
        id=payment_id,
    )
    return {row["account"]: row["amount"] for row in found}
