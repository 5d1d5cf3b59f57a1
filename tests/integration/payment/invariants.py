"""What must be true of money at every moment, whatever happened: read from the tables, computed anew."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import Engine

from tests.integration.payment.records import rows
from tests.integration.payment.scripted_provider import ScriptedProvider

STEPS = {"KWD": 10}
ACCEPTED = ("pending", "succeeded")


def check_money(owner: Engine, provider: ScriptedProvider) -> None:
    """Raise AssertionError naming the first thing that is not true."""
    for payment in rows(owner, "SELECT * FROM payment"):
        refunds = rows(owner, "SELECT * FROM refund WHERE payment_id = :id ORDER BY id", id=payment["id"])
        _check_payment(payment, refunds)
        _check_ledger(payment, refunds, _accounts(owner, payment["id"]))
        _check_against_provider(payment, refunds, provider)
    live = rows(
        owner,
        "SELECT booking_id, kind FROM payment WHERE state NOT IN ('failed', 'cancelled', 'standin_lost') "
        "GROUP BY 1, 2 HAVING count(*) > 1",
    )
    assert not live, "at most one live payment"
    unbalanced = rows(
        owner,
        "SELECT transaction_id FROM ledger_entry GROUP BY transaction_id, currency HAVING sum(amount) <> 0",
    )
    assert not unbalanced, "every transaction sums to zero"


def _check_payment(payment: dict[str, Any], refunds: list[dict[str, Any]]) -> None:
    charged = payment["service_amount"] + payment["tip_amount"]
    owed = sum(one["service_amount"] + one["tip_amount"] for one in refunds)
    accepted = [one for one in refunds if one["status"] in ACCEPTED]
    refunded = sum(one["service_amount"] + one["tip_amount"] for one in accepted)
    assert owed <= payment["captured_amount"] <= charged, "refunds within captured within charged"
    assert refunded == payment["refunded_amount"], "refunded is a sum"
    service = sum(one["service_amount"] for one in refunds)
    returned = sum(one["commission_returned"] for one in refunds)
    assert returned == _share(payment, service), "commission back is cumulative"


def _check_ledger(payment: dict[str, Any], refunds: list[dict[str, Any]], accounts: dict[str, int]) -> None:
    captured = payment["captured_amount"]
    fee = payment["commission_amount"] if captured else 0
    owed = sum(one["service_amount"] + one["tip_amount"] for one in refunds)
    returned = sum(one["commission_returned"] for one in refunds)
    provider_net = captured - fee - owed + returned
    receivable = sum(_borne(one) for one in refunds if not one["reverses_transfer"])
    expected = {
        "stripe_clearing": captured - payment["refunded_amount"],
        "customer_funds": 0,
        "platform_commission": -(fee - returned),
        f"provider_payable:{payment['provider_id']}": -provider_net - receivable,
        f"provider_receivable:{payment['provider_id']}": receivable,
        "refunds_payable": -(owed - payment["refunded_amount"]),
    }
    assert provider_net >= 0, "the provider never owes"
    found = {name: amount for name, amount in accounts.items() if amount}
    assert found == {name: amount for name, amount in expected.items() if amount}, "accounts"


def _borne(refund: dict[str, Any]) -> int:
    """What the provider gives of a refund: all but the platform's commission."""
    return int(refund["service_amount"] + refund["tip_amount"] - refund["commission_returned"])


def _check_against_provider(
    payment: dict[str, Any], refunds: list[dict[str, Any]], provider: ScriptedProvider
) -> None:
    sent = provider.refunds_of(payment["intent_id"] or "")
    left = sum(one.amount for one in sent if one.status.value in ACCEPTED)
    assert left <= payment["captured_amount"], "no more leaves than came"
    times = [(one.our_id, one.attempt) for one in sent]
    assert len(times) == len(set(times)), "each refund is sent once"
    due = {str(one["id"]): one["commission_returned"] for one in refunds if one["reverses_transfer"]}
    alone = {str(one["id"]) for one in refunds if not one["reverses_transfer"]}
    assert not alone & {refund for _, refund, _ in provider.fee_refunds.values()}, "no commission without it"
    back = [(refund, amount) for _, refund, amount in provider.fee_refunds.values() if refund in due]
    assert len(back) == len({refund for refund, _ in back}), "commission of a refund goes back once"
    assert all(due[refund] == amount for refund, amount in back), "commission goes back as it was posted"


def _accounts(owner: Engine, payment_id: str) -> dict[str, int]:
    found = rows(
        owner,
        "SELECT account, sum(amount)::bigint AS amount FROM ledger_entry e JOIN ledger_transaction t "
        "ON t.id = e.transaction_id WHERE payment_id = :id GROUP BY account",
        id=payment_id,
    )
    return {row["account"]: row["amount"] for row in found}


def _share(payment: dict[str, Any], service: int) -> int:
    """Rounded half up here by its own means, so that an error in the code under test is seen."""
    if not service:
        return 0
    step = STEPS.get(payment["currency"], 1)
    exact = Decimal(payment["commission_amount"]) * service / payment["service_amount"] / step
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP)) * step
