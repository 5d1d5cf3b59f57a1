"""A provider who changes prices and texts while all is breaking: copies and caches must follow."""

import json
import random
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from deploy.local.stack import Stack
from services.search.catalogue_file import read_catalogue
from services.search.usecases.publish_catalogue import publish_catalogue
from shared.database.transaction import Database
from shared.errors import ServiceError
from tests.chaos.house import HOUSE
from tests.chaos.world import journeys_provider, small_world

PAUSE_SECONDS = (1.0, 5.0)
PRICES = range(5000, 10000, 500)


class Publisher:
    """Publishes one provider of `provider_ids` after the other, each time with another price and text.

    The journey's provider is left alone: its steps know the price.
    """

    def __init__(self, stack: Stack, folder: Path, seed: int, provider_ids: list[str]) -> None:
        self._file = folder / "catalogue.json"
        self._chance = random.Random(f"{seed}/publisher")  # noqa: S311 (repeatable on purpose)
        self._world = small_world()["catalogue.json"]
        self._known = {provider["id"]: provider for provider in self._world["providers"]}
        self._providers = [
            self._known[provider_id] for provider_id in provider_ids if provider_id != journeys_provider()
        ]
        url = stack.environment("search")["DATABASE_URL"]
        self._database = Database(url, pool_size=1, application_name="search import")
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.published = 0

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        """Return when nothing is published any more."""
        self._ending.set()
        self._thread.join()
        self._database.dispose()

    def _run(self) -> None:
        while not self._ending.is_set():
            # The database may be away: the provider tries again with the next change.
            with suppress(ServiceError):
                self.publish_one()
                self.raise_price(HOUSE.provider_id, HOUSE.dear)
            self._ending.wait(self._chance.uniform(*PAUSE_SECONDS))

    def publish_one(self) -> str:
        """Change and publish one provider; its id."""
        provider = self._chance.choice(self._providers)
        self._change(provider)
        self._publish(provider)
        return str(provider["id"])

    def raise_price(self, provider_id: str, service_id: str) -> None:
        """Publish one provider with a service that costs more than it did."""
        provider = self._known[provider_id]
        service = next(one for one in provider["services"] if one["id"] == service_id)
        service["price"]["amount"] += PRICES.step
        self._publish(provider)

    def _change(self, provider: dict[str, Any]) -> None:
        service = self._chance.choice(provider["services"])
        now = service["price"]["amount"]
        service["price"]["amount"] = self._chance.choice([price for price in PRICES if price != now])
        provider["description"]["en"] = f"Massage in New York, season {self._chance.randrange(10_000)}."

    def _publish(self, provider: dict[str, Any]) -> None:
        self._file.write_text(json.dumps(self._world | {"providers": [provider]}), encoding="utf-8")
        publish_catalogue(self._database.transaction, read_catalogue(self._file))
        self.published += 1
