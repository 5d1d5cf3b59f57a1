"""Visits that are asked for first, moved, missed; and what of it can be seen afterwards."""

from datetime import timedelta

from deploy.local.setup.environments import OURS
from shared import clock
from tests.fixtures.command import output_of
from tests.stories.life.scene import Life, Visit
from tests.stories.money.houses import MASSAGE, NURSE
from tests.stories.money.scene import far, minute_after, soon
from tests.stories.story import data_of

ANSWER = timedelta(hours=3)
"""Longer than the house has to answer."""
GRACE = timedelta(minutes=16)
TOMORROW = timedelta(days=1)


def the_provider_is_asked_first(life: Life) -> str:
    """promise C9: paid, it waits; accepted it is agreed, declined or unanswered everything goes back."""
    life.rules(NURSE, acceptance="provider", answerHours=2)
    ends = []
    for word in ("accept", "decline"):
        visit = life.paid(NURSE, far(), "pending")
        assert visit.now()["pendingFor"] == "provider", visit.now()
        ends.append(life.say(visit, word)["state"])
        if word == "decline":
            life.refunded(visit)
    assert ends == ["confirmed", "cancelled"], ends
    unanswered = life.paid(NURSE, far(), "pending")
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
        data_of(visit.customer.post(f"{visit.path}/cancel"))
        then = _rebuilt(life, visit, "--at", clock.to_text(yesterday))
        now = _rebuilt(life, visit)
    assert "state       confirmed" in then, then
    assert "rescheduled" in then, then
    assert "customer_cancelled" not in then, then
    assert "state       cancelled" in now, now
    assert "customer_cancelled" in now, now
    return "confirmed and moved by then, cancelled now; each change with who and why"


def _rebuilt(life: Life, visit: Visit, *arguments: str) -> str:
    python = str(OURS.python)
    launcher = [python, "-m", "deploy.local", "--instance", life.stack.instance.name, "run", "booking"]
    rebuild = [python, "-m", "services.booking.rebuild", "--booking", visit.booking_id, *arguments]
    return output_of([*launcher, *rebuild])
