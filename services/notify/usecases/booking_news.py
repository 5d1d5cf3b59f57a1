"""Puts what happened to a booking into the inboxes of its customer and its provider's members."""

from datetime import date

from services.notify.domain.phrases import Language
from services.notify.domain.readers import readers_of
from services.notify.domain.texts import entry_texts
from services.notify.domain.visit import Kind, Visit
from services.notify.store import accounts, notifications
from services.notify.store.notifications import Notification
from shared.database.transaction import Transaction, read_app_now
from shared.ids import new_id
from shared.messages.envelope import Event
from shared.messages.inbox import first_time


def tell(transaction: Transaction, event: Event) -> None:
    """One entry for each person concerned; a second delivery changes nothing.

    Members are those known now. Whose membership becomes known later gets the entries of later
    events; earlier bookings are not told afterwards, as to someone who joins a provider later.
    """
    kind = Kind(event.type.name)
    visit = _visit(event)
    with transaction() as connection:
        if not first_time(connection, event.id, f"notify.on_{kind}"):
            return
        now = read_app_now(connection)
        readers = readers_of(visit, accounts.members_of(connection, visit.provider_id))
        entries = []
        for person_id, reader in readers.items():
            texts = entry_texts(kind, reader, visit)
            entries.append(
                Notification(
                    id=new_id(),
                    event_id=event.id,
                    person_id=person_id,
                    kind=kind,
                    booking_id=visit.booking_id,
                    provider_id=visit.provider_id,
                    text_en=texts[Language.ENGLISH],
                    text_ar=texts[Language.ARABIC],
                    starts_at=visit.starts_at,
                    created_at=now,
                )
            )
        notifications.add_all(connection, entries)


def _visit(event: Event) -> Visit:
    data = event.data
    return Visit(
        booking_id=data["booking_id"],
        customer_id=data["customer_id"],
        provider_id=data["provider_id"],
        service_names={language: name for language, name in data["service_name"].items() if name},
        starts_at=data["starts_at"],
        day=date.fromisoformat(data["local_date"]),
        time=data["local_time"],
        utc_offset=data["utc_offset"],
        time_zone=data["time_zone"],
        hold_expires_at=data["hold_expires_at"],
        cancel_cause=data["cancel_cause"],
    )
