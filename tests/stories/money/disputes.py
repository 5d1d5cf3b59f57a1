"""What banks dispute, by the stand-in's proxy: lost, and not refunded too; frozen, won and paid out."""

from decimal import Decimal

from tests.stories.money.houses import MASSAGE
from tests.stories.money.scene import SELDOM_SECONDS, Scene, Visit, amount_of, far, settle
from tests.stories.money.stand_in import BankDispute
from tests.stories.story import data_of, refusal_of

FEE = 1500
"""What Stripe takes for a dispute, in minor units."""
PAYOUT_SECONDS = 90.0
"""The waiting time, a round of payouts, and a busy machine."""


def a_dispute_is_lost_and_nothing_refunded_too(scene: Scene) -> str:
    """promise D11, rule M14: while it is open no refund leaves; lost, what was owed is owed no more."""
    visit = scene.book("lost", scene.new_york, MASSAGE, far())
    asked_before = scene.standin.refunds_asked_for()
    dispute = BankDispute(scene.standin, visit.intent_id, 10000, "USD")
    dispute.open(FEE)
    _wait_for(scene, dispute, "needs_response")
    taken = {"stripe_clearing": "-15.00", "disputed_funds": "100.00", "dispute_costs": "15.00"}
    shares = {"platform_commission": "-10.00", "provider_payable": "-90.00"}
    scene.wait_for_balances(visit.payment_id, **taken, **shares)
    wish = {"paymentId": visit.payment_id, "amount": 10}
    problem = refusal_of(scene.admin.post("admin/refunds/preview", wish))
    assert problem["code"] == "payment_in_dispute", problem
    scene.cancel(visit, 100)
    settle(lambda: _refund_states(scene, visit) == ["due"], lambda: "the refund to be owed")
    dispute.lose()
    _wait_for(scene, dispute, "lost")
    scene.wait_for_balances(visit.payment_id, stripe_clearing="-15.00", dispute_costs="15.00")
    assert _refund_states(scene, visit) == ["covered"]
    assert scene.standin.refunds_asked_for() == asked_before
    record = data_of(scene.admin.get(f"admin/disputes/{dispute.dispute_id}"))
    borne = [amount_of(record, name) for name in ("lost", "providerBears", "commissionLost", "platformLoss")]
    assert borne == [100, 90, 10, 0], record
    return "100.00 USD lost: 90.00 the provider's, 10.00 commission; Stripe's fee of 15.00 is ours; no refund"


def another_dispute_is_opened(scene: Scene) -> str:
    """rule M14: after the visit, before its share is paid out; the bank takes all of it."""
    visit = scene.visits["disputed"]
    scene.dispute = BankDispute(scene.standin, visit.intent_id, 10500, "USD")
    scene.dispute.open(FEE)
    _wait_for(scene, scene.dispute, "needs_response")
    left = scene.balances(visit.payment_id)
    assert [left[name] for name in ("disputed_funds", "dispute_costs", "stripe_clearing")] == [
        105,
        15,
        -15,
    ], left
    problem = refusal_of(
        scene.admin.post("admin/refunds/preview", {"paymentId": visit.payment_id, "amount": 1})
    )
    assert problem["code"] == "payment_in_dispute", problem
    return "105.00 USD are with the bank, Stripe took 15.00 for it"


def it_freezes_the_payout(scene: Scene) -> str:
    """rules M14 and M21: what the other visits and late cancellations left is paid out; its share stands."""
    for name, amount in (("undisputed", "94.00"), ("charged", "22.50"), ("held", "22.50")):
        _wait_for_payout(scene, scene.visits[name], Decimal(amount))
    assert scene.paid_out(scene.visits["disputed"]) == 0
    stands = scene.earnings(scene.new_york)
    assert stands["waiting"] + stands["due"] == 95, stands
    assert [stands["paidOut"], stands["receivable"]] == [Decimal("139.00"), 0], stands
    return "90.00 + 4.00 and twice 22.50 USD paid out; 95.00 stand still"


def won_it_is_paid_out(scene: Scene) -> str:
    """promise D11, rule M14: evidence is submitted; given back with Stripe's fee, the share goes on."""
    visit, dispute = scene.visits["disputed"], scene.dispute
    assert dispute is not None
    path = f"admin/disputes/{dispute.dispute_id}/evidence"
    texts = data_of(scene.admin.get(path))["proposed"]
    dispute.take_evidence()
    body = {"evidence": texts, "reason": "the visit took place"}
    sent = data_of(scene.admin.post(path, body))
    assert (sent["hasEvidence"], sent["disputeStatus"]) == (True, "under_review"), sent
    dispute.win(FEE)
    _wait_for(scene, dispute, "won")
    _wait_for_payout(scene, visit, Decimal("95.00"))
    scene.wait_for_balances(visit.payment_id, stripe_clearing="10.00", platform_commission="-10.00")
    stands = scene.earnings(scene.new_york)
    assert {name: amount for name, amount in stands.items() if amount} == {"paidOut": Decimal("234.00")}, (
        stands
    )
    return "evidence sent; 105.00 USD and the fee came back, 95.00 are paid out, 10.00 are the platform's"


def _wait_for(scene: Scene, dispute: BankDispute, status: str) -> None:
    path = f"admin/disputes/{dispute.dispute_id}"

    def says() -> bool:
        answer = scene.admin.get(path)
        return answer.ok and answer.json()["data"]["disputeStatus"] == status

    settle(says, lambda: f"the dispute to be {status}")


def _wait_for_payout(scene: Scene, visit: Visit, amount: Decimal) -> None:
    def is_paid() -> bool:
        return scene.paid_out(visit) == amount and scene.earnings(visit.house)["inTransit"] == 0

    def were() -> str:
        return f"{amount} to be paid out; {scene.paid_out(visit)} were"

    settle(is_paid, were, PAYOUT_SECONDS, SELDOM_SECONDS)


def _refund_states(scene: Scene, visit: Visit) -> list[str]:
    return [one["state"] for one in scene.record(visit.payment_id)["refunds"]]
