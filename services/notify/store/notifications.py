"""Entries of inboxes."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from services.notify.store.tables import notification

_ADD = insert(notification).on_conflict_do_nothing(constraint="uq_notification_event_id_person_id")

Place = tuple[datetime, str]
"""Where an entry stands in its inbox: when it was made, and its id."""


@dataclass(frozen=True, slots=True)
class Notification:
    """One row. `read_at` is None until its person has read it."""

    id: str
    event_id: str
    person_id: str
    kind: str
    booking_id: str
    provider_id: str
    text_en: str
    text_ar: str
    starts_at: datetime
    created_at: datetime
    read_at: datetime | None = None

    @property
    def place(self) -> Place:
        return (self.created_at, self.id)


def add_all(connection: Connection, entries: Sequence[Notification]) -> None:
    """Write entries; one that this event has made for this person already is left as it is."""
    if entries:
        connection.execute(_ADD, [asdict(entry) for entry in entries])


def newest(
    connection: Connection, person_id: str, limit: int, *, after: Place | None, unread_only: bool
) -> list[Notification]:
    """At most `limit` entries of this person, newest first, behind `after`."""
    query = select(notification).where(notification.c.person_id == person_id)
    if unread_only:
        query = query.where(notification.c.read_at.is_(None))
    if after is not None:
        query = query.where(tuple_(notification.c.created_at, notification.c.id) < tuple_(*after))
    query = query.order_by(notification.c.created_at.desc(), notification.c.id.desc()).limit(limit)
    return [Notification(**row) for row in connection.execute(query).mappings()]


def count_unread(connection: Connection, person_id: str) -> int:
    query = select(func.count()).where(
        notification.c.person_id == person_id, notification.c.read_at.is_(None)
    )
    return connection.execute(query).scalar_one()


def mark_read(connection: Connection, person_id: str, ids: Sequence[str], now: datetime) -> None:
    """Note that the person has read these entries; another's, and those read before, are left alone."""
    connection.execute(
        update(notification)
        .where(
            notification.c.person_id == person_id,
            notification.c.id.in_(ids),
            notification.c.read_at.is_(None),
        )
        .values(read_at=now)
    )
