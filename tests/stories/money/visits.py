"""The story's visits: paid at once or held, cancelled late, or taken place; and a tip after one."""

from datetime import timedelta
from decimal import Decimal

from shared import clock
from tests.fixtures.waiting import wait_until
from tests.stories.money.houses import MASSAGE
from tests.stories.money.scene import CARD, Scene, Visit, minute_after, settle, soon
from tests.stories.story import data_of

BEFORE_THE_VISIT = timedelta(seconds=15)
"""So long two bookings and their payments may take on a busy machine."""
LONGEST_WAIT_SECONDS = 120.0
TIP = Decimal("5.00")
LATER_TIP = Decimal("4.00")
LETS_GO = timedelta(hours=20)
"""A hold that lapses so soon does not outlast a visit in three hours and its grace."""


def two_visits_will_begin_within_two_minutes(scene: Scene) -> str:
    """rule M15: their money is held until after them."""
    starts_at = minute_after(clock.now() + BEFORE_THE_VISIT)
    for name, tip in (("disputed", TIP), ("undisputed", None)):
        visit = scene.book(name, scene.new_york, MASSAGE, starts_at, tip)
        paid = visit.payment()
        assert (paid["captured"], paid["capturedAmount"]) == (False, 0), paid
        assert paid["heldUntil"], paid
        assert scene.balances(visit.payment_id) == {}
        assert scene.say(visit, "start")["state"] == "in_progress"
    return f"105.00 and 100.00 USD held, nothing taken; both begin at {starts_at:%H:%M} UTC"


def cancelled_late_after_the_card_was_charged(scene: Scene) -> str:
    """rules M8, M9 and M15: a card whose bank lets go tomorrow (fixture) is charged at once; then 75 %
    and the tip go back, and three quarters of the commission."""
    with scene.standin.card_that_lets_go(clock.now() + LETS_GO):
        visit = scene.book("charged", scene.new_york, MASSAGE, soon(), TIP)
        settle(lambda: visit.payment()["captured"], lambda: "the card to be charged")
    everything = {"stripe_clearing": "105.00", "platform_commission": "-10.00", "provider_payable": "-95.00"}
    scene.wait_for_balances(visit.payment_id, **everything)
    refund = scene.cancel(visit, 75)
    assert (refund["serviceRefund"]["amount"], refund["tipRefund"]["amount"]) == (75, 5), refund
    settle(lambda: visit.payment()["refundedAmount"] == 80, lambda: "80.00 USD to be given back")
    paid = visit.payment()
    assert [(one["amount"], one["status"]) for one in paid["refunds"]] == [(80, "succeeded")], paid
    assert (paid["capturedAmount"], paid["releasedAmount"]) == (105, 0), paid
    _kept(scene, visit)
    return (
        "105.00 USD charged, 80.00 refunded; commission 10.00 - 7.50 = 2.50, provider 95.00 - 72.50 = 22.50"
    )


def cancelled_late_while_the_money_was_held(scene: Scene) -> str:
    """rule M15: of a hold only what does not go back is taken; the rest was never taken: no refund."""
    asked_before = scene.standin.refunds_asked_for()
    visit = scene.book("held", scene.new_york, MASSAGE, soon(), TIP)
    held = visit.payment()
    assert (held["captured"], held["amount"]) == (False, 105), held
    refund = scene.cancel(visit, 75)
    assert (refund["serviceRefund"]["amount"], refund["tipRefund"]["amount"]) == (75, 5), refund
    settle(lambda: visit.payment()["capturedAmount"] == 25, lambda: "25.00 USD to be taken")
    paid = visit.payment()
    assert (paid["releasedAmount"], paid["refundedAmount"], paid["refunds"]) == (80, 0, []), paid
    assert scene.standin.refunds_asked_for() == asked_before
    _kept(scene, visit)
    return "105.00 USD held, 25.00 taken, 80.00 released, no refund; commission 2.50, provider 22.50"


def _kept(scene: Scene, visit: Visit) -> None:
    """25.00 are left of 105.00, however they came to be left; the provider's part may have been released."""
    left = scene.balances(visit.payment_id)
    provider = sum(amount for account, amount in left.items() if account.startswith("provider_"))
    others = {account: amount for account, amount in left.items() if not account.startswith(("prov", "payo"))}
    in_transit = left.get("payouts_in_transit", Decimal())
    assert others["platform_commission"] == Decimal("-2.50"), left
    assert others.keys() == {"stripe_clearing", "platform_commission"}, left
    assert provider + in_transit + others["stripe_clearing"] == Decimal("2.50"), left
    assert provider + in_transit in (Decimal("-22.50"), Decimal()), left


def both_visits_take_place(scene: Scene) -> str:
    """rule M15: what was held is taken when the provider says that it is done."""
    starts_at = scene.visits["disputed"].starts_at
    wait_until(
        lambda: clock.now() > starts_at, "the visits to begin", seconds=LONGEST_WAIT_SECONDS, poll=0.25
    )
    for name, amount in (("disputed", 105), ("undisputed", 100)):
        visit = scene.visits[name]
        assert scene.say(visit, "complete")["state"] == "completed"
        settle(lambda: visit.payment()["capturedAmount"] == amount, lambda: "the money to be taken")  # noqa: B023
    return "both are completed; 105.00 and 100.00 USD taken"


def a_tip_is_given_afterwards(scene: Scene) -> str:
    """rule M8: a payment of its own, all of it the provider's."""
    visit = scene.visits["undisputed"]
    body = {"bookingId": visit.booking_id, "paymentMethodId": CARD, "tipAmount": float(LATER_TIP)}
    tip = data_of(visit.customer.post("customer/payments/tip", body))
    amounts = [tip[name] for name in ("amount", "platformCommission", "providerAmount")]
    assert (tip["kind"], amounts) == ("tip", [LATER_TIP, 0, LATER_TIP]), tip
    return "4.00 USD, no commission"
