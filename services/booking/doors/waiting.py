"""The part of the door that is for those who wait for a time."""

from typing import Any

from services.booking.resources import BookingResources
from services.booking.store.waitlist_calls import ANY_CALL
from services.booking.store.waitlist_look import ANY_DAY_BEGUN
from services.booking.usecases import call_for_new_days, offer_freed, waitlist
from shared.contracts import booking_waitlist as lines
from shared.contracts.declaration import Caller
from shared.worker.entrypoints import every, rpc

Object = dict[str, Any]
OFFER_SECONDS = 1
NEW_DAYS_SECONDS = 60
"""So long after a local midnight its new day calls who waits for it, at the latest."""


class WaitingDoor:
    """Served as a part of BookingService, which opens what it needs."""

    resources: BookingResources

    @rpc(lines.JOIN_WAITLIST)
    def join_waitlist(self, request: Object, caller: Caller) -> Object:
        return waitlist.join_waitlist(self.resources.transaction, request, caller)

    @rpc(lines.LIST_WAITLIST)
    def list_waitlist(self, request: Object, caller: Caller) -> Object:
        return waitlist.list_waitlist(self.resources.reading, request, caller)

    @rpc(lines.LEAVE_WAITLIST)
    def leave_waitlist(self, request: Object, caller: Caller) -> Object:
        return waitlist.leave_waitlist(self.resources.transaction, request, caller)

    @rpc(lines.DECLINE_OFFER)
    def decline_offer(self, request: Object, caller: Caller) -> Object:
        return waitlist.decline_offer(self.resources.transaction, request, caller)

    @every(seconds=OFFER_SECONDS)
    def offer_freed(self) -> None:
        if self.resources.database.sees(ANY_CALL):
            offer_freed.offer_freed(self.resources.transaction, self.resources.settings)

    @every(seconds=NEW_DAYS_SECONDS)
    def call_for_new_days(self) -> None:
        if self.resources.database.sees(ANY_DAY_BEGUN):
            call_for_new_days.call_for_new_days(self.resources.transaction)
