"""Somebody who works from the platform: the day's bookings, the hours, the money."""

import itertools
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from locust import task

from deploy.local.demo_data.load_accounts import OWNERS, owner_email
from deploy.local.demo_data.people import DEMO_PASSWORD
from tests.load.people import Person

MONTH = timedelta(days=30)
_turn = itertools.count()


class Provider(Person):
    """Looks often and changes little."""

    weight = 1

    def on_start(self) -> None:
        super().on_start()
        self.sign_in(owner_email(next(_turn) % OWNERS), DEMO_PASSWORD)

    @task(4)
    def bookings(self) -> None:
        self.look("provider: bookings", "provider/bookings?limit=20")

    @task(2)
    def schedule(self) -> None:
        self.look("provider: schedule", "provider/schedule")

    @task(2)
    def earnings(self) -> None:
        self.look("provider: earnings", "provider/earnings")

    @task(1)
    def statements(self) -> None:
        today = datetime.now(UTC).date()
        # Whoever was never paid has to say in which currency.
        query = urlencode({"from": today - MONTH, "to": today, "currency": "USD"})
        self.look("provider: statements", f"provider/statements?{query}")

    @task(2)
    def notifications(self) -> None:
        self.look("notifications", "notifications?limit=20")
