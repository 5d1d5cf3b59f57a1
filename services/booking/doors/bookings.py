"""The part of the door that is for holding, reading and cancelling bookings."""

from typing import Any

from services.booking.resources import BookingResources
from services.booking.usecases import (
    cancel_booking,
    change_notes,
    hold_slot,
    prepare_payment,
    read_bookings,
    read_history,
    read_visits,
    refund_quote,
)
from shared.contracts import booking as contract
from shared.contracts.declaration import Caller
from shared.worker.entrypoints import rpc

Object = dict[str, Any]


class BookingsDoor:
    """Served as a part of BookingService, which opens what it needs."""

    resources: BookingResources

    @rpc(contract.CREATE_BOOKING)
    def create_booking(self, request: Object, caller: Caller) -> Object:
        return hold_slot.create_booking(self.resources.transaction, self.resources.settings, request, caller)

    @rpc(contract.GET_BOOKING)
    def get_booking(self, request: Object, caller: Caller) -> Object:
        return read_bookings.read_booking(self.resources.reading, request, caller)

    @rpc(contract.GET_BOOKING_HISTORY)
    def get_booking_history(self, request: Object, caller: Caller) -> Object:
        return read_history.read_history(self.resources.reading, request["booking_id"], caller)

    @rpc(contract.LIST_BOOKINGS)
    def list_bookings(self, request: Object, caller: Caller) -> Object:
        return read_bookings.list_bookings(self.resources.reading, request, caller)

    @rpc(contract.LIST_PROVIDER_BOOKINGS)
    def list_provider_bookings(self, request: Object, caller: Caller) -> Object:
        return read_bookings.list_provider_bookings(self.resources.reading, request, caller)

    @rpc(contract.GET_VISIT)
    def get_visit(self, request: Object, caller: Caller) -> Object:
        return read_visits.get_visit(self.resources.reading, request, caller)

    @rpc(contract.LIST_VISITS)
    def list_visits(self, request: Object, caller: Caller) -> Object:
        return read_visits.list_visits(self.resources.reading, request, caller)

    @rpc(contract.GET_REFUND_QUOTE)
    def get_refund_quote(self, request: Object, caller: Caller) -> Object:
        return refund_quote.get_refund_quote(self.resources.transaction, request, caller)

    @rpc(contract.CANCEL_BOOKING)
    def cancel_booking(self, request: Object, caller: Caller) -> Object:
        return cancel_booking.cancel_booking(self.resources.transaction, request, caller)

    @rpc(contract.CHANGE_NOTES)
    def change_notes(self, request: Object, caller: Caller) -> Object:
        return change_notes.change_notes(self.resources.transaction, request, caller)

    @rpc(contract.PREPARE_PAYMENT)
    def prepare_payment(self, request: Object, caller: Caller) -> Object:
        return prepare_payment.prepare_payment(
            self.resources.transaction, self.resources.settings, request, caller
        )
