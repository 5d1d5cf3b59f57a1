"""Puts one event's entries into the inboxes of a booking's people."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection

from services.notify.domain.readers import readers_of
from services.notify.domain.texts import entry_texts, is_told
from services.notify.domain.visit import Kind, Visit
from services.notify.store import accounts, notifications
from shared import clock


@dataclass(frozen=True)
class News:
    """What is told: of one `fact_id` each person gets one entry, however often it is told."""

    fact_id: str
    kind: Kind
    visit: Visit
    amount: str = ""
    released: str = ""
    missed: bool = False


class UnknownVisitError(Exception):
    """The booking's own events have not come yet: tried again, then parked for an operator."""


def add_entries(connection: Connection, news: News) -> None:
    """One entry for the customer and for each member of the provider who is known now; for whom there is
    nothing to say, none."""
    visit = news.visit
    readers = readers_of(visit, accounts.members_of(connection, visit.provider_id))
    texts = {
        person_id: entry_texts(news.kind, reader, visit, news.amount, news.released, missed=news.missed)
        for person_id, reader in readers.items()
        if is_told(news.kind, reader)
    }
    notifications.add_all(connection, news.fact_id, news.kind, visit, texts)


def visit_of(data: Mapping[str, Any]) -> Visit:
    """A booking as an event or the copy has it; instants may be text."""
    return Visit(
        booking_id=data["booking_id"],
        customer_id=data["customer_id"],
        provider_id=data["provider_id"],
        service_names={language: name for language, name in data["service_name"].items() if name},
        starts_at=_instant(data["starts_at"]),
        day=date.fromisoformat(data["local_date"]),
        time=data["local_time"],
        utc_offset=data["utc_offset"],
        time_zone=data["time_zone"],
        hold_expires_at=_instant(data["hold_expires_at"]) if data["hold_expires_at"] else None,
        cancel_cause=data["cancel_cause"],
    )


def facts_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """What the copy keeps of a booking's event, as JSON."""
    return {
        "booking_id": data["booking_id"],
        "customer_id": data["customer_id"],
        "provider_id": data["provider_id"],
        "service_name": dict(data["service_name"]),
        "starts_at": clock.to_text(_instant(data["starts_at"])),
        "local_date": data["local_date"],
        "local_time": data["local_time"],
        "utc_offset": data["utc_offset"],
        "time_zone": data["time_zone"],
        "hold_expires_at": None,
        "cancel_cause": data["cancel_cause"],
        "state": data["state"],
    }


def _instant(value: Any) -> Any:
    return clock.from_text(value) if isinstance(value, str) else value
