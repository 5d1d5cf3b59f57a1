"""Changes what a provider has to give; visits that would be stranded are listed and need a confirmation."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from services.booking.domain.booking import Booking
from services.booking.domain.local_time import local_day
from services.booking.domain.stranding import AgreedVisit, Given, stranded
from services.booking.store.agreed_visits import bookings_by_start, units_in_use, visits_to_come
from services.booking.store.catalogue import zone_of
from services.booking.store.locks import change_supply
from services.booking.store.supplies import Days, load_supplies
from services.booking.store.supply_changes import owns
from services.booking.store.supply_history import SupplyChange, note_change
from services.booking.usecases.announcements import announce, availability_changed
from services.booking.usecases.supply_rights import by_right
from shared import clock
from shared.contracts.booking_supply import bookings_stranded
from shared.contracts.declaration import Caller, RpcMethod
from shared.database.idempotency import IdempotentRequest, run_once
from shared.database.transaction import Transaction, read_app_now
from shared.errors import invalid_field, not_found

MOST_LISTED = 100
"""So many stranded visits are listed; `count` has all of them."""

Object = dict[str, Any]
Named = tuple[str, Sequence[str | None]]
"""Ids, and the member of the request in which they stand."""
NONE: Named = ("", ())


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a provider's supply: what is asked for, whether by one of the staff, and when it is."""

    connection: Connection
    request: Object
    provider_id: str
    time_zone: str
    now: datetime
    by_staff: bool

    def check_owned(self, *, staff: Named = NONE, services: Named = NONE, pools: Named = NONE) -> None:
        """Raise `validation_failed` for people, services or pools that are not the provider's (rule B11)."""
        given = (staff, services, pools)
        ids = [[one for one in some if one is not None] for _, some in given]
        of_provider = owns(self.connection, self.provider_id, *ids)
        for (member, _), is_owned in zip(given, of_provider, strict=True):
            if not is_owned:
                raise invalid_field(member, "The provider has none such.")


Apply = Callable[[Change], str | None]
"""Writes the change; returns the id of what was made or replaced, where it has one."""
Whose = Callable[[Connection], str | None]
"""Whose hours or time off it is, of the staff; None: it is of all."""


def of_all(_: Connection) -> None:
    """A change that concerns more than one person's own time."""


def change(
    transaction: Transaction,
    method: RpcMethod,
    request: Object,
    caller: Caller,
    apply: Apply,
    whose: Whose = of_all,
) -> Object:
    """SupplyChangedSchema, once per key, kept with who did it and why.

    Raises what `by_right` raises. Nobody books by the old supply while it changes. Raises
    `bookings_stranded` with the visits that lie outside of the new one and did not of the old, unless
    they are confirmed; then nothing is done.
    """
    provider_id = request["provider_id"]
    right = by_right(caller, provider_id, request["override_reason"])

    def work(connection: Connection) -> Object:
        right.check(whose(connection))
        change_supply(connection, provider_id)
        time_zone = zone_of(connection, provider_id)
        if time_zone is None:
            raise not_found()
        now = read_app_now(connection)
        visits = visits_to_come(connection, provider_id, now)
        before = _stranded(connection, provider_id, time_zone, visits, now)
        by_staff = right.only_staff_id is not None
        changed_id = apply(Change(connection, request, provider_id, time_zone, now, by_staff))
        after = _stranded(connection, provider_id, time_zone, visits, now)
        _check_confirmed(connection, request["confirmation"], after - before)
        made = SupplyChange(provider_id, method.name, changed_id, len(after - before), now)
        note_change(connection, made, right.actor, caller.user_id, request["override_reason"])
        announce(connection, [availability_changed(provider_id, [], now)])
        return {"provider_id": provider_id, "changed_id": changed_id, "stranded": len(after - before)}

    with transaction() as connection:
        key = IdempotentRequest.of(method, caller, request)
        return run_once(connection, key, lambda: work(connection))


def _stranded(
    connection: Connection, provider_id: str, time_zone: str, visits: list[AgreedVisit], now: datetime
) -> set[str]:
    if not visits:
        return set()
    days = [local_day(visit.visit.start, time_zone) for visit in visits]
    supplies = load_supplies(connection, provider_id, Days(min(days), max(days)), withdrawn=True)
    return stranded(visits, Given(supplies, units_in_use(connection, provider_id)), now)


def _check_confirmed(connection: Connection, confirmation: str | None, ids: set[str]) -> None:
    if not ids or confirmation == _confirmation(ids):
        return
    bookings = bookings_by_start(connection, ids, MOST_LISTED)
    raise bookings_stranded(
        bookings=[_view(booking) for booking in bookings],
        count=len(ids),
        confirmation=_confirmation(ids),
    )


def _confirmation(ids: set[str]) -> str:
    """A digest of exactly these visits: with others it is another."""
    return "sb_" + hashlib.sha256(" ".join(sorted(ids)).encode()).hexdigest()[:32]


def _view(booking: Booking) -> Object:
    return {
        "booking_id": booking.booking_id,
        "state": booking.state.value,
        "service_id": booking.service_id,
        "service_name": dict(booking.service_name),
        "staff_id": booking.staff_id,
        "starts_at": clock.to_text(booking.visit.start),
        "ends_at": clock.to_text(booking.visit.end),
        "local_date": booking.start.local.date().isoformat(),
        "local_time": f"{booking.start.local:%H:%M}",
        "utc_offset": booking.start.offset_text,
    }
