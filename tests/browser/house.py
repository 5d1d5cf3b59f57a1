"""A house of the tests' own: one carer, every day, by the quarter of an hour; at home it is asked first."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg2

from deploy.local.demo import import_documents
from deploy.local.stack import Stack
from tests.fixtures.customer import Customer
from tests.stories.money.houses import NURSE, PASSWORD, House, documents, new_york, owner_account

STEP = timedelta(minutes=15)
LINES = "12 Elm Street\nFloor 3"
AT_THE_DOOR = {"latitude": 40.7306, "longitude": -73.9866}
"""Where the home visits of the tests are."""


@dataclass(frozen=True)
class OpenHouse:
    """Where its visits are held, and how its owner signs in."""

    stack: Stack
    house: House
    email: str

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.house.zone)

    @property
    def today(self) -> date:
        return datetime.now(self.zone).date()

    def address(self, category: str, day: date) -> str:
        """The address of a service's day on the page."""
        service_id = self.house.services[category]
        return f"#/providers/{self.house.provider_id}?service={service_id}&date={day}"

    def next_start(self) -> datetime:
        """A start that leaves five minutes to book it, and that lies within the half hour of a check-in."""
        soon = datetime.now(self.zone).replace(second=0, microsecond=0) + timedelta(minutes=5)
        return soon + (datetime.min.replace(tzinfo=self.zone) - soon) % STEP

    def wish(self, category: str, day: date, time: str, **members: Any) -> dict[str, Any]:
        """What holds a visit."""
        return {
            "providerId": self.house.provider_id,
            "serviceId": self.house.services[category],
            "bookingDate": day.isoformat(),
            "startTime": time,
            **members,
        }

    def move_back(self, booking_id: str, by: timedelta) -> None:
        """As if the visit had been agreed for an earlier time: nobody waits a quarter of an hour here."""
        for table, name, ranges in (
            ("booking", "id", ("visit", "blocked")),
            ("allocation", "booking_id", ("blocked",)),
        ):
            moved = ", ".join(
                f"{one} = tstzrange(lower({one}) - %(by)s, upper({one}) - %(by)s)" for one in ranges
            )
            self._run(f"UPDATE {table} SET {moved} WHERE {name} = %(id)s", by=by, id=booking_id)

    def join_and_leave(self, waitlist_id: str, times: int) -> None:
        """As if who stands in this line had joined others and left them so often since."""
        self._run(
            """
            INSERT INTO waitlist_entry
                (id, customer_id, provider_id, service_id, asks, day, state, created_at)
            SELECT gen_random_uuid(), customer_id, provider_id, service_id, asks, day, 'left',
                created_at + number * interval '1 millisecond'
            FROM waitlist_entry, generate_series(1, %(times)s) AS number WHERE id = %(id)s
            """,
            id=waitlist_id,
            times=times,
        )

    def _run(self, statement: str, **values: Any) -> None:
        url = self.stack.admin_database_url("booking").replace("postgresql+psycopg2", "postgresql")
        connection = psycopg2.connect(url)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(statement, values)
        finally:
            connection.close()


def open_house(stack: Stack) -> OpenHouse:
    """Import it, and let its owner say that home visits are asked for first."""
    owner = owner_account()
    house = new_york()
    content = documents([house], owner)
    calendar = content["calendar.json"]["providers"][0]
    calendar |= {"slot_grid_minutes": int(STEP / timedelta(minutes=1)), "staff": calendar["staff"][:1]}
    import_documents(stack, content)
    opened = OpenHouse(stack, house, owner["email"])
    with Customer(stack.url).sign_in(opened.email, PASSWORD) as keeper:
        rules = {"places": ["customer"], "acceptance": "provider", "answerHours": 12}
        answer = keeper.post(f"provider/services/{house.services[NURSE]}/rules", rules)
        assert answer.status_code == 200, answer.text
    return opened
