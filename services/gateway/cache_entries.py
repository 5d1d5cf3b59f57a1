"""What is cached, under which key and how long, and whose change ends it."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

SEARCH_SECONDS = 300
PROVIDER_SECONDS = 600
AVAILABILITY_SECONDS = 60
CATEGORIES_SECONDS = 3600
GRID_DIGITS = 3
"""A thousandth of a degree of latitude is 111 m (rule B20)."""

EVERYTHING = "everything"
"""Every answer ends by it: raised by a process that may have missed a change of something else."""
SEARCH = "search"
CATEGORIES = "categories"


@dataclass(frozen=True)
class Entry:
    """One cached answer: its key, how long it may live, and the subjects whose change ends it."""

    kind: str
    key: str
    seconds: int
    subjects: tuple[str, ...]


def search_entry(parameters: Mapping[str, Any]) -> Entry:
    """The same search has the same key, in whatever order its parameters come; None is left out."""
    given = {name: value for name, value in parameters.items() if value is not None}
    text = orjson.dumps(given, option=orjson.OPT_SORT_KEYS)
    return Entry("search", f"search:{base64.urlsafe_b64encode(text).decode()}", SEARCH_SECONDS, (SEARCH,))


def provider_entry(provider_id: str, latitude: float | None, longitude: float | None) -> Entry:
    point = "" if latitude is None else f":{latitude},{longitude}"
    return Entry(
        "provider", f"provider:{provider_id}{point}", PROVIDER_SECONDS, (provider_subject(provider_id),)
    )


@dataclass(frozen=True)
class Days:
    """A local day, or the days from `first` to `last`."""

    first: str
    last: str

    @property
    def text(self) -> str:
        return self.first if self.first == self.last else f"{self.first}..{self.last}"


def availability_entry(provider_id: str, service_id: str, staff_id: str | None, days: Days) -> Entry:
    """A day ends by its own generation; days together by one that every change of any day raises."""
    is_one_day = days.first == days.last
    own = day_subject(provider_id, days.first) if is_one_day else any_day_subject(provider_id)
    return Entry(
        "availability",
        f"availability:{provider_id}:{service_id}:{staff_id or 'any'}:{days.text}",
        AVAILABILITY_SECONDS,
        (calendar_subject(provider_id), own),
    )


def categories_entry() -> Entry:
    return Entry("categories", "categories:all", CATEGORIES_SECONDS, (CATEGORIES,))


def provider_subject(provider_id: str) -> str:
    """The provider's profile."""
    return f"provider:{provider_id}"


def calendar_subject(provider_id: str) -> str:
    """All free times of a provider."""
    return f"availability:{provider_id}"


def day_subject(provider_id: str, date: str) -> str:
    """Free times of a provider on one local day."""
    return f"availability:{provider_id}:{date}"


def any_day_subject(provider_id: str) -> str:
    """Free times of a provider on whichever day."""
    return day_subject(provider_id, "any")


def snap(degrees: float | None) -> float | None:
    """A coordinate on a grid of about 100 m, so that keys have a bound (rule B20)."""
    return None if degrees is None else round(degrees, GRID_DIGITS) + 0.0
