"""Who and what the story of a booking's life carries from step to step."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from deploy.local.demo import import_documents, load_demo_data
from deploy.local.demo_data.people import DEMO_PASSWORD
from deploy.local.progress import Progress
from deploy.local.stack import Stack
from shared import clock
from tests.fixtures.customer import Customer
from tests.fixtures.waiting import wait_until
from tests.integration.platform.market import Market, pay
from tests.stories.money.houses import PASSWORD, House, documents, new_york, owner_account
from tests.stories.money.money import ADMIN
from tests.stories.money.scene import SELDOM_SECONDS, settle, wait_for_balances
from tests.stories.story import Cast, Object, data_of

WINDOW_DAYS = 365
SETTLED_SECONDS = 60.0
HUNDRED = {"stripe_clearing": "100.00", "platform_commission": "-10.00", "provider_payable": "-90.00"}
"""Where the money of a visit of 100.00 stands that is to come."""


@dataclass
class Visit:
    """A booking with its customer."""

    customer: Customer
    booking_id: str

    @property
    def path(self) -> str:
        return f"customer/bookings/{self.booking_id}"

    def now(self) -> Object:
        """The booking as its customer sees it."""
        return data_of(self.customer.get(self.path))

    def wait_for(self, state: str) -> Object:
        """Until it is in this state; the booking then."""
        wait_until(
            lambda: self.now()["state"] == state, f"the booking to be {state}", seconds=SETTLED_SECONDS
        )
        return self.now()


@dataclass
class Life:
    """A stack of the story's own, whose booking may live at another time; a house in New York."""

    stack: Stack
    cast: Cast
    admin: Customer
    owner: Customer
    house: House
    market: Market
    staff: list[str]
    opening: dict[str, Object]
    visits: dict[str, Visit] = field(default_factory=dict)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.house.zone)

    def wish(self, category: str, starts_at: datetime, **members: str) -> Object:
        """A visit at that minute of the house's clocks."""
        local = starts_at.astimezone(self.zone)
        return {
            "providerId": self.house.provider_id,
            "serviceId": self.house.services[category],
            "bookingDate": local.date().isoformat(),
            "startTime": f"{local:%H:%M}",
            **members,
        }

    def hold(self, category: str, starts_at: datetime, **members: str) -> Visit:
        """Somebody new holds a visit."""
        customer = self.cast.customer()
        held = data_of(customer.post("customer/bookings", self.wish(category, starts_at, **members)), 201)
        return Visit(customer, held["bookingId"])

    def paid(self, category: str, starts_at: datetime) -> Visit:
        """Somebody new holds a visit and pays it."""
        visit = self.hold(category, starts_at)
        self.pay(visit)
        visit.wait_for("confirmed")
        return visit

    def asked_for(self, category: str, starts_at: datetime) -> Visit:
        """The same of one that its provider is asked for: until booking has heard of the money, it is pending
        for another reason."""
        visit = self.hold(category, starts_at)
        self.pay(visit)
        wait_until(
            lambda: visit.now()["pendingFor"] == "provider",
            "the provider to be asked",
            seconds=SETTLED_SECONDS,
        )
        return visit

    def pay(self, visit: Visit) -> None:
        paid = data_of(pay(visit.customer, {"bookingId": visit.booking_id}))
        assert paid["status"] == "succeeded", paid

    def say(self, visit: Visit, word: str, **body: str) -> Object:
        """What the provider says of a visit."""
        return data_of(self.owner.post(f"provider/bookings/{visit.booking_id}/{word}", body or None))

    def rules(self, category: str, **rules: object) -> None:
        """Other rules for a service of the house."""
        body = {"providerId": self.house.provider_id, **rules}
        data_of(self.owner.post(f"provider/services/{self.house.services[category]}/rules", body))

    def charge(self, category: str, amount: int) -> None:
        """Another price of a service of the house, in minor units, as its catalogue says from now on."""
        [listed] = self.opening["catalogue.json"]["providers"]
        for one in listed["services"]:
            if one["id"] == self.house.services[category]:
                one["price"] = one["price"] | {"amount": amount}
        import_documents(self.stack, self.opening)

    def refunded(self, visit: Visit, percent: int = 100) -> str:
        """Until so much of what was paid for it went back; what is said of it."""
        [payment] = data_of(visit.customer.get("customer/payments"))["payments"]
        path, back = f"customer/payments/{payment['paymentId']}", payment["amount"] * percent / 100

        def given_back() -> bool:
            seen = data_of(visit.customer.get(path))
            return bool(seen["refundedAmount"] + seen["releasedAmount"] == back)

        settle(given_back, lambda: "the money to be given back", poll=SELDOM_SECONDS)
        return f"{back:.2f} {payment['currency']}"

    def stands_at(self, payment_id: str, **balances: str) -> None:
        """Until the accounts of a payment stand at exactly this."""
        wait_for_balances(self.admin, payment_id, **balances)

    def later(self, ahead: timedelta) -> AbstractContextManager[None]:
        """Within the block booking lives so much later."""
        return self.market.booking_clock_at(clock.now() + ahead)


@contextmanager
def _started(stack: Stack) -> Iterator[None]:
    """Ended again when it can't be used."""
    try:
        stack.start(is_fresh=True)
        load_demo_data(stack, Progress())
        yield
    except BaseException:
        stack.stop()
        raise


def opened(stack: Stack) -> Life:
    """Starts the stack and opens the house; the window reaches over a change of its clocks."""
    with _started(stack):
        house, account = new_york(), owner_account()
        opening = documents([house], account)
        [calendar] = opening["calendar.json"]["providers"]
        calendar["window_days"] = WINDOW_DAYS
        import_documents(stack, opening)
        cast = Cast(stack.url)
        admin = cast.signed_in(ADMIN, DEMO_PASSWORD)
        owner = cast.signed_in(account["email"], PASSWORD)
        staff = [one["id"] for one in calendar["staff"]]
        return Life(stack, cast, admin, owner, house, Market(stack), staff, opening)


def ended(life: Life) -> None:
    life.cast.leave()
    life.stack.stop()
