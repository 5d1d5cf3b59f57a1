"""The part of the door that is for agreed visits: answered, moved, carried out, missed."""

from typing import Any

from services.booking.resources import BookingResources
from services.booking.usecases import answer_booking, no_show, read_contests, reschedule, visit_commands
from shared.contracts import booking as contract
from shared.contracts import booking_no_show as no_show_contract
from shared.contracts.declaration import Caller
from shared.worker.entrypoints import rpc

Object = dict[str, Any]


class VisitsDoor:
    """Served as a part of BookingService, which opens what it needs."""

    resources: BookingResources

    @rpc(contract.ACCEPT_BOOKING)
    def accept_booking(self, request: Object, caller: Caller) -> Object:
        return answer_booking.accept_booking(self.resources.transaction, request, caller)

    @rpc(contract.DECLINE_BOOKING)
    def decline_booking(self, request: Object, caller: Caller) -> Object:
        return answer_booking.decline_booking(self.resources.transaction, request, caller)

    @rpc(contract.GET_RESCHEDULE_QUOTE)
    def get_reschedule_quote(self, request: Object, caller: Caller) -> Object:
        return reschedule.get_reschedule_quote(self.resources.transaction, request, caller)

    @rpc(contract.RESCHEDULE_BOOKING)
    def reschedule_booking(self, request: Object, caller: Caller) -> Object:
        settings = self.resources.settings
        return reschedule.reschedule_booking(self.resources.transaction, settings, request, caller)

    @rpc(contract.START_BOOKING)
    def start_booking(self, request: Object, caller: Caller) -> Object:
        return visit_commands.start_booking(self.resources.transaction, request, caller)

    @rpc(contract.COMPLETE_BOOKING)
    def complete_booking(self, request: Object, caller: Caller) -> Object:
        return visit_commands.complete_booking(self.resources.transaction, request, caller)

    @rpc(contract.CANCEL_FOR_PROVIDER)
    def cancel_for_provider(self, request: Object, caller: Caller) -> Object:
        return visit_commands.cancel_for_provider(self.resources.transaction, request, caller)

    @rpc(no_show_contract.RECORD_NO_SHOW)
    def record_no_show(self, request: Object, caller: Caller) -> Object:
        return no_show.record_no_show(self.resources.transaction, request, caller)

    @rpc(no_show_contract.CONTEST_NO_SHOW)
    def contest_no_show(self, request: Object, caller: Caller) -> Object:
        return no_show.contest_no_show(self.resources.transaction, request, caller)

    @rpc(no_show_contract.DECIDE_NO_SHOW)
    def decide_no_show(self, request: Object, caller: Caller) -> Object:
        return no_show.decide_no_show(self.resources.transaction, request, caller)

    @rpc(no_show_contract.LIST_OPEN_CONTESTS)
    def list_open_contests(self, request: Object, caller: Caller) -> Object:
        return read_contests.list_open_contests(self.resources.reading, request, caller)
