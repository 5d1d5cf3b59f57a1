"""Who and what the story of money carries from step to step, and the ways in which it looks at money."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from deploy.local.stack import Stack
from shared import clock
from tests.fixtures.customer import Customer
from tests.fixtures.waiting import wait_until
from tests.integration.platform.market import pay, wait_for_state
from tests.stories.money.houses import House
from tests.stories.money.stand_in import BankDispute, StandIn
from tests.stories.story import Cast, Object, data_of

CARD = "pm_card_visa"
POLL_SECONDS, SELDOM_SECONDS = 0.25, 1.0
"""An account may ask 120 times a minute: who waits long looks seldom."""
FAR, LATE = timedelta(days=10), timedelta(hours=3)
"""So far ahead that the card is charged at once; and so soon that 75 % go back."""
SETTLED_SECONDS = 60.0

Amounts = dict[str, Decimal]


@dataclass
class Visit:
    """A visit that was booked and paid, with those who take part."""

    customer: Customer
    house: House
    booking_id: str
    payment_id: str
    intent_id: str
    starts_at: datetime

    @property
    def path(self) -> str:
        return f"customer/bookings/{self.booking_id}"

    def payment(self) -> Object:
        """As its customer sees it now."""
        return data_of(self.customer.get(f"customer/payments/{self.payment_id}"))


@dataclass
class Scene:
    """The running stack, an administrator, the owner of two houses, and their visits by name."""

    stack: Stack
    cast: Cast
    admin: Customer
    owner: Customer
    account: Object
    standin: StandIn
    new_york: House
    kuwait: House
    visits: dict[str, Visit] = field(default_factory=dict)
    bookings: list[tuple[Customer, str]] = field(default_factory=list)
    dispute: BankDispute | None = None

    def book(
        self, name: str, house: House, category: str, starts_at: datetime, tip: Decimal | None = None
    ) -> Visit:
        """Somebody new books a visit at that minute, pays it, and it is confirmed."""
        customer = self.cast.customer()
        booking = self.hold(customer, house, category, starts_at)
        paid = data_of(pay(customer, booking, CARD, tipAmount=None if tip is None else float(tip)))
        assert paid["status"] == "succeeded", paid
        wait_for_state(customer, booking, "confirmed")
        intent_id = paid["paymentIntentId"]
        visit = Visit(customer, house, booking["bookingId"], paid["paymentId"], intent_id, starts_at)
        self.visits[name] = visit
        return visit

    def hold(self, customer: Customer, house: House, category: str, starts_at: datetime) -> Object:
        local = starts_at.astimezone(ZoneInfo(house.zone))
        body = {
            "providerId": house.provider_id,
            "serviceId": house.services[category],
            "bookingDate": local.date().isoformat(),
            "startTime": f"{local:%H:%M}",
        }
        booking = data_of(customer.post("customer/bookings", body), 201)
        self.bookings.append((customer, booking["bookingId"]))
        return booking

    def say(self, visit: Visit, word: str) -> Object:
        """What the provider says of a visit: start, complete."""
        return data_of(self.owner.post(f"provider/bookings/{visit.booking_id}/{word}"))

    def cancel(self, visit: Visit, percent: int) -> Object:
        """The customer cancels as it was shown; what goes back, by its parts."""
        shown = data_of(visit.customer.get(f"{visit.path}/refund-quote"))
        assert shown["refundPercent"] == percent, shown
        answer = visit.customer.post(f"{visit.path}/cancel", {"refundQuoteId": shown["quoteId"]})
        refund: Object = data_of(answer)["refund"]
        for part in ("refundPercent", "tipPercent", "serviceRefund", "tipRefund"):
            assert refund[part] == shown[part], (refund, shown)
        return refund

    def record(self, payment_id: str) -> Object:
        """A payment with all its books, as administrators see it."""
        return data_of(self.admin.get(f"admin/payments/{payment_id}"))

    def balances(self, payment_id: str) -> Amounts:
        return balances_of(self.admin, payment_id)

    def wait_for_balances(self, payment_id: str, **expected: str) -> None:
        wait_for_balances(self.admin, payment_id, **expected)

    def earnings(self, house: House) -> Amounts:
        """Where the house's money stands now."""
        found = data_of(self.owner.get("provider/earnings", providerId=house.provider_id))["earnings"]
        [one] = found
        return {name: Decimal(money["amount"]) for name, money in one.items()}

    def statement(self, house: House) -> Object:
        """Every line of these days."""
        query = {"providerId": house.provider_id, "limit": 100, **days()}
        answer = self.owner.get("provider/statements", **query)
        found = data_of(answer)
        assert answer.json()["page"]["next"] is None, "more lines than a page has"
        return found

    def paid_out(self, visit: Visit) -> Decimal:
        """What of a visit has been paid out, its tips too."""
        lines = self.statement(visit.house)["lines"]
        of_visit = [one for one in lines if one["bookingId"] == visit.booking_id]
        return -sum((amount_of(one) for one in of_visit if one["kind"] == "paid_out"), Decimal())


def amount_of(line: Object, name: str = "amount") -> Decimal:
    """An amount of money in an answer."""
    return Decimal(line[name]["amount"])


def balances_of(admin: Customer, payment_id: str) -> Amounts:
    """What stands on each account because of this payment, those at zero left out; the provider's accounts
    without its id, a debit above zero."""
    found: defaultdict[str, Decimal] = defaultdict(Decimal)
    for line in data_of(admin.get(f"admin/payments/{payment_id}"))["ledger"]:
        found[line["account"].partition(":")[0]] += Decimal(line["amount"]["amount"])
    assert sum(found.values()) == 0, dict(found)
    return {account: amount for account, amount in found.items() if amount}


def wait_for_balances(admin: Customer, payment_id: str, **expected: str) -> None:
    """Until each account stands at exactly this, and no other account at anything."""
    wanted = {account: Decimal(amount) for account, amount in expected.items()}
    seen: Amounts = {}

    def stand() -> bool:
        seen.clear()
        seen.update(balances_of(admin, payment_id))
        return seen == wanted

    settle(stand, lambda: f"{payment_id} to stand at {wanted}; it stands at {seen}")


def settle(
    condition: Callable[[], object],
    what: Callable[[], str],
    seconds: float = SETTLED_SECONDS,
    poll: float = POLL_SECONDS,
) -> None:
    """Wait for it; the failure says what was seen last."""
    try:
        wait_until(condition, "it", seconds=seconds, poll=poll)
    except AssertionError:
        raise AssertionError(f"waited {seconds:.0f} s in vain for {what()}") from None


def minute_after(moment: datetime) -> datetime:
    """The first whole minute after it."""
    return moment.astimezone(UTC).replace(second=0, microsecond=0) + timedelta(minutes=1)


def soon() -> datetime:
    """The minute of a visit that is to be cancelled late."""
    return minute_after(clock.now() + LATE)


def far() -> datetime:
    return minute_after(clock.now() + FAR)


def days() -> dict[str, str]:
    """Today with a day to both sides: the zones' days differ."""
    today = clock.now().date()
    return {"from": str(today - timedelta(days=1)), "to": str(today + timedelta(days=1))}
