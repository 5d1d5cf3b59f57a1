"""Entries of inboxes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, tuple_, update

from services.notify.domain.phrases import Language
from services.notify.domain.visit import Kind, Visit
from services.notify.store.tables import notification
from shared.database.session import send_with_next, unread
from shared.ids import new_id

_ADD = unread(
    """
INSERT INTO notification
    (id, event_id, person_id, kind, booking_id, provider_id, text_en, text_ar, starts_at, created_at)
SELECT told.id, %(event_id)s, told.person_id, %(kind)s, %(booking_id)s, %(provider_id)s, told.en, told.ar,
    %(starts_at)s, (SELECT app_now())
FROM unnest(%(ids)s::uuid[], %(person_ids)s::uuid[], %(en)s::text[], %(ar)s::text[])
    AS told (id, person_id, en, ar)
ON CONFLICT ON CONSTRAINT uq_notification_event_id_person_id DO NOTHING
""",
    **dict.fromkeys(("event_id", "booking_id", "provider_id"), "uuid"),
    **dict.fromkeys(("ids", "person_ids"), "uuid[]"),
    **dict.fromkeys(("en", "ar"), "text[]"),
    kind="text",
    starts_at="timestamptz",
)

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


def add_all(
    connection: Connection,
    fact_id: str,
    kind: Kind,
    visit: Visit,
    texts: Mapping[str, Mapping[str, str]],
) -> None:
    """Write an entry for each person whose texts are given; one that this fact has made for them already is
    left as it is."""
    if not texts:
        return
    values = {
        "event_id": fact_id,
        "kind": kind.value,
        "booking_id": visit.booking_id,
        "provider_id": visit.provider_id,
        "starts_at": visit.starts_at,
        "ids": [new_id() for _ in texts],
        "person_ids": list(texts),
        "en": [each[Language.ENGLISH] for each in texts.values()],
        "ar": [each[Language.ARABIC] for each in texts.values()],
    }
    send_with_next(connection, _ADD, values)


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
