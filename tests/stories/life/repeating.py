"""Visits that repeat, and time that gets free while somebody waits for it."""

from datetime import date, datetime, time, timedelta

from requests import Response

from shared import clock
from tests.fixtures.customer import Customer
from tests.fixtures.waiting import wait_until
from tests.stories.life.scene import HUNDRED, SETTLED_SECONDS, Life, Visit
from tests.stories.money.houses import MASSAGE
from tests.stories.story import Object, data_of

TEN, SKIPPED = time(10), time(2, 30)
WEEKS, MONDAY = 12, 0
PAYS, DECLINES = "pm_card_visa", "pm_card_chargeCustomerFail"
CONFLICT = 3
KEPT = timedelta(hours=72)
OFFER = timedelta(minutes=16)
"""Longer than an offer lasts."""


def twelve_mondays_over_a_clock_change(life: Life) -> str:
    """promise C6, rule T17: the same local time all along; what is taken is told before and decided by the
    customer; paying one visit keeps them all."""
    first = _clock_change(life) + timedelta(days=1) - timedelta(weeks=WEEKS // 2)
    carer = {"staffId": life.staff[0]}
    life.hold(MASSAGE, _at(life, first + timedelta(weeks=CONFLICT - 1), TEN), **carer)
    customer = life.cast.customer()
    asked = life.wish(MASSAGE, _at(life, first, TEN), **carer) | {"rule": f"FREQ=WEEKLY;COUNT={WEEKS}"}
    seen = data_of(customer.post("customer/series/preview", asked))["instances"]
    assert {date.fromisoformat(one["localDate"]).weekday() for one in seen} == {MONDAY}, seen
    prospects = [one["prospect"] for one in seen]
    assert prospects == ["conflict" if one == CONFLICT else "free" for one in range(1, WEEKS + 1)], prospects
    assert len({one["utcOffset"] for one in seen} - {None}) == 2, seen
    taken = seen[CONFLICT - 1]
    instead = taken["alternatives"][0]["localTime"]
    decision = {"localDate": taken["localDate"], "choice": "alternative", "startTime": instead}
    series = data_of(customer.post("customer/series", asked | {"decisions": [decision]}), 201)
    visits = [one["booking"] for one in series["instances"]]
    assert [one["localTime"] for one in visits] == [
        instead if one == CONFLICT else "10:00" for one in range(1, WEEKS + 1)
    ]
    life.pay(Visit(customer, visits[0]["bookingId"]))
    _wait_until_kept(customer, series)
    life.visits["of the series"] = Visit(customer, visits[1]["bookingId"])
    return f"{WEEKS} held from {first}, the third at {instead}; one is paid, the others are kept to be paid"


def a_time_that_does_not_exist(life: Life) -> str:
    """rule T1: listed with the next time that there is, and never moved silently."""
    gap = _clock_change(life)
    customer = life.cast.customer()
    wish = life.wish(MASSAGE, _at(life, gap - timedelta(weeks=1), SKIPPED))
    asked = wish | {"rule": "FREQ=WEEKLY;COUNT=3"}
    seen = data_of(customer.post("customer/series/preview", asked))["instances"]
    assert [one["prospect"] for one in seen] == ["free", "time_does_not_exist", "free"], seen
    assert seen[1]["nextExisting"] == "03:00", seen
    decision = {"localDate": gap.isoformat(), "choice": "skip"}
    series = data_of(customer.post("customer/series", asked | {"decisions": [decision]}), 201)
    assert [one["outcome"] for one in series["instances"]] == ["booked", "skipped", "booked"], series
    return f"02:30 on {gap} is listed, 03:00 would be next; skipped by the customer"


def part_of_a_series_is_cancelled(life: Life) -> str:
    """promise C6: from one visit on; those before stay, and refunds are of future visits alone."""
    customer = life.visits["of the series"].customer
    [series] = data_of(customer.get("customer/series"))["series"]
    path = f"customer/series/{series['seriesId']}"
    shown = data_of(customer.get(f"{path}/refund-quote", scope="following", position=6))
    body = {"scope": "following", "position": 6, "refundQuoteId": shown["quoteId"]}
    after = data_of(customer.post(f"{path}/cancel", body))
    states = [one["booking"]["state"] for one in after["instances"]]
    assert states == ["confirmed", *["pending"] * 4, *["cancelled"] * 7], states
    return "7 of 12 are cancelled, 1 paid and 4 unpaid stay"


def a_series_is_paid_together(life: Life) -> str:
    """promise C6, rules T17 and C13: one command, a charge for each visit; what is refused undoes nothing, a
    repeat charges nobody again."""
    customer, days = life.cast.customer(), clock.now().date() + timedelta(days=40)
    wish = life.wish(MASSAGE, _at(life, days, TEN)) | {"rule": "FREQ=WEEKLY;COUNT=4"}
    series = data_of(customer.post("customer/series", wish), 201)
    visits = [one["booking"]["bookingId"] for one in series["instances"]]
    path, cards = f"customer/series/{series['seriesId']}/pay", [PAYS, PAYS, DECLINES, PAYS]
    named = [{"bookingId": visit, "paymentMethodId": card} for visit, card in zip(visits, cards, strict=True)]
    ends = ["succeeded", "succeeded", "card_declined", "succeeded"]
    for _ in range(2):
        told = _ends(customer.post(path, {"visits": named}, key=series["seriesId"]))
        assert told == ends, told
    for visit, end in zip(visits, ends, strict=True):
        if end == "succeeded":
            Visit(customer, visit).wait_for("confirmed")  # else it counts as unpaid, and is told to be paid
    told = _ends(customer.post(path, {"paymentMethodId": PAYS}))
    assert told == ["succeeded"], told
    for visit in visits:
        Visit(customer, visit).wait_for("confirmed")
    payments = data_of(customer.get("customer/payments"))["payments"]
    charged = [one for one in payments if one["capturedAmount"]]
    assert sorted(one["bookingId"] for one in charged) == sorted(visits), payments
    for one in charged:
        life.stands_at(one["paymentId"], **HUNDRED)
    return "4 charges of 100.00 USD, one of them after a refusal; each has its own accounts"


def an_offer_is_declined_expires_and_is_taken(life: Life) -> str:
    """promise C6: what gets free is held for the first in line, then for the next, for one at a time."""
    starts_at = _at(life, clock.now().date() + timedelta(days=20), TEN)
    members = {"staffId": life.staff[1]}
    first = life.hold(MASSAGE, starts_at, **members)
    line = [_join(life, starts_at, members) for _ in range(3)]
    data_of(first.customer.post(f"{first.path}/cancel"))
    _wait_for(line, ["offered", "waiting", "waiting"])
    declined = _entry(line[0])
    data_of(line[0].post(f"customer/waitlist/{declined['waitlistId']}/decline"))
    _wait_for(line, ["declined", "offered", "waiting"])
    with life.later(OFFER):
        _wait_for(line, ["declined", "missed", "offered"])
    offered = _entry(line[2])["booking"]
    life.pay(Visit(line[2], offered["bookingId"]))
    Visit(line[2], offered["bookingId"]).wait_for("confirmed")
    _wait_for(line, ["declined", "missed", "taken"])
    return "offered to three, one after the other: declined, missed, taken"


def _ends(answer: Response) -> list[str]:
    """What became of each visit."""
    return [one["code"] or one["payment"]["status"] for one in data_of(answer)["visits"]]


def _clock_change(life: Life) -> date:
    """The next day on which the house's clocks skip an hour at 02:00."""
    day = clock.now().date() + timedelta(weeks=WEEKS)
    while _offset(life, day, time(12)) <= _offset(life, day, time()):
        day += timedelta(days=1)
    return day


def _offset(life: Life, day: date, at: time) -> timedelta:
    return datetime.combine(day, at, life.zone).utcoffset() or timedelta()


def _at(life: Life, day: date, at: time) -> datetime:
    return datetime.combine(day, at, life.zone)


def _wait_until_kept(customer: Customer, series: Object) -> None:
    path = f"customer/series/{series['seriesId']}"
    wait_until(
        lambda: data_of(customer.get(path))["keptAt"] is not None,
        "the series to be kept",
        seconds=SETTLED_SECONDS,
    )
    kept = [one["booking"] for one in data_of(customer.get(path))["instances"]]
    for visit in kept[1:]:
        ends = clock.from_text(visit["startsAt"]) - clock.from_text(visit["holdExpiresAt"])
        assert ends == KEPT, visit


def _join(life: Life, starts_at: datetime, members: dict[str, str]) -> Customer:
    customer, local = life.cast.customer(), starts_at.astimezone(life.zone)
    wish = {"date": local.date().isoformat(), "from": f"{local:%H:%M}", "to": f"{local:%H:%M}", **members}
    service = life.house.services[MASSAGE]
    body = {"providerId": life.house.provider_id, "serviceId": service, **wish}
    data_of(customer.post("customer/waitlist", body), 201)
    return customer


def _entry(customer: Customer) -> Object:
    [entry] = data_of(customer.get("customer/waitlist"))["entries"]
    found: Object = entry
    return found


def _wait_for(line: list[Customer], states: list[str]) -> None:
    seen: list[str] = []

    def stand() -> bool:
        seen[:] = [_entry(one)["state"] for one in line]
        return seen == states

    wait_until(stand, f"the line to stand at {states}", seconds=SETTLED_SECONDS)
