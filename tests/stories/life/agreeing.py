"""Visits that are asked for first, moved, missed; and what of it can be seen afterwards."""

from datetime import timedelta

from deploy.local.setup.environments import OURS
from shared import clock
from tests.fixtures.command import output_of
from tests.stories.life.scene import HUNDRED, Life, Visit
from tests.stories.money.houses import MASSAGE, NURSE
from tests.stories.money.scene import far, minute_after, soon
from tests.stories.story import data_of, refusal_of

ANSWER = timedelta(hours=3)
"""Longer than the house has to answer."""
GRACE = timedelta(minutes=16)
TOMORROW = timedelta(days=1)
DEARER = 12000
HUNDRED_AND_TWENTY = {
    "stripe_clearing": "120.00",
    "platform_commission": "-12.00",
    "provider_payable": "-108.00",
}
"""Where the money of the visit at the dearer time stands."""


def the_provider_is_asked_first(life: Life) -> str:
    """promise C9: paid, it waits; accepted it is agreed, declined or unanswered everything goes back."""
    life.rules(NURSE, acceptance="provider", answerHours=2)
    ends = []
    for word in ("accept", "decline"):
        visit = life.asked_for(NURSE, far())
        ends.append(life.say(visit, word)["state"])
        if word == "decline":
            life.refunded(visit)
    assert ends == ["confirmed", "cancelled"], ends
    unanswered = life.asked_for(NURSE, far())
    with life.later(ANSWER):
        after = unanswered.wait_for("cancelled")
    assert (after["cancelCause"], after["refund"]["refundPercent"]) == ("unanswered", 100), after
    return f"one is accepted, one declined, one never answered: {life.refunded(unanswered)} went back"


def a_move_dodges_no_fee(life: Life) -> str:
    """rule B2: moved three hours before its start to a day far ahead, it gives back what it would have."""
    visit = life.paid(MASSAGE, soon())
    wish = life.wish(MASSAGE, far())
    query = {"date": wish["bookingDate"], "time": wish["startTime"]}
    shown = data_of(visit.customer.get(f"{visit.path}/reschedule-quote", **query))
    body = {name: wish[name] for name in ("bookingDate", "startTime")} | {"quoteId": shown["quoteId"]}
    moved = data_of(visit.customer.post(f"{visit.path}/reschedule", body))
    assert (moved["state"], moved["localTime"]) == ("confirmed", wish["startTime"]), moved
    quote = data_of(visit.customer.get(f"{visit.path}/refund-quote"))
    assert quote["refundPercent"] == 75, quote
    life.visits["moved"] = visit
    return f"moved to {wish['bookingDate']} {wish['startTime']}; cancelling gives back 75 %, not 100 %"


def a_dearer_time_is_paid_in_place_of_the_old_one(life: Life) -> str:
    """promise C6: a move says what it would cost more; held beside the old visit, paid, and in one commit the
    new one is agreed and all money of the old one due back."""
    old = life.paid(MASSAGE, far())
    [first] = data_of(old.customer.get("customer/payments"))["payments"]
    life.stands_at(first["paymentId"], **HUNDRED)
    life.charge(MASSAGE, DEARER)
    wish = life.wish(MASSAGE, far() + TOMORROW)
    when = {"date": wish["bookingDate"], "time": wish["startTime"]}
    shown = data_of(old.customer.get(f"{old.path}/reschedule-quote", **when))
    assert (shown["price"]["amount"], shown["priceDifference"]["amount"]) == (120, 20), shown
    moved = {name: wish[name] for name in ("bookingDate", "startTime")}
    assert refusal_of(old.customer.post(f"{old.path}/reschedule", moved))["code"] == "costs_more"
    held = data_of(old.customer.post("customer/bookings", wish | {"replacesBookingId": old.booking_id}), 201)
    new = Visit(old.customer, held["bookingId"])
    assert (old.now()["state"], new.now()["state"]) == ("confirmed", "pending")
    life.pay(new)
    new.wait_for("confirmed")
    assert old.now()["cancelCause"] == "replaced", old.now()
    life.stands_at(first["paymentId"])
    [second, _] = data_of(new.customer.get("customer/payments"))["payments"]
    life.stands_at(second["paymentId"], **HUNDRED_AND_TWENTY)
    life.charge(MASSAGE, life.house.prices[MASSAGE])
    return "120.00 USD charged, 100.00 given back: the difference is paid; the old visit is given up"


def a_no_show_is_contested(life: Life) -> str:
    """rule B6: only after start and grace; the customer contests, an administrator decides, all goes back."""
    starts_at = minute_after(clock.now() + timedelta(minutes=1))
    visit = life.paid(MASSAGE, starts_at)
    early = life.owner.post(f"provider/bookings/{visit.booking_id}/no-show")
    assert early.json()["code"] == "too_early", early.text
    with life.later(starts_at - clock.now() + GRACE):
        assert life.say(visit, "no-show")["state"] == "no_show"
        contested = {"reason": "I waited at the door."}
        data_of(visit.customer.post(f"{visit.path}/contest", contested))
        decision = {"outcome": "overturned", "reason": "The carer was elsewhere."}
        data_of(life.admin.post(f"admin/bookings/{visit.booking_id}/contest/decide", decision))
    assert visit.now()["state"] == "cancelled", visit.now()
    return f"too early before its time; missed, contested, overturned: {life.refunded(visit)} went back"


def a_booking_is_rebuilt_as_of_yesterday(life: Life) -> str:
    """promise C4: what it was, and why it is what it is now."""
    visit, yesterday = life.visits["moved"], clock.now()
    with life.later(TOMORROW):
        cancelled = data_of(visit.customer.post(f"{visit.path}/cancel"))
        assert cancelled["refund"]["refundPercent"] == 75, cancelled
        then = _rebuilt(life, visit, "--at", clock.to_text(yesterday))
        now = _rebuilt(life, visit)
    assert "state       confirmed" in then, then
    assert "rescheduled" in then, then
    assert "customer_cancelled" not in then, then
    assert "state       cancelled" in now, now
    assert "customer_cancelled" in now, now
    return f"confirmed and moved by then, cancelled now; {life.refunded(visit, 75)} went back"


def _rebuilt(life: Life, visit: Visit, *arguments: str) -> str:
    python = str(OURS.python)
    launcher = [python, "-m", "deploy.local", "--instance", life.stack.instance.name, "run", "booking"]
    rebuild = [python, "-m", "services.booking.rebuild", "--booking", visit.booking_id, *arguments]
    return output_of([*launcher, *rebuild])
