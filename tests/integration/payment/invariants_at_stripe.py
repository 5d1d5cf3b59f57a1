"""What must be true of money at the payment provider: taken as decided, given back once."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import Connection

from tests.integration.payment.records import rows
from tests.integration.payment.scripted_provider import ScriptedProvider, stripe_keeps

ACCEPTED = ("pending", "succeeded")
MINIMUMS = {"USD": 50, "KWD": 200, "JPY": 50}
STEPS = {"KWD": 10}
CANCELLED = "SELECT * FROM booking_cancellation WHERE booking_id = :id"


def check_hold(connection: Connection, payment: dict[str, Any], provider: ScriptedProvider) -> None:
    """What is taken of a hold is what a refund of the rest would leave; nothing where that is too little."""
    if payment["capture_method"] == "automatic":
        assert (payment["state"], payment["capture_cause"]) != ("authorized", None), "charged at once"
    if payment["captured_amount"]:
        seen = provider.intents[payment["intent_id"]]
        assert seen.amount_received == payment["captured_amount"], "what Stripe took is what we say"
        assert payment["stripe_fee_amount"] == stripe_keeps(payment["captured_amount"]), "what Stripe keeps"
    if payment["capture_cause"] != "cancelled":
        return
    [due] = rows(connection, CANCELLED, id=payment["booking_id"])
    back = payment["service_amount"] if due["refund_percent"] == 100 else due["service_refund"]
    service = payment["service_amount"] - back
    if service < MINIMUMS[payment["currency"]]:
        assert (kept(payment), commission(payment)) == ((0, 0), 0), "too little to be taken"
        return
    assert kept(payment) == (service, 0), "what does not go back; the tip does"
    left = payment["commission_amount"] - part(payment, payment["commission_amount"], back)
    assert commission(payment) == left, "commission on what is kept"


def kept(payment: dict[str, Any]) -> tuple[int, int]:
    return payment["kept_service_amount"], payment["kept_tip_amount"]


def commission(payment: dict[str, Any]) -> int:
    kept = payment["kept_commission_amount"]
    return int(payment["commission_amount"] if kept is None else kept)


def check_against_provider(
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


def share(payment: dict[str, Any], service: int) -> int:
    """Rounded half up here by its own means, so that an error in the code under test is seen."""
    taken = payment["kept_service_amount"]
    return part(payment, commission(payment), service, taken)


def part(payment: dict[str, Any], commission: int, service: int, of: int | None = None) -> int:
    if not service:
        return 0
    step = STEPS.get(payment["currency"], 1)
    exact = Decimal(commission) * service / (payment["service_amount"] if of is None else of) / step
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP)) * step
