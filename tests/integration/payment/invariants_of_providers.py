"""What must be true of providers' money: shares, payouts, and no more than was theirs."""

from typing import Any

from sqlalchemy import Connection

from tests.integration.payment.records import rows
from tests.integration.payment.scripted_provider import ScriptedProvider

OF_PROVIDER = ("provider_payable", "provider_due", "provider_receivable")
PAID_OUT = (
    "SELECT state, due_amount - netted_amount AS amount FROM payout p "
    "JOIN payout_line l ON l.payout_id = p.id WHERE payment_id = :id AND state IN ('sent', 'paid')"
)
PAYOUTS = (
    "SELECT p.*, (SELECT sum(due_amount - netted_amount)::bigint FROM payout_line l "
    "WHERE l.payout_id = p.id) AS lines FROM payout p"
)
SHARE = (
    "SELECT s.*, EXISTS (SELECT FROM payout p JOIN payout_line l ON l.payout_id = p.id "
    "WHERE l.payment_id = s.payment_id AND p.state = 'created') AS is_on_its_way "
    "FROM provider_share s WHERE payment_id = :id"
)


def shares_of(connection: Connection, payment: dict[str, Any]) -> list[dict[str, Any]]:
    """None before the visit is over, one then."""
    return rows(connection, SHARE, id=payment["id"])


def paid_out_of(connection: Connection, payment: dict[str, Any]) -> list[dict[str, Any]]:
    """What payouts that were sent, or paid, have of a payment."""
    return rows(connection, PAID_OUT, id=payment["id"])


def _borne(refund: dict[str, Any]) -> int:
    """What the provider gives of a refund: all but the platform's commission."""
    return int(refund["service_amount"] + refund["tip_amount"] - refund["commission_returned"])


def check_share(
    payment: dict[str, Any],
    shares: list[dict[str, Any]],
    refunds: list[dict[str, Any]],
    accounts: dict[str, int],
) -> None:
    """Nothing is due before the visit is over, nothing waits after it was released."""
    payable, due, receivable = (accounts.get(f"{name}:{payment['provider_id']}", 0) for name in OF_PROVIDER)
    state = shares[0]["state"] if shares else "waiting"
    if state == "waiting":
        borne = sum(_borne(one) for one in refunds if not one["reverses_transfer"])
        assert (due, receivable) == (0, borne), "accounts: nothing is due before its time"
        return
    assert payable == 0, "accounts: what is released waits no more"
    is_found = shares[0]["is_due"] or shares[0]["is_on_its_way"] or payment["payment_provider"] == "tap"
    assert is_found or due == 0, "accounts: what is due is in a payout, or in the next"


def check_paid_out(paid_out: list[dict[str, Any]], accounts: dict[str, int]) -> None:
    """What stands on the way to the bank is what the payouts of the payment say."""
    on_its_way = sum(one["amount"] for one in paid_out if one["state"] == "sent")
    assert accounts.get("payouts_in_transit", 0) == -on_its_way, "accounts: on the way to the bank"


def check_payouts(connection: Connection, provider: ScriptedProvider) -> None:
    """Each is what its lines say and is asked for once; no provider gets more than was theirs."""
    payouts = rows(connection, PAYOUTS)
    for one in payouts:
        assert one["lines"] == one["amount"], "a payout is the sum of its lines"
        if one["provider_payout_id"]:
            seen = provider.connect.payouts[one["provider_payout_id"]][1]
            assert seen.amount == one["amount"], "paid out as it was posted"
    ours = [seen.our_id for _, seen in provider.connect.payouts.values()]
    assert len(ours) == len(set(ours)), "each payout is sent once"


def joined(
    payment: dict[str, Any], accounts: dict[str, int], paid_out: list[dict[str, Any]]
) -> dict[str, int]:
    """All accounts of the provider as one: what is or was the provider's, wherever it stands. What was paid
    out of it counts as if it still stood at Stripe."""
    own = [f"{name}:{payment['provider_id']}" for name in OF_PROVIDER]
    others = {name: amount for name, amount in accounts.items() if name not in own}
    in_transit = others.pop("payouts_in_transit", 0)
    paid = sum(one["amount"] for one in paid_out if one["state"] == "paid")
    others["stripe_clearing"] = others.get("stripe_clearing", 0) + paid
    return others | {own[0]: sum(accounts.get(name, 0) for name in own) + in_transit - paid}
