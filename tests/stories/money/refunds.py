"""Refunds in parts by an administrator: nothing drifts, in two decimals and in three."""

from decimal import Decimal

from tests.stories.money.houses import MASSAGE, NURSE
from tests.stories.money.scene import Scene, Visit, amount_of, far, settle, soon
from tests.stories.story import Object, data_of, refusal_of

THIRDS = (("33.34", "3.33"), ("33.34", "3.34"), ("33.33", "3.33"))
"""What goes back of 100.01, and the commission that goes back with it: 3.33 each would leave 0.01."""


def three_refunds_of_an_odd_amount(scene: Scene) -> str:
    """rule M9, promise G1: each as previewed; commission goes back cumulatively, to exactly zero."""
    visit = scene.book("odd", scene.new_york, NURSE, far())
    paid = visit.payment()
    assert (paid["amount"], paid["platformCommission"]) == (Decimal("100.01"), 10), paid
    assert paid["captured"], paid
    left = Decimal("100.01")
    for amount, commission in THIRDS:
        left -= Decimal(amount)
        _refund(scene, visit, amount, commission, left)
    scene.wait_for_balances(visit.payment_id)
    problem = refusal_of(scene.admin.post("admin/refunds/preview", _wish(visit, "0.01")))
    assert problem["code"] == "refund_exceeds_payment", problem
    assert visit.payment()["refundedAmount"] == Decimal("100.01")
    returned = " + ".join(commission for _, commission in THIRDS)
    return (
        f"100.01 USD given back in three, commission {returned} = 10.00; every account at 0.00, no cent more"
    )


def three_decimals(scene: Scene) -> str:
    """rules M2, M3 and M9: a price is quoted as it can be charged, and every part is a multiple of 0.010."""
    charged = scene.book("dinars", scene.kuwait, MASSAGE, far(), Decimal("1.25"))
    paid = charged.payment()
    amounts = [paid[name] for name in ("amount", "serviceAmount", "platformCommission", "providerAmount")]
    assert amounts == [Decimal(one) for one in ("13.600", "12.350", "1.240", "12.360")], amounts
    problem = refusal_of(scene.admin.post("admin/refunds/preview", _wish(charged, "4.125")))
    assert problem["code"] == "amount_precision", problem
    _refund(scene, charged, "4.12", "0.41", Decimal("9.48"))
    refund = scene.cancel(charged, 100)
    parts = (amount_of(refund, "serviceRefund"), amount_of(refund, "tipRefund"))
    assert parts == (Decimal("8.230"), Decimal("1.250")), refund
    settle(
        lambda: charged.payment()["refundedAmount"] == paid["amount"], lambda: "13.600 KWD to be given back"
    )
    scene.wait_for_balances(charged.payment_id)
    held = scene.book("held dinars", scene.kuwait, MASSAGE, soon())
    scene.cancel(held, 75)
    settle(lambda: held.payment()["capturedAmount"] == Decimal("3.09"), lambda: "3.090 KWD to be taken")
    earned = [amount_of(one) for one in scene.statement(scene.kuwait)["lines"] if one["kind"] == "earned"]
    assert earned[-1] == Decimal("2.780"), earned
    return (
        "12.345 KWD quoted as 12.350; 13.600 given back in two parts, every account at 0.000; "
        "of a hold 3.090 taken: commission 0.310, provider 2.780"
    )


def _refund(scene: Scene, visit: Visit, amount: str, commission: str, left: Decimal) -> None:
    """Previewed, carried out exactly so, accepted."""
    shown = data_of(scene.admin.post("admin/refunds/preview", _wish(visit, amount)))
    moved = [amount_of(shown, name) for name in ("refund", "platformBears", "providerBears", "left")]
    given, back = Decimal(amount), Decimal(commission)
    assert moved == [given, back, given - back, left], shown
    body = {**_wish(visit, amount), "previewId": shown["previewId"], "reason": "the carer left early"}
    made = data_of(scene.admin.post("admin/refunds", body), 201)
    state: list[Object] = []

    def is_done() -> bool:
        state[:] = [
            one for one in scene.record(visit.payment_id)["refunds"] if one["refundId"] == made["refundId"]
        ]
        return [one["state"] for one in state] == ["succeeded"]

    settle(is_done, lambda: f"the refund of {amount} to be accepted; it is {state}")


def _wish(visit: Visit, amount: str) -> Object:
    return {"paymentId": visit.payment_id, "amount": float(amount)}
